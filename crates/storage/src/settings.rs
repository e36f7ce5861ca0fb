//! `settings`: what an administrator sets for the whole organization, by name, as JSON.

use domain::Timestamp;
use serde::{Serialize, de::DeserializeOwned};
use sqlx::types::Json;
use uuid::Uuid;

use crate::{Conn, Result, row::Document};

/// The value and its version; none until it was set for the first time.
pub async fn get<T: DeserializeOwned + Send + Unpin + 'static>(
    conn: &mut Conn,
    name: &str,
) -> Result<Option<(T, i64)>> {
    let row: Option<(Document<T>, i64)> =
        sqlx::query_as("SELECT value, version FROM settings WHERE name = $1").bind(name).fetch_optional(conn).await?;
    row.map(|(value, version)| Ok((value.read("settings", Uuid::nil())?, version))).transpose()
}

pub async fn put<T: Serialize + Sync>(
    conn: &mut Conn,
    name: &str,
    value: &T,
    version: i64,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO settings (name, value, version, updated_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (name) DO UPDATE SET value = excluded.value, version = excluded.version, \
         updated_at = excluded.updated_at",
    )
    .bind(name)
    .bind(Json(value))
    .bind(version)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}
