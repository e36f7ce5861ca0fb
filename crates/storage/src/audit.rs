//! `audit`: who did what, chained by a MAC. The head is read and written in each transaction, never cached.
//!
//! A head that was altered or removed stays broken: changes go on and are chained, and [`verify`] goes on telling.
//! Were it sealed anew by the next change, that change would hide what was cut off before it.

use domain::Timestamp;
use serde_json::Value;
use sqlx::FromRow;
use uuid::Uuid;

use crate::{
    Conn, Error, Result, Vault,
    row::{all, at},
};

/// Who acted, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// `user`, `token`, `cli`, `system`.
    pub kind: &'static str,
    pub id: Option<Uuid>,
    pub label: String,
    pub address: String,
}

#[derive(Clone, Debug)]
pub struct Event {
    pub at: Timestamp,
    pub actor: Actor,
    /// `user.create`, `connector.enable`, …
    pub action: &'static str,
    pub subject_kind: &'static str,
    pub subject_id: Option<Uuid>,
    pub subject_label: String,
    /// What changed; never a secret.
    pub details: Value,
}

#[derive(FromRow)]
struct Row {
    seq: i64,
    at: i64,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_label: String,
    address: String,
    action: String,
    subject_kind: String,
    subject_id: Option<Uuid>,
    subject_label: String,
    /// JSON, kept as it was written: the MAC is over this very text.
    details: String,
    mac: Vec<u8>,
}

#[derive(FromRow)]
struct Head {
    seq: i64,
    mac: Vec<u8>,
    seal: Vec<u8>,
}

impl Head {
    fn sealed(vault: &Vault, seq: i64, mac: Vec<u8>) -> Self {
        let seal = head_seal(vault, seq, &mac).to_vec();
        Self { seq, mac, seal }
    }

    fn is_whole(&self, vault: &Vault) -> bool {
        self.seal == head_seal(vault, self.seq, &self.mac)
    }
}

/// A row as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_label: String,
    pub address: String,
    pub action: String,
    pub subject_kind: String,
    pub subject_id: Option<Uuid>,
    pub subject_label: String,
    pub details: Value,
}

impl TryFrom<Row> for Entry {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let details = serde_json::from_str(&row.details).map_err(|error| Error::BadRow {
            table: "audit",
            id: row.seq.to_string(),
            what: error.to_string(),
        })?;
        Ok(Self {
            seq: row.seq,
            at: at(row.at),
            actor_kind: row.actor_kind,
            actor_label: row.actor_label,
            address: row.address,
            action: row.action,
            subject_kind: row.subject_kind,
            subject_id: row.subject_id,
            subject_label: row.subject_label,
            details,
        })
    }
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum Broken {
    #[error("the head of the audit trail was altered or removed")]
    Head,
    #[error("audit event {0} was altered, or one before it removed")]
    Row(i64),
    #[error("the audit trail ends at event {present}, but {recorded} were recorded")]
    CutOff { present: i64, recorded: i64 },
}

fn row_mac(vault: &Vault, before: &[u8], row: &Row) -> [u8; 32] {
    vault.audit_mac(&[
        before,
        &row.seq.to_be_bytes(),
        &row.at.to_be_bytes(),
        row.actor_kind.as_bytes(),
        row.actor_id.as_ref().map_or(&[][..], |id| id.as_bytes()),
        row.actor_label.as_bytes(),
        row.address.as_bytes(),
        row.action.as_bytes(),
        row.subject_kind.as_bytes(),
        row.subject_id.as_ref().map_or(&[][..], |id| id.as_bytes()),
        row.subject_label.as_bytes(),
        row.details.as_bytes(),
    ])
}

fn head_seal(vault: &Vault, seq: i64, mac: &[u8]) -> [u8; 32] {
    vault.audit_mac(&[b"head", &seq.to_be_bytes(), mac])
}

async fn head(conn: &mut Conn) -> Result<Option<Head>> {
    Ok(sqlx::query_as("SELECT seq, mac, seal FROM audit_head WHERE one = 1").fetch_optional(conn).await?)
}

