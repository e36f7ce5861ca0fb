//! Server functions of connections and their connectors.

use std::collections::BTreeMap;

use domain::{ConnectionId, ConnectorId, DraftId, config::Report};
use leptos::prelude::*;

use super::view::{Connection, ConnectionList, Deletion, Draft, Kind, OutboundProvisioning};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "connections/list", protocol = Read)]
pub async fn list(
    #[server(default)] search: String,
    #[server(default)] after: String,
) -> Result<ConnectionList, ConsoleError> {
    super::shown::list(&search, &after).await
}

#[server(prefix = "/console/-", endpoint = "connections/show", protocol = Read)]
pub async fn show(id: ConnectionId) -> Result<Connection, ConsoleError> {
    super::shown::connection(id).await
}

#[server(prefix = "/console/-", endpoint = "connections/create")]
pub async fn create(
    #[server(default)] name: String,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    use domain::connection::{CUSTOM_CONNECTOR, ConnectionInput};

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let input = ConnectionInput { name, description };
    let made = directory.create_connection(&who, input, CUSTOM_CONNECTOR, true).await;
    ssr::outcome(made, |made| Outcome::done(&Page::Connection(made.id), "The connection was created."))
}

#[server(prefix = "/console/-", endpoint = "connections/update")]
pub async fn update(
    id: ConnectionId,
    version: i64,
    #[server(default)] name: String,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    use directory::connections::ConnectionChange;

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let change = ConnectionChange {
        name: Some(name),
        description: Some(description),
        expected: Some(version),
        ..ConnectionChange::default()
    };
    let changed = directory.change_connection(&who, id, change).await;
    ssr::outcome(changed, |_| Outcome::done(&Page::Connection(id), "The connection was updated."))
}

#[server(prefix = "/console/-", endpoint = "connections/switch")]
pub async fn switch(id: ConnectionId, enabled: bool) -> Result<Outcome, ConsoleError> {
    use directory::connections::ConnectionChange;

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let change = ConnectionChange { enabled: Some(enabled), ..ConnectionChange::default() };
    let changed = directory.change_connection(&who, id, change).await;
    let message = if enabled { "The connection is enabled." } else { "The connection is disabled." };
    ssr::outcome(changed, |_| Outcome::done(&Page::Connection(id), message))
}

