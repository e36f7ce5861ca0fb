//! From what the use cases answer to what the pages show.

use std::collections::BTreeMap;

use auth::{Authorised, grants::ConnectionsRead};
use directory::{Directory, connectors::ConnectorStatus};
use domain::{
    ConnectionId, ConnectorId,
    config::{ConfigSchema, Properties},
    connection::{self, Life, PauseKind},
    identity::signs_in,
    permission::Permission,
};

use super::view::{
    Configuration, Connection, ConnectionCard, ConnectionList, Connector, Deletion, Kind, OutboundProvisioning, Pause,
    Standing,
};
use crate::{error::ConsoleError, ssr};

/// Connections on one page of the list.
const PAGE: usize = 60;

pub(super) async fn list(search: &str, after: &str) -> Result<ConnectionList, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let search = Some(search.trim()).filter(|search| !search.is_empty());
    // `id~name`: the list is ordered by name, and names may hold anything.
    let after = after.split_once('~').and_then(|(id, name)| Some((name, id.parse().ok()?)));
    let limit = i64::try_from(PAGE + 1).unwrap_or(i64::MAX);
    let mut found = directory.connections(&who, search, after, limit).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let next = found.last().filter(|_| more).map(|last| format!("{}~{}", last.id, last.name));
    let connectors = directory.connectors(&who).await?;
    let items = found
        .into_iter()
        .map(|connection| {
            let own = connectors.iter().filter(|connector| connector.connection_id == connection.id);
            let enabled: Vec<bool> = own.map(|connector| connector.enabled).collect();
            ConnectionCard {
                state: standing(&connection, &enabled),
                id: connection.id,
                name: connection.name,
                description: connection.description,
            }
        })
        .collect();
    Ok(ConnectionList { items, next, may_write: may_write() })
}

fn standing(connection: &connection::Connection, enabled: &[bool]) -> Standing {
    match connection.life {
        Life::Removing => Standing::Removing,
        // What signs people in is of use without a connector.
        Life::Active if enabled.is_empty() && signs_in(&connection.template) => {
            if connection.enabled {
                Standing::Enabled
            } else {
                Standing::Disabled
            }
        }
        Life::Active if enabled.is_empty() => Standing::Unused,
        Life::Active if connection.enabled && enabled.contains(&true) => Standing::Enabled,
        Life::Active => Standing::Disabled,
    }
}

fn may_write() -> bool {
    ssr::caller().may(Permission::ConnectionsWrite)
}

pub(super) async fn connection(id: ConnectionId) -> Result<Connection, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let connection = directory.connection(&who, id).await?;
    let connectors = directory.connectors_of(&who, id).await?;
    let enabled: Vec<bool> = connectors.iter().map(|status| status.connector.enabled).collect();
    let mut state = standing(&connection, &enabled);
    if state == Standing::Enabled {
        let pauses = || connectors.iter().filter_map(|status| status.pause.as_ref());
        if pauses().any(|pause| pause.kind != PauseKind::Down) {
            state = Standing::Held;
        } else if pauses().next().is_some() {
            state = Standing::Waiting;
        }
    }
    Ok(Connection {
        state,
        signs_in: signs_in(&connection.template),
        accounts: connectors.iter().map(|status| status.accounts).sum(),
        has_enabled_connector: enabled.contains(&true),
        may_write: may_write(),
        id,
        name: connection.name,
        description: connection.description,
        enabled: connection.enabled,
        created_at: connection.created_at.into(),
        version: connection.version,
    })
}

pub(super) async fn outbound_provisioning(id: ConnectionId) -> Result<OutboundProvisioning, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let connection = directory.connection(&who, id).await?;
    let schemas = directory.connector_schemas(&who)?;
    let mut connectors = Vec::new();
    for status in directory.connectors_of(&who, id).await? {
        connectors.extend(connector(status, &schemas));
    }
    Ok(OutboundProvisioning {
        connection: connection.name,
        connection_enabled: connection.enabled,
        connectors,
        may_write: may_write(),
    })
}

/// `None` for a kind that this version does not know.
fn connector(status: ConnectorStatus, schemas: &[ConfigSchema]) -> Option<Connector> {
    let ConnectorStatus { connector, pause, accounts, open } = status;
    let schema = schemas.iter().find(|schema| schema.kind == connector.kind)?.clone();
    let secrets = connector.secrets.into_iter().map(|(key, since)| (key, Some(since.into()))).collect();
    Some(Connector {
        id: connector.id,
        enabled: connector.enabled,
        removing: connector.life == Life::Removing,
        pause: pause.map(|pause| Pause {
            passes: pause.kind == PauseKind::Down,
            text: pause.text,
            since: pause.since.into(),
        }),
        accounts,
        open,
        version: connector.version,
        configuration: Configuration { schema, values: values(&connector.properties), secrets },
    })
}

fn values(properties: &Properties) -> BTreeMap<String, String> {
    properties.0.iter().map(|(key, value)| (key.clone(), value.as_text().to_owned())).collect()
}

pub(super) async fn kinds(connection: ConnectionId) -> Result<Vec<Kind>, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let present = directory.connectors_of(&who, connection).await?;
    let kinds = directory.connector_schemas(&who)?.into_iter().map(|schema| Kind {
        taken: present
            .iter()
            .any(|status| status.connector.kind == schema.kind && status.connector.life == Life::Active),
        kind: schema.kind,
        name: schema.name,
        description: schema.description,
    });
    Ok(kinds.collect())
}

pub(super) async fn deletion(id: ConnectorId) -> Result<Deletion, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
    let status = directory.connector(&who, id).await?;
    Ok(Deletion {
        name: name_of(&directory, &who, &status.connector.kind)?,
        accounts: status.accounts,
        enabled: status.connector.enabled,
    })
}

/// What the console calls a kind.
pub(crate) fn name_of(
    directory: &Directory,
    who: &Authorised<ConnectionsRead>,
    kind: &str,
) -> Result<String, ConsoleError> {
    let schemas = directory.connector_schemas(who)?;
    Ok(schemas.into_iter().find(|schema| schema.kind == kind).map_or_else(|| kind.to_owned(), |schema| schema.name))
}
