//! Hands the session's cookie to the browser, and takes it back.

use axum::http::header;
use directory::sign_in::{Credentials, LONGEST};
use leptos::prelude::use_context;
use secrecy::{ExposeSecret, SecretString};

use crate::{
    error::ConsoleError,
    ssr::{self, SessionCookie},
};

/// The session before, if any, ends: the token is another one after every sign-in.
pub(super) async fn open(user_name: String, password: String) -> Result<(), directory::Error> {
    let (Ok(directory), caller) = (ssr::directory(), ssr::caller()) else { return Err(directory::Error::NoEngine) };
    let agent = ssr::parts()
        .and_then(|parts| parts.headers.get(header::USER_AGENT)?.to_str().ok().map(str::to_owned))
        .unwrap_or_default();
    let before = caller.session();
    let credentials = Credentials { user_name, password: SecretString::from(password), address: caller.address, agent };
    let signed_in = directory.sign_in(credentials).await?;
    if let Some(before) = before {
        directory.sign_out(before).await?;
    }
    set(|cookie| cookie.set(signed_in.token.expose_secret(), LONGEST));
    Ok(())
}

pub(super) async fn close() -> Result<(), ConsoleError> {
    if let Some(session) = ssr::caller().session() {
        ssr::directory()?.sign_out(session).await?;
    }
    set(SessionCookie::clear);
    Ok(())
}

fn set(cookie: impl FnOnce(SessionCookie) -> Option<axum::http::HeaderValue>) {
    if let Some(value) = use_context::<SessionCookie>().and_then(cookie) {
        ssr::append_header(header::SET_COOKIE, value);
    }
}
