//! `sweeps`: changes of a setting that concern many accounts.

use domain::{
    ConnectorId,
    sweep::{Sweep, Task},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, one},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    task: Document<Task>,
    cursor: Option<Uuid>,
    total: i64,
    planned: i64,
    finished: bool,
    created_at: i64,
}

impl TryFrom<Row> for Sweep {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            task: row.task.read("sweeps", row.id)?,
            cursor: row.cursor,
            total: row.total,
            planned: row.planned,
            finished: row.finished,
            created_at: at(row.created_at),
        })
    }
}

fn connector_of(task: &Task) -> ConnectorId {
    let Task::ReleaseAccounts { connector_id, .. } = task;
    *connector_id
}

pub async fn insert(conn: &mut Conn, sweep: &Sweep) -> Result<()> {
    sqlx::query(
        "INSERT INTO sweeps (id, connector_id, task, cursor, total, planned, finished, created_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(sweep.id.0)
    .bind(connector_of(&sweep.task).0)
    .bind(Json(&sweep.task))
    .bind(sweep.cursor)
    .bind(sweep.total)
    .bind(sweep.planned)
    .bind(sweep.finished)
    .bind(sweep.created_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn update(conn: &mut Conn, sweep: &Sweep) -> Result<()> {
    let result = sqlx::query("UPDATE sweeps SET cursor = $2, planned = $3, finished = $4 WHERE id = $1")
        .bind(sweep.id.0)
        .bind(sweep.cursor)
        .bind(sweep.planned)
        .bind(sweep.finished)
        .execute(conn)
        .await?;
    one("sweeps.update", &result)
}

pub async fn open(conn: &mut Conn) -> Result<Vec<Sweep>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM sweeps WHERE NOT finished ORDER BY id").fetch_all(conn).await?;
    all(rows)
}

pub async fn open_at(conn: &mut Conn, connector: ConnectorId) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM sweeps WHERE connector_id = $1 AND NOT finished")
        .bind(connector.0)
        .fetch_one(conn)
        .await?)
}
