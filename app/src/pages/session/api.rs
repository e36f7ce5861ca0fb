//! Server functions of the session.

use leptos::prelude::*;

use super::view::{Door, Me, PasswordLink, UnderWay};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

/// Who is signed in.
#[server(prefix = "/console/-", endpoint = "session/who-am-i", protocol = Read)]
pub async fn who_am_i() -> Result<Me, ConsoleError> {
    use auth::Who;
    use domain::permission::Role;

    use crate::pages::roles;

    let Who::User { label, role, .. } = crate::ssr::caller().who else { return Err(ConsoleError::SignedOut) };
    let may_write = role == Some(Role::Administrator);
    Ok(Me { name: label, role: role.map_or("No console role", roles::label).to_owned(), may_write })
}

/// What is beside a password; nobody has to be signed in.
#[server(prefix = "/console/-", endpoint = "session/door", protocol = Read)]
pub async fn read_door() -> Result<Door, ConsoleError> {
    super::door::shown().await
}

#[server(prefix = "/console/-", endpoint = "session/forgot-password")]
pub async fn forgot_password(#[server(default)] user_name: String) -> Result<Outcome, ConsoleError> {
    super::door::forgot_password(&user_name)
}

/// How a sign-in by another system stands; whoever holds its token needs nothing else.
#[server(prefix = "/console/-", endpoint = "session/under-way", protocol = Read)]
pub async fn read_under_way(#[server(default)] token: String) -> Result<UnderWay, ConsoleError> {
    super::door::under_way(&token).await
}

/// Agrees that an account is made of what the provider told.
#[server(prefix = "/console/-", endpoint = "session/consent")]
pub async fn consent(#[server(default)] token: String) -> Result<Outcome, ConsoleError> {
    super::door::consent(&token).await
}

#[server(prefix = "/console/-", endpoint = "session/sign-in")]
pub async fn sign_in(
    #[server(default)] user_name: String,
    #[server(default)] password: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    use domain::validation::FieldErrors;

    let mut missing = FieldErrors::default();
    for (field, value, message) in
        [("user_name", &user_name, "Enter your user name."), ("password", &password, "Enter your password.")]
    {
        if value.is_empty() {
            missing.add(field, message);
        }
    }
    if !missing.is_empty() {
        return Ok(Outcome::Invalid(missing));
    }
    let signed_in = super::door::open(user_name, password).await;
    crate::ssr::outcome(signed_in, |role| Outcome::Done { to: super::landing(&return_to, role), message: None })
}

#[server(prefix = "/console/-", endpoint = "session/sign-out")]
pub async fn sign_out() -> Result<Outcome, ConsoleError> {
    super::door::close().await
}

/// What a one-time link opens; whoever holds it needs nothing else.
#[server(prefix = "/console/-", endpoint = "session/password-link", protocol = Read)]
pub async fn open_link(#[server(default)] token: String) -> Result<PasswordLink, ConsoleError> {
    super::door::link(&token).await
}

#[server(prefix = "/console/-", endpoint = "session/set-password")]
pub async fn set_password(
    #[server(default)] token: String,
    #[server(default)] password: String,
    /// The same once more.
    #[server(default)]
    again: String,
) -> Result<Outcome, ConsoleError> {
    super::door::set_password(token, password, &again).await
}
