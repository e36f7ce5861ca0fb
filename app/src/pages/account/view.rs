//! What My Account shows.

use serde::{Deserialize, Serialize};

use crate::ui::note::Tone;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// As shown: the display name, or the user name.
    pub name: String,
    /// What else is kept of them, in words: what it is, and its value.
    pub facts: Vec<(String, String)>,
    /// They have a console role.
    pub has_role: bool,
    /// Where they have an account, or are about to.
    pub systems: Vec<System>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub name: String,
    /// In words.
    pub state: String,
    pub tone: Tone,
}
