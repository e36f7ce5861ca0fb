//! `audit`: who did what, chained by a MAC. The head is read and written in each transaction, never cached.
//!
//! A head that was altered or removed stays broken: changes go on and are chained, and [`verify`] goes on telling.
//! Were it sealed anew by the next change, that change would hide what was cut off before it. For the same reason
//! [`trim`] removes nothing that does not fit the chain.
//!
//! Finding events is in `audit_search`.

use std::{fmt, str::FromStr};

use domain::Timestamp;
use serde_json::{Value, json};
use sqlx::{Connection as _, FromRow};
use uuid::Uuid;

use crate::{
    Conn, Error, Result, Vault,
    row::{all, at},
};

/// The action of the event that each trim leaves.
const TRIM: &str = "audit.trim";
/// Events that verification reads at once.
const BATCH: i64 = 1000;
/// Hexadecimal digits of an event's MAC in its [`Mark`]: 64 bits.
const MARK: usize = 16;

/// What kind of actor it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ActorKind {
    User,
    Token,
    /// A command on this machine.
    Cli,
    /// Usher itself.
    System,
    /// Whoever was not signed in.
    Nobody,
}

impl ActorKind {
    const ALL: [Self; 5] = [Self::User, Self::Token, Self::Cli, Self::System, Self::Nobody];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Token => "token",
            Self::Cli => "cli",
            Self::System => "system",
            Self::Nobody => "nobody",
        }
    }
}

impl FromStr for ActorKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

/// Who acted, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    pub kind: ActorKind,
    pub id: Option<Uuid>,
    pub label: String,
    pub address: String,
}

impl Actor {
    /// Usher itself.
    pub fn usher() -> Self {
        Self { kind: ActorKind::System, id: None, label: "Usher".to_owned(), address: String::new() }
    }
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
pub(crate) struct Row {
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

/// A sealed place in the chain: the head, at its end, or the checkpoint from which it starts.
#[derive(FromRow)]
struct End {
    seq: i64,
    mac: Vec<u8>,
    seal: Vec<u8>,
}

#[derive(Clone, Copy)]
enum Which {
    Head,
    Start,
}

impl Which {
    fn name(self) -> &'static [u8] {
        match self {
            Self::Head => b"head",
            Self::Start => b"start",
        }
    }
}

impl End {
    fn sealed(vault: &Vault, which: Which, seq: i64, mac: Vec<u8>) -> Self {
        let seal = seal(vault, which, seq, &mac).to_vec();
        Self { seq, mac, seal }
    }

    fn is_whole(&self, vault: &Vault, which: Which) -> bool {
        self.seal == seal(vault, which, self.seq, &self.mac)
    }
}

/// A row as it is read.
#[derive(Clone, Debug)]
pub struct Entry {
    pub seq: i64,
    pub at: Timestamp,
    pub actor_kind: String,
    pub actor_id: Option<Uuid>,
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
            actor_id: row.actor_id,
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
    #[error("the checkpoint from which the audit trail starts was altered, removed, or is an older one")]
    Start,
    #[error("audit event {0} was altered, or one before it removed")]
    Row(i64),
    #[error("the audit trail ends at event {present}, but {recorded} were recorded")]
    CutOff { present: i64, recorded: i64 },
    #[error("the audit trail ends at event {present}, before {told}: an older file was put in its place")]
    Older { present: i64, told: Mark },
    #[error("the audit trail does not hold {0}, but another event of that number: another file was put in its place")]
    Another(Mark),
    #[error("{0} was trimmed away: compare with a later one")]
    Trimmed(Mark),
}

/// A trail without a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Whole {
    pub events: i64,
    /// When the first was recorded, and the last.
    pub span: Option<(Timestamp, Timestamp)>,
    /// The last event that was trimmed away; 0 where none was.
    pub trimmed: i64,
    /// The last event; none in an empty trail.
    pub head: Option<Mark>,
}

/// An event by its number and the beginning of its MAC: written down elsewhere, it tells later whether the trail still
/// holds this very event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    pub seq: i64,
    mac: String,
}

impl Mark {
    fn of(seq: i64, mac: &[u8]) -> Self {
        let beginning: [u8; MARK / 2] = std::array::from_fn(|place| mac.get(place).copied().unwrap_or_default());
        Self { seq, mac: format!("{:0MARK$x}", u64::from_be_bytes(beginning)) }
    }
}

/// `1284-0f3a9c…`
impl fmt::Display for Mark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.seq, self.mac)
    }
}

