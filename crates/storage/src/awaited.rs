//! `awaited`: the Blocking provisioners that a staged user waits for.

use domain::{
    ConnectorId, Timestamp, UserId,
    onboarding::{Awaited, Verdict},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, parsed},
};

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    provisioner_id: Uuid,
    connector_id: Uuid,
    connection_name: String,
    on_failure: String,
    deadline: i64,
    verdict: Document<Verdict>,
}

impl TryFrom<Row> for Awaited {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "awaited";
        Ok(Self {
            user_id: row.user_id.into(),
            provisioner_id: row.provisioner_id.into(),
            connector_id: row.connector_id.into(),
            connection_name: row.connection_name,
            on_failure: parsed(TABLE, row.user_id, &row.on_failure)?,
            deadline: at(row.deadline),
            verdict: row.verdict.read(TABLE, row.user_id)?,
        })
    }
}

pub async fn insert(conn: &mut Conn, awaited: &Awaited) -> Result<()> {
    sqlx::query(
        "INSERT INTO awaited (user_id, provisioner_id, connector_id, connection_name, on_failure, deadline, verdict) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(awaited.user_id.0)
    .bind(awaited.provisioner_id.0)
    .bind(awaited.connector_id.0)
    .bind(&awaited.connection_name)
    .bind(awaited.on_failure.as_str())
    .bind(awaited.deadline.as_micros())
    .bind(Json(&awaited.verdict))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Awaited>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM awaited WHERE user_id = $1 ORDER BY connection_name")
        .bind(user.0)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// Every onboarding that waits for this connector.
pub async fn at_connector(conn: &mut Conn, connector: ConnectorId) -> Result<Vec<Awaited>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM awaited WHERE connector_id = $1 ORDER BY user_id")
        .bind(connector.0)
        .fetch_all(conn)
        .await?;
    all(rows)
}

pub async fn set_verdict(conn: &mut Conn, user: UserId, connector: ConnectorId, verdict: &Verdict) -> Result<()> {
    sqlx::query("UPDATE awaited SET verdict = $3 WHERE user_id = $1 AND connector_id = $2")
        .bind(user.0)
        .bind(connector.0)
        .bind(Json(verdict))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn clear(conn: &mut Conn, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM awaited WHERE user_id = $1").bind(user.0).execute(conn).await?;
    Ok(())
}

/// Staged users with a target whose time is up.
pub async fn late(conn: &mut Conn, now: Timestamp) -> Result<Vec<UserId>> {
    let users: Vec<Uuid> = sqlx::query_scalar("SELECT DISTINCT user_id FROM awaited WHERE deadline <= $1")
        .bind(now.as_micros())
        .fetch_all(conn)
        .await?;
    Ok(users.into_iter().map(UserId).collect())
}

pub async fn next_deadline(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let deadline: Option<i64> = sqlx::query_scalar("SELECT MIN(deadline) FROM awaited").fetch_one(conn).await?;
    Ok(deadline.map(at))
}

/// At start: whoever was waited for by an earlier boot is late.
pub async fn expire_all(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE awaited SET deadline = $1 WHERE deadline > $1").bind(now.as_micros()).execute(conn).await?;
    Ok(())
}
