//! Console roles: what each may do, who holds it, giving and taking them.

use domain::permission::Role;
use leptos::prelude::*;

use crate::pages::users::LAST_ADMINISTRATOR;

pub mod add;
pub mod api;
pub mod list;
pub mod remove;
#[cfg(feature = "ssr")]
pub(crate) mod shown;
pub mod view;

/// Why roles are not given or taken by whoever looks.
const ADMINISTRATORS_ALONE: &str = "Only administrators give and take roles.";

/// Why somebody is not given another role, or loses theirs, by whoever looks.
pub(crate) fn fixed(may_give: bool, last_administrator: bool) -> Option<&'static str> {
    if may_give { last_administrator.then_some(LAST_ADMINISTRATOR) } else { Some(ADMINISTRATORS_ALONE) }
}

pub(crate) fn label(role: Role) -> &'static str {
    match role {
        Role::Administrator => "Administrator",
        Role::Operator => "Provisioning operator",
        Role::Auditor => "Auditor",
    }
}

/// In a sentence.
pub(crate) fn about(role: Role) -> &'static str {
    match role {
        Role::Administrator => "May do everything.",
        Role::Operator => "Reads everything, and sees to deliveries.",
        Role::Auditor => "Reads, and changes nothing.",
    }
}

/// Point by point.
fn may(role: Role) -> &'static [&'static str] {
    match role {
        Role::Administrator => &[
            "Adds, changes, disables, locks and deletes users and groups",
            "Connects systems, and decides who gets an account there",
            "Gives and takes roles, makes and revokes API tokens",
            "All that the other two may do",
        ],
        Role::Operator => &[
            "Sees users, groups, systems, deliveries, settings and who holds which role",
            "Sees the requests that were sent and what systems answered",
            "Retries deliveries, decides about those that are held, provisions a user now",
        ],
        Role::Auditor => &[
            "Sees users, groups, systems, deliveries, settings and who holds which role",
            "Does not see the requests that were sent, nor what systems answered",
        ],
    }
}

fn points(role: Role) -> AnyView {
    let points = may(role).iter().map(|point| view! { <li>{*point}</li> }).collect_view();
    view! { <ul class="role-points">{points}</ul> }.into_any()
}
