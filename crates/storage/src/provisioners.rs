//! `provisioners`.

use domain::{
    ConnectorId, ProvisionerId,
    connection::Life,
    provisioner::{Provisioner, Rules},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{at, bad, one, parsed},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    connector_id: Uuid,
    blocking: bool,
    on_blocking_failure: String,
    time_limit_ms: i64,
    jit_outbound: bool,
    on_delete: String,
    on_leave: String,
    life: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Provisioner {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "provisioners";
        Ok(Self {
            id: row.id.into(),
            connection_id: row.connection_id.into(),
            connector_id: row.connector_id.into(),
            rules: Rules {
                blocking: row.blocking,
                on_blocking_failure: parsed(TABLE, row.id, &row.on_blocking_failure)?,
                time_limit_ms: row.time_limit_ms,
                jit_outbound: row.jit_outbound,
                on_delete: parsed(TABLE, row.id, &row.on_delete)?,
                on_leave: parsed(TABLE, row.id, &row.on_leave)?,
            },
            life: Life::parse(&row.life).ok_or_else(|| bad(TABLE, row.id, "unknown life"))?,
            version: row.version,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, provisioner: &Provisioner) -> Result<()> {
    sqlx::query(
        "INSERT INTO provisioners (id, connection_id, connector_id, blocking, on_blocking_failure, time_limit_ms, \
         jit_outbound, on_delete, on_leave, life, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(provisioner.id.0)
    .bind(provisioner.connection_id.0)
    .bind(provisioner.connector_id.0)
    .bind(provisioner.rules.blocking)
    .bind(provisioner.rules.on_blocking_failure.as_str())
    .bind(provisioner.rules.time_limit_ms)
    .bind(provisioner.rules.jit_outbound)
    .bind(provisioner.rules.on_delete.as_str())
    .bind(provisioner.rules.on_leave.as_str())
    .bind(provisioner.life.as_str())
    .bind(provisioner.version)
    .bind(provisioner.created_at.as_micros())
    .bind(provisioner.updated_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn update(conn: &mut Conn, provisioner: &Provisioner) -> Result<()> {
    let result = sqlx::query(
        "UPDATE provisioners SET blocking = $2, on_blocking_failure = $3, time_limit_ms = $4, jit_outbound = $5, \
         on_delete = $6, on_leave = $7, life = $8, version = $9, updated_at = $10 WHERE id = $1",
    )
    .bind(provisioner.id.0)
    .bind(provisioner.rules.blocking)
    .bind(provisioner.rules.on_blocking_failure.as_str())
    .bind(provisioner.rules.time_limit_ms)
    .bind(provisioner.rules.jit_outbound)
    .bind(provisioner.rules.on_delete.as_str())
    .bind(provisioner.rules.on_leave.as_str())
    .bind(provisioner.life.as_str())
    .bind(provisioner.version)
    .bind(provisioner.updated_at.as_micros())
    .execute(conn)
    .await?;
    one("provisioners.update", &result)
}

pub async fn delete(conn: &mut Conn, id: ProvisionerId) -> Result<()> {
    let result = sqlx::query("DELETE FROM provisioners WHERE id = $1").bind(id.0).execute(conn).await?;
    one("provisioners.delete", &result)
}

pub async fn get(conn: &mut Conn, id: ProvisionerId) -> Result<Option<Provisioner>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM provisioners WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Provisioner::try_from).transpose()
}

pub async fn of_connector(conn: &mut Conn, connector: ConnectorId) -> Result<Option<Provisioner>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM provisioners WHERE connector_id = $1")
        .bind(connector.0)
        .fetch_optional(conn)
        .await?;
    row.map(Provisioner::try_from).transpose()
}

/// All of them: at most one a connector.
pub async fn all(conn: &mut Conn) -> Result<Vec<Provisioner>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM provisioners ORDER BY id").fetch_all(conn).await?;
    crate::row::all(rows)
}
