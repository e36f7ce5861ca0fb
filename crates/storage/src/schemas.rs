//! `schemas`: extension schemas that an administrator defined. Few, and read whole.

use domain::{
    SchemaId,
    extension::{Attribute, Extension},
};
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all as converted, at, one},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    urn: String,
    name: String,
    description: String,
    attributes: Document<Vec<Attribute>>,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Extension {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            urn: row.urn,
            name: row.name,
            description: row.description,
            attributes: row.attributes.read("schemas", row.id)?,
            version: row.version,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, schema: &Extension) -> Result<()> {
    sqlx::query(
        "INSERT INTO schemas (id, urn, urn_key, name, description, attributes, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(schema.id.0)
    .bind(&schema.urn)
    .bind(schema.urn.to_ascii_lowercase())
    .bind(&schema.name)
    .bind(&schema.description)
    .bind(Json(&schema.attributes))
    .bind(schema.version)
    .bind(schema.created_at.as_micros())
    .bind(schema.updated_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

/// Writes every field but id, URN and creation time.
pub async fn update(conn: &mut Conn, schema: &Extension) -> Result<()> {
    let result = sqlx::query(
        "UPDATE schemas SET name = $2, description = $3, attributes = $4, version = $5, updated_at = $6 WHERE id = $1",
    )
    .bind(schema.id.0)
    .bind(&schema.name)
    .bind(&schema.description)
    .bind(Json(&schema.attributes))
    .bind(schema.version)
    .bind(schema.updated_at.as_micros())
    .execute(conn)
    .await?;
    one("schemas.update", &result)
}

pub async fn delete(conn: &mut Conn, id: SchemaId) -> Result<()> {
    let result = sqlx::query("DELETE FROM schemas WHERE id = $1").bind(id.0).execute(conn).await?;
    one("schemas.delete", &result)
}

pub async fn get(conn: &mut Conn, id: SchemaId) -> Result<Option<Extension>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM schemas WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Extension::try_from).transpose()
}

/// In the order in which they were defined.
pub async fn all(conn: &mut Conn) -> Result<Vec<Extension>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM schemas ORDER BY id").fetch_all(conn).await?;
    converted(rows)
}
