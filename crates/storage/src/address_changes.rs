//! `address_changes`: who wants another mail address, and is yet to show that it is theirs. Tokens are hashed.

use domain::{Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Result,
    row::{at, one},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressChange {
    pub user_id: UserId,
    /// The new one.
    pub address: String,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    address: String,
    created_at: i64,
    expires_at: i64,
    used_at: Option<i64>,
}

impl From<Row> for AddressChange {
    fn from(row: Row) -> Self {
        Self {
            user_id: row.user_id.into(),
            address: row.address,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            used_at: row.used_at.map(at),
        }
    }
}

/// Takes the place of whatever the user wanted before, whose link works no more.
pub async fn put(conn: &mut Conn, change: &AddressChange) -> Result<()> {
    sqlx::query(
        "INSERT INTO address_changes (user_id, address, token_hash, created_at, expires_at, used_at) \
         VALUES ($1, $2, NULL, $3, $4, $5) ON CONFLICT (user_id) DO UPDATE SET address = excluded.address, \
         token_hash = NULL, created_at = excluded.created_at, expires_at = excluded.expires_at, \
         used_at = excluded.used_at",
    )
    .bind(change.user_id.0)
    .bind(&change.address)
    .bind(change.created_at.as_micros())
    .bind(change.expires_at.as_micros())
    .bind(change.used_at.map(Timestamp::as_micros))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<AddressChange>> {
    const SQL: &str =
        "SELECT user_id, address, created_at, expires_at, used_at FROM address_changes WHERE user_id = $1";
    let row: Option<Row> = sqlx::query_as(SQL).bind(user.0).fetch_optional(conn).await?;
    Ok(row.map(AddressChange::from))
}

pub async fn by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<AddressChange>> {
    const SQL: &str =
        "SELECT user_id, address, created_at, expires_at, used_at FROM address_changes WHERE token_hash = $1";
    let row: Option<Row> = sqlx::query_as(SQL).bind(token_hash).fetch_optional(conn).await?;
    Ok(row.map(AddressChange::from))
}

/// The link of a mail that goes out now; the one before works no more.
pub async fn set_token(conn: &mut Conn, user: UserId, token_hash: &[u8], until: Timestamp) -> Result<()> {
    let result = sqlx::query("UPDATE address_changes SET token_hash = $2, expires_at = $3 WHERE user_id = $1")
        .bind(user.0)
        .bind(token_hash)
        .bind(until.as_micros())
        .execute(conn)
        .await?;
    one("address_changes.set_token", &result)
}

/// The address is theirs.
pub async fn used(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<()> {
    let result = sqlx::query("UPDATE address_changes SET used_at = $2 WHERE user_id = $1 AND used_at IS NULL")
        .bind(user.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    one("address_changes.used", &result)
}

/// Forgets those that expired before `since`.
pub async fn delete_expired(conn: &mut Conn, since: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM address_changes WHERE expires_at <= $1").bind(since.as_micros()).execute(conn).await?;
    Ok(())
}