#[server(prefix = "/console/-", endpoint = "connections/delete")]
pub async fn delete(id: ConnectionId, #[server(default)] accounts: String) -> Result<Outcome, ConsoleError> {
    use crate::{pages::removed, routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let deleted = directory.delete_connection(&who, id, accounts.parse().ok()).await;
    ssr::outcome(deleted, |how| Outcome::done(&Page::Connections, removed("The connection", how)))
}

#[server(prefix = "/console/-", endpoint = "connectors/list", protocol = Read)]
pub async fn list_connectors(id: ConnectionId) -> Result<OutboundProvisioning, ConsoleError> {
    super::shown::outbound_provisioning(id).await
}

#[server(prefix = "/console/-", endpoint = "connectors/kinds", protocol = Read)]
pub async fn kinds(connection: ConnectionId) -> Result<Vec<Kind>, ConsoleError> {
    super::shown::kinds(connection).await
}

/// Step 1 of the wizard: begins a draft.
#[server(prefix = "/console/-", endpoint = "connectors/choose")]
pub async fn choose(connection: ConnectionId, #[server(default)] kind: String) -> Result<Outcome, ConsoleError> {
    super::draft::begin(connection, kind).await
}

#[server(prefix = "/console/-", endpoint = "connectors/draft", protocol = Read)]
pub async fn read_draft(connection: ConnectionId, draft: DraftId) -> Result<Draft, ConsoleError> {
    super::draft::shown(connection, draft).await
}

/// Step 2: checks and keeps the configuration.
#[server(prefix = "/console/-", endpoint = "connectors/configure")]
pub async fn configure(
    connection: ConnectionId,
    draft: DraftId,
    #[server(default)] properties: BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    super::draft::configure(connection, draft, properties).await
}

/// "Test connection" in step 3.
#[server(prefix = "/console/-", endpoint = "connectors/try")]
pub async fn try_draft(connection: ConnectionId, draft: DraftId) -> Result<Outcome, ConsoleError> {
    super::draft::test(connection, draft).await
}

/// Step 3: makes the connector, switched off.
#[server(prefix = "/console/-", endpoint = "connectors/create")]
pub async fn finish(connection: ConnectionId, draft: DraftId) -> Result<Outcome, ConsoleError> {
    super::draft::finish(connection, draft).await
}

#[server(prefix = "/console/-", endpoint = "connectors/cancel")]
pub async fn cancel(connection: ConnectionId, draft: DraftId) -> Result<Outcome, ConsoleError> {
    use auth::grants::ConnectionsWrite;

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    directory.discard_draft(&who, draft).await?;
    Ok(Outcome::go(&Page::OutboundProvisioning(connection)))
}

#[server(prefix = "/console/-", endpoint = "connectors/update")]
pub async fn update_connector(
    connection: ConnectionId,
    connector: ConnectorId,
    version: i64,
    /// `same` or `another`: asked when an address changed and accounts are linked.
    #[server(default)]
    moved: String,
    #[server(default)] properties: BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    use directory::connectors::{ConnectorChange, Moved};

    use super::configuration::PROPERTIES;
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let moved = match moved.as_str() {
        "same" => Some(Moved::Same),
        "another" => Some(Moved::Another),
        _ => None,
    };
    let change =
        ConnectorChange { properties: Some(properties), moved, expected: Some(version), ..ConnectorChange::default() };
    let changed = directory.change_connector(&who, connector, change).await;
    let done = |_| Outcome::done(&Page::OutboundProvisioning(connection), "The connector was updated.");
    ssr::outcome_within(PROPERTIES, changed, done).map(|outcome| outcome.renamed("properties[moved]", "moved"))
}

#[server(prefix = "/console/-", endpoint = "connectors/switch")]
pub async fn switch_connector(
    connection: ConnectionId,
    connector: ConnectorId,
    enabled: bool,
) -> Result<Outcome, ConsoleError> {
    use directory::connectors::ConnectorChange;

    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let change = ConnectorChange { enabled: Some(enabled), ..ConnectorChange::default() };
    let changed = directory.change_connector(&who, connector, change).await;
    let message = if enabled { "The connector is enabled." } else { "The connector is disabled." };
    ssr::outcome(changed, |_| Outcome::done(&Page::OutboundProvisioning(connection), message))
}

/// "Test connection" of what is saved.
#[server(prefix = "/console/-", endpoint = "connectors/test")]
pub async fn test_connector(connection: ConnectionId, connector: ConnectorId) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let report = directory.test_connector(&who, connector, None).await?;
    let kept = directory.save_draft(&who, None, &report).await;
    ssr::outcome(kept, |report| Outcome::go(&Page::ConnectorReport(connection, report)))
}

#[server(prefix = "/console/-", endpoint = "connectors/report", protocol = Read)]
pub async fn read_report(draft: DraftId) -> Result<Report, ConsoleError> {
    let (directory, who) = crate::ssr::authorise::<auth::grants::ConnectionsWrite>()?;
    Ok(directory.draft(&who, draft).await?)
}

#[server(prefix = "/console/-", endpoint = "connectors/deletion", protocol = Read)]
pub async fn read_deletion(connector: ConnectorId) -> Result<Deletion, ConsoleError> {
    super::shown::deletion(connector).await
}

#[server(prefix = "/console/-", endpoint = "connectors/delete")]
pub async fn delete_connector(
    connection: ConnectionId,
    connector: ConnectorId,
    #[server(default)] accounts: String,
) -> Result<Outcome, ConsoleError> {
    use crate::{pages::removed, routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let deleted = directory.delete_connector(&who, connector, accounts.parse().ok()).await;
    ssr::outcome(deleted, |how| Outcome::done(&Page::OutboundProvisioning(connection), removed("The connector", how)))
}
