//! `connectors` and their secrets.

use std::collections::BTreeMap;

use domain::{
    ConnectionId, ConnectorId, Timestamp,
    config::{Properties, Secrets},
    connection::{Connector, Life},
};
use secrecy::SecretString;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Result, Vault,
    row::{Document, at, bad, one},
    vault::Place,
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    kind: String,
    enabled: bool,
    life: String,
    properties: Document<Properties>,
    generation: i64,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

async fn complete(conn: &mut Conn, row: Row) -> Result<Connector> {
    let set: Vec<(String, i64)> = sqlx::query_as("SELECT field, set_at FROM connector_secrets WHERE connector_id = $1")
        .bind(row.id)
        .fetch_all(conn)
        .await?;
    with_secrets(row, set.into_iter().map(|(field, set_at)| (field, at(set_at))).collect())
}

fn with_secrets(row: Row, secrets: BTreeMap<String, Timestamp>) -> Result<Connector> {
    const TABLE: &str = "connectors";
    Ok(Connector {
        id: row.id.into(),
        connection_id: row.connection_id.into(),
        kind: row.kind,
        enabled: row.enabled,
        life: Life::parse(&row.life).ok_or_else(|| bad(TABLE, row.id, "unknown life"))?,
        properties: row.properties.read(TABLE, row.id)?,
        secrets,
        generation: row.generation,
        version: row.version,
        created_at: at(row.created_at),
        updated_at: at(row.updated_at),
    })
}

pub async fn insert(conn: &mut Conn, connector: &Connector) -> Result<()> {
    sqlx::query(
        "INSERT INTO connectors (id, connection_id, kind, enabled, life, properties, generation, version, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(connector.id.0)
    .bind(connector.connection_id.0)
    .bind(&connector.kind)
    .bind(connector.enabled)
    .bind(connector.life.as_str())
    .bind(Json(&connector.properties))
    .bind(connector.generation)
    .bind(connector.version)
    .bind(connector.created_at.as_micros())
    .bind(connector.updated_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes everything but the secrets.
pub async fn update(conn: &mut Conn, connector: &Connector) -> Result<()> {
    let result = sqlx::query(
        "UPDATE connectors SET enabled = $2, life = $3, properties = $4, generation = $5, version = $6, \
         updated_at = $7 WHERE id = $1",
    )
    .bind(connector.id.0)
    .bind(connector.enabled)
    .bind(connector.life.as_str())
    .bind(Json(&connector.properties))
    .bind(connector.generation)
    .bind(connector.version)
    .bind(connector.updated_at.as_micros())
    .execute(conn)
    .await?;
    one("connectors.update", &result)
}

pub async fn delete(conn: &mut Conn, id: ConnectorId) -> Result<()> {
    let result = sqlx::query("DELETE FROM connectors WHERE id = $1").bind(id.0).execute(conn).await?;
    one("connectors.delete", &result)
}

pub async fn get(conn: &mut Conn, id: ConnectorId) -> Result<Option<Connector>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM connectors WHERE id = $1").bind(id.0).fetch_optional(&mut *conn).await?;
    match row {
        Some(row) => complete(conn, row).await.map(Some),
        None => Ok(None),
    }
}

pub async fn of_connection(conn: &mut Conn, connection: ConnectionId) -> Result<Vec<Connector>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM connectors WHERE connection_id = $1 ORDER BY id")
        .bind(connection.0)
        .fetch_all(&mut *conn)
        .await?;
    with_all_secrets(conn, rows).await
}

/// All of them: there are few, and the engine needs each one's gate.
pub async fn all(conn: &mut Conn) -> Result<Vec<Connector>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM connectors ORDER BY id").fetch_all(&mut *conn).await?;
    with_all_secrets(conn, rows).await
}

async fn with_all_secrets(conn: &mut Conn, rows: Vec<Row>) -> Result<Vec<Connector>> {
    let set: Vec<(Uuid, String, i64)> =
        sqlx::query_as("SELECT connector_id, field, set_at FROM connector_secrets").fetch_all(conn).await?;
    let mut secrets: BTreeMap<Uuid, BTreeMap<String, Timestamp>> = BTreeMap::new();
    for (connector, field, set_at) in set {
        secrets.entry(connector).or_default().insert(field, at(set_at));
    }
    rows.into_iter()
        .map(|row| {
            let set = secrets.remove(&row.id).unwrap_or_default();
            with_secrets(row, set)
        })
        .collect()
}

fn place(connector: ConnectorId, field: &str) -> Place<'_> {
    Place { table: "connector_secrets", row: connector.0, field }
}

pub async fn set_secret(
    conn: &mut Conn,
    vault: &Vault,
    connector: ConnectorId,
    field: &str,
    clear: &SecretString,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO connector_secrets (connector_id, field, sealed, set_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (connector_id, field) DO UPDATE SET sealed = excluded.sealed, set_at = excluded.set_at",
    )
    .bind(connector.0)
    .bind(field)
    .bind(vault.seal_text(place(connector, field), clear))
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn delete_secret(conn: &mut Conn, connector: ConnectorId, field: &str) -> Result<()> {
    sqlx::query("DELETE FROM connector_secrets WHERE connector_id = $1 AND field = $2")
        .bind(connector.0)
        .bind(field)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn secrets(conn: &mut Conn, vault: &Vault, connector: ConnectorId) -> Result<Secrets> {
    let sealed: Vec<(String, Vec<u8>)> =
        sqlx::query_as("SELECT field, sealed FROM connector_secrets WHERE connector_id = $1")
            .bind(connector.0)
            .fetch_all(conn)
            .await?;
    let mut secrets = Secrets::default();
    for (field, sealed) in sealed {
        let clear = vault.open_text(place(connector, &field), &sealed)?;
        secrets.0.insert(field, clear);
    }
    Ok(secrets)
}
