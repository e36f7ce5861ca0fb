//! Connections to external systems.

use auth::{
    Authorised,
    grants::{ConnectionsRead, ConnectionsWrite},
};
use domain::{
    ConnectionId,
    connection::{CUSTOM_CONNECTOR, Connection, ConnectionInput, Connector, Life},
    identity::TILES,
    limits,
    provisioner::Removal,
};
use storage::{Conn, connections, connectors};

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen, staying},
    details::{between, came, went},
    removal::{self, Removed},
};

#[derive(Clone, Debug, Default)]
pub struct ConnectionChange {
    pub name: Option<String>,
    pub description: Option<String>,
    pub enabled: Option<bool>,
    /// The version that the caller saw.
    pub expected: Option<i64>,
}

impl Directory {
    pub async fn connection(&self, _who: &Authorised<ConnectionsRead>, id: ConnectionId) -> Result<Connection> {
        let mut conn = self.db().read().await?;
        connections::get(&mut conn, id).await?.ok_or(Error::NotFound("connection"))
    }

    /// By name, after a cursor; `search` narrows to names that contain it.
    pub async fn connections(
        &self,
        _who: &Authorised<ConnectionsRead>,
        search: Option<&str>,
        after: Option<(&str, ConnectionId)>,
        limit: i64,
    ) -> Result<Vec<Connection>> {
        let mut conn = self.db().read().await?;
        Ok(connections::page(&mut conn, search, after, limit).await?)
    }

    pub async fn create_connection(
        &self,
        who: &Authorised<ConnectionsWrite>,
        input: ConnectionInput,
        template: &str,
        enabled: bool,
    ) -> Result<Connection> {
        let input = input.check()?;
        if template != CUSTOM_CONNECTOR {
            let known: Vec<&str> = [CUSTOM_CONNECTOR].into_iter().chain(TILES.map(|tile| tile.template)).collect();
            return Err(Error::invalid("template", format!("The templates are {}.", known.join(", "))));
        }
        let context = self.context(who);
        let connection = new_connection(&context, input, template, enabled);
        let made = connection.clone();
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, connection) = (context.clone(), connection.clone());
                Box::pin(async move { insert_connection(conn, &context, &connection).await })
            })
            .await?;
        Ok(made)
    }

    /// Switching on or off does not raise the version, so that a form that is open stays good.
    pub async fn change_connection(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectionId,
        change: ConnectionChange,
    ) -> Result<Connection> {
        let context = self.context(who);
        let connection = self
            .commit(move |conn| {
                let (context, change) = (context.clone(), change.clone());
                Box::pin(async move { apply(conn, &context, id, change).await })
            })
            .await?;
        Ok(connection)
    }

    /// Deletes a connection with its connectors; where accounts exist, `accounts` says what becomes of them.
    pub async fn delete_connection(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectionId,
        accounts: Option<Removal>,
    ) -> Result<Removed> {
        let context = self.context(who);
        let removed = self
            .commit(move |conn| {
                let context = context.clone();
                Box::pin(async move { remove(conn, &context, id, accounts).await })
            })
            .await?;
        Ok(removed)
    }
}

pub(crate) fn new_connection(context: &Context, input: ConnectionInput, template: &str, enabled: bool) -> Connection {
    Connection {
        id: context.ids.make(),
        name: input.name,
        description: input.description,
        template: template.to_owned(),
        enabled,
        life: Life::Active,
        version: 1,
        created_at: context.now,
        updated_at: context.now,
    }
}

pub(crate) async fn insert_connection(conn: &mut Conn, context: &Context, connection: &Connection) -> Result<()> {
    if connections::count(conn).await? >= i64::try_from(limits::CONNECTIONS).unwrap_or(i64::MAX) {
        return Err(Error::Conflict(format!(
            "There are {} connections already, the most there can be.",
            limits::CONNECTIONS
        )));
    }
    connections::insert(conn, connection).await?;
    context.record(conn, "connection.create", about(connection), came(connection)).await
}

fn about(connection: &Connection) -> About<'_> {
    About { kind: "connection", id: Some(connection.id.0), label: &connection.name }
}

async fn apply(conn: &mut Conn, context: &Context, id: ConnectionId, change: ConnectionChange) -> Result<Connection> {
    let before = connections::get(conn, id).await?.ok_or(Error::NotFound("connection"))?;
    as_seen(change.expected, before.version)?;
    staying("connection", before.life)?;
    let input = ConnectionInput {
        name: change.name.unwrap_or_else(|| before.name.clone()),
        description: change.description.unwrap_or_else(|| before.description.clone()),
    }
    .check()?;
    let mut after = Connection {
        name: input.name,
        description: input.description,
        enabled: change.enabled.unwrap_or(before.enabled),
        ..before.clone()
    };
    let edited = (&after.name, &after.description) != (&before.name, &before.description);
    if !edited && after.enabled == before.enabled {
        return Ok(before);
    }
    after.version += i64::from(edited);
    after.updated_at = context.now;
    connections::update(conn, &after).await?;
    if edited {
        let renamed = Connection { enabled: before.enabled, ..after.clone() };
        context.record(conn, "connection.update", about(&after), between(&before, &renamed)).await?;
    }
    if after.enabled != before.enabled {
        let action = if after.enabled { "connection.enable" } else { "connection.disable" };
        let switched = Connection { enabled: before.enabled, ..after.clone() };
        context.record(conn, action, about(&after), between(&switched, &after)).await?;
    }
    Ok(after)
}

async fn remove(conn: &mut Conn, context: &Context, id: ConnectionId, accounts: Option<Removal>) -> Result<Removed> {
    let connection = connections::get(conn, id).await?.ok_or(Error::NotFound("connection"))?;
    let connectors = connectors::of_connection(conn, id).await?;
    match (connection.life, accounts) {
        (Life::Active, _) => begin_removal(conn, context, connection, connectors, accounts).await?,
        (Life::Removing, None) => {}
        (Life::Removing, Some(policy)) => {
            let details = removal::decided_again(policy);
            context.record(conn, "connection.delete", about(&connection), details).await?;
            for connector in connectors {
                removal::decide_again(conn, context, connector.id, policy).await?;
            }
        }
    }
    Ok(Removed::leaving(connections::get(conn, id).await?.as_ref()))
}

async fn begin_removal(
    conn: &mut Conn,
    context: &Context,
    connection: Connection,
    connectors: Vec<Connector>,
    accounts: Option<Removal>,
) -> Result<()> {
    if connectors.iter().any(|connector| connector.enabled && connector.life == Life::Active) {
        return Err(Error::Conflict(
            "A connector of this connection is enabled. Switch it off first, on the Outbound Provisioning tab."
                .to_owned(),
        ));
    }
    let mut count = 0;
    for connector in &connectors {
        count += removal::accounts_at(conn, connector.id).await?;
    }
    let details = removal::decided(went(&connection), accounts, count)?;
    let connection = Connection { life: Life::Removing, updated_at: context.now, ..connection };
    connections::update(conn, &connection).await?;
    context.record(conn, "connection.delete", about(&connection), details).await?;
    for connector in connectors {
        removal::begin(conn, context, connector, accounts.unwrap_or_default()).await?;
    }
    removal::finish_connection(conn, connection.id).await
}
