//! `deliveries`: one row per subject and connector.

use domain::{
    BootId, ConnectorId, DeliveryId, SubjectId, Timestamp, UserId,
    delivery::{Delivery, Intent, Priority, Reason, ReasonKind, State},
    validation::name_key,
};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, bad, one, parsed, push_ids, subject},
};

#[derive(FromRow)]
struct Row {
    id: Uuid,
    subject_kind: String,
    subject_id: Uuid,
    subject_label: String,
    connector_id: Uuid,
    wanted: String,
    leave: bool,
    version: i64,
    delivered_version: i64,
    state: String,
    boot: Option<Uuid>,
    reason_kind: Option<String>,
    reason_text: Option<String>,
    due_at: i64,
    priority: i64,
    triggered_by: String,
    fence: i64,
    tries: i64,
    name_key: Option<String>,
    intent: Option<Document<Intent>>,
    waits_for: Option<Uuid>,
    open_since: i64,
    created_at: i64,
    updated_at: i64,
}

const TABLE: &str = "deliveries";

impl TryFrom<Row> for Delivery {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        let reason = || {
            let kind = row.reason_kind.as_deref().ok_or_else(|| bad(TABLE, row.id, "no reason"))?;
            Ok::<_, Error>(Reason::new(parsed(TABLE, row.id, kind)?, row.reason_text.clone().unwrap_or_default()))
        };
        let state = match row.state.as_str() {
            "due" => State::Due,
            "running" => {
                State::Running { boot: row.boot.ok_or_else(|| bad(TABLE, row.id, "running without a lease"))?.into() }
            }
            "waiting" => State::Waiting { until: at(row.due_at), reason: reason()? },
            "held" => State::Held { reason: reason()? },
            "done" => State::Done,
            other => return Err(bad(TABLE, row.id, format!("unknown state {other:?}"))),
        };
        Ok(Self {
            id: row.id.into(),
            subject: subject(TABLE, row.id, &row.subject_kind, row.subject_id)?,
            subject_label: row.subject_label,
            connector_id: row.connector_id.into(),
            wanted: parsed(TABLE, row.id, &row.wanted)?,
            leave: row.leave,
            version: row.version,
            delivered_version: row.delivered_version,
            state,
            due_at: at(row.due_at),
            priority: Priority::from_i64(row.priority).ok_or_else(|| bad(TABLE, row.id, "unknown priority"))?,
            trigger: parsed(TABLE, row.id, &row.triggered_by)?,
            fence: row.fence,
            tries: row.tries,
            name_key: row.name_key,
            intent: row.intent.map(|intent| intent.read(TABLE, row.id)).transpose()?,
            waits_for: row.waits_for.map(DeliveryId),
            open_since: at(row.open_since),
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

fn boot_of(state: &State) -> Option<Uuid> {
    match state {
        State::Running { boot } => Some(boot.0),
        _ => None,
    }
}

pub async fn insert(conn: &mut Conn, delivery: &Delivery) -> Result<()> {
    let reason = delivery.state.reason();
    sqlx::query(
        "INSERT INTO deliveries (id, subject_kind, subject_id, subject_label, connector_id, wanted, leave, version, \
         delivered_version, state, boot, reason_kind, reason_text, due_at, priority, triggered_by, fence, tries, \
         name_key, intent, waits_for, created_at, updated_at, open_since, subject_key) VALUES ($1, $2, $3, $4, $5, \
         $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22, $23, $24, $25)",
    )
    .bind(delivery.id.0)
    .bind(delivery.subject.kind())
    .bind(delivery.subject.uuid())
    .bind(&delivery.subject_label)
    .bind(delivery.connector_id.0)
    .bind(delivery.wanted.as_str())
    .bind(delivery.leave)
    .bind(delivery.version)
    .bind(delivery.delivered_version)
    .bind(delivery.state.as_str())
    .bind(boot_of(&delivery.state))
    .bind(reason.map(|reason| reason.kind.as_str()))
    .bind(reason.map(|reason| reason.text.as_str()))
    .bind(delivery.due_at.as_micros())
    .bind(delivery.priority as i64)
    .bind(delivery.trigger.as_str())
    .bind(delivery.fence)
    .bind(delivery.tries)
    .bind(&delivery.name_key)
    .bind(delivery.intent.as_ref().map(Json))
    .bind(delivery.waits_for.map(|id| id.0))
    .bind(delivery.created_at.as_micros())
    .bind(delivery.updated_at.as_micros())
    .bind(delivery.open_since.as_micros())
    .bind(name_key(&delivery.subject_label))
    .execute(conn)
    .await?;
    Ok(())
}

pub async fn update(conn: &mut Conn, delivery: &Delivery) -> Result<()> {
    let reason = delivery.state.reason();
    let result = sqlx::query(
        "UPDATE deliveries SET subject_label = $2, wanted = $3, leave = $4, version = $5, delivered_version = $6, \
         state = $7, boot = $8, reason_kind = $9, reason_text = $10, due_at = $11, priority = $12, \
         triggered_by = $13, fence = $14, tries = $15, name_key = $16, intent = $17, waits_for = $18, \
         updated_at = $19, open_since = $20, subject_key = $21 WHERE id = $1",
    )
    .bind(delivery.id.0)
    .bind(&delivery.subject_label)
    .bind(delivery.wanted.as_str())
    .bind(delivery.leave)
    .bind(delivery.version)
    .bind(delivery.delivered_version)
    .bind(delivery.state.as_str())
    .bind(boot_of(&delivery.state))
    .bind(reason.map(|reason| reason.kind.as_str()))
    .bind(reason.map(|reason| reason.text.as_str()))
    .bind(delivery.due_at.as_micros())
    .bind(delivery.priority as i64)
    .bind(delivery.trigger.as_str())
    .bind(delivery.fence)
    .bind(delivery.tries)
    .bind(&delivery.name_key)
    .bind(delivery.intent.as_ref().map(Json))
    .bind(delivery.waits_for.map(|id| id.0))
    .bind(delivery.updated_at.as_micros())
    .bind(delivery.open_since.as_micros())
    .bind(name_key(&delivery.subject_label))
    .execute(conn)
    .await?;
    one("deliveries.update", &result)
}

pub async fn get(conn: &mut Conn, id: DeliveryId) -> Result<Option<Delivery>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM deliveries WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Delivery::try_from).transpose()
}

pub async fn of_subject(conn: &mut Conn, subject: SubjectId) -> Result<Vec<Delivery>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM deliveries WHERE subject_id = $1 ORDER BY id")
        .bind(subject.uuid())
        .fetch_all(conn)
        .await?;
    all(rows)
}

