//! Server functions of My Account.

use domain::{ProviderLinkId, SessionId};
use leptos::prelude::*;

use super::view::Account;
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "account/show", protocol = Read)]
pub async fn show_account() -> Result<Account, ConsoleError> {
    super::shown::account().await
}

#[server(prefix = "/console/-", endpoint = "account/change-password")]
pub async fn change_password(
    #[server(default)] present: String,
    #[server(default)] password: String,
    /// The same once more.
    #[server(default)]
    again: String,
) -> Result<Outcome, ConsoleError> {
    super::shown::change_password(present, password, &again).await
}

#[server(prefix = "/console/-", endpoint = "account/unlink")]
pub async fn unlink(id: ProviderLinkId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let unlinked = directory.unlink_provider(&who, id).await;
    let message = "You do not sign in from there any more.";
    ssr::outcome(unlinked, |ended| Outcome::done(if ended { &Page::SignIn } else { &Page::Account }, message))
}

#[server(prefix = "/console/-", endpoint = "account/end-session")]
pub async fn end_session(id: SessionId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_my_session(&who, id).await;
    ssr::outcome(ended, |()| Outcome::done(&Page::Account, "The session was ended."))
}

#[server(prefix = "/console/-", endpoint = "account/end-other-sessions")]
pub async fn end_other_sessions() -> Result<Outcome, ConsoleError> {
    use crate::{pages::settings::sessions::were_ended, routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_my_other_sessions(&who).await;
    ssr::outcome(ended, |count| Outcome::done(&Page::Account, were_ended(count)))
}
