//! How the pages before the console look; everybody sees it.

use domain::{branding::Branding, validation::FieldErrors};

use crate::{
    Directory, Result,
    settings::{Kept, Setting},
};

impl Setting for Branding {
    const NAME: &'static str = "branding";
    const LABEL: &'static str = "Branding";

    fn check(self) -> Result<Self, FieldErrors> {
        Self::check(self)
    }
}

impl Directory {
    pub async fn branding(&self) -> Result<Kept<Branding>> {
        self.setting_now().await
    }
}
