//! `imports` and `import_rows`: people who come by a list, from the preview to the result. What the list said is
//! encrypted.

use std::str::FromStr;

use domain::{ImportId, Timestamp, UserId};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;
use zeroize::Zeroizing;

use crate::{
    Conn, Error, Result, Vault,
    audit::Actor,
    row::{all, at, one, parsed},
    vault::Place,
};

/// Rows written by one statement.
const CHUNK: usize = 500;
/// Imports that go in one transaction, each with all its rows.
const DELETED_AT_ONCE: i64 = 2;

/// How far an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// It was read; nothing was changed.
    Preview,
    Running,
    Done,
    /// Somebody stopped it; who was created stays.
    Cancelled,
}

impl Stage {
    const ALL: [Self; 4] = [Self::Preview, Self::Running, Self::Done, Self::Cancelled];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Preview => "preview",
            Self::Running => "running",
            Self::Done => "done",
            Self::Cancelled => "cancelled",
        }
    }
}

impl FromStr for Stage {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == text).ok_or(())
    }
}

/// How a line stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowState {
    /// Nothing is wrong with it; it is to come, once the import runs.
    Good,
    /// It names groups that do not exist; it is to come if those are to be created.
    Groupless,
    /// It cannot come.
    Bad,
    /// The user is staged: targets are asked.
    Asked,
    Created,
    Failed,
}

impl RowState {
    const ALL: [Self; 6] = [Self::Good, Self::Groupless, Self::Bad, Self::Asked, Self::Created, Self::Failed];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Groupless => "groupless",
            Self::Bad => "bad",
            Self::Asked => "asked",
            Self::Created => "created",
            Self::Failed => "failed",
        }
    }
}

impl FromStr for RowState {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub good: i64,
    pub groupless: i64,
    pub bad: i64,
    pub created: i64,
    pub failed: i64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Import {
    pub id: ImportId,
    /// Who began it, and in whose name it is carried out.
    pub actor: Actor,
    /// The file's name; empty for what was pasted.
    pub source: String,
    pub stage: Stage,
    /// Groups that do not exist are created.
    pub create_groups: bool,
    pub counts: Counts,
    pub created_at: Timestamp,
    pub started_at: Option<Timestamp>,
    pub finished_at: Option<Timestamp>,
    pub expires_at: Timestamp,
}

impl Import {
    /// Lines that come in, or came.
    pub fn planned(&self) -> i64 {
        self.counts.good + if self.create_groups { self.counts.groupless } else { 0 }
    }

    /// Lines of which it is known what became of them.
    pub fn settled(&self) -> i64 {
        self.counts.created + self.counts.failed
    }
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place among the lines, from 1; the header and blank lines have none.
    pub number: i64,
    /// Where it begins in the file, from 1.
    pub line: i64,
    pub state: RowState,
    pub user_id: Option<UserId>,
    /// What the list said.
    pub values: Zeroizing<Vec<u8>>,
    /// Why it is not as it should be.
    pub reason: Option<String>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    actor_kind: String,
    actor_id: Option<Uuid>,
    actor_label: String,
    address: String,
    source: String,
    stage: String,
    create_groups: bool,
    good: i64,
    groupless: i64,
    bad: i64,
    created: i64,
    failed: i64,
    created_at: i64,
    started_at: Option<i64>,
    finished_at: Option<i64>,
    expires_at: i64,
}

impl TryFrom<Row> for Import {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "imports";
        let kind = parsed(TABLE, row.id, &row.actor_kind)?;
        Ok(Self {
            id: row.id.into(),
            actor: Actor { kind, id: row.actor_id, label: row.actor_label, address: row.address },
            source: row.source,
            stage: parsed(TABLE, row.id, &row.stage)?,
            create_groups: row.create_groups,
            counts: Counts {
                good: row.good,
                groupless: row.groupless,
                bad: row.bad,
                created: row.created,
                failed: row.failed,
            },
            created_at: at(row.created_at),
            started_at: row.started_at.map(at),
            finished_at: row.finished_at.map(at),
            expires_at: at(row.expires_at),
        })
    }
}

