//! What one request leaves for the page that follows it: a one-shot message, or a form that came back.

use std::collections::BTreeMap;

use domain::validation::FieldErrors;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::ConsoleError, wire};

/// Read once, by the page it was kept for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flash {
    /// What was done.
    #[serde(default)]
    pub message: Option<String>,
    /// What was typed, and what was wrong with it.
    #[serde(default)]
    pub form: Option<KeptForm>,
}

impl Flash {
    pub fn is_empty(&self) -> bool {
        self.message.is_none() && self.form.is_none()
    }
}

/// What was kept for the page that is loaded.
pub(crate) fn of_this_page() -> Flash {
    let text = SharedValue::new(|| {
        #[cfg(feature = "ssr")]
        let text = wire::text(&use_context::<Flash>().unwrap_or_default());
        // Only what the server wrote into the page is there to be read.
        #[cfg(not(feature = "ssr"))]
        let text = String::new();
        text
    });
    wire::read_text(&text.into_inner()).unwrap_or_default()
}

/// A form that was posted without JavaScript and not accepted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptForm {
    /// The id of the form on its page.
    pub id: String,
    /// What was typed, by name; never a secret.
    pub typed: BTreeMap<String, String>,
    pub refusal: Refusal,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Refusal {
    Invalid(FieldErrors),
    Failed(ConsoleError),
}

/// The flash of the page that was loaded; forms look here for theirs. It holds until the first navigation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KeptFlash(StoredValue<Option<KeptForm>>);

impl KeptFlash {
    pub(crate) fn new(form: Option<KeptForm>) -> Self {
        Self(StoredValue::new(form))
    }

    pub(crate) fn form(self, id: &str) -> Option<KeptForm> {
        self.0.with_value(|kept| kept.as_ref().filter(|kept| kept.id == id).cloned())
    }

    pub(crate) fn forget(self) {
        self.0.set_value(None);
    }
}
