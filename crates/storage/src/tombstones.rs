//! `tombstones`: what remains of a deleted user until every target has let go.

use domain::{
    Timestamp, UserId,
    user::{Origin, Profile, User},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, at, parsed},
};

#[derive(Clone, Debug, PartialEq)]
pub struct Tombstone {
    pub user_id: UserId,
    pub user_name: String,
    /// The onboarding was refused: the user never was real.
    pub refused: bool,
    pub origin: Origin,
    pub profile: Profile,
    pub deleted_at: Timestamp,
}

impl Tombstone {
    pub fn of(user: &User, refused: bool, now: Timestamp) -> Self {
        Self {
            user_id: user.id,
            user_name: user.user_name.clone(),
            refused,
            origin: user.origin,
            profile: user.profile.clone(),
            deleted_at: now,
        }
    }
}

#[derive(FromRow)]
struct Row {
    user_id: Uuid,
    user_name: String,
    refused: bool,
    origin: String,
    profile: Document<Profile>,
    deleted_at: i64,
}

impl TryFrom<Row> for Tombstone {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "tombstones";
        Ok(Self {
            user_id: row.user_id.into(),
            user_name: row.user_name,
            refused: row.refused,
            origin: parsed(TABLE, row.user_id, &row.origin)?,
            profile: row.profile.read(TABLE, row.user_id)?,
            deleted_at: at(row.deleted_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, tombstone: &Tombstone) -> Result<()> {
    sqlx::query(
        "INSERT INTO tombstones (user_id, user_name, refused, origin, profile, deleted_at) \
         VALUES ($1, $2, $3, $4, $5, $6)",
    )
    .bind(tombstone.user_id.0)
    .bind(&tombstone.user_name)
    .bind(tombstone.refused)
    .bind(tombstone.origin.as_str())
    .bind(Json(&tombstone.profile))
    .bind(tombstone.deleted_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Conn, id: UserId) -> Result<Option<Tombstone>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM tombstones WHERE user_id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Tombstone::try_from).transpose()
}

/// Removes the tombstone once no delivery of the user is open and no account is linked; whether it did.
pub async fn remove_when_settled(conn: &mut Conn, id: UserId) -> Result<bool> {
    let result = sqlx::query(
        "DELETE FROM tombstones WHERE user_id = $1 \
         AND NOT EXISTS (SELECT 1 FROM deliveries WHERE subject_id = $1 AND state <> 'done') \
         AND NOT EXISTS (SELECT 1 FROM links WHERE subject_id = $1)",
    )
    .bind(id.0)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() > 0)
}
