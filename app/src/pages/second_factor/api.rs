//! Server functions of second factors.

use domain::{DraftId, SecondFactorId};
use leptos::prelude::*;

use super::view::{App, Codes, Mine, Step};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "second-factor/step", protocol = Read)]
pub async fn read_step() -> Result<Step, ConsoleError> {
    super::door::step().await
}

/// A code of an app, or a recovery code.
#[server(prefix = "/console/-", endpoint = "second-factor/show-code")]
pub async fn show_code(
    #[server(default)] code: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    super::door::show_code(&code, &return_to).await
}

/// What the browser is asked for a passkey: options as JSON.
#[server(prefix = "/console/-", endpoint = "second-factor/ask-for-passkey")]
pub async fn ask_for_passkey() -> Result<String, ConsoleError> {
    let (directory, who) = crate::ssr::authorise()?;
    Ok(directory.ask_for_passkey(&who).await?.to_string())
}

#[server(prefix = "/console/-", endpoint = "second-factor/show-passkey")]
pub async fn show_passkey(
    #[server(default)] answer: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    super::door::show_passkey(&answer, &return_to).await
}

#[server(prefix = "/console/-", endpoint = "second-factor/mine", protocol = Read)]
pub async fn read_mine() -> Result<Mine, ConsoleError> {
    super::door::mine().await
}

#[server(prefix = "/console/-", endpoint = "second-factor/begin-app")]
pub async fn begin_app(#[server(default)] return_to: String) -> Result<Outcome, ConsoleError> {
    super::door::begin_app(&return_to).await
}

/// The app that is being set up, if one is.
#[server(prefix = "/console/-", endpoint = "second-factor/app", protocol = Read)]
pub async fn read_app() -> Result<Option<App>, ConsoleError> {
    super::door::app().await
}

#[server(prefix = "/console/-", endpoint = "second-factor/add-app")]
pub async fn add_app(
    #[server(default)] code: String,
    #[server(default)] name: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    super::door::add_app(&code, &name, &return_to).await
}

/// What the browser is asked for a new passkey: options as JSON.
#[server(prefix = "/console/-", endpoint = "second-factor/ask-for-new-passkey")]
pub async fn ask_for_new_passkey() -> Result<String, ConsoleError> {
    super::door::ask_for_new_passkey().await
}

#[server(prefix = "/console/-", endpoint = "second-factor/add-passkey")]
pub async fn add_passkey(
    #[server(default)] answer: String,
    #[server(default)] name: String,
    #[server(default)] return_to: String,
) -> Result<Outcome, ConsoleError> {
    super::door::add_passkey(&answer, &name, &return_to).await
}

/// Recovery codes, for the only time.
#[server(prefix = "/console/-", endpoint = "second-factor/codes", protocol = Read)]
pub async fn read_codes(draft: DraftId, #[server(default)] return_to: String) -> Result<Option<Codes>, ConsoleError> {
    super::door::codes(draft, &return_to).await
}

#[server(prefix = "/console/-", endpoint = "second-factor/new-codes")]
pub async fn new_codes() -> Result<Outcome, ConsoleError> {
    super::door::new_codes().await
}

#[server(prefix = "/console/-", endpoint = "second-factor/remove")]
pub async fn remove(id: SecondFactorId) -> Result<Outcome, ConsoleError> {
    super::door::remove(id).await
}
