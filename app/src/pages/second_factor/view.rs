//! What the pages of second factors show.

use domain::SecondFactorId;
use serde::{Deserialize, Serialize};

use crate::ui::time::Moment;

/// The second step of a sign-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Step {
    Show {
        name: String,
        /// Codes of an app can be shown, not recovery codes alone.
        app: bool,
        passkey: bool,
    },
    SetUp {
        name: String,
        /// There are passkeys at this address.
        passkeys: bool,
    },
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mine {
    pub factors: Vec<Factor>,
    pub codes: String,
    pub required: bool,
    /// They may be changed now.
    pub fresh: bool,
    pub passkeys: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Factor {
    pub id: SecondFactorId,
    pub name: String,
    pub kind: String,
    pub added: Moment,
    pub used: Option<Moment>,
}

/// An app that is being set up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct App {
    pub uri: String,
    pub image: String,
    pub key: String,
}

/// Recovery codes, and where somebody goes on who has kept them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Codes {
    pub codes: Vec<String>,
    pub on: String,
}
