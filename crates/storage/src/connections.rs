//! `connections`.

use domain::{
    ConnectionId,
    connection::{Connection, Life},
    validation::name_key,
};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{all, at, bad, one},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    description: String,
    template: String,
    enabled: bool,
    life: String,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Connection {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            name: row.name,
            description: row.description,
            template: row.template,
            enabled: row.enabled,
            life: Life::parse(&row.life).ok_or_else(|| bad("connections", row.id, "unknown life"))?,
            version: row.version,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, connection: &Connection) -> Result<()> {
    sqlx::query(
        "INSERT INTO connections (id, name, name_key, description, template, enabled, life, version, created_at, \
         updated_at) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
    )
    .bind(connection.id.0)
    .bind(&connection.name)
    .bind(name_key(&connection.name))
    .bind(&connection.description)
    .bind(&connection.template)
    .bind(connection.enabled)
    .bind(connection.life.as_str())
    .bind(connection.version)
    .bind(connection.created_at.as_micros())
    .bind(connection.updated_at.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn update(conn: &mut Conn, connection: &Connection) -> Result<()> {
    let result = sqlx::query(
        "UPDATE connections SET name = $2, name_key = $3, description = $4, enabled = $5, life = $6, version = $7, \
         updated_at = $8 WHERE id = $1",
    )
    .bind(connection.id.0)
    .bind(&connection.name)
    .bind(name_key(&connection.name))
    .bind(&connection.description)
    .bind(connection.enabled)
    .bind(connection.life.as_str())
    .bind(connection.version)
    .bind(connection.updated_at.as_micros())
    .execute(conn)
    .await?;
    one("connections.update", &result)
}

pub async fn delete(conn: &mut Conn, id: ConnectionId) -> Result<()> {
    let result = sqlx::query("DELETE FROM connections WHERE id = $1").bind(id.0).execute(conn).await?;
    one("connections.delete", &result)
}

pub async fn get(conn: &mut Conn, id: ConnectionId) -> Result<Option<Connection>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM connections WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Connection::try_from).transpose()
}

pub async fn count(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM connections").fetch_one(conn).await?)
}

/// By name, after a cursor, narrowed to names that contain `search`.
pub async fn page(
    conn: &mut Conn,
    search: Option<&str>,
    after: Option<(&str, ConnectionId)>,
    limit: i64,
) -> Result<Vec<Connection>> {
    let mut query = QueryBuilder::new("SELECT * FROM connections WHERE TRUE");
    if let Some(search) = search {
        let pattern = format!("%{}%", name_key(search).replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_"));
        query.push(" AND name_key LIKE ").push_bind(pattern).push(" ESCAPE '\\'");
    }
    if let Some((name, id)) = after {
        query.push(" AND (name_key, id) > (").push_bind(name_key(name)).push(", ").push_bind(id.0).push(")");
    }
    query.push(" ORDER BY name_key, id LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    all(rows)
}
