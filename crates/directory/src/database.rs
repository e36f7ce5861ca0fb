//! What there is to tell about the database itself.

use auth::{Authorised, grants::MetricsRead};
pub use storage::db::Extent;

use crate::{Directory, Result};

impl Directory {
    pub async fn database(&self, _who: &Authorised<MetricsRead>) -> Result<Extent> {
        Ok(self.db().extent().await?)
    }
}
