//! Server functions of Settings.

#![cfg_attr(feature = "ssr", expect(clippy::fn_params_excessive_bools, reason = "one per checkbox of the form"))]

use domain::{DraftId, SessionId, TokenId};
use leptos::prelude::*;

use super::{
    theme::Theme,
    view::{About, Created, Session, Token, TokenList},
};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "tokens/list", protocol = Read)]
pub async fn list_tokens() -> Result<TokenList, ConsoleError> {
    super::shown::tokens().await
}

#[server(prefix = "/console/-", endpoint = "tokens/show", protocol = Read)]
pub async fn read_token(id: TokenId) -> Result<Token, ConsoleError> {
    super::shown::token(id).await
}

#[server(prefix = "/console/-", endpoint = "tokens/create")]
pub async fn create_token(
    #[server(default)] name: String,
    #[server(default)] scim_read: bool,
    #[server(default)] scim: bool,
    #[server(default)] admin_read: bool,
    #[server(default)] admin: bool,
    /// `30`, `90` or `365` days, or `date`.
    #[server(default)]
    expires: String,
    #[server(default)] expires_on: String,
) -> Result<Outcome, ConsoleError> {
    use domain::permission::Scope;

    let ticked =
        [(scim_read, Scope::ScimRead), (scim, Scope::Scim), (admin_read, Scope::AdminRead), (admin, Scope::Admin)];
    let scopes = ticked.into_iter().filter_map(|(ticked, scope)| ticked.then_some(scope)).collect();
    super::shown::create_token(name, scopes, &expires, &expires_on).await
}

/// The token in the clear, the first time; `None` for ever after.
#[server(prefix = "/console/-", endpoint = "tokens/created", protocol = Read)]
pub async fn created_token(draft: DraftId) -> Result<Option<Created>, ConsoleError> {
    super::shown::created_token(draft).await
}

#[server(prefix = "/console/-", endpoint = "tokens/revoke")]
pub async fn revoke_token(id: TokenId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let revoked = directory.revoke_token(&who, id).await;
    ssr::outcome(revoked, |token| Outcome::done(&Page::Settings, format!("The token “{}” was revoked.", token.name)))
}

#[server(prefix = "/console/-", endpoint = "my-sessions/list", protocol = Read)]
pub async fn my_sessions() -> Result<Vec<Session>, ConsoleError> {
    super::shown::my_sessions().await
}

#[server(prefix = "/console/-", endpoint = "my-sessions/end")]
pub async fn end_session(id: SessionId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_my_session(&who, id).await;
    ssr::outcome(ended, |()| Outcome::done(&Page::MySessions, "The session was ended."))
}

#[server(prefix = "/console/-", endpoint = "my-sessions/end-others")]
pub async fn end_other_sessions() -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let ended = directory.end_my_other_sessions(&who).await;
    ssr::outcome(ended, |count| Outcome::done(&Page::MySessions, super::sessions::were_ended(count)))
}

#[server(prefix = "/console/-", endpoint = "appearance/show", protocol = Read)]
pub async fn read_theme() -> Result<Theme, ConsoleError> {
    super::shown::theme()
}

#[server(prefix = "/console/-", endpoint = "appearance/choose")]
pub async fn choose_theme(#[server(default)] theme: String) -> Result<Outcome, ConsoleError> {
    super::shown::choose_theme(&theme)
}

#[server(prefix = "/console/-", endpoint = "about/show", protocol = Read)]
pub async fn read_about() -> Result<About, ConsoleError> {
    super::shown::about().await
}
