//! Finding events in `audit`: newest first, by whoever acted, what was done, to whom or what, and when.
//!
//! One of the filters leads: the list walks its index, in the order of time and number, from where the page before
//! ended. The others are asked of each event it meets, and a page ends after [`EXAMINED`] of them however few fitted.
//! So a page costs the same however many events there are and however deep it lies.

use std::collections::HashMap;

use domain::Timestamp;
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::{
    Conn, Result,
    audit::{Entry, Row},
    row::at,
    terms::LAST,
};

/// Events that are looked at for one page.
pub const EXAMINED: usize = 5_000;
/// Of the names that begin as is asked for, so many are looked for, in their order.
pub const NAMES: usize = 20;
/// Events read at once where others than the leading filter are to be asked.
const CHUNK: usize = 200;

/// Which events; none of the filters means all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    /// The name of whoever acted begins so. Names are compared without regard to ASCII case.
    pub actor: Option<String>,
    /// The name of what it was done to begins so.
    pub subject: Option<String>,
    pub subject_id: Option<Uuid>,
    pub action: Option<String>,
    /// Recorded then or later.
    pub from: Option<Timestamp>,
    /// Recorded before.
    pub until: Option<Timestamp>,
}

/// Where a list stands: an event by its time and number.
pub type Place = (Timestamp, i64);

/// A page of what was found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    pub entries: Vec<Entry>,
    /// Where to go on; none when there is nothing more. The page may be short: see [`EXAMINED`].
    pub next: Option<Place>,
    /// More than [`NAMES`] names begin as the leading filter asks: the others were not looked for.
    pub more_names: bool,
}

/// The filter whose index is walked; which leads is told by how little it mostly leaves.
enum Lead<'a> {
    SubjectId(Uuid),
    Named(Column, &'a str),
    Action(&'a str),
    Time,
}

/// The names of whoever acted, or of what it was done to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Column {
    Actor,
    Subject,
}

impl Column {
    /// As the index has it.
    fn key(self) -> &'static str {
        match self {
            Self::Actor => "LOWER(actor_label)",
            Self::Subject => "LOWER(subject_label)",
        }
    }
}

impl Matching {
    fn lead(&self) -> Lead<'_> {
        match self {
            Self { subject_id: Some(id), .. } => Lead::SubjectId(*id),
            Self { subject: Some(name), .. } => Lead::Named(Column::Subject, name),
            Self { actor: Some(name), .. } => Lead::Named(Column::Actor, name),
            Self { action: Some(action), .. } => Lead::Action(action),
            _ => Lead::Time,
        }
    }

    /// Whether the leading filter and the times are all there is.
    fn is_led_alone(&self) -> bool {
        let filters = [self.actor.is_some(), self.subject.is_some(), self.subject_id.is_some(), self.action.is_some()];
        filters.into_iter().filter(|is_there| *is_there).count() <= 1
    }

    fn takes(&self, entry: &Entry) -> bool {
        let begins = |wanted: Option<&String>, name: &str| {
            wanted.is_none_or(|wanted| name.to_ascii_lowercase().starts_with(&wanted.to_ascii_lowercase()))
        };
        begins(self.actor.as_ref(), &entry.actor_label)
            && begins(self.subject.as_ref(), &entry.subject_label)
            && self.subject_id.is_none_or(|id| entry.subject_id == Some(id))
            && self.action.as_ref().is_none_or(|action| entry.action == *action)
    }
}

/// The events that match, newest first, before a place.
pub async fn find(conn: &mut Conn, matching: &Matching, before: Option<Place>, limit: usize) -> Result<Found> {
    let mut found = Found::default();
    let names = match matching.lead() {
        Lead::Named(column, begin) => {
            let mut names = names(conn, column, begin).await?;
            found.more_names = names.len() > NAMES;
            names.truncate(NAMES);
            if names.is_empty() {
                return Ok(found);
            }
            names
        }
        _ => Vec::new(),
    };
    let most = if matching.is_led_alone() { limit + 1 } else { EXAMINED };
    let walked = walk(conn, matching, &names, before, most).await?;
    for chunk in walked.chunks(CHUNK) {
        for entry in entries(conn, chunk).await? {
            if !matching.takes(&entry) {
                continue;
            }
            if found.entries.len() == limit {
                found.next = found.entries.last().map(|last| (last.at, last.seq));
                return Ok(found);
            }
            found.entries.push(entry);
        }
    }
    found.next = walked.last().copied().filter(|_| walked.len() == most);
    Ok(found)
}

