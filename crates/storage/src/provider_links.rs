//! `provider_links`: who somebody is at a connection that signs people in.

use domain::{ConnectionId, ProviderLinkId, Timestamp, UserId};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Result,
    row::{at, one},
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProviderLink {
    pub id: ProviderLinkId,
    pub connection_id: ConnectionId,
    /// The provider's name for them, for ever.
    pub subject: String,
    pub user_id: UserId,
    /// How they are known there: an address or a name, as it was last seen.
    pub label: String,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    connection_id: Uuid,
    subject: String,
    user_id: Uuid,
    label: String,
    created_at: i64,
    seen_at: i64,
}

impl From<Row> for ProviderLink {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            connection_id: row.connection_id.into(),
            subject: row.subject,
            user_id: row.user_id.into(),
            label: row.label,
            created_at: at(row.created_at),
            seen_at: at(row.seen_at),
        }
    }
}

/// [`crate::Constraint::ProviderSubject`] where somebody else is that subject already.
pub async fn insert(conn: &mut Conn, link: &ProviderLink) -> Result<()> {
    sqlx::query(
        "INSERT INTO provider_links (id, connection_id, subject, user_id, label, created_at, seen_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7)",
    )
    .bind(link.id.0)
    .bind(link.connection_id.0)
    .bind(&link.subject)
    .bind(link.user_id.0)
    .bind(&link.label)
    .bind(link.created_at.as_micros())
    .bind(link.seen_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Also of somebody who is staged.
pub async fn by_subject(conn: &mut Conn, connection: ConnectionId, subject: &str) -> Result<Option<ProviderLink>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM provider_links WHERE connection_id = $1 AND subject = $2")
        .bind(connection.0)
        .bind(subject)
        .fetch_optional(conn)
        .await?;
    Ok(row.map(ProviderLink::from))
}

pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<ProviderLink>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM provider_links WHERE user_id = $1 ORDER BY id LIMIT 100")
        .bind(user.0)
        .fetch_all(conn)
        .await?;
    Ok(rows.into_iter().map(ProviderLink::from).collect())
}

pub async fn seen(conn: &mut Conn, id: ProviderLinkId, label: &str, now: Timestamp) -> Result<()> {
    let result = sqlx::query("UPDATE provider_links SET label = $2, seen_at = $3 WHERE id = $1")
        .bind(id.0)
        .bind(label)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    one("provider_links.seen", &result)
}

/// Lets go of one link of a user; whether there was such a one.
pub async fn delete_one_of(conn: &mut Conn, user: UserId, id: ProviderLinkId) -> Result<bool> {
    let result = sqlx::query("DELETE FROM provider_links WHERE id = $1 AND user_id = $2")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}
