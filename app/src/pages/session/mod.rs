//! Signing in and out, and who one is.

use crate::{outcome::is_local, routes::Page};

pub mod api;
#[cfg(feature = "ssr")]
mod door;
pub mod set_password;
pub mod sign_in;
pub mod view;

/// Where to go after signing in: back to where one was, if that is on this server.
#[cfg_attr(not(feature = "ssr"), expect(dead_code, reason = "only the server decides"))]
fn local_or_home(return_to: &str) -> String {
    if is_local(return_to) { return_to.to_owned() } else { Page::Home.path() }
}
