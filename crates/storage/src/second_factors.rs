//! `second_factors`, `recovery_codes` and `second_steps`: what users show beside their password, encrypted or hashed.

use domain::{SecondFactorId, SessionId, Timestamp, UserId, second_factor::Kind};
use sqlx::FromRow;
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Conn, Error, Result, Vault,
    row::{at, parsed},
    vault::Place,
};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SecondFactor {
    pub id: SecondFactorId,
    pub user_id: UserId,
    pub kind: Kind,
    pub name: String,
    /// Of a passkey.
    pub credential: Option<Vec<u8>>,
    /// Of an app: the step whose code was used last.
    pub last_step: i64,
    pub created_at: Timestamp,
    pub used_at: Option<Timestamp>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    user_id: Uuid,
    kind: String,
    name: String,
    sealed: Vec<u8>,
    credential: Option<Vec<u8>>,
    last_step: i64,
    created_at: i64,
    used_at: Option<i64>,
}

impl TryFrom<Row> for (SecondFactor, Vec<u8>) {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let factor = SecondFactor {
            id: row.id.into(),
            user_id: row.user_id.into(),
            kind: parsed("second_factors", row.id, &row.kind)?,
            name: row.name,
            credential: row.credential,
            last_step: row.last_step,
            created_at: at(row.created_at),
            used_at: row.used_at.map(at),
        };
        Ok((factor, row.sealed))
    }
}

/// What a second step that is under way is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    SetUpApp,
    SetUpPasskey,
    AskForPasskey,
}

impl Purpose {
    fn as_str(self) -> &'static str {
        match self {
            Self::SetUpApp => "app",
            Self::SetUpPasskey => "passkey",
            Self::AskForPasskey => "ask",
        }
    }
}

fn place(id: SecondFactorId) -> Place<'static> {
    Place { table: "second_factors", row: id.0, field: "sealed" }
}

fn step_place(session: SessionId, purpose: Purpose) -> Place<'static> {
    Place { table: "second_steps", row: session.0, field: purpose.as_str() }
}

/// `secret` is what an app shares, or a passkey as it is kept.
pub async fn insert(conn: &mut Conn, vault: &Vault, factor: &SecondFactor, secret: &[u8]) -> Result<()> {
    sqlx::query(
        "INSERT INTO second_factors (id, user_id, kind, name, sealed, credential, last_step, created_at, used_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind(factor.id.0)
    .bind(factor.user_id.0)
    .bind(factor.kind.as_str())
    .bind(&factor.name)
    .bind(vault.seal(place(factor.id), secret))
    .bind(&factor.credential)
    .bind(factor.last_step)
    .bind(factor.created_at.as_micros())
    .bind(factor.used_at.map(Timestamp::as_micros))
    .execute(conn)
    .await?;
    Ok(())
}

async fn rows(conn: &mut Conn, user: UserId) -> Result<Vec<(SecondFactor, Vec<u8>)>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM second_factors WHERE user_id = $1 ORDER BY id")
        .bind(user.0)
        .fetch_all(conn)
        .await?;
    rows.into_iter().map(TryFrom::try_from).collect()
}

/// The oldest first.
pub async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<SecondFactor>> {
    Ok(rows(conn, user).await?.into_iter().map(|(factor, _)| factor).collect())
}

/// With what they share or are.
pub async fn secrets_of(
    conn: &mut Conn,
    vault: &Vault,
    user: UserId,
    kind: Kind,
) -> Result<Vec<(SecondFactor, Zeroizing<Vec<u8>>)>> {
    let rows = rows(conn, user).await?.into_iter().filter(|(factor, _)| factor.kind == kind);
    rows.map(|(factor, sealed)| Ok((factor.clone(), vault.open(place(factor.id), &sealed)?))).collect()
}

pub async fn has_any(conn: &mut Conn, user: UserId) -> Result<bool> {
    let one: Option<i32> = sqlx::query_scalar("SELECT 1 FROM second_factors WHERE user_id = $1 LIMIT 1")
        .bind(user.0)
        .fetch_optional(conn)
        .await?;
    Ok(one.is_some())
}