pub async fn of_subject_at(conn: &mut Conn, subject: SubjectId, connector: ConnectorId) -> Result<Option<Delivery>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM deliveries WHERE subject_id = $1 AND connector_id = $2")
        .bind(subject.uuid())
        .bind(connector.0)
        .fetch_optional(conn)
        .await?;
    row.map(Delivery::try_from).transpose()
}

/// What a connector shall send next, first things first.
pub async fn to_do(conn: &mut Conn, connector: ConnectorId, now: Timestamp, limit: i64) -> Result<Vec<Delivery>> {
    // Naming every priority lets the index skip what waits: a few seeks, however many wait.
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT * FROM deliveries WHERE connector_id = $1 AND state IN ('due', 'waiting') \
         AND priority IN (0, 1, 2, 3, 4) AND due_at <= $2 ORDER BY priority, due_at, id LIMIT $3",
    )
    .bind(connector.0)
    .bind(now.as_micros())
    .bind(limit)
    .fetch_all(conn)
    .await?;
    all(rows)
}

/// When a connector has something to send next.
pub async fn next_due(conn: &mut Conn, connector: ConnectorId, after: Timestamp) -> Result<Option<Timestamp>> {
    let due: Option<i64> = sqlx::query_scalar(
        "SELECT MIN(due_at) FROM deliveries WHERE connector_id = $1 AND state IN ('due', 'waiting') AND due_at > $2",
    )
    .bind(connector.0)
    .bind(after.as_micros())
    .fetch_one(conn)
    .await?;
    Ok(due.map(at))
}

