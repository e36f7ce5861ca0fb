//! `mails`: what is to be sent to people, and what became of it.

use domain::{
    MailId, Timestamp,
    mail::{Mail, State},
};
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{all, at, one, parsed},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    kind: String,
    recipient: String,
    name: String,
    about: Option<Uuid>,
    state: String,
    text: String,
    words: String,
    tries: i64,
    due_at: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Mail {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            kind: parsed("mails", row.id, &row.kind)?,
            recipient: row.recipient,
            name: row.name,
            about: row.about,
            state: parsed("mails", row.id, &row.state)?,
            text: row.text,
            words: row.words,
            tries: u32::try_from(row.tries).unwrap_or(u32::MAX),
            due_at: at(row.due_at),
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, mail: &Mail) -> Result<()> {
    sqlx::query(
        "INSERT INTO mails (id, kind, recipient, name, about, state, text, tries, due_at, created_at, updated_at, \
         words) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(mail.id.0)
    .bind(mail.kind.as_str())
    .bind(&mail.recipient)
    .bind(&mail.name)
    .bind(mail.about)
    .bind(mail.state.as_str())
    .bind(&mail.text)
    .bind(i64::from(mail.tries))
    .bind(mail.due_at.as_micros())
    .bind(mail.created_at.as_micros())
    .bind(mail.updated_at.as_micros())
    .bind(&mail.words)
    .execute(conn)
    .await?;
    Ok(())
}

/// Everything of it that changes.
pub async fn update(conn: &mut Conn, mail: &Mail) -> Result<()> {
    let result =
        sqlx::query("UPDATE mails SET state = $2, text = $3, tries = $4, due_at = $5, updated_at = $6 WHERE id = $1")
            .bind(mail.id.0)
            .bind(mail.state.as_str())
            .bind(&mail.text)
            .bind(i64::from(mail.tries))
            .bind(mail.due_at.as_micros())
            .bind(mail.updated_at.as_micros())
            .execute(conn)
            .await?;
    one("mails.update", &result)
}

pub async fn get(conn: &mut Conn, id: MailId) -> Result<Option<Mail>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM mails WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Mail::try_from).transpose()
}

/// Newest first, before an id.
pub async fn page(conn: &mut Conn, state: Option<&State>, before: Option<MailId>, limit: i64) -> Result<Vec<Mail>> {
    let before = before.map_or(Uuid::max(), |id| id.0);
    let rows: Vec<Row> = match state {
        Some(state) => {
            sqlx::query_as("SELECT * FROM mails WHERE state = $1 AND id < $2 ORDER BY id DESC LIMIT $3")
                .bind(state.as_str())
                .bind(before)
                .bind(limit)
                .fetch_all(conn)
                .await?
        }
        None => {
            sqlx::query_as("SELECT * FROM mails WHERE id < $1 ORDER BY id DESC LIMIT $2")
                .bind(before)
                .bind(limit)
                .fetch_all(conn)
                .await?
        }
    };
    all(rows)
}

/// What is to go out by now, the longest due first.
pub async fn due(conn: &mut Conn, now: Timestamp, limit: i64) -> Result<Vec<Mail>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM mails WHERE state = 'due' AND due_at <= $1 ORDER BY due_at, id LIMIT $2")
            .bind(now.as_micros())
            .bind(limit)
            .fetch_all(conn)
            .await?;
    all(rows)
}

/// When the next one is due.
pub async fn next_due(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let next: Option<i64> =
        sqlx::query_scalar("SELECT due_at FROM mails WHERE state = 'due' ORDER BY due_at, id LIMIT 1")
            .fetch_optional(conn)
            .await?;
    Ok(next.map(at))
}

/// Forgets those that were done with before `since`.
pub async fn delete_done(conn: &mut Conn, since: Timestamp) -> Result<u64> {
    let result = sqlx::query("DELETE FROM mails WHERE state <> 'due' AND updated_at <= $1")
        .bind(since.as_micros())
        .execute(conn)
        .await?;
    Ok(result.rows_affected())
}