/// It was shown: the step of an app's code, or a passkey as it is from now on. Whether it was a newer step.
pub async fn used(
    conn: &mut Conn,
    vault: &Vault,
    id: SecondFactorId,
    (step, key): (i64, Option<&[u8]>),
    now: Timestamp,
) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE second_factors SET used_at = $2, last_step = $3, sealed = COALESCE($4, sealed) \
         WHERE id = $1 AND (kind <> 'app' OR last_step < $3)",
    )
    .bind(id.0)
    .bind(now.as_micros())
    .bind(step)
    .bind(key.map(|key| vault.seal(place(id), key)))
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

pub async fn delete_one_of(conn: &mut Conn, user: UserId, id: SecondFactorId) -> Result<bool> {
    let result = sqlx::query("DELETE FROM second_factors WHERE id = $1 AND user_id = $2")
        .bind(id.0)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}

/// All of a user's, with their recovery codes; how many factors there were.
pub async fn delete_of(conn: &mut Conn, user: UserId) -> Result<u64> {
    set_codes(conn, user, &[]).await?;
    let result = sqlx::query("DELETE FROM second_factors WHERE user_id = $1").bind(user.0).execute(conn).await?;
    Ok(result.rows_affected())
}

/// Gives a user these recovery codes instead of those that they had.
pub async fn set_codes(conn: &mut Conn, user: UserId, hashes: &[[u8; 32]]) -> Result<()> {
    sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1").bind(user.0).execute(&mut *conn).await?;
    for hash in hashes {
        sqlx::query("INSERT INTO recovery_codes (user_id, hash) VALUES ($1, $2)")
            .bind(user.0)
            .bind(hash.as_slice())
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

/// Uses up a recovery code; whether there was such a one.
pub async fn use_code(conn: &mut Conn, user: UserId, hash: &[u8]) -> Result<bool> {
    let result = sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1 AND hash = $2")
        .bind(user.0)
        .bind(hash)
        .execute(conn)
        .await?;
    Ok(result.rows_affected() == 1)
}

pub async fn codes_left(conn: &mut Conn, user: UserId) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT count(*) FROM recovery_codes WHERE user_id = $1")
        .bind(user.0)
        .fetch_one(conn)
        .await?)
}

/// Keeps what a step needs until it is taken, instead of what was kept for the same purpose.
pub async fn keep_step(
    conn: &mut Conn,
    vault: &Vault,
    session: SessionId,
    (purpose, state): (Purpose, &[u8]),
    until: Timestamp,
) -> Result<()> {
    sqlx::query(
        "INSERT INTO second_steps (session_id, purpose, sealed, expires_at) VALUES ($1, $2, $3, $4) \
         ON CONFLICT (session_id, purpose) DO UPDATE SET sealed = excluded.sealed, expires_at = excluded.expires_at",
    )
    .bind(session.0)
    .bind(purpose.as_str())
    .bind(vault.seal(step_place(session, purpose), state))
    .bind(until.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn step(
    conn: &mut Conn,
    vault: &Vault,
    session: SessionId,
    purpose: Purpose,
    now: Timestamp,
) -> Result<Option<Zeroizing<Vec<u8>>>> {
    let sealed: Option<Vec<u8>> = sqlx::query_scalar(
        "SELECT sealed FROM second_steps WHERE session_id = $1 AND purpose = $2 AND expires_at > $3",
    )
    .bind(session.0)
    .bind(purpose.as_str())
    .bind(now.as_micros())
    .fetch_optional(conn)
    .await?;
    sealed.map(|sealed| vault.open(step_place(session, purpose), &sealed)).transpose()
}

/// It was taken, or given up.
pub async fn delete_step(conn: &mut Conn, session: SessionId, purpose: Purpose) -> Result<()> {
    sqlx::query("DELETE FROM second_steps WHERE session_id = $1 AND purpose = $2")
        .bind(session.0)
        .bind(purpose.as_str())
        .execute(conn)
        .await?;
    Ok(())
}

pub async fn delete_expired_steps(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let result =
        sqlx::query("DELETE FROM second_steps WHERE expires_at <= $1").bind(now.as_micros()).execute(conn).await?;
    Ok(result.rows_affected())
}
