//! What the pages of self-registration show.

use serde::{Deserialize, Serialize};

use crate::{pages::session::view::Provider, ui::time::Moment};

/// What whoever registers is asked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// They choose a user name beside their address.
    pub own_user_name: bool,
    /// The other fields in their order: name, label, and whether it is required.
    pub fields: Vec<(String, String, bool)>,
    /// Attributes that an administrator defined.
    pub questions: Vec<Question>,
    pub least_password: usize,
    /// The only domains that may register.
    pub domains: Vec<String>,
    /// What the browser has to solve meanwhile, where that is asked for.
    pub challenge: Option<String>,
    /// Where else they may come from.
    pub providers: Vec<Provider>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    /// Its name in the form.
    pub name: String,
    pub label: String,
    pub hint: String,
    /// Values with their labels, where there are some to choose from.
    pub choices: Vec<(String, String)>,
    pub required: bool,
}

/// What a verification link opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verification {
    Open { mail: String, until: Moment, needs_password: bool },
    Used,
    Late,
    Unknown,
}
