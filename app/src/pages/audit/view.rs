//! What the pages of the audit trail show.

use serde::{Deserialize, Serialize};

use super::EXPORT;
use crate::{outcome::encoded, routes::Page, ui::time::Moment};

/// What the list is narrowed to, as it stands in the address; empty for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// What the name of whoever acted begins with.
    pub who: String,
    /// An action, such as `user.update`.
    pub what: String,
    /// What the name of what it was done to begins with.
    pub about: String,
    /// Days, both with all of them.
    pub from: String,
    pub to: String,
}

impl Filter {
    /// With the names that the address uses.
    pub fn pairs(&self) -> [(&'static str, &str); 5] {
        [("who", &self.who), ("what", &self.what), ("about", &self.about), ("from", &self.from), ("to", &self.to)]
    }

    pub fn is_empty(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.trim().is_empty())
    }

    /// The path of the list narrowed so, after a cursor.
    pub fn path(&self, after: &str) -> String {
        self.address(&Page::Logs.path(), ("after", after))
    }

    /// Where the events of the list are to be had as a file.
    pub fn export(&self, format: &str) -> String {
        self.address(EXPORT, ("format", format))
    }

    fn address(&self, path: &str, last: (&str, &str)) -> String {
        let pairs = self.pairs().into_iter().chain([last]).filter(|(_, value)| !value.is_empty());
        let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        if query.is_empty() { path.to_owned() } else { format!("{path}?{}", query.join("&")) }
    }
}

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Events {
    pub items: Vec<Item>,
    /// Where the next page begins, if there is one.
    pub next: Option<String>,
    /// What to know about this list; empty for nothing.
    pub note: String,
    /// What can be narrowed to; none on a user's page.
    pub actions: Vec<Action>,
}

/// A choice of the filter.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Action {
    pub value: String,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    pub number: i64,
    pub what: String,
    pub about: String,
    pub who: String,
    pub address: String,
    pub at: Moment,
}

/// One event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    pub number: i64,
    pub what: String,
    /// The action as programs know it.
    pub action: String,
    pub at: Moment,
    pub who: String,
    /// What whoever acted is, and from where.
    pub who_note: String,
    /// The list narrowed to whoever acted; none for nobody.
    pub by_them: Option<String>,
    pub about: String,
    pub about_note: String,
    /// The page of what it is about, where it is there still.
    pub page: Option<String>,
    /// The list narrowed to what it is about.
    pub about_it: Option<String>,
    pub changes: Vec<Change>,
    pub facts: Vec<Fact>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub name: String,
    /// Empty where there was nothing.
    pub before: String,
    pub after: String,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fact {
    pub name: String,
    pub text: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_is_asked_for_alone() {
        let filter = Filter { about: "ada&co".to_owned(), to: "2026-03-12".to_owned(), ..Filter::default() };
        assert_eq!(filter.path(""), "/console/logs?about=ada%26co&to=2026-03-12");
        assert_eq!(Filter::default().path("12~7"), "/console/logs?after=12%7E7");
        assert_eq!(filter.export("csv"), "/console/logs/export?about=ada%26co&to=2026-03-12&format=csv");
        assert!(Filter::default().is_empty() && !filter.is_empty());
    }
}
