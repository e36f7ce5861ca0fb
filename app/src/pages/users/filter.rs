//! What the list of users is narrowed to, and in which order it is: part of its address.

use domain::{permission::Role, user::Origin};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{
    outcome::address,
    pages::roles,
    routes::Page,
    ui::narrow::{By, Narrow, narrow},
};

/// As it stands in the address; empty for everything.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Filter {
    pub search: String,
    pub state: String,
    pub sort: String,
    pub origin: String,
    pub accounts: String,
    /// A group's name.
    pub group: String,
    pub role: String,
}

// A value as the address has it, and its word.
const STATES: [(&str, &str); 3] = [("active", "Active"), ("disabled", "Disabled"), ("locked", "Locked")];
const SORTS: [(&str, &str); 6] = [
    ("", "User name, A to Z"),
    ("name-down", "User name, Z to A"),
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("changed", "Changed last first"),
    ("unchanged", "Longest unchanged first"),
];
const ACCOUNTS: [(&str, &str); 4] =
    [("held", "Held: needs somebody"), ("waiting", "On its way"), ("in-step", "All in step"), ("none", "None")];

impl Filter {
    /// With the names that the address uses.
    pub fn pairs(&self) -> [(&'static str, &str); 7] {
        [
            ("search", &self.search),
            ("state", &self.state),
            ("sort", &self.sort),
            ("origin", &self.origin),
            ("accounts", &self.accounts),
            ("group", &self.group),
            ("role", &self.role),
        ]
    }

    /// From the parts of an address.
    pub fn read(value: impl Fn(&'static str) -> String) -> Self {
        Self {
            search: value("search"),
            state: value("state"),
            sort: value("sort"),
            origin: value("origin"),
            accounts: value("accounts"),
            group: value("group"),
            role: value("role"),
        }
    }

    pub fn is_narrowed(&self) -> bool {
        self.pairs().iter().any(|(name, value)| *name != "sort" && !value.trim().is_empty())
    }

    /// The path of the list narrowed so, after a cursor; the first page without.
    pub fn path(&self, after: &str) -> String {
        self.below(Page::Users, after)
    }

    /// A page over the list, which stays narrowed so behind it.
    pub fn below(&self, page: Page, after: &str) -> String {
        address(&page.path(), &self.pairs(), ("after", after))
    }
}

/// The form above the list. `groups` are names to choose from.
pub(super) fn narrowed(filter: &Filter, groups: Vec<String>) -> AnyView {
    let clear = filter.is_narrowed();
    let Filter { search, state, sort, origin, accounts, group, role } = filter.clone();
    let sorts = SORTS.iter().map(|(value, label)| ((*value).to_owned(), (*label).to_owned())).collect();
    let roles = By::choice(Role::ALL.map(|role| (role.as_str(), roles::label(role))));
    let origins = By::choice(Origin::ALL.map(|origin| (origin.as_str(), super::origin(origin))));
    let states = By::choice(STATES);
    let fields = vec![
        Narrow { name: "search", label: "Search", value: search, by: By::Text("Name, user name or email") },
        Narrow { name: "state", label: "Account Status", value: state, by: states },
        Narrow { name: "sort", label: "Sort", value: sort, by: By::Choice(sorts) },
    ];
    let folded = vec![
        Narrow { name: "accounts", label: "Accounts", value: accounts, by: By::choice(ACCOUNTS) },
        Narrow { name: "group", label: "Group", value: group, by: By::Name("Name of a group", groups) },
        Narrow { name: "origin", label: "Came by", value: origin, by: origins },
        Narrow { name: "role", label: "Console role", value: role, by: roles },
    ];
    narrow(&Page::Users.path(), "Search", fields, folded, clear)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_of_the_list_holds_what_was_asked() {
        let filter = Filter {
            search: "a&b".to_owned(),
            state: "active".to_owned(),
            group: "Tour Guides".to_owned(),
            ..Filter::default()
        };
        assert_eq!(filter.path("Y-_"), "/console/users?search=a%26b&state=active&group=Tour%20Guides&after=Y-%5F");
        assert_eq!(Filter::default().path(""), "/console/users");
    }

    #[test]
    fn an_order_alone_narrows_nothing() {
        let filter = Filter { sort: "newest".to_owned(), ..Filter::default() };
        assert!(!filter.is_narrowed());
        assert!(Filter { origin: "api".to_owned(), ..filter }.is_narrowed());
    }
}
