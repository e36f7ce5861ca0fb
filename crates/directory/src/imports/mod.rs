//! Many people at once: a list is read and checked, looked at, and then brought in beside everything else.
//!
//! A list becomes rows before anybody decides anything. What comes of a line is written in the transaction that makes
//! its user real ([`came`]) or refuses them ([`refused`]), so a process killed at any instant makes nobody twice and
//! loses no line. `reader` reads; `run` carries out; `result` writes the file of what became of it.

pub mod reader;
pub mod result;
mod run;

use std::{collections::HashSet, sync::Arc, time::Duration};

use auth::{Authorised, grants::UsersWrite};
use domain::{
    ImportId, UserId,
    group::{GroupInput, MemberChange},
    limits,
    onboarding::{Rejection, in_a_line},
    user::{Origin, User},
    validation::name_key,
};
use storage::{Conn, groups, imports, users};
use zeroize::Zeroizing;

pub use reader::{Unreadable, Values};
pub use storage::imports::{Counts, Import, RowState, Stage};

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    details::Details,
    groups::{change_group, insert_group, is_full},
};

/// How long somebody may look at a preview.
pub const PREVIEWED_FOR: Duration = Duration::from_hours(1);
/// How long a result is kept after its import ended.
pub const KEPT_FOR: Duration = Duration::from_hours(7 * 24);

/// One line of a list, and how it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Its place among the lines, from 1: where a page goes on.
    pub number: i64,
    /// Where it begins in the file, from 1.
    pub line: i64,
    pub state: RowState,
    pub user_id: Option<UserId>,
    pub values: Values,
    /// Why it is not as it should be.
    pub reason: Option<String>,
}

impl TryFrom<imports::Line> for Line {
    type Error = Error;
    fn try_from(line: imports::Line) -> Result<Self> {
        let imports::Line { number, line, state, user_id, values, reason } = line;
        let values = serde_json::from_slice(&values).map_err(|why| {
            let (table, id, what) = ("import_rows", number.to_string(), why.to_string());
            Error::Storage(storage::Error::BadRow { table, id, what })
        })?;
        Ok(Self { number, line, state, user_id, values, reason })
    }
}

/// The line that somebody comes by, from before they are there.
#[derive(Clone, Debug)]
pub(crate) struct Ticket {
    pub import: ImportId,
    pub number: i64,
    pub create_groups: bool,
    pub groups: Vec<String>,
}

