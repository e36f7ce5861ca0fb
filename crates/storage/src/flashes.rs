//! `flashes`: what a page says once after a form was posted without JavaScript.

use domain::{SessionId, Timestamp};

use crate::{Conn, Result};

pub async fn put(conn: &mut Conn, session: SessionId, path: &str, body: &str, until: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO flashes (session_id, path, body, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (session_id, path) DO UPDATE SET body = excluded.body, expires_at = excluded.expires_at",
    )
    .bind(session.0)
    .bind(path)
    .bind(body)
    .bind(until.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Conn, session: SessionId, path: &str, now: Timestamp) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT body FROM flashes WHERE session_id = $1 AND path = $2 AND expires_at > $3")
        .bind(session.0)
        .bind(path)
        .bind(now.as_micros())
        .fetch_optional(conn)
        .await?)
}

pub async fn delete(conn: &mut Conn, session: SessionId, path: &str) -> Result<()> {
    sqlx::query("DELETE FROM flashes WHERE session_id = $1 AND path = $2")
        .bind(session.0)
        .bind(path)
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let result = sqlx::query("DELETE FROM flashes WHERE expires_at <= $1").bind(now.as_micros()).execute(conn).await?;
    Ok(result.rows_affected())
}
