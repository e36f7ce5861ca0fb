//! People: the list, the wizard that adds one, and one person with their accounts.

use domain::user::Origin;
use leptos::prelude::*;

use crate::pages::session::READ_ONLY;
use crate::ui::pill::Pill;

#[cfg(feature = "ssr")]
mod acting;
pub mod api;
pub(crate) mod attributes;
mod columns;
#[cfg(feature = "ssr")]
pub(crate) mod custom;
pub mod delete;
pub mod disable;
#[cfg(feature = "ssr")]
mod draft;
pub mod explain;
pub mod filter;
pub mod groups;
pub mod list;
#[cfg(feature = "ssr")]
mod listing;
mod lock;
pub mod new;
pub mod password;
pub mod profile;
pub mod provisioning;
pub mod roles;
pub mod selected;
pub mod sessions;
pub mod show;
#[cfg(feature = "ssr")]
pub(crate) mod shown;
#[cfg(feature = "ssr")]
mod story;
pub mod view;

#[cfg(feature = "ssr")]
pub(crate) use story::{destination, followed};
use view::{Consequence, Standing};

pub(crate) const LAST_ADMINISTRATOR: &str = "This is the last administrator. Give somebody else the role first.";

pub(crate) fn standing(state: Standing) -> AnyView {
    let (tone, text) = state.in_words();
    view! { <Pill tone text/> }.into_any()
}

/// How somebody came: "came in by …".
pub(crate) fn origin(origin: Origin) -> &'static str {
    match origin {
        Origin::Setup => "set-up",
        Origin::Api => "SCIM",
        Origin::Console => "the console",
        Origin::Registration => "self-registration",
        Origin::Jit => "another provider's sign-in",
        Origin::Import => "import",
    }
}

/// What will happen where, system by system.
fn consequences(list: Vec<Consequence>) -> AnyView {
    if list.is_empty() {
        return view! { <p>"No other system has an account of theirs that Usher keeps: nothing changes elsewhere."</p> }
            .into_any();
    }
    let rows = list
        .into_iter()
        .map(|one| view! { <div class="summary-row"><dt>{one.system}</dt><dd>{one.what}</dd></div> })
        .collect_view();
    view! { <dl class="summary consequences">{rows}</dl> }.into_any()
}