/// An unsettled delivery of somebody else that holds, or may hold, this name at the connector.
pub async fn holder_of_name(
    conn: &mut Conn,
    connector: ConnectorId,
    name_key: &str,
    but: SubjectId,
) -> Result<Option<Delivery>> {
    let row: Option<Row> = sqlx::query_as(
        "SELECT * FROM deliveries WHERE id IN \
         (SELECT d.id FROM links l JOIN deliveries d ON d.subject_id = l.subject_id AND d.connector_id = l.connector_id \
          WHERE l.connector_id = $1 AND l.name_key = $2 \
          UNION ALL \
          SELECT id FROM deliveries WHERE connector_id = $1 AND name_key = $2 AND state <> 'done' \
          AND intent IS NOT NULL) \
         AND subject_id <> $3 AND state <> 'done' ORDER BY id LIMIT 1",
    )
    .bind(connector.0)
    .bind(name_key)
    .bind(but.uuid())
    .fetch_optional(conn)
    .await?;
    row.map(Delivery::try_from).transpose()
}

/// Lets everything go that waited for this delivery.
pub async fn wake_waiting(conn: &mut Conn, settled: DeliveryId, now: Timestamp) -> Result<u64> {
    let result = sqlx::query(
        "UPDATE deliveries SET state = 'due', due_at = $2, waits_for = NULL, reason_kind = NULL, reason_text = NULL, \
         updated_at = $2 WHERE waits_for = $1 AND state = 'waiting'",
    )
    .bind(settled.0)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

pub async fn waiting_for(conn: &mut Conn, delivery: DeliveryId) -> Result<Vec<Delivery>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM deliveries WHERE waits_for = $1 ORDER BY id")
        .bind(delivery.0)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// A target answers again, or its configuration changed: what waited for a retry is due at once, and if `held_too`,
/// what was refused, or held for credentials or configuration, is tried again.
pub async fn release(conn: &mut Conn, connector: ConnectorId, held_too: bool, now: Timestamp) -> Result<u64> {
    let result = sqlx::query(
        "UPDATE deliveries SET state = 'due', due_at = $2, reason_kind = NULL, reason_text = NULL, tries = 0, \
         updated_at = $2 WHERE connector_id = $1 AND state IN ('waiting', 'held') \
         AND ((state = 'waiting' AND reason_kind = 'retry') OR ($3 AND state = 'held' AND reason_kind IN ('refused', 'configuration', 'credentials')))",
    )
    .bind(connector.0)
    .bind(now.as_micros())
    .bind(held_too)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// At start: the leases of every other boot are void, and no wait for a retry exceeds `latest`.
pub async fn recover(conn: &mut Conn, boot: BootId, now: Timestamp, latest: Timestamp) -> Result<u64> {
    let void = sqlx::query(
        "UPDATE deliveries SET state = 'due', boot = NULL, due_at = $2, updated_at = $2 \
         WHERE state = 'running' AND boot <> $1",
    )
    .bind(boot.0)
    .bind(now.as_micros())
    .execute(&mut *conn)
    .await?;
    sqlx::query("UPDATE deliveries SET due_at = $1 WHERE state = 'waiting' AND reason_kind = 'retry' AND due_at > $1")
        .bind(latest.as_micros())
        .execute(conn)
        .await?;
    Ok(void.rows_affected())
}

/// How many deliveries of a connector are not done.
pub async fn open_at(conn: &mut Conn, connector: ConnectorId) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM deliveries WHERE connector_id = $1 AND state IN ('due', 'running', 'waiting', 'held')",
    )
    .bind(connector.0)
    .fetch_one(conn)
    .await?)
}

/// What a list is narrowed to. `closed` are the connectors whose gate is closed: what is due there waits.
#[derive(Clone, Debug, Default)]
pub struct Matching {
    pub state: Option<String>,
    pub user: Option<UserId>,
    /// The subject's name begins so, without regard to case; of the first [`NAMED`] of them.
    pub name: Option<String>,
    pub connector: Option<ConnectorId>,
    pub closed: Vec<ConnectorId>,
}

/// Deliveries that a search by name looks at, in the order of the names.
pub const NAMED: i64 = 1_000;

