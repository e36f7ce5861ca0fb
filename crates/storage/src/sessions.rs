//! `sessions`: who is signed in at the console. Tokens are hashed.

use domain::{ConnectionId, SessionId, Timestamp, UserId};
use secrecy::SecretString;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{Conn, Result, Vault, row::at, vault::Place};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Session {
    pub id: SessionId,
    pub user_id: UserId,
    pub created_at: Timestamp,
    pub seen_at: Timestamp,
    pub expires_at: Timestamp,
    pub address: String,
    pub agent: String,
    /// A second factor is to be shown yet: it opens nothing else.
    pub half: bool,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    created_at: i64,
    seen_at: i64,
    expires_at: i64,
    address: String,
    agent: String,
    half: bool,
}

impl From<Row> for Session {
    fn from(row: Row) -> Self {
        Self {
            id: row.id.into(),
            user_id: row.user_id.into(),
            created_at: at(row.created_at),
            seen_at: at(row.seen_at),
            expires_at: at(row.expires_at),
            address: row.address,
            agent: row.agent,
            half: row.half,
        }
    }
}

pub async fn insert(conn: &mut Conn, session: &Session, token_hash: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO sessions (id, token_hash, user_id, created_at, seen_at, expires_at, address, agent, half) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(session.id.0)
    .bind(token_hash)
    .bind(session.user_id.0)
    .bind(session.created_at.as_micros())
    .bind(session.seen_at.as_micros())
    .bind(session.expires_at.as_micros())
    .bind(&session.address)
    .bind(&session.agent)
    .bind(session.half)
    .execute(conn)
    .await?;
    Ok(())
}

/// Where a session came from, if not from a password.
#[derive(Clone, Debug)]
pub struct Source {
    pub connection_id: ConnectionId,
    /// The provider's session (`sid`).
    pub provider_session: Option<String>,
    /// Shown when signing out there.
    pub id_token: Option<SecretString>,
}

fn id_token_place(id: SessionId) -> Place<'static> {
    Place { table: "sessions", row: id.0, field: "id_token" }
}

pub async fn set_source(conn: &mut Conn, vault: &Vault, id: SessionId, source: &Source) -> Result<()> {
    sqlx::query("UPDATE sessions SET connection_id = $2, provider_session = $3, id_token = $4 WHERE id = $1")
        .bind(id.0)
        .bind(source.connection_id.0)
        .bind(&source.provider_session)
        .bind(source.id_token.as_ref().map(|token| vault.seal_text(id_token_place(id), token)))
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn source(conn: &mut Conn, vault: &Vault, id: SessionId) -> Result<Option<Source>> {
    type Columns = (Option<Uuid>, Option<String>, Option<Vec<u8>>);
    let row: Option<Columns> =
        sqlx::query_as("SELECT connection_id, provider_session, id_token FROM sessions WHERE id = $1")
            .bind(id.0)
            .fetch_optional(conn)
            .await?;
    let Some((Some(connection), provider_session, sealed)) = row else { return Ok(None) };
    let id_token = sealed.map(|sealed| vault.open_text(id_token_place(id), &sealed)).transpose()?;
    Ok(Some(Source { connection_id: connection.into(), provider_session, id_token }))
}

/// Ends the sessions of a user that came by a connection: one session of the provider's, or all.
pub async fn delete_from(
    conn: &mut Conn,
    user: UserId,
    connection: ConnectionId,
    provider_session: Option<&str>,
) -> Result<u64> {
    let result = sqlx::query(
        "DELETE FROM sessions WHERE user_id = $1 AND connection_id = $2 AND ($3 IS NULL OR provider_session = $3)",
    )
    .bind(user.0)
    .bind(connection.0)
    .bind(provider_session)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// Whose sessions came by this session of a provider's.
pub async fn users_from(conn: &mut Conn, connection: ConnectionId, provider_session: &str) -> Result<Vec<UserId>> {
    let users: Vec<Uuid> =
        sqlx::query_scalar("SELECT DISTINCT user_id FROM sessions WHERE connection_id = $1 AND provider_session = $2")
            .bind(connection.0)
            .bind(provider_session)
            .fetch_all(conn)
            .await?;
    Ok(users.into_iter().map(UserId::from).collect())
}

pub async fn by_token(conn: &mut Conn, token_hash: &[u8]) -> Result<Option<Session>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM sessions WHERE token_hash = $1").bind(token_hash).fetch_optional(conn).await?;
    Ok(row.map(Session::from))
}

pub async fn touch(conn: &mut Conn, id: SessionId, now: Timestamp) -> Result<()> {
    sqlx::query("UPDATE sessions SET seen_at = $2 WHERE id = $1")
        .bind(id.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    Ok(())
}

/// A second factor was tried in vain; how often by now.
pub async fn tried(conn: &mut Conn, id: SessionId) -> Result<Option<i64>> {
    Ok(sqlx::query_scalar("UPDATE sessions SET tries = tries + 1 WHERE id = $1 AND half RETURNING tries")
        .bind(id.0)
        .fetch_optional(conn)
        .await?)
}

/// The second factor was shown: it is a session from now on, under another token. Whether it waited for that.
pub async fn complete(
    conn: &mut Conn,
    id: SessionId,
    token_hash: &[u8],
    now: Timestamp,
    expires_at: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE sessions SET half = FALSE, token_hash = $2, created_at = $3, seen_at = $3, expires_at = $4 \
         WHERE id = $1 AND half",
    )
    .bind(id.0)
    .bind(token_hash)
    .bind(now.as_micros())
    .bind(expires_at.as_micros())
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub async fn get(conn: &mut Conn, id: SessionId) -> Result<Option<Session>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM sessions WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    Ok(row.map(Session::from))
}

/// Ends one session of a user; whether there was such a one.
pub async fn delete_one_of(conn: &mut Conn, user: UserId, id: SessionId) -> Result<bool> {
    let result = sqlx::query("DELETE FROM sessions WHERE id = $1 AND user_id = $2")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// Ends every session of a user but one, if one is to stay.
pub async fn delete_of(conn: &mut Conn, user: UserId, but: Option<SessionId>) -> Result<u64> {
    let result = sqlx::query("DELETE FROM sessions WHERE user_id = $1 AND id <> $2")
        .bind(user.0)
        .bind(but.map_or(Uuid::nil(), |id| id.0))
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}

/// Those that have not ended by themselves, the one seen last first.
pub async fn of_user(
    conn: &mut Conn,
    user: UserId,
    now: Timestamp,
    idle_since: Timestamp,
    limit: i64,
) -> Result<Vec<Session>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM sessions WHERE user_id = $1 AND NOT half AND expires_at > $2 AND seen_at > $3 \
         ORDER BY seen_at DESC LIMIT $4",
    )
    .bind(user.0)
    .bind(now.as_micros())
    .bind(idle_since.as_micros())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(rows.into_iter().map(Session::from).collect())
}

pub async fn delete_expired(conn: &mut Conn, now: Timestamp, idle_since: Timestamp) -> Result<u64> {
    let result = sqlx::query("DELETE FROM sessions WHERE expires_at <= $1 OR seen_at <= $2")
        .bind(now.as_micros())
        .bind(idle_since.as_micros())
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}
