//! What My Account shows.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::{
    pages::users::view::CustomSection,
    ui::{note::Tone, time::Moment},
};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "each is asked for by itself")]
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
    /// Whether they have a second factor, in a sentence.
    pub second_factor: String,
    /// Something of it is theirs to change.
    pub may_edit: bool,
    pub may_change_address: bool,
    /// The address that waits for its link to be followed.
    pub wanted_address: Option<String>,
}

/// What somebody may change of themselves.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Profile {
    /// What the form was filled from; a save over a newer one is refused.
    pub version: i64,
    /// The fields' names and labels.
    pub fields: Vec<(String, String)>,
    /// Attributes that an administrator defined.
    pub custom: Vec<CustomSection>,
    /// What the fields hold, by name.
    pub values: BTreeMap<String, String>,
    /// What follows a connection: what it is, its value, and the connection.
    pub kept: Vec<(String, String, String)>,
    pub address: Option<String>,
    pub may_change_address: bool,
    /// The connection that their address follows.
    pub address_kept: Option<String>,
    pub has_password: bool,
}

/// What the link to a new address opens.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AddressLink {
    Open {
        address: String,
        until: Moment,
    },
    /// The address is theirs.
    Used,
    /// Why it opens nothing, and whether to ask for another one helps.
    Closed(String, bool),
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
