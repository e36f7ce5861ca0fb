//! What a search finds.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Found {
    pub people: Vec<Hit>,
    pub connections: Vec<Hit>,
    pub pages: Vec<Hit>,
}

/// One thing, and the page that shows it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hit {
    pub title: String,
    /// What tells it from others.
    pub text: String,
    pub to: String,
}

impl Found {
    /// By kind, under the kind's name.
    pub fn groups(self) -> [(&'static str, Vec<Hit>); 3] {
        [("People", self.people), ("Connections", self.connections), ("Pages", self.pages)]
    }
}
