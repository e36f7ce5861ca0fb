//! `erasures`: deleted users whose tombstone is settled, and when the bodies of their attempts are erased.

use domain::{Timestamp, UserId};
use uuid::Uuid;

use crate::{Conn, Result, row::one};

pub async fn put(conn: &mut Conn, user: UserId, due_at: Timestamp) -> Result<()> {
    sqlx::query(
        "INSERT INTO erasures (user_id, due_at) VALUES ($1, $2) \
         ON CONFLICT (user_id) DO UPDATE SET due_at = excluded.due_at",
    )
    .bind(user.0)
    .bind(due_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Whose turn it is first.
pub async fn next_due(conn: &mut Conn, now: Timestamp) -> Result<Option<UserId>> {
    let user: Option<Uuid> =
        sqlx::query_scalar("SELECT user_id FROM erasures WHERE due_at <= $1 ORDER BY due_at LIMIT 1")
            .bind(now.as_micros())
            .fetch_optional(conn)
            .await?;
    Ok(user.map(UserId))
}

pub async fn delete(conn: &mut Conn, user: UserId) -> Result<()> {
    let result = sqlx::query("DELETE FROM erasures WHERE user_id = $1").bind(user.0).execute(conn).await?;
    one("erasures.delete", &result)
}
