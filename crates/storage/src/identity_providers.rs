//! `identity_providers`: how connections sign people in. The client secret is encrypted.

use domain::{ConnectionId, Timestamp, identity::IdentityProvider};
use secrecy::SecretString;
use sqlx::{FromRow, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result, Vault,
    row::{Document, at},
    vault::Place,
};

#[derive(Clone, Debug)]
pub struct Kept {
    pub connection_id: ConnectionId,
    pub settings: IdentityProvider,
    /// Since when there is a client secret.
    pub secret_at: Option<Timestamp>,
    pub version: i64,
}

#[derive(FromRow)]
struct Row {
    connection_id: Uuid,
    settings: Document<IdentityProvider>,
    secret_at: Option<i64>,
    version: i64,
}

impl TryFrom<Row> for Kept {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            connection_id: row.connection_id.into(),
            settings: row.settings.read("identity_providers", row.connection_id)?,
            secret_at: row.secret_at.map(at),
            version: row.version,
        })
    }
}

fn place(id: ConnectionId) -> Place<'static> {
    Place { table: "identity_providers", row: id.0, field: "secret" }
}

/// Writes the settings, and the secret where one is given.
pub async fn put(
    conn: &mut Conn,
    vault: &Vault,
    kept: &Kept,
    secret: Option<&SecretString>,
    now: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO identity_providers (connection_id, settings, secret, secret_at, version, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (connection_id) DO UPDATE SET settings = excluded.settings, \
         secret = COALESCE(excluded.secret, identity_providers.secret), \
         secret_at = COALESCE(excluded.secret_at, identity_providers.secret_at), version = excluded.version, \
         updated_at = excluded.updated_at",
    )
    .bind(kept.connection_id.0)
    .bind(Json(&kept.settings))
    .bind(secret.map(|secret| vault.seal_text(place(kept.connection_id), secret)))
    .bind(secret.map(|_| now.as_micros()))
    .bind(kept.version)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn get(conn: &mut Conn, id: ConnectionId) -> Result<Option<Kept>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT connection_id, settings, secret_at, version FROM identity_providers WHERE connection_id = $1",
    )
    .bind(id.0)
    .fetch_optional(conn)
    .await?;
    row.map(Kept::try_from).transpose()
}

/// The connections that are switched on, by name; few.
pub async fn enabled(conn: &mut Conn) -> Result<Vec<(ConnectionId, String)>> {
    let rows: Vec<(Uuid, String)> = sqlx::query_as(
        "SELECT connections.id, connections.name FROM identity_providers \
         JOIN connections ON connections.id = connection_id WHERE enabled AND life = 'active' \
         ORDER BY connections.name_key, connections.id",
    )
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(|(id, name)| (id.into(), name)).collect())
}

pub async fn secret(conn: &mut Conn, vault: &Vault, id: ConnectionId) -> Result<Option<SecretString>> {
    let sealed: Option<Option<Vec<u8>>> =
        sqlx::query_scalar("SELECT secret FROM identity_providers WHERE connection_id = $1")
            .bind(id.0)
            .fetch_optional(conn)
            .await?;
    sealed.flatten().map(|sealed| vault.open_text(place(id), &sealed)).transpose()
}
