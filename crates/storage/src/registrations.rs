//! `registrations`: who registered and is yet to be verified. What they typed is encrypted; tokens are hashed.

use domain::{RegistrationId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Conn, Result, Vault,
    row::{at, one},
    vault::Place,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Registration {
    pub id: RegistrationId,
    /// Of the token that the browser holds which registered.
    pub browser_hash: Vec<u8>,
    /// Who came of it.
    pub user_id: Option<UserId>,
    pub verified: bool,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    browser_hash: Vec<u8>,
    user_id: Option<Uuid>,
    verified: bool,
    created_at: i64,
    expires_at: i64,
}

impl From<Row> for Registration {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            browser_hash: row.browser_hash,
            user_id: row.user_id.map(UserId::from),
            verified: row.verified,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
        }
    }
}

fn place(id: RegistrationId) -> Place<'static> {
    Place { table: "registrations", row: id.0, field: "sealed" }
}

pub async fn insert(
    conn: &mut Conn,
    vault: &Vault,
    registration: &Registration,
    mail_key: &str,
    body: &[u8],
) -> Result<()> {
    sqlx::query(
        "INSERT INTO registrations (id, token_hash, browser_hash, mail_key, sealed, user_id, verified, created_at, \
         expires_at) VALUES ($1, NULL, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind(registration.id.0)
    .bind(&registration.browser_hash)
    .bind(mail_key)
    .bind(vault.seal(place(registration.id), body))
    .bind(registration.user_id.map(|user| user.0))
    .bind(registration.verified)
    .bind(registration.created_at.as_micros())
    .bind(registration.expires_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Conn, id: RegistrationId) -> Result<Option<Registration>> {
    const SQL: &str =
        "SELECT id, browser_hash, user_id, verified, created_at, expires_at FROM registrations WHERE id = $1";
    let row: Option<Row> = sqlx::query_as(SQL).bind(id.0).fetch_optional(conn).await?;
    Ok(row.map(Registration::from))
}

pub async fn by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<Registration>> {
    const SQL: &str =
        "SELECT id, browser_hash, user_id, verified, created_at, expires_at FROM registrations WHERE token_hash = $1";
    let row: Option<Row> = sqlx::query_as(SQL).bind(token_hash).fetch_optional(conn).await?;
    Ok(row.map(Registration::from))
}

/// What was typed, while it is kept.
pub async fn body(conn: &mut Conn, vault: &Vault, id: RegistrationId) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM registrations WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    sealed.filter(|sealed| !sealed.is_empty()).map(|sealed| vault.open(place(id), &sealed)).transpose()
}

/// The link of a mail that goes out now; the one before works no more.
pub async fn set_token(conn: &mut Conn, id: RegistrationId, token_hash: &[u8]) -> Result<()> {
    let result = sqlx::query("UPDATE registrations SET token_hash = $2 WHERE id = $1")
        .bind(id.0)
        .bind(token_hash)
        .execute(conn)
        .await?;
    one("registrations.set_token", &result)
}

/// Somebody comes of it: staged at first, perhaps.
pub async fn begin(conn: &mut Conn, id: RegistrationId, user: UserId) -> Result<()> {
    let result = sqlx::query("UPDATE registrations SET user_id = $2 WHERE id = $1 AND user_id IS NULL")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await?;
    one("registrations.begin", &result)
}

/// They were refused: the link works again.
pub async fn reopen(conn: &mut Conn, user: UserId) -> Result<()> {
    sqlx::query("UPDATE registrations SET user_id = NULL, verified = FALSE WHERE user_id = $1")
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

/// The address is theirs, which is remembered as long as they are here; what they typed is not needed any more.
pub async fn verified(conn: &mut Conn, id: RegistrationId) -> Result<()> {
    let result = sqlx::query("UPDATE registrations SET verified = TRUE, sealed = $2, expires_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(Vec::<u8>::new())
        .bind(Timestamp::NEVER.as_micros())
        .execute(conn)
        .await?;
    one("registrations.verified", &result)
}

/// The registration that a user came of.
pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Option<Registration>> {
    const SQL: &str =
        "SELECT id, browser_hash, user_id, verified, created_at, expires_at FROM registrations WHERE user_id = $1";
    let row: Option<Row> = sqlx::query_as(SQL).bind(user.0).fetch_optional(conn).await?;
    Ok(row.map(Registration::from))
}

/// Somebody is gone who had registered.
pub async fn delete_of(conn: &mut Conn, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM registrations WHERE user_id = $1").bind(user.0).execute(conn).await?;
    Ok(())
}

/// Who was activated at once and never showed that the address is theirs.
pub async fn unverified(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<UserId>> {
    let users: Vec<Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM registrations WHERE expires_at <= $1 AND user_id IS NOT NULL AND NOT verified LIMIT $2",
    )
    .bind(now.as_micros())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(users.into_iter().map(UserId::from).collect())
}

/// Erases what was typed of those that expired, and forgets those that expired before `since`.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp, since: Timestamp) -> Result<()> {
    sqlx::query("UPDATE registrations SET sealed = $2 WHERE expires_at <= $1 AND expires_at > $3 AND sealed <> $2")
        .bind(now.as_micros())
        .bind(Vec::<u8>::new())
        .bind(since.as_micros())
        .execute(&mut *conn)
        .await?;
    sqlx::query("DELETE FROM registrations WHERE expires_at <= $1").bind(since.as_micros()).execute(conn).await?;
    Ok(())
}
