//! Server functions of the audit trail.

use domain::UserId;
use leptos::prelude::*;

use super::view::{Event, Events, Filter};
use crate::{error::ConsoleError, read::Read};

#[server(prefix = "/console/-", endpoint = "audit/list", protocol = Read)]
pub async fn list(#[server(default)] filter: Filter, #[server(default)] after: String) -> Result<Events, ConsoleError> {
    super::shown::list(&filter, &after).await
}

#[server(prefix = "/console/-", endpoint = "audit/show", protocol = Read)]
pub async fn show(#[server(default)] number: i64) -> Result<Event, ConsoleError> {
    super::shown::event(number).await
}

/// What happened to one user.
#[server(prefix = "/console/-", endpoint = "users/history", protocol = Read)]
pub async fn history(id: UserId, #[server(default)] after: String) -> Result<Events, ConsoleError> {
    super::shown::history(id, &after).await
}