impl Directory {
    /// Reads and checks a list; nothing is changed but that it waits to be looked at. `source` is its file's name, or
    /// empty. [`Error::Invalid`] with the key `""` where it cannot be read at all.
    pub async fn read_import(&self, who: &Authorised<UsersWrite>, source: &str, bytes: Arc<[u8]>) -> Result<ImportId> {
        // Megabytes take a while.
        let entries = tokio::task::spawn_blocking(move || reader::read(&bytes))
            .await
            .map_err(|_| storage::Error::Broken)?
            .map_err(|why| Error::invalid("", why.to_string()))?;
        let lines = self.compare(entries).await?;
        let count = |state| count(lines.iter().filter(|line| line.state == state).count());
        let counts = Counts {
            good: count(RowState::Good),
            groupless: count(RowState::Groupless),
            bad: count(RowState::Bad),
            ..Counts::default()
        };
        let now = self.now();
        let import = Import {
            id: self.ids().make(),
            actor: who.actor(),
            source: source.chars().filter(|c| !c.is_control()).take(limits::GROUP_NAME).collect(),
            stage: Stage::Preview,
            create_groups: false,
            counts,
            created_at: now,
            started_at: None,
            finished_at: None,
            expires_at: now.plus(PREVIEWED_FOR),
        };
        let (id, vault) = (import.id, self.db().vault().clone());
        let kept = Arc::new((import, lines));
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (vault, kept) = (vault.clone(), Arc::clone(&kept));
                Box::pin(async move {
                    if imports::count_open(conn, now).await? >= limits::IMPORTS_OPEN {
                        return Err(Error::Conflict(format!(
                            "There are {} imports that are looked at or under way already. Finish or cancel one first.",
                            limits::IMPORTS_OPEN
                        )));
                    }
                    let (import, lines) = &*kept;
                    Ok(imports::insert(conn, &vault, import, lines).await?)
                })
            })
            .await?;
        Ok(id)
    }

    /// What the directory has to say about each line.
    async fn compare(&self, entries: Vec<reader::Entry>) -> Result<Vec<imports::Line>> {
        let names: Vec<String> = entries.iter().map(|entry| name_key(&entry.values.user_name)).collect();
        let groups: HashSet<String> =
            entries.iter().flat_map(|entry| &entry.values.groups).map(|name| name_key(name)).collect();
        let (taken, known) = {
            let mut conn = self.db().read().await?;
            let groups: Vec<String> = groups.into_iter().collect();
            (users::taken(&mut conn, &names).await?, groups::known(&mut conn, &groups).await?)
        };
        let lines = (1..).zip(entries).zip(names).map(|((number, entry), name)| {
            let unknown = entry.values.groups.iter().find(|name| !known.contains(&name_key(name)));
            let (state, reason) = if let Some(problem) = entry.problem {
                (RowState::Bad, Some(problem))
            } else if taken.contains(&name) {
                (RowState::Bad, Some("This user name is taken: whoever has it stays as they are.".to_owned()))
            } else if let Some(name) = unknown {
                (RowState::Groupless, Some(no_group(name)))
            } else {
                (RowState::Good, None)
            };
            imports::Line {
                number,
                line: i64::try_from(entry.line).unwrap_or(i64::MAX),
                state,
                user_id: None,
                values: Zeroizing::new(serde_json::to_vec(&entry.values).unwrap_or_default()),
                reason,
            }
        });
        Ok(lines.collect())
    }

    /// Gone once it expired: [`Error::NotFound`].
    pub async fn import(&self, _who: &Authorised<UsersWrite>, id: ImportId) -> Result<Import> {
        let mut conn = self.db().read().await?;
        imports::get(&mut conn, id, self.now()).await?.ok_or(Error::NotFound("import"))
    }

    /// Newest first, before one of them.
    pub async fn imports(
        &self,
        _who: &Authorised<UsersWrite>,
        before: Option<ImportId>,
        limit: i64,
    ) -> Result<Vec<Import>> {
        let mut conn = self.db().read().await?;
        Ok(imports::page(&mut conn, before, self.now(), limit).await?)
    }

    /// The lines of an import in their order, after one of them: all, or those of one state.
    pub async fn import_lines(
        &self,
        _who: &Authorised<UsersWrite>,
        id: ImportId,
        state: Option<RowState>,
        after: i64,
        limit: i64,
    ) -> Result<Vec<Line>> {
        let mut conn = self.db().read().await?;
        let lines = imports::lines(&mut conn, self.db().vault(), id, state, after, limit).await?;
        lines.into_iter().map(Line::try_from).collect()
    }

    /// From here on it is carried out, in the caller's name: the good lines, and with `create_groups` also those that
    /// name groups which do not exist. Starting it twice starts it once.
    pub async fn start_import(&self, who: &Authorised<UsersWrite>, id: ImportId, create_groups: bool) -> Result<()> {
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let import = imports::get(conn, id, context.now).await?.ok_or(Error::NotFound("import"))?;
                    match import.stage {
                        Stage::Preview => {}
                        Stage::Running | Stage::Done => return Ok(()),
                        Stage::Cancelled => return Err(Error::Conflict("This import was stopped.".to_owned())),
                    }
                    let import = Import { create_groups, ..import };
                    if import.planned() == 0 {
                        return Err(Error::invalid(
                            "",
                            "There is no line that can come in. Mend the list and read it again.",
                        ));
                    }
                    imports::start(conn, id, &context.actor, create_groups, context.now).await?;
                    let details =
                        Details::default().with("lines", import.planned()).with("createGroups", create_groups);
                    context.record(conn, "import.start", about(&import), details).await
                })
            })
            .await?;
        self.inner.import_started.notify_one();
        Ok(())
    }

    /// Of one that is looked at nothing remains. One that runs begins with nobody else, and who was created stays.
    /// Answers what is still there.
    pub async fn cancel_import(&self, who: &Authorised<UsersWrite>, id: ImportId) -> Result<Option<ImportId>> {
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let context = context.clone();
                Box::pin(async move {
                    let Some(import) = imports::get(conn, id, context.now).await? else { return Ok(None) };
                    match import.stage {
                        Stage::Preview => {
                            imports::delete(conn, id).await?;
                            return Ok(None);
                        }
                        Stage::Running => {
                            let until = context.now.plus(KEPT_FOR);
                            imports::end(conn, id, Stage::Cancelled, context.now, until).await?;
                            context.record(conn, "import.cancel", about(&import), came_of(&import)).await?;
                        }
                        Stage::Done | Stage::Cancelled => {}
                    }
                    Ok(Some(id))
                })
            })
            .await
    }
}

