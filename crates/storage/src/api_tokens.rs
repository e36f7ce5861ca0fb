//! `api_tokens`: hashed, scoped, expiring.

use domain::{Timestamp, TokenId, permission::Scope};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, one},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiToken {
    pub id: TokenId,
    pub name: String,
    pub scopes: Vec<Scope>,
    pub created_at: Timestamp,
    pub expires_at: Timestamp,
    pub last_used_at: Option<Timestamp>,
    pub revoked_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    scopes: Document<Vec<Scope>>,
    created_at: i64,
    expires_at: i64,
    last_used_at: Option<i64>,
    revoked_at: Option<i64>,
}

impl TryFrom<Row> for ApiToken {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            scopes: row.scopes.read("api_tokens", row.id)?,
            created_at: at(row.created_at),
            expires_at: at(row.expires_at),
            last_used_at: row.last_used_at.map(at),
            revoked_at: row.revoked_at.map(at),
        })
    }
}

pub async fn insert(conn: &mut Conn, token: &ApiToken, hash: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO api_tokens (id, name, token_hash, scopes, created_at, expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(token.id.0)
    .bind(&token.name)
    .bind(hash)
    .bind(Json(&token.scopes))
    .bind(token.created_at.as_micros())
    .bind(token.expires_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn by_hash(conn: &mut Conn, hash: &[u8]) -> Result<Option<ApiToken>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM api_tokens WHERE token_hash = $1").bind(hash).fetch_optional(conn).await?;
    row.map(ApiToken::try_from).transpose()
}

pub async fn get(conn: &mut Conn, id: TokenId) -> Result<Option<ApiToken>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM api_tokens WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(ApiToken::try_from).transpose()
}

/// The newest first, without those that ended before `since`.
pub async fn list(conn: &mut Conn, since: Timestamp, limit: i64) -> Result<Vec<ApiToken>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM api_tokens WHERE expires_at > $1 AND (revoked_at IS NULL OR revoked_at > $1) \
         ORDER BY id DESC LIMIT $2",
    )
    .bind(since.as_micros())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    all(rows)
}

pub async fn count(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM api_tokens").fetch_one(conn).await?)
}

/// Forgets those that expired or were revoked before `since`.
pub async fn delete_ended(conn: &mut Conn, since: Timestamp) -> Result<u64> {
    let result = sqlx::query("DELETE FROM api_tokens WHERE expires_at <= $1 OR revoked_at <= $1")
        .bind(since.as_micros())
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}

pub async fn touch(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE api_tokens SET last_used_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn revoke(conn: &mut Conn, id: TokenId, now: Timestamp) -> Result<()> {
    let result = sqlx::query("UPDATE api_tokens SET revoked_at = $2 WHERE id = $1 AND revoked_at IS NULL")
        .bind(id.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    one("api_tokens.revoke", &result)
}
