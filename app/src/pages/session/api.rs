//! Server functions of the session.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::view::Me;
use crate::{error::ConsoleError, outcome::Outcome, routes::Page};

/// Who is signed in.
#[server(prefix = "/console/-", endpoint = "session/who-am-i", input = GetUrl)]
pub async fn who_am_i() -> Result<Me, ConsoleError> {
    Ok(Me { name: "Administrator".to_owned(), user_name: "admin".to_owned(), role: "administrator".to_owned() })
}

#[server(prefix = "/console/-", endpoint = "session/sign-in")]
pub async fn sign_in(
    #[server(default)] user_name: String,
    #[server(default)] password: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    let _ = (user_name, password, return_to);
    Ok(Outcome::invalid("", "This user name and password do not belong together."))
}

#[server(prefix = "/console/-", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<Outcome, ConsoleError> {
    Ok(Outcome::done(&Page::SignIn, "You are signed out."))
}
