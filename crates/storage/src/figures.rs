//! `figures`, `durations` and `tallies`: what Home shows, kept as it comes about rather than counted when shown.

use std::{collections::HashMap, time::Duration};

use domain::{
    ConnectorId, Timestamp,
    figures::{Counts, HOUR, Measure, SLOT, bucket, slot},
};
use uuid::Uuid;

use crate::{Conn, Result, row::at};

/// Counts a result at a connector.
pub async fn add(conn: &mut Conn, connector: ConnectorId, counts: Counts, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO figures (at, connector_id, delivered, retried, held) VALUES ($1, $2, $3, $4, $5) \
         ON CONFLICT (at, connector_id) DO UPDATE SET delivered = figures.delivered + excluded.delivered, \
         retried = figures.retried + excluded.retried, held = figures.held + excluded.held",
    )
    .bind(slot(now, SLOT).as_micros())
    .bind(connector.0)
    .bind(counts.delivered)
    .bind(counts.retried)
    .bind(counts.held)
    .execute(conn)
    .await?;
    Ok(())
}

/// Counts how long something took that is finished now.
pub async fn measure(conn: &mut Conn, measure: Measure, took: Duration, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO durations (measure, at, bucket, count) VALUES ($1, $2, $3, 1) \
         ON CONFLICT (measure, at, bucket) DO UPDATE SET count = durations.count + 1",
    )
    .bind(measure.as_str())
    .bind(slot(now, HOUR).as_micros())
    .bind(bucket(took))
    .execute(conn)
    .await?;
    Ok(())
}

/// What was counted in each slot since `since`, oldest first; slots without a result are left out.
pub async fn by_slot(conn: &mut Conn, since: Timestamp) -> Result<Vec<(Timestamp, Counts)>> {
    let rows: Vec<(i64, i64, i64, i64)> = sqlx::query_as(
        "SELECT at, CAST(SUM(delivered) AS BIGINT), CAST(SUM(retried) AS BIGINT), CAST(SUM(held) AS BIGINT) \
         FROM figures WHERE at >= $1 GROUP BY at ORDER BY at",
    )
    .bind(since.as_micros())
    .fetch_all(conn)
    .await?;
    let counted = |(slot, delivered, retried, held)| (at(slot), Counts { delivered, retried, held });
    Ok(rows.into_iter().map(counted).collect())
}

/// What was counted at each connector since `since`.
pub async fn by_connector(conn: &mut Conn, since: Timestamp) -> Result<HashMap<ConnectorId, Counts>> {
    let rows: Vec<(Uuid, i64, i64, i64)> = sqlx::query_as(
        "SELECT connector_id, CAST(SUM(delivered) AS BIGINT), CAST(SUM(retried) AS BIGINT), \
         CAST(SUM(held) AS BIGINT) FROM figures WHERE at >= $1 GROUP BY connector_id",
    )
    .bind(since.as_micros())
    .fetch_all(conn)
    .await?;
    let counted = |(id, delivered, retried, held): (Uuid, _, _, _)| (id.into(), Counts { delivered, retried, held });
    Ok(rows.into_iter().map(counted).collect())
}

/// The histogram of a measure since `since`: buckets with their counts, in the order of the buckets.
pub async fn histogram(conn: &mut Conn, measure: Measure, since: Timestamp) -> Result<Vec<(i64, i64)>> {
    Ok(sqlx::query_as(
        "SELECT bucket, CAST(SUM(count) AS BIGINT) FROM durations WHERE measure = $1 AND at >= $2 \
         GROUP BY bucket ORDER BY bucket",
    )
    .bind(measure.as_str())
    .bind(since.as_micros())
    .fetch_all(conn)
    .await?)
}

/// Forgets what was counted before `before`.
pub async fn delete_before(conn: &mut Conn, before: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM figures WHERE at < $1").bind(before.as_micros()).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM durations WHERE at < $1").bind(before.as_micros()).execute(conn).await?;
    Ok(())
}

/// How many people there are, staged ones left out.
pub async fn people(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count FROM tallies WHERE what = 'people'").fetch_one(conn).await?)
}

/// How many accounts are linked at each connector that ever had one.
pub async fn accounts(conn: &mut Conn) -> Result<HashMap<ConnectorId, i64>> {
    let rows: Vec<(Uuid, i64)> =
        sqlx::query_as("SELECT id, count FROM tallies WHERE what = 'accounts'").fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(id, count)| (id.into(), count)).collect())
}
