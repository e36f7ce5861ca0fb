//! Which provisioners, connectors and connections there are, read inside the transaction that needs them.

use std::collections::HashMap;

use domain::{
    ConnectionId, ConnectorId,
    connection::{Connection, Connector, Gate, Life},
    provisioner::Provisioner,
};
use storage::{Conn, connections, connectors, provisioners, runs};

use crate::Result;

#[derive(Debug)]
pub(crate) struct Topology {
    pub provisioners: Vec<Provisioner>,
    connectors: HashMap<ConnectorId, Connector>,
    connections: HashMap<ConnectionId, Connection>,
}

impl Topology {
    /// Reads only what provisioners name: three queries, however many users there are.
    pub(crate) async fn load(conn: &mut Conn) -> Result<Self> {
        let provisioners = provisioners::all(conn).await?;
        if provisioners.is_empty() {
            return Ok(Self { provisioners, connectors: HashMap::new(), connections: HashMap::new() });
        }
        let connectors = connectors::all(conn).await?.into_iter().map(|one| (one.id, one)).collect();
        let connections = connections::page(conn, None, None, i64::MAX).await?;
        let connections = connections.into_iter().map(|one| (one.id, one)).collect();
        Ok(Self { provisioners, connectors, connections })
    }

    pub(crate) fn connector(&self, id: ConnectorId) -> Option<&Connector> {
        self.connectors.get(&id)
    }

    pub(crate) fn connection(&self, id: ConnectionId) -> Option<&Connection> {
        self.connections.get(&id)
    }

    /// Whether the provisioner's target may be called, but for a pause: what is switched off does not block.
    pub(crate) fn is_on(&self, provisioner: &Provisioner) -> bool {
        let (Some(connector), Some(connection)) =
            (self.connector(provisioner.connector_id), self.connection(provisioner.connection_id))
        else {
            return false;
        };
        provisioner.life == Life::Active && Gate::of(connection, connector, Some(provisioner), None) == Gate::Open
    }

    /// Whether any target of these provisioners is to be handed clear passwords.
    pub(crate) fn passes_passwords(&self, at: &[ConnectorId]) -> bool {
        at.iter()
            .filter_map(|id| self.connector(*id))
            .any(|connector| connector.properties.is_on("enable_password_provisioning"))
    }
}

/// Each connector's gate, for showing deliveries.
pub(crate) async fn gates(conn: &mut Conn) -> Result<HashMap<ConnectorId, Gate>> {
    let connections: HashMap<ConnectionId, Connection> =
        connections::page(conn, None, None, i64::MAX).await?.into_iter().map(|one| (one.id, one)).collect();
    let provisioners: HashMap<ConnectorId, Provisioner> =
        provisioners::all(conn).await?.into_iter().map(|one| (one.connector_id, one)).collect();
    let mut pauses: HashMap<ConnectorId, _> = runs::list(conn).await?.into_iter().collect();
    let gates = connectors::all(conn).await?.into_iter().filter_map(|connector| {
        let connection = connections.get(&connector.connection_id)?;
        let pause = pauses.remove(&connector.id).and_then(|run| run.pause);
        let gate = Gate::of(connection, &connector, provisioners.get(&connector.id), pause.as_ref());
        Some((connector.id, gate))
    });
    Ok(gates.collect())
}