/// Where a delivery stands in the order of the last change.
pub type Changed = (Timestamp, DeliveryId);

/// Which end of which order.
#[derive(Clone, Copy)]
enum Part {
    Newest { before: Option<DeliveryId> },
    LastChanged { before: Option<Changed> },
    ChangedAfter(Changed),
}

/// Newest first, before a cursor. What changes meanwhile keeps its place.
pub async fn page(
    conn: &mut Conn,
    matching: &Matching,
    before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    fetch(conn, matching, Part::Newest { before }, limit).await
}

/// Last changed first, before a cursor.
pub async fn last_changed(
    conn: &mut Conn,
    matching: &Matching,
    before: Option<Changed>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    fetch(conn, matching, Part::LastChanged { before }, limit).await
}

async fn fetch(conn: &mut Conn, matching: &Matching, part: Part, limit: i64) -> Result<Vec<Delivery>> {
    let mut query = QueryBuilder::new("");
    push_list(&mut query, matching, part, limit);
    // A list in the text makes a statement of its own for every length: not worth a place among the prepared ones.
    let rows: Vec<Row> = query.build_query_as().persistent(matching.closed.is_empty()).fetch_all(conn).await?;
    all(rows)
}

/// How many changed after that, up to `limit`.
pub async fn count_changed(conn: &mut Conn, matching: &Matching, after: Changed, limit: i64) -> Result<i64> {
    let mut query = QueryBuilder::new("SELECT COUNT(*) FROM (");
    push_list(&mut query, matching, Part::ChangedAfter(after), limit);
    query.push(") AS news");
    Ok(query.build_query_scalar().persistent(matching.closed.is_empty()).fetch_one(conn).await?)
}

fn push_list(query: &mut QueryBuilder<sqlx::Sqlite>, matching: &Matching, part: Part, limit: i64) {
    match (matching.state.as_deref(), &*matching.closed) {
        // Two lists, each in the order of its index, rather than one that must be sorted whole.
        (Some("waiting"), closed @ [_, ..]) => {
            query.push("SELECT * FROM (SELECT * FROM ");
            push_source(query, matching);
            query.push(" WHERE state = 'waiting'");
            push_rest(query, matching, part, limit);
            query.push(") AS waiting UNION ALL SELECT * FROM (SELECT * FROM ");
            push_source(query, matching);
            query.push(" WHERE state = 'due'");
            push_connectors(query, " AND connector_id IN (", closed);
            push_rest(query, matching, part, limit);
            query.push(") AS behind_a_gate");
            push_order(query, part, limit);
        }
        (Some("due"), closed @ [_, ..]) => {
            query.push("SELECT * FROM ");
            push_source(query, matching);
            query.push(" WHERE state = 'due'");
            push_connectors(query, " AND connector_id NOT IN (", closed);
            push_rest(query, matching, part, limit);
        }
        (Some(state), _) => {
            query.push("SELECT * FROM ");
            push_source(query, matching);
            query.push(" WHERE state = ").push_bind(state.to_owned());
            push_rest(query, matching, part, limit);
        }
        (None, _) => {
            query.push("SELECT * FROM ");
            push_source(query, matching);
            query.push(" WHERE TRUE");
            push_rest(query, matching, part, limit);
        }
    }
}

/// All deliveries; or those of one user, at most one a connector; or the first of those whose name begins so, however
/// many there are.
fn push_source(query: &mut QueryBuilder<sqlx::Sqlite>, matching: &Matching) {
    if let Some(user) = matching.user {
        query.push("(SELECT * FROM deliveries WHERE subject_id = ").push_bind(user.0);
        query.push(" LIMIT ").push_bind(NAMED).push(") AS named");
        return;
    }
    let Some(name) = &matching.name else {
        query.push("deliveries");
        return;
    };
    query.push("(SELECT * FROM deliveries WHERE subject_key >= ").push_bind(name_key(name));
    query.push(" AND subject_key < ").push_bind(after_names(name));
    query.push(" ORDER BY subject_key, id LIMIT ").push_bind(NAMED).push(") AS named");
}

