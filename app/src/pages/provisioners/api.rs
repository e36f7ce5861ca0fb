//! Server functions of provisioners.

#![expect(clippy::too_many_arguments, reason = "one per field of the form")]

use domain::ProvisionerId;
use leptos::prelude::*;

use super::view::{Candidate, Provisioner, ProvisionerList};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "provisioners/list", protocol = Read)]
pub async fn list() -> Result<ProvisionerList, ConsoleError> {
    super::shown::list().await
}

/// Connections with an enabled connector.
#[server(prefix = "/console/-", endpoint = "provisioners/candidates", protocol = Read)]
pub async fn candidates() -> Result<Vec<Candidate>, ConsoleError> {
    super::shown::candidates().await
}

#[server(prefix = "/console/-", endpoint = "provisioners/show", protocol = Read)]
pub async fn show(id: ProvisionerId) -> Result<Provisioner, ConsoleError> {
    super::shown::provisioner(id).await
}

#[server(prefix = "/console/-", endpoint = "provisioners/create")]
pub async fn create(
    #[server(default)] connection_id: String,
    #[server(default)] connector_id: String,
    #[server(default)] blocking: bool,
    #[server(default)] time_limit: String,
    #[server(default)] on_blocking_failure: String,
    #[server(default)] jit_outbound: bool,
    #[server(default)] on_delete: String,
    #[server(default)] on_leave: String,
) -> Result<Outcome, ConsoleError> {
    use super::shown::{self, Typed};

    let typed = Typed { blocking, time_limit, on_blocking_failure, jit_outbound, on_delete, on_leave };
    shown::create(&connection_id, &connector_id, &typed).await
}

#[server(prefix = "/console/-", endpoint = "provisioners/update")]
pub async fn update(
    id: ProvisionerId,
    version: i64,
    #[server(default)] blocking: bool,
    #[server(default)] time_limit: String,
    #[server(default)] on_blocking_failure: String,
    #[server(default)] jit_outbound: bool,
    #[server(default)] on_delete: String,
    #[server(default)] on_leave: String,
) -> Result<Outcome, ConsoleError> {
    use super::shown::{self, Typed};

    let typed = Typed { blocking, time_limit, on_blocking_failure, jit_outbound, on_delete, on_leave };
    shown::update(id, version, &typed).await
}

#[server(prefix = "/console/-", endpoint = "provisioners/delete")]
pub async fn delete(id: ProvisionerId, #[server(default)] accounts: String) -> Result<Outcome, ConsoleError> {
    use crate::{pages::removed, routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let deleted = directory.delete_provisioner(&who, id, accounts.parse().ok()).await;
    ssr::outcome(deleted, |how| Outcome::done(&Page::Provisioners, removed("The provisioner", how)))
}
