//! What pages know of the person signed in.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Me {
    /// As shown: the display name, or the user name.
    pub name: String,
    /// In words.
    pub role: String,
}
