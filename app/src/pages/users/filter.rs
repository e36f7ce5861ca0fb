//! What the list of users is narrowed to, and in which order it is: part of its address.

use leptos::prelude::*;
use leptos_router::components::Form as SearchForm;
use serde::{Deserialize, Serialize};

use crate::{
    outcome::encoded,
    pages::roles,
    routes::Page,
    ui::button::{LinkButton, Look},
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

/// A value as the address has it, and its word.
type Choices = &'static [(&'static str, &'static str)];

const STATES: Choices = &[("", "All"), ("active", "Active"), ("disabled", "Disabled"), ("locked", "Locked")];
const SORTS: Choices = &[
    ("", "User name, A to Z"),
    ("name-down", "User name, Z to A"),
    ("newest", "Newest first"),
    ("oldest", "Oldest first"),
    ("changed", "Changed last first"),
    ("unchanged", "Longest unchanged first"),
];
const ORIGINS: Choices = &[
    ("", "All"),
    ("api", "SCIM"),
    ("console", "The console"),
    ("import", "Import"),
    ("registration", "Self-registration"),
    ("jit", "Another provider's sign-in"),
    ("setup", "Set-up"),
];
const ACCOUNTS: Choices = &[
    ("", "All"),
    ("held", "Held: needs somebody"),
    ("waiting", "On its way"),
    ("in-step", "All in step"),
    ("none", "None"),
];

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

    /// How many of those that are folded away narrow.
    fn folded(&self) -> usize {
        [&self.origin, &self.accounts, &self.group, &self.role]
            .into_iter()
            .filter(|value| !value.trim().is_empty())
            .count()
    }

    /// The path of the list narrowed so, after a cursor; the first page without.
    pub fn path(&self, after: &str) -> String {
        self.below(Page::Users, after)
    }

    /// A page over the list, which stays narrowed so behind it.
    pub fn below(&self, page: Page, after: &str) -> String {
        let pairs = self.pairs().into_iter().chain([("after", after)]).filter(|(_, value)| !value.trim().is_empty());
        let query: Vec<String> = pairs.map(|(name, value)| format!("{name}={}", encoded(value))).collect();
        let path = page.path();
        if query.is_empty() { path } else { format!("{path}?{}", query.join("&")) }
    }

    /// As hidden fields of a form, so that it leads back to the list narrowed alike.
    pub(super) fn hidden(&self) -> AnyView {
        let pairs = self.pairs().into_iter().filter(|(_, value)| !value.is_empty());
        let field = |(name, value): (&str, &str)| {
            view! { <input type="hidden" name=format!("filter[{name}]") value=value.to_owned()/> }
        };
        pairs.map(field).collect_view().into_any()
    }
}

/// The form above the list. `groups` are names to choose from.
pub(super) fn narrow(filter: &Filter, groups: Vec<String>) -> AnyView {
    let folded = filter.folded();
    let summary = if folded == 0 { "More filters".to_owned() } else { format!("More filters ({folded})") };
    let search = filter.search.clone();
    let group = filter.group.clone();
    let offered = groups.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
    let clear =
        filter.is_narrowed().then(|| view! { <LinkButton to=Page::Users.path() look=Look::Quiet>"Clear"</LinkButton> });
    let roles: Vec<(&str, &str)> = [("", "All")]
        .into_iter()
        .chain(domain::permission::Role::ALL.map(|role| (role.as_str(), roles::label(role))))
        .collect();
    let state = select("state", "State", STATES, &filter.state);
    let sort = select("sort", "Sort", SORTS, &filter.sort);
    let accounts = select("accounts", "Accounts", ACCOUNTS, &filter.accounts);
    let origin = select("origin", "Came by", ORIGINS, &filter.origin);
    let role = select("role", "Console role", &roles, &filter.role);
    view! {
        <search class="narrow">
            <SearchForm method="GET" action=Page::Users.path()>
                <div class="narrow-search">
                    <label for="search">"Search"</label>
                    <input
                        id="search"
                        class="input"
                        type="search"
                        name="search"
                        maxlength="200"
                        placeholder="Name, user name or email"
                        value=search.clone()
                        prop:value=search
                    />
                </div>
                {state}
                {sort}
                <button type="submit" class="button button-secondary">"Search"</button>
                {clear}
                <details class="narrow-more" open=folded != 0>
                    <summary>{summary}</summary>
                    <div class="narrow-fold">
                        {accounts}
                        <div>
                            <label for="group">"Group"</label>
                            <input
                                id="group"
                                class="input"
                                name="group"
                                maxlength="256"
                                list="groups"
                                autocomplete="off"
                                placeholder="Name of a group"
                                value=group.clone()
                                prop:value=group
                            />
                            <datalist id="groups">{offered}</datalist>
                        </div>
                        {origin}
                        {role}
                    </div>
                </details>
            </SearchForm>
        </search>
    }
    .into_any()
}

fn select(name: &'static str, label: &'static str, choices: &[(&'static str, &'static str)], chosen: &str) -> AnyView {
    let options = choices
        .iter()
        .map(|(value, label)| {
            let selected = *value == chosen;
            // The property too: what somebody chose before holds in the browser, whatever the attribute says.
            view! { <option value=*value selected=selected prop:selected=selected>{*label}</option> }.into_any()
        })
        .collect_view();
    view! {
        <div>
            <label for=name>{label}</label>
            <select id=name class="input" name=name>{options}</select>
        </div>
    }
    .into_any()
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
        assert_eq!(filter.folded(), 1);
    }

    #[test]
    fn an_order_alone_narrows_nothing() {
        let filter = Filter { sort: "newest".to_owned(), ..Filter::default() };
        assert!(!filter.is_narrowed());
        assert!(Filter { origin: "api".to_owned(), ..filter }.is_narrowed());
    }
}
