//! Server functions of My Account.

use std::collections::BTreeMap;

use domain::{ProviderLinkId, SessionId};
use leptos::prelude::*;

use super::view::{Account, AddressLink, Profile};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "account/show", protocol = Read)]
pub async fn show_account() -> Result<Account, ConsoleError> {
    super::shown::account().await
}

#[server(prefix = "/console/-", endpoint = "account/profile", protocol = Read)]
pub async fn show_profile() -> Result<Profile, ConsoleError> {
    super::profiled::profile().await
}

#[server(prefix = "/console/-", endpoint = "account/change-profile")]
pub async fn change_profile(
    #[server(default)] version: i64,
    #[server(default)] attributes: BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    super::profiled::change(version, &attributes).await
}

#[server(prefix = "/console/-", endpoint = "account/ask-address")]
pub async fn ask_address(
    #[server(default)] mail: String,
    /// The present password of whoever has one.
    #[server(default)]
    present: String,
) -> Result<Outcome, ConsoleError> {
    super::profiled::ask_address(&mail, present).await
}

#[server(prefix = "/console/-", endpoint = "account/address", protocol = Read)]
pub async fn show_address_link(#[server(default)] token: String) -> Result<AddressLink, ConsoleError> {
    super::profiled::address_link(&token).await
}

#[server(prefix = "/console/-", endpoint = "account/confirm-address")]
pub async fn confirm_address(#[server(default)] token: String) -> Result<Outcome, ConsoleError> {
    super::profiled::confirm_address(&token).await
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
