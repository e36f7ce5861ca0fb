//! Server functions of mails.

use domain::MailId;
use leptos::prelude::*;

use super::view::MailList;
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "mails/list", protocol = Read)]
pub async fn list(
    #[server(default)] state: String,
    #[server(default)] after: String,
) -> Result<MailList, ConsoleError> {
    super::shown::list(&state, &after).await
}

#[server(prefix = "/console/-", endpoint = "mails/retry")]
pub async fn retry(id: MailId) -> Result<Outcome, ConsoleError> {
    super::shown::retry(id).await
}
