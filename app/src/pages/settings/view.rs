//! What the pages of Settings show.

use domain::{SessionId, TokenId, permission::Scope};
use serde::{Deserialize, Serialize};

use crate::ui::time::Moment;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenList {
    pub items: Vec<Token>,
    pub may_write: bool,
    /// Where programs send their requests; without a path.
    pub public_url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Token {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created: Moment,
    pub expires: Moment,
    pub last_used: Option<Moment>,
    pub state: TokenState,
    pub may_write: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TokenState {
    Active,
    /// In so many days; 0 is today.
    ExpiresIn(u64),
    Expired,
    Revoked(Moment),
}

impl TokenState {
    pub fn is_good(&self) -> bool {
        matches!(self, Self::Active | Self::ExpiresIn(_))
    }
}

/// A token that was just made: the only time that it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Created {
    pub name: String,
    pub clear: String,
    pub expires: Moment,
    pub public_url: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Session {
    pub id: SessionId,
    /// The browser and its system, as far as they can be told.
    pub browser: String,
    pub address: String,
    pub signed_in: Moment,
    pub seen: Moment,
    /// The one that this very page is looked at with.
    pub present: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct About {
    pub version: String,
    pub commit: Option<String>,
    pub started: Moment,
    pub up_for: String,
    pub folder: String,
    pub database_bytes: u64,
    pub schema_version: i64,
    /// Where the master key comes from, in words.
    pub master_key: String,
    pub public_url: String,
    pub listens_at: String,
    pub metrics_at: Option<String>,
}