#[derive(FromRow)]
struct LineRow {
    import_id: Uuid,
    number: i64,
    line: i64,
    state: String,
    user_id: Option<Uuid>,
    sealed: Vec<u8>,
    reason: Option<Vec<u8>>,
}

impl LineRow {
    fn open(self, vault: &Vault) -> Result<Line> {
        let (id, number) = (self.import_id, self.number);
        let reason = self.reason.map(|reason| {
            let clear = vault.open(place(id, &reason_of(number)), &reason)?;
            String::from_utf8(clear.to_vec()).map_err(|_| Error::Sealed("not text".to_owned()))
        });
        Ok(Line {
            number,
            line: self.line,
            state: parsed("import_rows", id, &self.state)?,
            user_id: self.user_id.map(UserId),
            values: vault.open(place(id, &values_of(number)), &self.sealed)?,
            reason: reason.transpose()?,
        })
    }
}

fn place(import: Uuid, field: &str) -> Place<'_> {
    Place { table: "import_rows", row: import, field }
}

fn values_of(number: i64) -> String {
    format!("values {number}")
}

fn reason_of(number: i64) -> String {
    format!("reason {number}")
}

fn seal_reason(vault: &Vault, import: ImportId, number: i64, reason: Option<&str>) -> Option<Vec<u8>> {
    reason.map(|reason| vault.seal(place(import.0, &reason_of(number)), reason.as_bytes()))
}

/// An import with all its lines, which come after the header in the order of their numbers.
pub async fn insert(conn: &mut Conn, vault: &Vault, import: &Import, lines: &[Line]) -> Result<()> {
    sqlx::query(
        "INSERT INTO imports (id, actor_kind, actor_id, actor_label, address, source, stage, create_groups, good, \
         groupless, bad, created, failed, created_at, started_at, finished_at, expires_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
    )
    .bind(import.id.0)
    .bind(import.actor.kind.as_str())
    .bind(import.actor.id)
    .bind(&import.actor.label)
    .bind(&import.actor.address)
    .bind(&import.source)
    .bind(import.stage.as_str())
    .bind(import.create_groups)
    .bind(import.counts.good)
    .bind(import.counts.groupless)
    .bind(import.counts.bad)
    .bind(import.counts.created)
    .bind(import.counts.failed)
    .bind(import.created_at.as_micros())
    .bind(import.started_at.map(Timestamp::as_micros))
    .bind(import.finished_at.map(Timestamp::as_micros))
    .bind(import.expires_at.as_micros())
    .execute(&mut *conn)
    .await?;
    for lines in lines.chunks(CHUNK) {
        let mut query =
            QueryBuilder::new("INSERT INTO import_rows (import_id, number, line, state, user_id, sealed, reason) ");
        query.push_values(lines, |mut row, line| {
            row.push_bind(import.id.0)
                .push_bind(line.number)
                .push_bind(line.line)
                .push_bind(line.state.as_str())
                .push_bind(line.user_id.map(|id| id.0))
                .push_bind(vault.seal(place(import.id.0, &values_of(line.number)), &line.values))
                .push_bind(seal_reason(vault, import.id, line.number, line.reason.as_deref()));
        });
        query.build().persistent(false).execute(&mut *conn).await?;
    }
    Ok(())
}

/// Until it expires.
pub async fn get(conn: &mut Conn, id: ImportId, now: Timestamp) -> Result<Option<Import>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM imports WHERE id = $1 AND expires_at > $2")
        .bind(id.0)
        .bind(now.as_micros())
        .fetch_optional(conn)
        .await?;
    row.map(Import::try_from).transpose()
}

/// Newest first, before one of them.
pub async fn page(conn: &mut Conn, before: Option<ImportId>, now: Timestamp, limit: i64) -> Result<Vec<Import>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM imports WHERE id < $1 AND expires_at > $2 ORDER BY id DESC LIMIT $3")
            .bind(before.map_or(Uuid::max(), |id| id.0))
            .bind(now.as_micros())
            .bind(limit)
            .fetch_all(conn)
            .await?;
    all(rows)
}

