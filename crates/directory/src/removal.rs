//! Taking a connector, connection or provisioner away: it stays, *removing*, until the last account is let go.

use domain::{
    ConnectionId, ConnectorId,
    connection::{Connector, Life},
    provisioner::{Provisioner, Removal},
    sweep::{Sweep, Task},
};
use storage::{Conn, connections, connectors, deliveries, links, provisioners, sweeps};

use crate::{Directory, Error, Result, change::Context, details::Details};

/// What is left of a thing that was deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Removed {
    Gone,
    /// Accounts are still to be let go.
    Going,
}

impl Removed {
    /// From what is found where the thing was.
    pub(crate) fn leaving<T>(left: Option<&T>) -> Self {
        if left.is_some() { Self::Going } else { Self::Gone }
    }
}

/// Whether it was said what becomes of the accounts, where there are any; adds that to what is recorded.
pub(crate) fn decided(details: Details, accounts: Option<Removal>, count: i64) -> Result<Details> {
    match accounts {
        None if count > 0 => Err(Error::AccountsExist { count }),
        None => Ok(details),
        Some(policy) => Ok(details.with("accounts", policy.as_str()).with("count", count)),
    }
}

/// The same for a removal under way: the number was recorded when it began.
pub(crate) fn decided_again(policy: Removal) -> Details {
    Details::default().with("accounts", policy.as_str())
}

/// Accounts that a removal has to decide about: those linked, and those whose making is under way.
pub(crate) async fn accounts_at(conn: &mut Conn, connector: ConnectorId) -> Result<i64> {
    let (linked, open) = (links::count_at(conn, connector).await?, deliveries::open_at(conn, connector).await?);
    Ok(linked.max(open))
}

/// Marks the connector and its provisioner as removing and plans to let go of every account.
pub(crate) async fn begin(conn: &mut Conn, context: &Context, connector: Connector, policy: Removal) -> Result<()> {
    let id = connector.id;
    let gone = Connector { life: Life::Removing, enabled: false, updated_at: context.now, ..connector };
    connectors::update(conn, &gone).await?;
    if let Some(provisioner) = provisioners::of_connector(conn, id).await? {
        mark(conn, context, provisioner).await?;
    }
    sweep(conn, context, id, policy).await?;
    finish(conn, id).await
}

pub(crate) async fn begin_provisioner(
    conn: &mut Conn,
    context: &Context,
    provisioner: Provisioner,
    policy: Removal,
) -> Result<()> {
    let connector = provisioner.connector_id;
    mark(conn, context, provisioner).await?;
    sweep(conn, context, connector, policy).await?;
    finish(conn, connector).await
}

async fn mark(conn: &mut Conn, context: &Context, provisioner: Provisioner) -> Result<()> {
    let gone = Provisioner { life: Life::Removing, updated_at: context.now, ..provisioner };
    Ok(provisioners::update(conn, &gone).await?)
}

async fn sweep(conn: &mut Conn, context: &Context, connector_id: ConnectorId, policy: Removal) -> Result<()> {
    let total = accounts_at(conn, connector_id).await?;
    if total == 0 {
        return Ok(());
    }
    let task = Task::ReleaseAccounts { connector_id, policy };
    let sweep = Sweep {
        id: context.ids.make(),
        task,
        cursor: None,
        total,
        planned: 0,
        finished: false,
        created_at: context.now,
    };
    Ok(sweeps::insert(conn, &sweep).await?)
}

/// Says anew what becomes of the accounts that a removal under way has not let go of yet.
pub(crate) async fn decide_again(
    conn: &mut Conn,
    context: &Context,
    connector: ConnectorId,
    policy: Removal,
) -> Result<()> {
    sweep(conn, context, connector, policy).await?;
    finish(conn, connector).await
}

/// Deletes what is removing and has nothing left to do.
pub(crate) async fn finish(conn: &mut Conn, id: ConnectorId) -> Result<()> {
    let Some(connector) = connectors::get(conn, id).await? else { return Ok(()) };
    let provisioner = provisioners::of_connector(conn, id).await?;
    let removing = connector.life == Life::Removing
        || provisioner.as_ref().is_some_and(|provisioner| provisioner.life == Life::Removing);
    if !removing || sweeps::open_at(conn, id).await? > 0 || accounts_at(conn, id).await? > 0 {
        return Ok(());
    }
    if let Some(provisioner) = provisioner.filter(|provisioner| provisioner.life == Life::Removing) {
        provisioners::delete(conn, provisioner.id).await?;
    }
    if connector.life == Life::Removing {
        connectors::delete(conn, id).await?;
        finish_connection(conn, connector.connection_id).await?;
    }
    Ok(())
}

pub(crate) async fn finish_connection(conn: &mut Conn, id: ConnectionId) -> Result<()> {
    let Some(connection) = connections::get(conn, id).await? else { return Ok(()) };
    if connection.life == Life::Removing && connectors::of_connection(conn, id).await?.is_empty() {
        connections::delete(conn, id).await?;
    }
    Ok(())
}

impl Directory {
    /// Called by the engine when a delivery of a connector, or its sweep, has ended.
    pub async fn finish_removal(&self, conn: &mut Conn, connector: ConnectorId) -> Result<()> {
        finish(conn, connector).await
    }
}
