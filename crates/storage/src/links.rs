//! `links`: which remote account a subject is at a connector.

use domain::{
    ConnectorId, LinkId, SubjectId,
    link::{Link, Provenance},
};
use serde_json::Value;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, bad, one, push_ids, subject},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    connector_id: Uuid,
    remote_id: String,
    name_key: String,
    provenance: String,
    generation: i64,
    sent: Option<Document<Value>>,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Link {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "links";
        Ok(Self {
            id: row.id.into(),
            subject: subject(TABLE, row.id, &row.subject_kind, row.subject_id)?,
            connector_id: row.connector_id.into(),
            remote_id: row.remote_id,
            name_key: row.name_key,
            provenance: Provenance::parse(&row.provenance).ok_or_else(|| bad(TABLE, row.id, "unknown provenance"))?,
            generation: row.generation,
            sent: row.sent.map(|sent| sent.read(TABLE, row.id)).transpose()?,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

/// Inserts the link, or overwrites the one that this subject has at this connector.
pub async fn put(conn: &mut Conn, link: &Link) -> Result<()> {
    sqlx::query(
        "INSERT INTO links (id, subject_kind, subject_id, connector_id, remote_id, name_key, provenance, generation, \
         sent, created_at, updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) \
         ON CONFLICT (subject_id, connector_id) DO UPDATE SET remote_id = excluded.remote_id, \
         name_key = excluded.name_key, provenance = excluded.provenance, generation = excluded.generation, \
         sent = excluded.sent, updated_at = excluded.updated_at",
    )
    .bind(link.id.0)
    .bind(link.subject.kind())
    .bind(link.subject.uuid())
    .bind(link.connector_id.0)
    .bind(&link.remote_id)
    .bind(&link.name_key)
    .bind(link.provenance.as_str())
    .bind(link.generation)
    .bind(link.sent.as_ref().map(Json))
    .bind(link.created_at.as_micros())
    .bind(link.updated_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn delete(conn: &mut Conn, id: LinkId) -> Result<()> {
    let result = sqlx::query("DELETE FROM links WHERE id = $1").bind(id.0).execute(conn).await?;
    one("links.delete", &result)
}

pub async fn get(conn: &mut Conn, subject: SubjectId, connector: ConnectorId) -> Result<Option<Link>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM links WHERE subject_id = $1 AND connector_id = $2")
        .bind(subject.uuid())
        .bind(connector.0)
        .fetch_optional(conn)
        .await?;
    row.map(Link::try_from).transpose()
}

pub async fn of_subject(conn: &mut Conn, subject: SubjectId) -> Result<Vec<Link>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM links WHERE subject_id = $1").bind(subject.uuid()).fetch_all(conn).await?;
    all(rows)
}

/// Whose account this is, if anybody's.
pub async fn by_remote(
    conn: &mut Conn,
    connector: ConnectorId,
    generation: i64,
    kind: &str,
    remote_id: &str,
) -> Result<Option<Link>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM links WHERE connector_id = $1 AND generation = $2 AND subject_kind = $3 AND remote_id = $4",
    )
    .bind(connector.0)
    .bind(generation)
    .bind(kind)
    .bind(remote_id)
    .fetch_optional(conn)
    .await?;
    row.map(Link::try_from).transpose()
}

pub async fn count_at(conn: &mut Conn, connector: ConnectorId) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM links WHERE connector_id = $1")
        .bind(connector.0)
        .fetch_one(conn)
        .await?)
}

/// The next links of a connector after `cursor`, in the order of their ids.
pub async fn batch(conn: &mut Conn, connector: ConnectorId, cursor: Option<Uuid>, limit: i64) -> Result<Vec<Link>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM links WHERE connector_id = $1 AND id > $2 ORDER BY id LIMIT $3")
        .bind(connector.0)
        .bind(cursor.unwrap_or(Uuid::nil()))
        .bind(limit)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// Deletes a connector's links up to and with `last`.
pub async fn delete_through(conn: &mut Conn, connector: ConnectorId, last: LinkId) -> Result<u64> {
    let result = sqlx::query("DELETE FROM links WHERE connector_id = $1 AND id <= $2")
        .bind(connector.0)
        .bind(last.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}

/// The remote ids of these subjects, in one query.
pub async fn remote_ids(
    conn: &mut Conn,
    subjects: &[SubjectId],
) -> Result<std::collections::HashMap<(Uuid, ConnectorId), String>> {
    if subjects.is_empty() {
        return Ok(std::collections::HashMap::new());
    }
    let mut query =
        sqlx::QueryBuilder::new("SELECT subject_id, connector_id, remote_id FROM links WHERE subject_id IN (");
    push_ids(&mut query, subjects.iter().map(|subject| subject.uuid()));
    // Every length is a statement of its own: not worth a place among the prepared ones.
    let rows: Vec<(Uuid, Uuid, String)> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(subject, connector, remote)| ((subject, connector.into()), remote)).collect())
}