/// How many are looked at or under way.
pub async fn count_open(conn: &mut Conn, now: Timestamp) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM imports WHERE finished_at IS NULL AND expires_at > $1")
        .bind(now.as_micros())
        .fetch_one(conn)
        .await?)
}

/// Those that are under way, the one that was started first before the others.
pub async fn running(conn: &mut Conn) -> Result<Vec<Import>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM imports WHERE stage = 'running' ORDER BY started_at, id").fetch_all(conn).await?;
    all(rows)
}

/// From the preview; it is then carried out in the name of `actor`, and kept until it is finished.
pub async fn start(conn: &mut Conn, id: ImportId, actor: &Actor, create_groups: bool, now: Timestamp) -> Result<()> {
    let result = sqlx::query(
        "UPDATE imports SET stage = 'running', create_groups = $2, started_at = $3, expires_at = $4, \
         actor_kind = $5, actor_id = $6, actor_label = $7, address = $8 WHERE id = $1 AND stage = 'preview'",
    )
    .bind(id.0)
    .bind(create_groups)
    .bind(now.as_micros())
    .bind(Timestamp::NEVER.as_micros())
    .bind(actor.kind.as_str())
    .bind(actor.id)
    .bind(&actor.label)
    .bind(&actor.address)
    .execute(conn)
    .await?;
    one("imports.start", &result)
}

/// Ends one that runs; its lines that nothing became of stay so.
pub async fn end(conn: &mut Conn, id: ImportId, stage: Stage, now: Timestamp, expires_at: Timestamp) -> Result<()> {
    let result = sqlx::query(
        "UPDATE imports SET stage = $2, finished_at = $3, expires_at = $4 WHERE id = $1 AND stage = 'running'",
    )
    .bind(id.0)
    .bind(stage.as_str())
    .bind(now.as_micros())
    .bind(expires_at.as_micros())
    .execute(conn)
    .await?;
    one("imports.end", &result)
}

/// With all its lines.
pub async fn delete(conn: &mut Conn, id: ImportId) -> Result<()> {
    let result = sqlx::query("DELETE FROM imports WHERE id = $1").bind(id.0).execute(conn).await?;
    one("imports.delete", &result)
}

/// A few at a time, as each has many lines; how many.
pub async fn delete_expired(conn: &mut Conn, now: Timestamp) -> Result<u64> {
    let result = sqlx::query(
        "DELETE FROM imports WHERE id IN (SELECT id FROM imports WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2)",
    )
    .bind(now.as_micros())
    .bind(DELETED_AT_ONCE)
    .execute(conn)
    .await?;
    Ok(result.rows_affected())
}

/// Lines in their order, after one of them: all, or those of one state.
pub async fn lines(
    conn: &mut Conn,
    vault: &Vault,
    import: ImportId,
    state: Option<RowState>,
    after: i64,
    limit: i64,
) -> Result<Vec<Line>> {
    let lines = each_line(conn, vault, import, state, after, limit).await?;
    lines.into_iter().map(|(_, line)| line).collect()
}

/// As [`lines`], each with its number, so that one that cannot be opened keeps nobody from the others.
pub async fn each_line(
    conn: &mut Conn,
    vault: &Vault,
    import: ImportId,
    state: Option<RowState>,
    after: i64,
    limit: i64,
) -> Result<Vec<(i64, Result<Line>)>> {
    let mut query = QueryBuilder::new("SELECT * FROM import_rows WHERE import_id = ");
    query.push_bind(import.0);
    if let Some(state) = state {
        query.push(" AND state = ").push_bind(state.as_str());
    }
    query.push(" AND number > ").push_bind(after).push(" ORDER BY number LIMIT ").push_bind(limit);
    let rows: Vec<LineRow> = query.build_query_as().fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| (row.number, row.open(vault))).collect())
}

