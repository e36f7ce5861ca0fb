//! `password_links`: links by which somebody sets a password, once. Tokens are hashed.

use domain::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{Conn, Result, row::at};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl From<Row> for PasswordLink {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id.into(),
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            used_at: row.used_at.map(at),
        }
    }
}

/// Replaces the link that the user had.
pub async fn put(conn: &mut Conn, link: &PasswordLink, token_hash: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO password_links (user_id, token_hash, created_at, expires_at, used_at) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET token_hash = excluded.token_hash, \
         created_at = excluded.created_at, expires_at = excluded.expires_at, used_at = excluded.used_at",
    )
    .bind(link.user_id.0)
    .bind(token_hash)
    .bind(link.created_at.as_micros())
    .bind(link.expires_at.as_micros())
    .bind(link.used_at.map(Timestamp::as_micros))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<PasswordLink>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT user_id, created_at, expires_at, used_at FROM password_links WHERE token_hash = $1")
            .bind(token_hash)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(PasswordLink::from))
}

pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<PasswordLink>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT user_id, created_at, expires_at, used_at FROM password_links WHERE user_id = $1")
            .bind(user.0)
            .fetch_optional(conn)
            .await?;
    Ok(row.map(PasswordLink::from))
}

/// A password was set, by the link or otherwise: it opens nothing any more.
pub async fn void(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE password_links SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL")
        .bind(user.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    Ok(())
}

/// Forgets those that expired before `since`.
pub async fn delete_expired(conn: &mut Conn, since: Timestamp) -> Result<u64> {
    let result =
        sqlx::query("DELETE FROM password_links WHERE expires_at <= $1").bind(since.as_micros()).execute(conn).await?;
    Ok(result.rows_affected())
}
