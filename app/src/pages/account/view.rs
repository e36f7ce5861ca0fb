//! What My Account shows.

use serde::{Deserialize, Serialize};

use crate::ui::{note::Tone, time::Moment};

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
    /// Where else they sign in.
    pub providers: Vec<LinkedProvider>,
    /// They have a password.
    pub has_password: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkedProvider {
    pub id: String,
    pub name: String,
    /// How they are known there.
    pub label: String,
    pub seen: Moment,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub name: String,
    /// In words.
    pub state: String,
    pub tone: Tone,
}