impl FromStr for Mark {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        let (seq, mac) = text.split_once('-').ok_or(())?;
        let seq = seq.parse().map_err(|_| ())?;
        let hexadecimal = mac.len() == MARK && mac.bytes().all(|byte| byte.is_ascii_hexdigit());
        if hexadecimal && seq > 0 { Ok(Self { seq, mac: mac.to_ascii_lowercase() }) } else { Err(()) }
    }
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

fn seal(vault: &Vault, which: Which, seq: i64, mac: &[u8]) -> [u8; 32] {
    vault.audit_mac(&[which.name(), &seq.to_be_bytes(), mac])
}

async fn head(conn: &mut Conn) -> Result<Option<End>> {
    Ok(sqlx::query_as("SELECT seq, mac, seal FROM audit_head WHERE one = 1").fetch_optional(conn).await?)
}

async fn put_head(conn: &mut Conn, head: &End) -> Result<()> {
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

/// Where the chain starts: before the first event that was ever recorded, or where the last trim has left it.
async fn start(conn: &mut Conn, vault: &Vault) -> Result<Result<(i64, Vec<u8>), Broken>> {
    let start: Option<End> =
        sqlx::query_as("SELECT seq, mac, seal FROM audit_start WHERE one = 1").fetch_optional(conn).await?;
    Ok(match start {
        None => Ok((0, Vec::new())),
        Some(start) if start.is_whole(vault, Which::Start) => Ok((start.seq, start.mac)),
        Some(_) => Err(Broken::Start),
    })
}

async fn put_start(conn: &mut Conn, start: &End) -> Result<()> {
    sqlx::query(
        "INSERT INTO audit_start (one, seq, mac, seal) VALUES (1, $1, $2, $3) \
         ON CONFLICT (one) DO UPDATE SET seq = excluded.seq, mac = excluded.mac, seal = excluded.seal",
    )
    .bind(start.seq)
    .bind(&start.mac)
    .bind(&start.seal)
    .execute(conn)
    .await?;
    Ok(())
}

/// Seals the empty trail of a new database; from then on a missing head is one that was removed.
pub(crate) async fn begin(conn: &mut Conn, vault: &Vault) -> Result<()> {
    put_head(conn, &End::sealed(vault, Which::Head, 0, Vec::new())).await
}

async fn last_seq(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COALESCE(MAX(seq), 0) FROM audit").fetch_one(conn).await?)
}

pub async fn append(conn: &mut Conn, vault: &Vault, event: &Event) -> Result<()> {
    let (before, whole) = match head(conn).await? {
        Some(head) if head.is_whole(vault, Which::Head) => (head, true),
        broken => {
            tracing::error!("The head of the audit trail was altered or removed.");
            let broken = broken.unwrap_or(End { seq: 0, mac: Vec::new(), seal: Vec::new() });
            (End { seq: last_seq(conn).await?, ..broken }, false)
        }
    };
    let mut row = Row {
        seq: before.seq + 1,
        at: event.at.as_micros(),
        actor_kind: event.actor.kind.as_str().to_owned(),
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
    let head = End::sealed(vault, Which::Head, row.seq, row.mac);
    put_head(conn, &if whole { head } else { End { seal: before.seal, ..head } }).await
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

/// The event of this number.
pub async fn get(conn: &mut Conn, seq: i64) -> Result<Option<Entry>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM audit WHERE seq = $1").bind(seq).fetch_optional(conn).await?;
    row.map(Entry::try_from).transpose()
}

/// When the oldest event was recorded.
pub async fn oldest(conn: &mut Conn) -> Result<Option<Timestamp>> {
    let oldest: Option<i64> =
        sqlx::query_scalar("SELECT at FROM audit ORDER BY seq LIMIT 1").fetch_optional(conn).await?;
    Ok(oldest.map(at))
}

/// The last event, as the log tells it; none in an empty trail.
pub async fn mark(conn: &mut Conn) -> Result<Option<Mark>> {
    Ok(head(conn).await?.filter(|head| head.seq > 0).map(|head| Mark::of(head.seq, &head.mac)))
}

async fn batch(conn: &mut Conn, from: i64, limit: i64) -> Result<Vec<Row>> {
    let rows = sqlx::query_as("SELECT * FROM audit WHERE seq >= $1 ORDER BY seq LIMIT $2").bind(from).bind(limit);
    Ok(rows.fetch_all(conn).await?)
}

/// Walks the whole chain: from the checkpoint to the head, in one view of the database however much is recorded
/// meanwhile. `told`: an event that must be in it, as it was once written down.
pub async fn verify(conn: &mut Conn, vault: &Vault, told: Option<&Mark>) -> Result<Result<Whole, Broken>> {
    let mut view = conn.begin().await?;
    let verdict = walk(&mut view, vault, told).await?;
    view.rollback().await?;
    Ok(verdict)
}

async fn walk(conn: &mut Conn, vault: &Vault, told: Option<&Mark>) -> Result<Result<Whole, Broken>> {
    let Some(head) = head(conn).await?.filter(|head| head.is_whole(vault, Which::Head)) else {
        return Ok(Err(Broken::Head));
    };
    let (trimmed, mut mac) = match start(conn, vault).await? {
        Ok(start) => start,
        Err(broken) => return Ok(Err(broken)),
    };
    let (mut seq, mut checkpoint, mut span) = (trimmed, 0, None);
    // What stands before the checkpoint does not belong there: so from the lowest number.
    let mut from = i64::MIN;
    loop {
        let rows = batch(conn, from, BATCH).await?;
        if rows.is_empty() {
            break;
        }
        for row in rows {
            if row.seq != seq + 1 || row.mac != row_mac(vault, &mac, &row) {
                return Ok(Err(Broken::Row(row.seq)));
            }
            if let Some(told) = told.filter(|told| told.seq == row.seq && **told != Mark::of(row.seq, &row.mac)) {
                return Ok(Err(Broken::Another(told.clone())));
            }
            checkpoint = through(&row).unwrap_or(checkpoint);
            span = Some((span.map_or(at(row.at), |(first, _)| first), at(row.at)));
            seq = row.seq;
            mac = row.mac;
        }
        from = seq + 1;
    }
    if (seq, &mac) != (head.seq, &head.mac) {
        return Ok(Err(Broken::CutOff { present: seq, recorded: head.seq }));
    }
    if checkpoint != trimmed {
        return Ok(Err(Broken::Start));
    }
    match told {
        Some(told) if told.seq > seq => return Ok(Err(Broken::Older { present: seq, told: told.clone() })),
        Some(told) if told.seq <= trimmed => return Ok(Err(Broken::Trimmed(told.clone()))),
        _ => {}
    }
    let head = (seq > 0).then(|| Mark::of(seq, &mac));
    Ok(Ok(Whole { events: seq - trimmed, span, trimmed, head }))
}

/// Up to which event was trimmed, in the event that tells it.
fn through(row: &Row) -> Option<i64> {
    if row.action != TRIM {
        return None;
    }
    serde_json::from_str::<Value>(&row.details).ok()?.get("through")?.as_i64()
}

/// Removes the oldest events that were recorded before `before`, `limit` of them at most, and moves the checkpoint; an
/// event by `actor` tells it. Answers how many went. Nothing goes that does not fit the chain.
pub async fn trim(
    conn: &mut Conn,
    vault: &Vault,
    (actor, now): (&Actor, Timestamp),
    before: Timestamp,
    limit: i64,
) -> Result<Result<i64, Broken>> {
    let (start, mut mac) = match start(conn, vault).await? {
        Ok(start) => start,
        Err(broken) => return Ok(Err(broken)),
    };
    let (mut seq, mut span) = (start, None);
    for row in batch(conn, i64::MIN, limit).await? {
        if at(row.at) >= before {
            break;
        }
        if row.seq != seq + 1 || row.mac != row_mac(vault, &mac, &row) {
            return Ok(Err(Broken::Row(row.seq)));
        }
        span = Some((span.map_or(at(row.at), |(first, _)| first), at(row.at)));
        seq = row.seq;
        mac = row.mac;
    }
    let Some((first, last)) = span else { return Ok(Ok(0)) };
    let events = seq - start;
    sqlx::query("DELETE FROM audit WHERE seq <= $1").bind(seq).execute(&mut *conn).await?;
    put_start(conn, &End::sealed(vault, Which::Start, seq, mac)).await?;
    let event = Event {
        at: now,
        actor: actor.clone(),
        action: TRIM,
        subject_kind: "audit",
        subject_id: None,
        subject_label: String::new(),
        details: json!({ "events": events, "through": seq, "first": first, "last": last }),
    };
    append(conn, vault, &event).await?;
    Ok(Ok(events))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_read_as_it_is_written() {
        let mark = Mark::of(1284, &[0x0f, 0x3a, 0x9c, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06]);
        assert_eq!(mark.to_string(), "1284-0f3a9c0102030405");
        assert_eq!(mark.to_string().parse(), Ok(mark.clone()));
        assert_eq!("1284-0F3A9C0102030405".parse(), Ok(mark));
        for wrong in
            ["", "1284", "-0f3a9c0102030405", "0-0f3a9c0102030405", "1284-0f3a9c01020304", "1-zf3a9c0102030405"]
        {
            assert_eq!(wrong.parse::<Mark>(), Err(()), "{wrong}");
        }
    }
}