/// Comes after every name that begins so.
fn after_names(name: &str) -> String {
    format!("{}\u{10ffff}", name_key(name))
}

fn push_rest(query: &mut QueryBuilder<sqlx::Sqlite>, matching: &Matching, part: Part, limit: i64) {
    if let (Some(_), Some(name)) = (matching.user, &matching.name) {
        query.push(" AND subject_key >= ").push_bind(name_key(name));
        query.push(" AND subject_key < ").push_bind(after_names(name));
    }
    if let Some(connector) = matching.connector {
        query.push(" AND connector_id = ").push_bind(connector.0);
    }
    let mut bound = |sign: &str, (at, id): Changed| {
        query.push(format!(" AND (updated_at, id) {sign} (")).push_bind(at.as_micros());
        query.push(", ").push_bind(id.0).push(")");
    };
    match part {
        Part::Newest { before: Some(id) } => {
            query.push(" AND id < ").push_bind(id.0);
        }
        Part::LastChanged { before: Some(before) } => bound("<", before),
        Part::ChangedAfter(after) => bound(">", after),
        Part::Newest { before: None } | Part::LastChanged { before: None } => {}
    }
    push_order(query, part, limit);
}

fn push_order(query: &mut QueryBuilder<sqlx::Sqlite>, part: Part, limit: i64) {
    let order = match part {
        Part::Newest { .. } => " ORDER BY id DESC LIMIT ",
        Part::LastChanged { .. } => " ORDER BY updated_at DESC, id DESC LIMIT ",
        Part::ChangedAfter(_) => " ORDER BY updated_at, id LIMIT ",
    };
    query.push(order).push_bind(limit);
}

fn push_connectors(query: &mut QueryBuilder<sqlx::Sqlite>, opening: &str, connectors: &[ConnectorId]) {
    query.push(opening);
    push_ids(query, connectors.iter().map(|id| id.0));
}

/// The next deliveries of a connector after `cursor`, in the order of their ids.
pub async fn batch(conn: &mut Conn, connector: ConnectorId, cursor: Option<Uuid>, limit: i64) -> Result<Vec<Delivery>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM deliveries WHERE connector_id = $1 AND id > $2 ORDER BY id LIMIT $3")
            .bind(connector.0)
            .bind(cursor.unwrap_or(Uuid::nil()))
            .bind(limit)
            .fetch_all(conn)
            .await?;
    all(rows)
}

/// What is held at one connector for one kind of reason.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldGroup {
    pub connector: ConnectorId,
    pub kind: ReasonKind,
    /// The reason in words: of all of them, or of one.
    pub text: String,
    /// All are held for that very reason.
    pub alike: bool,
    /// Up to the limit that was given.
    pub count: i64,
}

/// The first `most` groups, at all connectors or one. Costs a few look-ups a group, and counting to `limit`.
pub async fn held_groups(
    conn: &mut Conn,
    only: Option<ConnectorId>,
    most: usize,
    limit: i64,
) -> Result<Vec<HeldGroup>> {
    let mut groups = Vec::new();
    let mut after = (only.map_or(Uuid::nil(), |connector| connector.0), String::new());
    while groups.len() < most {
        let next: Option<(Uuid, String, Option<String>)> = sqlx::query_as(
            "SELECT connector_id, held_for, reason_text FROM deliveries WHERE held_for IS NOT NULL \
             AND (connector_id, held_for) > ($1, $2) ORDER BY connector_id, held_for, reason_text LIMIT 1",
        )
        .bind(after.0)
        .bind(&after.1)
        .fetch_optional(&mut *conn)
        .await?;
        let Some((connector, kind, text)) = next else { break };
        if only.is_some_and(|only| only.0 != connector) {
            break;
        }
        groups.push(held_group(conn, connector, &kind, text.unwrap_or_default(), limit).await?);
        after = (connector, kind);
    }
    Ok(groups)
}

