//! Server functions of the audit trail.

use leptos::prelude::*;

use super::view::{Event, Events, Filter};
use crate::{error::ConsoleError, read::Read};

#[server(prefix = "/console/-", endpoint = "audit/list", protocol = Read)]
pub async fn list(#[server(default)] filter: Filter, #[server(default)] after: String) -> Result<Events, ConsoleError> {
    super::shown::list(&filter, &after).await
}

/// `number` as it stands in the address.
#[server(prefix = "/console/-", endpoint = "audit/show", protocol = Read)]
pub async fn show(#[server(default)] number: String) -> Result<Event, ConsoleError> {
    super::shown::event(&number).await
}