/// The names that begin so, in their order: one more than [`NAMES`] at most. Each is one step in the index.
async fn names(conn: &mut Conn, column: Column, begin: &str) -> Result<Vec<String>> {
    let (key, begin) = (column.key(), begin.to_ascii_lowercase());
    let until = format!("{begin}{LAST}");
    let mut query = QueryBuilder::<Sqlite>::new("WITH RECURSIVE names (name) AS (SELECT (SELECT ");
    query.push(key).push(" FROM audit WHERE ").push(key).push(" >= ").push_bind(begin);
    query.push(" AND ").push(key).push(" < ").push_bind(until.clone());
    query.push(" ORDER BY ").push(key).push(" LIMIT 1) UNION ALL SELECT (SELECT ").push(key);
    query.push(" FROM audit WHERE ").push(key).push(" > names.name AND ").push(key).push(" < ").push_bind(until);
    query.push(" ORDER BY ").push(key).push(" LIMIT 1) FROM names WHERE names.name IS NOT NULL) ");
    query.push("SELECT name FROM names WHERE name IS NOT NULL LIMIT ");
    query.push_bind(i64::try_from(NAMES + 1).unwrap_or(i64::MAX));
    Ok(query.build_query_scalar().fetch_all(conn).await?)
}

#[derive(FromRow)]
struct Step {
    at: i64,
    seq: i64,
}

/// The next events by the leading filter and the times alone.
async fn walk(
    conn: &mut Conn,
    matching: &Matching,
    names: &[String],
    before: Option<Place>,
    most: usize,
) -> Result<Vec<Place>> {
    let limit = i64::try_from(most).unwrap_or(i64::MAX);
    let lead = matching.lead();
    let mut query = QueryBuilder::<Sqlite>::new("");
    if let Lead::Named(column, _) = lead {
        // Each name's own, newest first, become one list.
        query.push("SELECT at, seq FROM (");
        for (index, name) in names.iter().enumerate() {
            query.push(if index == 0 { "SELECT at, seq FROM (" } else { " UNION ALL SELECT at, seq FROM (" });
            query.push("SELECT at, seq FROM audit WHERE ").push(column.key()).push(" = ").push_bind(name.clone());
            window(&mut query, matching, before, limit);
            query.push(") AS of_name");
        }
        query.push(") AS of_names ORDER BY at DESC, seq DESC LIMIT ").push_bind(limit);
    } else {
        query.push("SELECT at, seq FROM audit WHERE ");
        match lead {
            Lead::SubjectId(id) => query.push("subject_id = ").push_bind(id),
            Lead::Action(action) => query.push("action = ").push_bind(action.to_owned()),
            Lead::Named(..) | Lead::Time => query.push("TRUE"),
        };
        window(&mut query, matching, before, limit);
    }
    let steps: Vec<Step> = query.build_query_as().fetch_all(conn).await?;
    Ok(steps.into_iter().map(|step| (at(step.at), step.seq)).collect())
}

fn window(query: &mut QueryBuilder<Sqlite>, matching: &Matching, before: Option<Place>, limit: i64) {
    if let Some(from) = matching.from {
        query.push(" AND at >= ").push_bind(from.as_micros());
    }
    if let Some(until) = matching.until {
        query.push(" AND at < ").push_bind(until.as_micros());
    }
    if let Some((at, seq)) = before {
        query.push(" AND (at, seq) < (").push_bind(at.as_micros()).push(", ").push_bind(seq).push(")");
    }
    query.push(" ORDER BY at DESC, seq DESC LIMIT ").push_bind(limit);
}

/// The events of these places, in their order.
async fn entries(conn: &mut Conn, places: &[Place]) -> Result<Vec<Entry>> {
    if places.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::<Sqlite>::new("SELECT * FROM audit WHERE seq IN (");
    let mut numbers = query.separated(", ");
    for (_, seq) in places {
        numbers.push_bind(*seq);
    }
    query.push(")");
    // Every length is a statement of its own: not worth a place among the prepared ones.
    let rows: Vec<Row> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    let mut entries = HashMap::with_capacity(rows.len());
    for row in rows {
        let entry = Entry::try_from(row)?;
        entries.insert(entry.seq, entry);
    }
    Ok(places.iter().filter_map(|(_, seq)| entries.remove(seq)).collect())
}
