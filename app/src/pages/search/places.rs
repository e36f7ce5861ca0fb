//! The pages of the console, with the words under which somebody may look for them.

use domain::{group::Group, user::User};

use super::view::{Found, Hit};
use crate::{pages::connections::thousands, routes::Page};

/// Hits of each kind below the search box.
pub(super) const SUGGESTED: usize = 5;

const PLACES: &[(Page, &str, &str)] = &[
    (Page::Home, "Home", "start overview dashboard status"),
    (Page::Connections, "Connections", "systems targets applications connectors outbound provisioning scim"),
    (Page::ConnectionTemplates, "New Connection", "add create connection system custom connector template"),
    (Page::Users, "Users", "people accounts persons directory"),
    (Page::NewUser, "Add User", "new create person account people"),
    (Page::Groups, "Groups", "teams members memberships people directory"),
    (Page::NewGroup, "New Group", "add create group team members"),
    (Page::Attributes, "Attributes", "custom extension schemas fields profile scim urn stores"),
    (Page::NewSchema, "New Schema", "add create custom extension attributes urn"),
    (Page::NewImport, "Multiple Users", "import csv file list many bulk spreadsheet people"),
    (Page::Imports, "Imports", "csv results progress many people"),
    (Page::Roles, "Roles", "administrator operator auditor permissions rights console access"),
    (Page::LoginAndRegistration, "Login & Registration", "sign in up provisioning settings organization"),
    (
        Page::MultiFactor,
        "Multi-Factor Authentication",
        "second factor 2fa mfa passkey webauthn totp authenticator code security require",
    ),
    (
        Page::OwnProfile,
        "What people change on My Account",
        "profile edit themselves self service names phone mail address",
    ),
    (
        Page::Provisioners,
        "Outbound Provisioning Configuration",
        "provisioners blocking jit outbound accounts policy delete disable leave",
    ),
    (Page::NewProvisioner, "New Provisioner", "add create provisioner blocking jit outbound"),
    (Page::Activity, "Activity", "deliveries attempts waiting held failed retry errors log"),
    (Page::Logs, "Logs", "audit trail events history who did what changes export csv"),
    (Page::Settings, "API Tokens", "settings tokens keys access scim admin expiry"),
    (Page::NewToken, "New Token", "create add api token key access"),
    (Page::MySessions, "Your sessions", "settings signed in devices browsers sign out"),
    (Page::Appearance, "Appearance", "settings theme dark light system colours"),
    (Page::About, "About", "settings version licences data folder database"),
    (Page::Shortcuts, "Keyboard shortcuts", "keys help keyboard"),
];

pub(super) fn found(found: directory::search::Found, query: &str, limit: usize) -> Found {
    Found {
        people: found.people.into_iter().map(person).collect(),
        groups: found.groups.into_iter().map(group).collect(),
        connections: found
            .connections
            .into_iter()
            .map(|connection| Hit {
                title: connection.name,
                text: connection.description,
                to: Page::Connection(connection.id).path(),
            })
            .collect(),
        pages: pages(query).take(limit).collect(),
    }
}

fn person(user: User) -> Hit {
    let to = Page::User(user.id).path();
    Hit { title: user.label(), text: user.user_name, to }
}

fn group(group: Group) -> Hit {
    let text = match group.size {
        1 => "1 member".to_owned(),
        size => format!("{} members", thousands(size)),
    };
    Hit { title: group.display_name, text, to: Page::Group(group.id).path() }
}

/// Pages where each word of the query begins a word of the name or of the keywords.
fn pages(query: &str) -> impl Iterator<Item = Hit> {
    let wanted: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
    PLACES
        .iter()
        .filter(move |(_, name, keywords)| {
            let text = format!("{name} {keywords}").to_lowercase();
            !wanted.is_empty() && wanted.iter().all(|word| text.split_whitespace().any(|known| known.starts_with(word)))
        })
        .map(|(page, name, _)| Hit { title: (*name).to_owned(), text: String::new(), to: page.path() })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(query: &str) -> Vec<String> {
        pages(query).map(|hit| hit.title).collect()
    }

    #[test]
    fn a_page_is_found_by_its_name_and_by_what_it_is_about() {
        assert_eq!(names("blocking"), ["Outbound Provisioning Configuration", "New Provisioner"]);
        assert_eq!(names("add us"), ["Add User"]);
        assert_eq!(names("DARK"), ["Appearance"]);
    }

    #[test]
    fn nothing_finds_nothing() {
        assert!(names("").is_empty() && names("  ").is_empty() && names("zebra").is_empty());
    }
}
