//! `sign_ins`: sign-ins at providers that are under way, and the sign-out tokens that were taken. What is under way is
//! encrypted, and found by the hash of a token.

use domain::{ConnectionId, SignInId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{Conn, Result, Vault, row::one, vault::Place};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    sealed: Vec<u8>,
}

/// One that was found. Its `Debug` shows nothing of it.
pub struct Found {
    pub id: SignInId,
    pub connection_id: ConnectionId,
    pub body: Zeroizing<Vec<u8>>,
}

impl std::fmt::Debug for Found {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Found").field("id", &self.id).finish_non_exhaustive()
    }
}

fn place(id: SignInId) -> Place<'static> {
    Place { table: "sign_ins", row: id.0, field: "sealed" }
}

pub async fn insert(
    conn: &mut Conn,
    vault: &Vault,
    (id, token_hash): (SignInId, &[u8]),
    connection: ConnectionId,
    body: &[u8],
    expires_at: Timestamp,
) -> Result<()> {
    sqlx::query("INSERT INTO sign_ins (id, token_hash, connection_id, sealed, expires_at) VALUES ($1, $2, $3, $4, $5)")
        .bind(id.0)
        .bind(token_hash)
        .bind(connection.0)
        .bind(vault.seal(place(id), body))
        .bind(expires_at.as_micros())
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn find(conn: &mut Conn, vault: &Vault, token_hash: &[u8], now: Timestamp) -> Result<Option<Found>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT id, connection_id, sealed FROM sign_ins WHERE token_hash = $1 AND expires_at > $2")
            .bind(token_hash)
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await?;
    let Some(Row { id, connection_id, sealed }) = row else { return Ok(None) };
    let id = SignInId::from(id);
    Ok(Some(Found { id, connection_id: connection_id.into(), body: vault.open(place(id), &sealed)? }))
}

pub async fn update(conn: &mut Conn, vault: &Vault, id: SignInId, body: &[u8]) -> Result<()> {
    let result = sqlx::query("UPDATE sign_ins SET sealed = $2 WHERE id = $1")
        .bind(id.0)
        .bind(vault.seal(place(id), body))
        .execute(conn)
        .await?;
    one("sign_ins.update", &result)
}

/// Whether it was still there: what is taken once is taken by one alone.
pub async fn delete(conn: &mut Conn, id: SignInId) -> Result<bool> {
    let result = sqlx::query("DELETE FROM sign_ins WHERE id = $1").bind(id.0).execute(conn).await?;
    Ok(result.rows_affected() == 1)
}

/// Takes a sign-out token; whether it is the first time.
pub async fn take_logout_token(
    conn: &mut Conn,
    connection: ConnectionId,
    token_id: &str,
    expires_at: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "INSERT INTO logout_tokens (connection_id, token_id, expires_at) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
    )
    .bind(connection.0)
    .bind(token_id)
    .bind(expires_at.as_micros())
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<()> {
    sqlx::query("DELETE FROM sign_ins WHERE expires_at <= $1").bind(now.as_micros()).execute(&mut *conn).await?;
    sqlx::query("DELETE FROM logout_tokens WHERE expires_at <= $1").bind(now.as_micros()).execute(conn).await?;
    Ok(())
}