async fn held_group(conn: &mut Conn, connector: Uuid, kind: &str, text: String, limit: i64) -> Result<HeldGroup> {
    let last: Option<String> =
        sqlx::query_scalar("SELECT MAX(reason_text) FROM deliveries WHERE connector_id = $1 AND held_for = $2")
            .bind(connector)
            .bind(kind)
            .fetch_one(&mut *conn)
            .await?;
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE connector_id = $1 AND held_for = $2 \
         LIMIT $3) AS held",
    )
    .bind(connector)
    .bind(kind)
    .bind(limit)
    .fetch_one(conn)
    .await?;
    Ok(HeldGroup {
        connector: connector.into(),
        kind: parsed(TABLE, connector, kind)?,
        alike: last.is_none_or(|last| last == text),
        text,
        count,
    })
}

/// How many are held at a connector for one very reason, up to `limit`.
pub async fn count_held_for(conn: &mut Conn, connector: ConnectorId, reason: &Reason, limit: i64) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE connector_id = $1 AND held_for = $2 \
         AND reason_text = $3 LIMIT $4) AS held",
    )
    .bind(connector.0)
    .bind(reason.kind.as_str())
    .bind(&reason.text)
    .bind(limit)
    .fetch_one(conn)
    .await?)
}

/// The next deliveries that are held at a connector for a kind of reason, and for this very one if `text` is given.
pub async fn held_batch(
    conn: &mut Conn,
    connector: ConnectorId,
    kind: ReasonKind,
    text: Option<&str>,
    after: Option<&Delivery>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let mut query = QueryBuilder::new("SELECT * FROM deliveries WHERE connector_id = ");
    query.push_bind(connector.0).push(" AND held_for = ").push_bind(kind.as_str());
    if let Some(text) = text {
        query.push(" AND reason_text = ").push_bind(text.to_owned());
    }
    if let Some(after) = after {
        let text = after.state.reason().map_or_else(String::new, |reason| reason.text.clone());
        query.push(" AND (reason_text, id) > (").push_bind(text).push(", ").push_bind(after.id.0).push(")");
    }
    query.push(" ORDER BY reason_text, id LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    all(rows)
}

/// How many are held, up to `limit`.
pub async fn count_held(conn: &mut Conn, limit: i64) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE state = 'held' LIMIT $1) AS held")
        .bind(limit)
        .fetch_one(conn)
        .await?)
}

/// How many are to be delivered, up to `limit`, and since when the oldest of them.
pub async fn open(conn: &mut Conn, limit: i64) -> Result<(i64, Option<Timestamp>)> {
    let count = sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE state IN ('due', 'running', 'waiting') LIMIT $1) AS open",
    )
    .bind(limit)
    .fetch_one(&mut *conn)
    .await?;
    let oldest: Option<i64> =
        sqlx::query_scalar("SELECT MIN(waits_since) FROM deliveries WHERE waits_since IS NOT NULL")
            .fetch_one(conn)
            .await?;
    Ok((count, oldest.map(at)))
}

/// Whether anything was ever to be delivered.
pub async fn any(conn: &mut Conn) -> Result<bool> {
    let first: Option<Uuid> = sqlx::query_scalar("SELECT MIN(id) FROM deliveries").fetch_one(conn).await?;
    Ok(first.is_some())
}

/// How deliveries stand at one connector; numbers up to the limit that was given.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, FromRow)]
pub struct Standing {
    pub held: i64,
    /// Due, running or waiting.
    pub open: i64,
    /// Of the first that wait, those that wait for another try.
    pub retrying: i64,
}

pub async fn standing(conn: &mut Conn, connector: ConnectorId, limit: i64) -> Result<Standing> {
    Ok(sqlx::query_as(
        "SELECT (SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE connector_id = $1 AND state = 'held' \
         LIMIT $2) AS held) AS held, \
         (SELECT COUNT(*) FROM (SELECT id FROM deliveries WHERE connector_id = $1 \
         AND state IN ('due', 'running', 'waiting') LIMIT $2) AS open) AS open, \
         (SELECT COUNT(*) FROM (SELECT reason_kind FROM deliveries WHERE connector_id = $1 AND state = 'waiting' \
         LIMIT $2) AS waiting WHERE reason_kind = 'retry') AS retrying",
    )
    .bind(connector.0)
    .bind(limit)
    .fetch_one(conn)
    .await?)
}