/// Whoever comes by a line comes in the name of who started their import, whoever settles it.
pub(crate) async fn context_of(conn: &mut Conn, context: &Context, user: &User) -> Result<Context> {
    let mut context = context.clone();
    if user.origin == Origin::Import
        && let Some(actor) = imports::actor_of(conn, user.id).await?
    {
        context.actor = actor;
    }
    Ok(context)
}

/// Before somebody is inserted who comes by a line: it is theirs from here on.
pub(crate) async fn begin(conn: &mut Conn, ticket: &Ticket, user: UserId) -> Result<()> {
    if !ticket.create_groups {
        let keys: Vec<String> = ticket.groups.iter().map(|name| name_key(name)).collect();
        let known = groups::known(conn, &keys).await?;
        if let Some(name) = ticket.groups.iter().find(|name| !known.contains(&name_key(name))) {
            return Err(Error::invalid("groups", no_group(name)));
        }
    }
    if imports::claim(conn, ticket.import, ticket.number, user).await? {
        return Ok(());
    }
    Err(Error::Conflict("This line came in already, or its import was stopped.".to_owned()))
}

/// Somebody is real who may have come by a line: they join its groups, and the line is done.
pub(crate) async fn came(conn: &mut Conn, context: &Context, user: &User) -> Result<()> {
    let Some((id, line)) = imports::of_user(conn, &context.vault, user.id).await? else { return Ok(()) };
    let line = Line::try_from(line)?;
    let Some(import) = imports::get(conn, id, context.now).await? else { return Ok(()) };
    let mut notes = Vec::new();
    for name in &line.values.groups {
        notes.extend(join(conn, context, user.id, name, import.create_groups).await?);
    }
    let note = (!notes.is_empty()).then(|| notes.join(" "));
    Ok(imports::created(conn, &context.vault, id, line.number, note.as_deref()).await?)
}

/// Somebody was refused who may have come by a line.
pub(crate) async fn refused(conn: &mut Conn, context: &Context, user: UserId, rejections: &[Rejection]) -> Result<()> {
    let Some((id, line)) = imports::of_user(conn, &context.vault, user).await? else { return Ok(()) };
    Ok(imports::refused(conn, &context.vault, id, line.number, &in_a_line(rejections)).await?)
}

/// Adds somebody to a group by its name. What cannot be is told and keeps nobody from coming: the transaction may be
/// the one that records what a target answered.
pub(crate) async fn join(
    conn: &mut Conn,
    context: &Context,
    user: UserId,
    name: &str,
    create: bool,
) -> Result<Option<String>> {
    let group = match groups::by_name(conn, name).await? {
        Some(group) => group,
        None if create => {
            let input = GroupInput { display_name: name.to_owned(), external_id: None }.check()?;
            insert_group(conn, context, input, &[user]).await?;
            return Ok(None);
        }
        None => return Ok(Some(format!("Not added to “{name}”: the group was deleted meanwhile."))),
    };
    if is_full(&group) {
        return Ok(Some(format!("Not added to “{name}”: the group is full.")));
    }
    let input = GroupInput::of(&group);
    change_group(conn, context, group, input, &[MemberChange::Add(vec![user])]).await?;
    Ok(None)
}

fn no_group(name: &str) -> String {
    format!("There is no group “{name}”.")
}

/// The file's name is what people know it by.
fn about(import: &Import) -> About<'_> {
    let label = if import.source.is_empty() { "a pasted list" } else { &import.source };
    About { kind: "import", id: Some(import.id.0), label }
}

/// How its lines ended so far.
fn came_of(import: &Import) -> Details {
    Details::default().with("created", import.counts.created).with("failed", import.counts.failed)
}

fn count(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
