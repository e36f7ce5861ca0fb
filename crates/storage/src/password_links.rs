//! `password_links`: links by which somebody sets a password, once. Tokens are hashed.

use std::str::FromStr;

use domain::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{at, parsed},
};

/// Where a link comes from: each has one of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Giver {
    Administrator,
    /// Whoever forgot their password; it went by mail.
    Themselves,
}

impl Giver {
    const ALL: [Self; 2] = [Self::Administrator, Self::Themselves];

    fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "given",
            Self::Themselves => "asked",
        }
    }
}

impl FromStr for Giver {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|giver| giver.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PasswordLink {
    pub user_id: UserId,
    pub giver: Giver,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    giver: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl TryFrom<Row> for PasswordLink {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            user_id: row.user_id.into(),
            giver: parsed("password_links", row.user_id, &row.giver)?,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            used_at: row.used_at.map(at),
        })
    }
}

/// Replaces the link that the user had of the same giver.
pub async fn put(conn: &mut Conn, link: &PasswordLink, token_hash: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO password_links (user_id, giver, token_hash, created_at, expires_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (user_id, giver) DO UPDATE SET \
         token_hash = excluded.token_hash, created_at = excluded.created_at, expires_at = excluded.expires_at, \
         used_at = excluded.used_at",
    )
    .bind(link.user_id.0)
    .bind(link.giver.as_str())
    .bind(token_hash)
    .bind(link.created_at.as_micros())
    .bind(link.expires_at.as_micros())
    .bind(link.used_at.map(Timestamp::as_micros))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<PasswordLink>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM password_links WHERE token_hash = $1")
        .bind(token_hash)
        .fetch_optional(conn)
        .await?;
    row.map(PasswordLink::try_from).transpose()
}

pub async fn of_user(conn: &mut Conn, user: UserId, giver: Giver) -> Result<Option<PasswordLink>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM password_links WHERE user_id = $1 AND giver = $2")
        .bind(user.0)
        .bind(giver.as_str())
        .fetch_optional(conn)
        .await?;
    row.map(PasswordLink::try_from).transpose()
}

/// A password was set, by a link or otherwise: none opens anything any more.
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
