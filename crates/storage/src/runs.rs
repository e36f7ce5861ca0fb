//! `connector_runs`: how a connector fares.

use domain::{
    ConnectorId, Timestamp,
    connection::{Pause, PauseKind},
};
use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, bad},
};

/// The default is a connector that never ran.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    pub pause: Option<Pause>,
    /// When a pause as *down* is probed next.
    pub probe_at: Option<Timestamp>,
    /// Probes since the pause began.
    pub probes: i64,
    /// Subjects in a row that met a 5xx or a time-out.
    pub faults_in_row: i64,
    pub refusals_in_row: i64,
    pub last_refusal: Option<String>,
    /// What the connector found out about its target.
    pub learned: Value,
}

#[derive(FromRow)]
#[expect(clippy::struct_field_names, reason = "they are the table's columns")]
struct Row {
    connector_id: Uuid,
    pause_kind: Option<String>,
    pause_text: Option<String>,
    pause_since: Option<i64>,
    probe_at: Option<i64>,
    probes: i64,
    faults_in_row: i64,
    refusals_in_row: i64,
    last_refusal: Option<String>,
    learned: Document<Value>,
}

impl TryFrom<Row> for (ConnectorId, Run) {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "connector_runs";
        let pause = match row.pause_kind {
            None => None,
            Some(kind) => Some(Pause {
                kind: PauseKind::parse(&kind).ok_or_else(|| bad(TABLE, row.connector_id, "unknown pause"))?,
                text: row.pause_text.unwrap_or_default(),
                since: at(row.pause_since.unwrap_or_default()),
            }),
        };
        let run = Run {
            pause,
            probe_at: row.probe_at.map(at),
            probes: row.probes,
            faults_in_row: row.faults_in_row,
            refusals_in_row: row.refusals_in_row,
            last_refusal: row.last_refusal,
            learned: row.learned.read(TABLE, row.connector_id)?,
        };
        Ok((row.connector_id.into(), run))
    }
}

pub async fn get(conn: &mut Conn, connector: ConnectorId) -> Result<Run> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM connector_runs WHERE connector_id = $1")
        .bind(connector.0)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(<(ConnectorId, Run)>::try_from).transpose()?.map(|(_, run)| run).unwrap_or_default())
}

pub async fn list(conn: &mut Conn) -> Result<Vec<(ConnectorId, Run)>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM connector_runs").fetch_all(conn).await?;
    all(rows)
}

pub async fn put(conn: &mut Conn, connector: ConnectorId, run: &Run) -> Result<()> {
    sqlx::query(
        "INSERT INTO connector_runs (connector_id, pause_kind, pause_text, pause_since, probe_at, probes, \
         faults_in_row, refusals_in_row, last_refusal, learned) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) \
         ON CONFLICT (connector_id) DO UPDATE SET pause_kind = excluded.pause_kind, \
         pause_text = excluded.pause_text, pause_since = excluded.pause_since, probe_at = excluded.probe_at, \
         probes = excluded.probes, faults_in_row = excluded.faults_in_row, \
         refusals_in_row = excluded.refusals_in_row, last_refusal = excluded.last_refusal, \
         learned = excluded.learned",
    )
    .bind(connector.0)
    .bind(run.pause.as_ref().map(|pause| pause.kind.as_str()))
    .bind(run.pause.as_ref().map(|pause| pause.text.as_str()))
    .bind(run.pause.as_ref().map(|pause| pause.since.as_micros()))
    .bind(run.probe_at.map(Timestamp::as_micros))
    .bind(run.probes)
    .bind(run.faults_in_row)
    .bind(run.refusals_in_row)
    .bind(run.last_refusal.as_deref())
    .bind(Json(&run.learned))
    .execute(conn)
    .await?;
    Ok(())
}
