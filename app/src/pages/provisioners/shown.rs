//! Between the use cases and the pages of provisioners.

use auth::grants::{ConnectionsRead, ProvisionersRead, ProvisionersWrite};
use directory::{Directory, provisioners::NewProvisioner};
use domain::{
    ConnectionId, ConnectorId, ProvisionerId,
    connection::{self, Connector, Life},
    limits,
    permission::Permission,
    provisioner::{self, OnFailure, Removal, Rules},
    validation::FieldErrors,
};

use super::{
    from_seconds,
    view::{Candidate, CandidateConnector, Provisioner, ProvisionerList, Row},
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

/// Connections are few: a list of all fits on one page (`domain::limits::CONNECTIONS`).
const ALL: i64 = 1_000;

/// What the pages need besides the provisioners themselves.
struct Around {
    connections: Vec<connection::Connection>,
    connectors: Vec<Connector>,
    names: Vec<(String, String)>,
}

impl Around {
    async fn read(directory: &Directory) -> Result<Self, ConsoleError> {
        let (_, who) = ssr::authorise::<ConnectionsRead>()?;
        let schemas = directory.connector_schemas(&who)?;
        Ok(Self {
            connections: directory.connections(&who, None, None, ALL).await?,
            connectors: directory.connectors(&who).await?,
            names: schemas.into_iter().map(|schema| (schema.kind, schema.name)).collect(),
        })
    }

    fn connection(&self, id: ConnectionId) -> Option<&connection::Connection> {
        self.connections.iter().find(|connection| connection.id == id)
    }

    fn connector(&self, id: ConnectorId) -> Option<&Connector> {
        self.connectors.iter().find(|connector| connector.id == id)
    }

    /// What the console calls a kind.
    fn name(&self, kind: &str) -> String {
        self.names.iter().find(|(known, _)| known == kind).map_or(kind, |(_, name)| name).to_owned()
    }

    fn names_of(&self, provisioner: &provisioner::Provisioner) -> (String, String) {
        let connection = self.connection(provisioner.connection_id).map(|connection| connection.name.clone());
        let connector = self.connector(provisioner.connector_id).map(|connector| self.name(&connector.kind));
        (connection.unwrap_or_default(), connector.unwrap_or_default())
    }
}

fn may_write() -> bool {
    ssr::caller().may(Permission::ProvisionersWrite)
}

pub(super) async fn list() -> Result<ProvisionerList, ConsoleError> {
    let (directory, who) = ssr::authorise::<ProvisionersRead>()?;
    let around = Around::read(&directory).await?;
    let mut items = Vec::new();
    for provisioner in directory.provisioners(&who).await? {
        let (connection, connector) = around.names_of(&provisioner);
        let on = around.connection(provisioner.connection_id).is_some_and(|connection| connection.enabled)
            && around.connector(provisioner.connector_id).is_some_and(|connector| connector.enabled);
        items.push(Row {
            id: provisioner.id,
            connection,
            connector,
            enabled: on,
            removing: provisioner.life == Life::Removing,
            accounts: directory.accounts_of(&who, provisioner.connector_id).await?,
            behaviour: provisioner.rules.into(),
        });
    }
    items.sort_by_key(|row| row.connection.to_lowercase());
    Ok(ProvisionerList { items, may_write: may_write() })
}

pub(super) async fn candidates() -> Result<Vec<Candidate>, ConsoleError> {
    let (directory, who) = ssr::authorise::<ProvisionersRead>()?;
    let around = Around::read(&directory).await?;
    let taken: Vec<ConnectorId> =
        directory.provisioners(&who).await?.into_iter().map(|provisioner| provisioner.connector_id).collect();
    let candidates = around.connections.iter().filter(|connection| connection.life == Life::Active).map(|connection| {
        let own = around.connectors.iter().filter(|connector| {
            connector.connection_id == connection.id && connector.enabled && connector.life == Life::Active
        });
        let connectors = own.map(|connector| CandidateConnector {
            id: connector.id,
            name: around.name(&connector.kind),
            taken: taken.contains(&connector.id),
        });
        Candidate { id: connection.id, name: connection.name.clone(), connectors: connectors.collect() }
    });
    Ok(candidates.filter(|candidate| !candidate.connectors.is_empty()).collect())
}

pub(super) async fn provisioner(id: ProvisionerId) -> Result<Provisioner, ConsoleError> {
    let (directory, who) = ssr::authorise::<ProvisionersRead>()?;
    let provisioner = directory.provisioner(&who, id).await?;
    let (connection, connector) = Around::read(&directory).await?.names_of(&provisioner);
    Ok(Provisioner {
        id,
        connection,
        connector,
        accounts: directory.accounts_of(&who, provisioner.connector_id).await?,
        version: provisioner.version,
        behaviour: provisioner.rules.into(),
        may_write: may_write(),
    })
}

/// The fields as they were typed.
pub(super) struct Typed {
    pub(super) blocking: bool,
    pub(super) time_limit: String,
    pub(super) on_blocking_failure: String,
    pub(super) jit_outbound: bool,
    pub(super) on_delete: String,
    pub(super) on_leave: String,
}

impl Typed {
    fn read(&self, errors: &mut FieldErrors) -> Rules {
        let defaults = Rules::default();
        // What is hidden while Blocking is off is not judged.
        let time_limit_ms = match from_seconds(&self.time_limit) {
            Some(limit) if self.blocking || limits::TIME_LIMIT_MS.contains(&limit) => limit,
            None if self.blocking => {
                errors.add("time_limit", "Enter a number of seconds, such as 10 or 2.5.");
                defaults.time_limit_ms
            }
            _ => defaults.time_limit_ms,
        };
        let removal = |text: &str, or: Removal| text.parse().unwrap_or(or);
        Rules {
            blocking: self.blocking,
            on_blocking_failure: self.on_blocking_failure.parse().unwrap_or(OnFailure::Refuse),
            time_limit_ms,
            jit_outbound: self.jit_outbound,
            on_delete: removal(&self.on_delete, defaults.on_delete),
            on_leave: removal(&self.on_leave, defaults.on_leave),
        }
    }
}

pub(super) async fn create(connection: &str, connector: &str, typed: &Typed) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ProvisionersWrite>()?;
    let mut errors = FieldErrors::default();
    let rules = typed.read(&mut errors);
    let (connection, connector) = (connection.parse::<ConnectionId>(), connector.parse::<ConnectorId>());
    if connection.is_err() {
        errors.add("connection_id", "Choose a connection.");
    }
    if connector.is_err() {
        errors.add("connector_id", "Choose a provisioning connector.");
    }
    let (Ok(connection_id), Ok(connector_id), true) = (connection, connector, errors.is_empty()) else {
        return Ok(Outcome::Invalid(errors));
    };
    let made = directory.create_provisioner(&who, NewProvisioner { connection_id, connector_id, rules }).await;
    let outcome = ssr::outcome(made, |_| Outcome::done(&Page::Provisioners, "The provisioner was added."))?;
    Ok(outcome.renamed("time_limit_ms", "time_limit"))
}

pub(super) async fn update(id: ProvisionerId, version: i64, typed: &Typed) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ProvisionersWrite>()?;
    let mut errors = FieldErrors::default();
    let rules = typed.read(&mut errors);
    if !errors.is_empty() {
        return Ok(Outcome::Invalid(errors));
    }
    let changed = directory.change_provisioner(&who, id, rules, Some(version)).await;
    let outcome = ssr::outcome(changed, |_| Outcome::done(&Page::Provisioners, "The provisioner was updated."))?;
    Ok(outcome.renamed("time_limit_ms", "time_limit"))
}
