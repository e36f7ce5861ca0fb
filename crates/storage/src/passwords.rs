//! `passwords` (hashes) and `sealed_passwords` (clear ones on their way to a target).

use domain::{Timestamp, UserId};
use secrecy::SecretString;

use crate::{Conn, Result, Vault, vault::Place};

pub async fn set(conn: &mut Conn, user: UserId, hash: &str, now: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO passwords (user_id, hash, changed_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET hash = excluded.hash, changed_at = excluded.changed_at",
    )
    .bind(user.0)
    .bind(hash)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Conn, user: UserId) -> Result<Option<String>> {
    Ok(sqlx::query_scalar("SELECT hash FROM passwords WHERE user_id = $1").bind(user.0).fetch_optional(conn).await?)
}

fn place(user: UserId) -> Place<'static> {
    Place { table: "sealed_passwords", row: user.0, field: "sealed" }
}

pub async fn seal(conn: &mut Conn, vault: &Vault, user: UserId, clear: &SecretString, until: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO sealed_passwords (user_id, sealed, expires_at) VALUES ($1, $2, $3) \
         ON CONFLICT (user_id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
    )
    .bind(user.0)
    .bind(vault.seal_text(place(user), clear))
    .bind(until.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn unseal(conn: &mut Conn, vault: &Vault, user: UserId, now: Timestamp) -> Result<Option<SecretString>> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM sealed_passwords WHERE user_id = $1 AND expires_at > $2")
            .bind(user.0)
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await?;
    sealed.map(|sealed| vault.open_text(place(user), &sealed)).transpose()
}

/// Erases the clear password once no delivery of this user is open.
pub async fn erase_when_settled(conn: &mut Conn, user: UserId) -> Result<()> {
    sqlx::query(
        "DELETE FROM sealed_passwords WHERE user_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE subject_id = $1 AND state <> 'done')",
    )
    .bind(user.0)
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn erase_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let result =
        sqlx::query("DELETE FROM sealed_passwords WHERE expires_at <= $1").bind(now.as_micros()).execute(conn).await?;
    Ok(result.rows_affected())
}
