//! What a search finds.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub people: Vec<Hit>,
    pub groups: Vec<Hit>,
    pub connections: Vec<Hit>,
    pub pages: Vec<Hit>,
}

/// One thing, and the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub title: String,
    /// What tells it from others of its name, if anything.
    pub text: String,
    pub to: String,
}

impl Found {
    /// What one of each kind is called, and several.
    pub fn by_kind(self) -> [(&'static str, &'static str, Vec<Hit>); 4] {
        [
            ("Person", "People", self.people),
            ("Group", "Groups", self.groups),
            ("Connection", "Connections", self.connections),
            ("Page", "Pages", self.pages),
        ]
    }
}
