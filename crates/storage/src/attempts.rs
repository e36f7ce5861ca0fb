//! `attempts`.

use domain::{
    AttemptId, DeliveryId, SubjectId, Timestamp, UserId,
    attempt::{Attempt, Operation},
};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{all, at, bad, parsed},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    delivery_id: Uuid,
    fence: i64,
    generation: i64,
    at: i64,
    triggered_by: String,
    operation: String,
    outcome: String,
    text: String,
    status: Option<i64>,
    duration_ms: i64,
    request: Option<String>,
    response: Option<String>,
}

impl TryFrom<Row> for Attempt {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            delivery_id: row.delivery_id.into(),
            fence: row.fence,
            generation: row.generation,
            at: at(row.at),
            trigger: parsed("attempts", row.id, &row.triggered_by)?,
            operation: Operation::parse(&row.operation).ok_or_else(|| bad("attempts", row.id, "unknown operation"))?,
            outcome: row.outcome,
            text: row.text,
            status: row.status,
            duration_ms: row.duration_ms,
            request: row.request,
            response: row.response,
        })
    }
}

pub async fn insert(conn: &mut Conn, attempt: &Attempt) -> Result<()> {
    sqlx::query(
        "INSERT INTO attempts (id, delivery_id, fence, generation, at, triggered_by, operation, outcome, text, status, \
         duration_ms, request, response) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
    )
    .bind(attempt.id.0)
    .bind(attempt.delivery_id.0)
    .bind(attempt.fence)
    .bind(attempt.generation)
    .bind(attempt.at.as_micros())
    .bind(attempt.trigger.as_str())
    .bind(attempt.operation.as_str())
    .bind(&attempt.outcome)
    .bind(&attempt.text)
    .bind(attempt.status)
    .bind(attempt.duration_ms)
    .bind(&attempt.request)
    .bind(&attempt.response)
    .execute(conn)
    .await?;
    Ok(())
}

/// Drops the bodies of earlier successes: only the last one's are kept.
pub async fn forget_earlier_successes(conn: &mut Conn, delivery: DeliveryId, last: AttemptId) -> Result<()> {
    sqlx::query(
        "UPDATE attempts SET request = NULL, response = NULL \
         WHERE delivery_id = $1 AND id <> $2 AND outcome = 'delivered' AND request IS NOT NULL",
    )
    .bind(delivery.0)
    .bind(last.0)
    .execute(conn)
    .await?;
    Ok(())
}

/// The newest attempt of each delivery of a subject.
pub async fn last_of(conn: &mut Conn, subject: SubjectId) -> Result<Vec<Attempt>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM attempts WHERE id IN (SELECT (SELECT a.id FROM attempts AS a WHERE a.delivery_id = d.id \
         ORDER BY a.id DESC LIMIT 1) FROM deliveries AS d WHERE d.subject_id = $1)",
    )
    .bind(subject.uuid())
    .fetch_all(conn)
    .await?;
    all(rows)
}

/// Newest first, before a cursor.
pub async fn page(
    conn: &mut Conn,
    delivery: DeliveryId,
    before: Option<AttemptId>,
    limit: i64,
) -> Result<Vec<Attempt>> {
    let mut query = QueryBuilder::new("SELECT * FROM attempts WHERE delivery_id = ");
    query.push_bind(delivery.0);
    if let Some(before) = before {
        query.push(" AND id < ").push_bind(before.0);
    }
    query.push(" ORDER BY id DESC LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    all(rows)
}

/// Erases bodies of attempts made before `before`, the oldest first; of how many attempts.
pub async fn erase_bodies(conn: &mut Conn, before: Timestamp, limit: i64) -> Result<u64> {
    let result = sqlx::query(
        "UPDATE attempts SET request = NULL, response = NULL WHERE id IN (SELECT id FROM attempts \
         WHERE (request IS NOT NULL OR response IS NOT NULL) AND at < $1 ORDER BY at LIMIT $2)",
    )
    .bind(before.as_micros())
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// Erases bodies of attempts about one user; of how many attempts.
pub async fn erase_bodies_of(conn: &mut Conn, user: UserId, limit: i64) -> Result<u64> {
    let result = sqlx::query(
        "UPDATE attempts SET request = NULL, response = NULL WHERE id IN (SELECT attempts.id FROM deliveries \
         JOIN attempts ON attempts.delivery_id = deliveries.id WHERE deliveries.subject_id = $1 \
         AND (attempts.request IS NOT NULL OR attempts.response IS NOT NULL) LIMIT $2)",
    )
    .bind(user.0)
    .bind(limit)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}