async fn put_head(conn: &mut Conn, head: &Head) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_head (one, seq, mac, seal) VALUES (1, $1, $2, $3) \
         ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, seal = excluded.seal",
    )
    .bind(head.seq)
    .bind(&head.mac)
    .bind(&head.seal)
    .execute(conn)
    .await?;
    Ok(())
}

/// Seals the empty trail of a new database; from then on a missing head is one that was removed.
pub(crate) async fn begin(conn: &mut Conn, vault: &Vault) -> Result<()> {
    put_head(conn, &Head::sealed(vault, 0, Vec::new())).await
}

async fn last_seq(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM audit").fetch_one(conn).await?)
}

pub async fn append(conn: &mut Conn, vault: &Vault, event: &Event) -> Result<()> {
    let (before, whole) = match head(conn).await? {
        Some(head) if head.is_whole(vault) => (head, true),
        broken => {
            tracing::error!("The head of the audit trail was altered or removed.");
            let broken = broken.unwrap_or(Head { seq: 0, mac: Vec::new(), seal: Vec::new() });
            (Head { seq: last_seq(conn).await?, ..broken }, false)
        }
    };
    let mut row = Row {
        seq: before.seq + 1,
        at: event.at.as_micros(),
        actor_kind: event.actor.kind.to_owned(),
        actor_id: event.actor.id,
        actor_label: event.actor.label.clone(),
        address: event.actor.address.clone(),
        action: event.action.to_owned(),
        subject_kind: event.subject_kind.to_owned(),
        subject_id: event.subject_id,
        subject_label: event.subject_label.clone(),
        details: event.details.to_string(),
        mac: Vec::new(),
    };
    row.mac = row_mac(vault, &before.mac, &row).to_vec();
    sqlx::query(
        "INSERT INTO audit (seq, at, actor_kind, actor_id, actor_label, address, action, subject_kind, subject_id, \
         subject_label, details, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)",
    )
    .bind(row.seq)
    .bind(row.at)
    .bind(&row.actor_kind)
    .bind(row.actor_id)
    .bind(&row.actor_label)
    .bind(&row.address)
    .bind(&row.action)
    .bind(&row.subject_kind)
    .bind(row.subject_id)
    .bind(&row.subject_label)
    .bind(&row.details)
    .bind(&row.mac)
    .execute(&mut *conn)
    .await?;
    let head = Head::sealed(vault, row.seq, row.mac);
    put_head(conn, &if whole { head } else { Head { seal: before.seal, ..head } }).await
}

/// Newest first.
pub async fn page(conn: &mut Conn, before: Option<i64>, limit: i64) -> Result<Vec<Entry>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM audit WHERE seq < $1 ORDER BY seq DESC LIMIT $2")
        .bind(before.unwrap_or(i64::MAX))
        .bind(limit)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// Walks the whole chain; the number of events, or where it is broken.
pub async fn verify(conn: &mut Conn, vault: &Vault) -> Result<Result<i64, Broken>, Error> {
    const BATCH: i64 = 1000;
    let Some(head) = head(conn).await?.filter(|head| head.is_whole(vault)) else {
        return Ok(Err(Broken::Head));
    };
    let (mut seq, mut mac) = (0, Vec::new());
    loop {
        let rows: Vec<Row> = sqlx::query_as("SELECT * FROM audit WHERE seq > $1 ORDER BY seq LIMIT $2")
            .bind(seq)
            .bind(BATCH)
            .fetch_all(&mut *conn)
            .await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != seq + 1 || row.mac != row_mac(vault, &mac, &row) {
                return Ok(Err(Broken::Row(row.seq)));
            }
            seq = row.seq;
            mac = row.mac;
        }
    }
    Ok(if (seq, &mac) == (head.seq, &head.mac) {
        Ok(seq)
    } else {
        Err(Broken::CutOff { present: seq, recorded: head.seq })
    })
}
