//! Hands the session's cookie to the browser, and takes it back; and opens one-time links.

use auth::grants::OwnSessions;
use axum::http::header;
use directory::{
    password_links::Link,
    sign_in::{Credentials, LONGEST, SignedIn},
};
use domain::permission::Role;
use leptos::prelude::use_context;
use secrecy::{ExposeSecret, SecretString};

use super::{
    new_password,
    view::{Door, PasswordLink, Provider},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    routes::Page,
    ssr::{self, SessionCookie},
};

/// The session before, if any, ends: the token is another one after every sign-in. Answers what they may do in the
/// console.
pub(super) async fn open(user_name: String, password: String) -> Result<Option<Role>, directory::Error> {
    let (Ok(directory), caller) = (ssr::directory(), ssr::caller()) else { return Err(directory::Error::NoEngine) };
    let before = caller.authorise::<OwnSessions>();
    let password = SecretString::from(password);
    let credentials = Credentials { user_name, password, address: caller.address, agent: agent() };
    let signed_in = directory.sign_in(credentials).await?;
    if let Ok(before) = before {
        directory.sign_out(&before).await?;
    }
    hand_over(&signed_in);
    Ok(signed_in.role)
}

/// What the browser says it is.
pub(crate) fn agent() -> String {
    let parts = ssr::parts();
    let said = parts.as_ref().and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok());
    said.unwrap_or_default().to_owned()
}

/// The session goes to the browser.
pub(crate) fn hand_over(signed_in: &SignedIn) {
    set(|cookie| cookie.set(signed_in.token.expose_secret(), LONGEST));
}

pub(super) async fn shown() -> Result<Door, ConsoleError> {
    let directory = ssr::directory()?;
    Ok(Door {
        registration: directory.self_registration().await?.is_some(),
        forgot: directory.sends_mail(),
        providers: providers().await?,
    })
}

/// The connections that sign people in.
pub(crate) async fn providers() -> Result<Vec<Provider>, ConsoleError> {
    Ok(Vec::new())
}

/// The answer is the same whether or not there is such an account.
pub(super) fn forgot_password(asked: &str) -> Result<Outcome, ConsoleError> {
    if asked.trim().is_empty() {
        return Ok(Outcome::invalid("user_name", "Enter your user name or your mail address."));
    }
    let sent = ssr::directory()?.forgot_password(asked.trim(), &ssr::caller().address);
    ssr::outcome(sent, |()| Outcome::go(&Page::ForgotPasswordSent))
}

pub(super) async fn close() -> Result<(), ConsoleError> {
    if let Ok((directory, who)) = ssr::authorise::<OwnSessions>() {
        directory.sign_out(&who).await?;
    }
    set(SessionCookie::clear);
    Ok(())
}

fn set(cookie: impl FnOnce(SessionCookie) -> Option<axum::http::HeaderValue>) {
    if let Some(value) = use_context::<SessionCookie>().and_then(cookie) {
        ssr::append_header(header::SET_COOKIE, value);
    }
}

pub(super) async fn link(token: &str) -> Result<PasswordLink, ConsoleError> {
    let link = ssr::directory()?.password_link(token).await?;
    let why = link.closed().unwrap_or_default().to_owned();
    Ok(match link {
        Link::Open { user, expires_at } => {
            PasswordLink::Open { name: user.label(), user_name: user.user_name, until: expires_at.into() }
        }
        Link::Used => PasswordLink::Used(why),
        Link::Late | Link::Unknown => PasswordLink::Closed(why),
    })
}

/// The page stays: its link is used now, and says so.
pub(super) async fn set_password(token: String, password: String, again: &str) -> Result<Outcome, ConsoleError> {
    let wrong = new_password::check(&password, again);
    if !wrong.is_empty() {
        return Ok(Outcome::Invalid(wrong));
    }
    let address = ssr::caller().address;
    let set = ssr::directory()?.set_password_by_link(&token, SecretString::from(password), &address).await;
    let to = format!("{}/{token}", Page::SetPassword.path());
    ssr::outcome(set, |_| Outcome::Done { to, message: Some("Your password is set.".to_owned()) })
}