/// In whose name the import is carried out that this user came by.
pub async fn actor_of(conn: &mut Conn, user: UserId) -> Result<Option<Actor>> {
    let row: Option<Row> =
        sqlx::query_as("SELECT * FROM imports WHERE id = (SELECT import_id FROM import_rows WHERE user_id = $1)")
            .bind(user.0)
            .fetch_optional(conn)
            .await?;
    row.map(|row| Ok(Import::try_from(row)?.actor)).transpose()
}

/// The line that this user came by, and its import.
pub async fn of_user(conn: &mut Conn, vault: &Vault, user: UserId) -> Result<Option<(ImportId, Line)>> {
    let row: Option<LineRow> =
        sqlx::query_as("SELECT * FROM import_rows WHERE user_id = $1").bind(user.0).fetch_optional(conn).await?;
    row.map(|row| Ok((ImportId(row.import_id), row.open(vault)?))).transpose()
}

/// Gives a line that is to come its user. False where nothing is to come of it: it came already, or its import does not
/// run any more.
pub async fn claim(conn: &mut Conn, import: ImportId, number: i64, user: UserId) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE import_rows SET state = 'asked', user_id = $3 \
         WHERE import_id = $1 AND number = $2 AND state IN ('good', 'groupless') \
         AND EXISTS (SELECT 1 FROM imports WHERE id = $1 AND stage = 'running')",
    )
    .bind(import.0)
    .bind(number)
    .bind(user.0)
    .execute(conn)
    .await?;
    Ok(result.rows_affected() == 1)
}

/// The user of a claimed line is real; `note` says what is not as the list had it.
pub async fn created(conn: &mut Conn, vault: &Vault, import: ImportId, number: i64, note: Option<&str>) -> Result<()> {
    let result = sqlx::query(
        "UPDATE import_rows SET state = 'created', reason = $3 \
         WHERE import_id = $1 AND number = $2 AND state = 'asked'",
    )
    .bind(import.0)
    .bind(number)
    .bind(seal_reason(vault, import, number, note))
    .execute(&mut *conn)
    .await?;
    one("imports.created", &result)?;
    let counted =
        sqlx::query("UPDATE imports SET created = created + 1 WHERE id = $1").bind(import.0).execute(conn).await?;
    one("imports.created", &counted)
}

/// Nobody came of a line that was to come, and why. False where something became of it already, or its import does not
/// run any more.
pub async fn failed(conn: &mut Conn, vault: &Vault, import: ImportId, number: i64, reason: &str) -> Result<bool> {
    let result = sqlx::query(
        "UPDATE import_rows SET state = 'failed', reason = $3 \
         WHERE import_id = $1 AND number = $2 AND state IN ('good', 'groupless') \
         AND EXISTS (SELECT 1 FROM imports WHERE id = $1 AND stage = 'running')",
    )
    .bind(import.0)
    .bind(number)
    .bind(seal_reason(vault, import, number, Some(reason)))
    .execute(&mut *conn)
    .await?;
    if result.rows_affected() == 0 {
        return Ok(false);
    }
    count_failed(conn, import).await?;
    Ok(true)
}

/// The user of a claimed line was refused, and why.
pub async fn refused(conn: &mut Conn, vault: &Vault, import: ImportId, number: i64, reason: &str) -> Result<()> {
    let result = sqlx::query(
        "UPDATE import_rows SET state = 'failed', user_id = NULL, reason = $3 \
         WHERE import_id = $1 AND number = $2 AND state = 'asked'",
    )
    .bind(import.0)
    .bind(number)
    .bind(seal_reason(vault, import, number, Some(reason)))
    .execute(&mut *conn)
    .await?;
    one("imports.refused", &result)?;
    count_failed(conn, import).await
}

async fn count_failed(conn: &mut Conn, import: ImportId) -> Result<()> {
    let counted =
        sqlx::query("UPDATE imports SET failed = failed + 1 WHERE id = $1").bind(import.0).execute(conn).await?;
    one("imports.failed", &counted)
}
