//! `drafts`: what earlier steps of a wizard gathered, encrypted, for its owner and an hour.

use domain::{DraftId, Timestamp, UserId};
use zeroize::Zeroizing;

use crate::{Conn, Result, Vault, row::one, vault::Place};

fn place(id: DraftId) -> Place<'static> {
    Place { table: "drafts", row: id.0, field: "sealed" }
}

/// Writes a draft, or writes it anew; [`Error::RowCount`](crate::Error::RowCount) when it is somebody else's.
pub async fn put(
    conn: &mut Conn,
    vault: &Vault,
    id: DraftId,
    owner: UserId,
    body: &[u8],
    expires_at: Timestamp,
) -> Result<()> {
    let result = sqlx::query(
        "INSERT INTO drafts (id, owner, sealed, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (id) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at \
         WHERE drafts.owner = excluded.owner",
    )
    .bind(id.0)
    .bind(owner.0)
    .bind(vault.seal(place(id), body))
    .bind(expires_at.as_micros())
    .execute(conn)
    .await?;
    one("drafts.put", &result)
}

pub async fn get(
    conn: &mut Conn,
    vault: &Vault,
    id: DraftId,
    owner: UserId,
    now: Timestamp,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let sealed: Option<Vec<u8>> =
        sqlx::query_scalar("SELECT sealed FROM drafts WHERE id = $1 AND owner = $2 AND expires_at > $3")
            .bind(id.0)
            .bind(owner.0)
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await?;
    sealed.map(|sealed| vault.open(place(id), &sealed)).transpose()
}

pub async fn delete(conn: &mut Conn, id: DraftId, owner: UserId) -> Result<()> {
    sqlx::query("DELETE FROM drafts WHERE id = $1 AND owner = $2").bind(id.0).bind(owner.0).execute(conn).await?;
    Ok(())
}

pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let result = sqlx::query("DELETE FROM drafts WHERE expires_at <= $1").bind(now.as_micros()).execute(conn).await?;
    Ok(result.rows_affected())
}
