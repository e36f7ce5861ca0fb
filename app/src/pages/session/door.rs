//! Hands the session's cookie to the browser, and takes it back; and opens one-time links.

use auth::{Who, grants::OwnSessions};
use axum::http::header;
use directory::{
    federation::{Arrived, Standing},
    password_links::Link,
    registration::Visitor,
    sign_in::{Credentials, LONGEST, SignedIn},
};
use domain::permission::Role;
use leptos::prelude::use_context;
use secrecy::{ExposeSecret, SecretString};

use super::{
    landing, new_password,
    view::{Door, PasswordLink, Provider, UnderWay},
};
use crate::{
    error::ConsoleError,
    outcome::Outcome,
    routes::Page,
    ssr::{self, DoorCookie, SessionCookie},
    ui::problem::go_on_and_return,
};

/// The session before, if any, ends: the token is another one after every sign-in. Answers what they may do in the
/// console.
pub(super) async fn open(user_name: String, password: String) -> Result<Option<Role>, directory::Error> {
    let (Ok(directory), caller) = (ssr::directory(), ssr::caller()) else { return Err(directory::Error::NoEngine) };
    let password = SecretString::from(password);
    let credentials = Credentials { user_name, password, address: caller.address, agent: agent() };
    let signed_in = directory.sign_in(credentials).await?;
    end_before().await?;
    hand_over(&signed_in);
    Ok(signed_in.role)
}

/// Ends the session that this browser had, if any: another one is about to begin.
pub(crate) async fn end_before() -> Result<(), directory::Error> {
    let (Ok(directory), Ok(before)) = (ssr::directory(), ssr::caller().authorise::<OwnSessions>()) else {
        return Ok(());
    };
    directory.sign_out(&before).await
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
    let ways = ssr::directory()?.ways_in().await?;
    Ok(ways.into_iter().map(|way| Provider { id: way.connection, name: way.name }).collect())
}

/// The answer is the same whether or not there is such an account.
pub(super) fn forgot_password(asked: &str) -> Result<Outcome, ConsoleError> {
    if asked.trim().is_empty() {
        return Ok(Outcome::invalid("user_name", "Enter your user name or your mail address."));
    }
    let sent = ssr::directory()?.forgot_password(asked.trim(), &ssr::caller().address);
    ssr::outcome(sent, |()| Outcome::go(&Page::ForgotPasswordSent))
}

/// Ends the session; whoever came by a provider goes on to sign out there too.
pub(super) async fn close() -> Result<Outcome, ConsoleError> {
    let mut leaving = None;
    if let Ok((directory, who)) = ssr::authorise::<OwnSessions>() {
        if let Some(session) = who.caller().session() {
            leaving = directory.leave_provider(session).await?;
        }
        directory.sign_out(&who).await?;
    }
    set(SessionCookie::clear);
    Ok(leaving
        .map_or_else(|| Outcome::go(&Page::SignIn), |token| Outcome::Done { to: under_way_at(&token), message: None }))
}

/// The page that tells of a sign-in under way.
pub fn under_way_at(token: &SecretString) -> String {
    format!("/sign-in/under-way/{}", token.expose_secret())
}

/// Whoever is signed in by now goes where they wanted to.
pub(super) async fn under_way(token: &str) -> Result<UnderWay, ConsoleError> {
    let caller = ssr::caller();
    Ok(match ssr::directory()?.sign_in_standing(token, ssr::door_cookie(DoorCookie::SIGN_IN).as_deref()).await? {
        Standing::Consent { connection, told } => UnderWay::Consent {
            connection,
            told: told.into_iter().map(|(label, value)| (label.to_owned(), value)).collect(),
        },
        Standing::Waiting { return_to, .. } | Standing::Ready { return_to, .. } if caller.user_id().is_some() => {
            let role = if let Who::User { role, .. } = caller.who { role } else { None };
            ssr::redirect(&landing(&return_to, role));
            UnderWay::Unknown
        }
        Standing::Waiting { return_to, .. } | Standing::Ready { return_to, .. } if caller.is_half_way() => {
            ssr::redirect(&go_on_and_return(&return_to));
            UnderWay::Unknown
        }
        Standing::Waiting { connection, .. } => UnderWay::Waiting { connection },
        Standing::Ready { return_to, .. } => UnderWay::Ready { return_to },
        Standing::Refused { connection, name, text, return_to } => {
            UnderWay::Refused { provider: Provider { id: connection, name }, text, return_to }
        }
        Standing::Going { connection, url } => UnderWay::Going { title: format!("On to {connection}"), url },
        Standing::Unknown => UnderWay::Unknown,
    })
}

pub(super) async fn consent(token: &str) -> Result<Outcome, ConsoleError> {
    let visitor = Visitor { address: ssr::caller().address, agent: agent() };
    let browser = ssr::door_cookie(DoorCookie::SIGN_IN);
    let arrived = ssr::directory()?.consent_to_sign_in(token, browser.as_deref(), visitor).await;
    if matches!(arrived, Ok(Arrived::In { .. } | Arrived::Page { session: Some(_), .. })) {
        end_before().await?;
    }
    ssr::outcome(arrived, |arrived| match arrived {
        Arrived::In { signed_in, return_to } => {
            hand_over(&signed_in);
            Outcome::Done { to: landing(&return_to, signed_in.role), message: None }
        }
        Arrived::Page { token, session } => {
            if let Some(session) = session {
                set(|cookie| cookie.set(session.expose_secret(), LONGEST));
            }
            Outcome::Done { to: under_way_at(&token), message: None }
        }
    })
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
        Link::Open { user, expires_at, .. } => {
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
