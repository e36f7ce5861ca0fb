//! What the pages of the audit trail show.

use serde::{Deserialize, Serialize};

use crate::{outcome::address, ui::time::Moment};

/// What the list is narrowed to, as it stands in the address; empty for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    /// What the name of whoever acted begins with.
    pub who: String,
    /// An action, such as `user.update`.
    pub what: String,
    /// What the name of what it was done to begins with; or its id.
    pub about: String,
    /// Days, both with all of them.
    pub from: String,
    pub to: String,
    /// The id of the user whose page this is, who is in no address but that page's.
    pub user: String,
}

impl Filter {
    /// With the names that the address uses.
    pub fn pairs(&self) -> [(&'static str, &str); 5] {
        [("who", &self.who), ("what", &self.what), ("about", &self.about), ("from", &self.from), ("to", &self.to)]
    }

    pub fn is_empty(&self) -> bool {
        self.pairs().iter().all(|(_, value)| value.trim().is_empty())
    }

    /// An address narrowed so: of the list after a cursor, or of its file in a format.
    pub fn address(&self, path: &str, last: (&str, &str)) -> String {
        address(path, &self.pairs(), last)
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
    /// What can be narrowed to: the action, and its words. None on a user's page.
    pub actions: Vec<Line>,
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
    pub what: String,
    pub at: Moment,
    /// `more` is the path of a page that tells of it, where there is one.
    pub facts: Vec<Line>,
    /// What was before in `text`, what is after in `more`; empty for nothing.
    pub changes: Vec<Line>,
    /// Lists of events like this one: words, and in `more` where they are.
    pub alike: Vec<Line>,
}

/// A line of what is told. One type for all of them: each is code that a browser downloads.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    pub name: String,
    pub text: String,
    pub more: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_holds_what_is_asked_for_alone() {
        let filter = Filter { about: "ada&co".to_owned(), to: "2026-03-12".to_owned(), ..Filter::default() };
        assert_eq!(filter.address("/file", ("format", "csv")), "/file?about=ada%26co&to=2026-03-12&format=csv");
        assert!(Filter::default().is_empty() && !filter.is_empty());
    }
}
