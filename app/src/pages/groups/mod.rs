//! Groups: the list, one group with its members, and, for the page of a user, what they are in.

pub mod api;
pub mod delete;
pub mod general;
pub mod list;
pub mod listing;
pub mod members;
pub mod new;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;

use crate::pages::session::READ_ONLY;
use domain::group::GroupInput;

/// The same rule as the server's, before anything is sent.
fn check_name(name: &str) -> Option<String> {
    let input = GroupInput { display_name: name.to_owned(), external_id: None };
    input.check().err().and_then(|errors| errors.get("displayName").map(str::to_owned))
}
