//! `removed_attributes`: custom attributes that were deleted and whose values are being removed.

use domain::{AttributeId, Timestamp};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Result,
    row::{at, one},
};

/// An attribute that is no more, but for its values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemovedAttribute {
    pub id: AttributeId,
    pub urn: String,
    pub name: String,
    /// How many users have lost their value so far.
    pub users: i64,
    pub created_at: Timestamp,
}

#[derive(FromRow)]
struct Row {
    attribute_id: Uuid,
    urn: String,
    name: String,
    users: i64,
    created_at: i64,
}

impl From<Row> for RemovedAttribute {
    fn from(row: Row) -> Self {
        Self {
            id: row.attribute_id.into(),
            urn: row.urn,
            name: row.name,
            users: row.users,
            created_at: at(row.created_at),
        }
    }
}

pub async fn insert(conn: &mut Conn, removed: &RemovedAttribute) -> Result<()> {
    sqlx::query(
        "INSERT INTO removed_attributes (attribute_id, urn, name, users, created_at) VALUES ($1, $2, $3, $4, $5)",
    )
    .bind(removed.id.0)
    .bind(&removed.urn)
    .bind(&removed.name)
    .bind(removed.users)
    .bind(removed.created_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes how far it is.
pub async fn update(conn: &mut Conn, removed: &RemovedAttribute) -> Result<()> {
    let result = sqlx::query("UPDATE removed_attributes SET users = $2 WHERE attribute_id = $1")
        .bind(removed.id.0)
        .bind(removed.users)
        .execute(conn)
        .await?;
    one("removed_attributes.update", &result)
}

pub async fn delete(conn: &mut Conn, id: AttributeId) -> Result<()> {
    let result = sqlx::query("DELETE FROM removed_attributes WHERE attribute_id = $1").bind(id.0).execute(conn).await?;
    one("removed_attributes.delete", &result)
}

/// Few, and mostly none.
pub async fn all(conn: &mut Conn) -> Result<Vec<RemovedAttribute>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM removed_attributes ORDER BY attribute_id").fetch_all(conn).await?;
    Ok(rows.into_iter().map(Into::into).collect())
}
