//! Carries out what was started, in the background: several lines at once, each by the use case that creates anybody.

use std::{convert::Infallible, time::Duration};

use domain::{ImportId, user::Origin};
use storage::imports::{self, Import, RowState, Stage};
use tokio::task::JoinSet;

use super::{KEPT_FOR, Line, Ticket, about, came_of};
use crate::{
    Directory, Error, Result,
    users::{Arrival, arriving},
};

/// People who come in at once: where a target has to be asked first, that is what takes the time.
const AT_ONCE: usize = 16;
/// Lines read at once.
const BATCH: i64 = 64;
/// However little there is to do, it looks again after this long.
const LONGEST_SLEEP: Duration = Duration::from_mins(1);
/// Before it looks whether those are settled whom an earlier start of the process left with a target.
const LOOKS_AFTER: Duration = Duration::from_secs(1);
/// Before the database is asked again that would not answer.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(5);

impl Directory {
    /// Brings in whoever is to come, for as long as the process serves. It can be dropped at any instant; what it was at
    /// goes on with the next start.
    pub async fn run_imports(&self) -> Infallible {
        loop {
            let sleep = match self.advance_imports().await {
                Ok(true) => LOOKS_AFTER,
                Ok(false) => LONGEST_SLEEP,
                Err(error) => {
                    tracing::error!(error = %error, "An import stood still; it goes on in a while.");
                    PAUSE_AFTER_ERROR
                }
            };
            tokio::select! {
                () = self.inner.import_started.notified() => {}
                () = tokio::time::sleep(sleep) => {}
            }
        }
    }

    /// Brings in every line of every import that runs, one import after the other. Whether targets still have to answer
    /// about somebody whom nobody waits for.
    pub async fn advance_imports(&self) -> Result<bool> {
        let running = {
            let mut conn = self.db().read().await?;
            imports::running(&mut conn).await?
        };
        let (mut open, mut failed) = (false, None);
        for import in running {
            match self.advance(&import).await {
                Ok(over) => open |= !over,
                // It keeps the others from nothing.
                Err(error) => failed = failed.or(Some(error)),
            }
        }
        failed.map_or(Ok(open), Err)
    }

    /// Whether the import is over.
    async fn advance(&self, import: &Import) -> Result<bool> {
        let states = [Some(RowState::Good), import.create_groups.then_some(RowState::Groupless)];
        for state in states.into_iter().flatten() {
            self.bring_in(import, state).await?;
        }
        self.finish_import(import.id).await
    }

    /// Every line of one state that is to come. One that fails keeps the others from nothing.
    async fn bring_in(&self, import: &Import, state: RowState) -> Result<()> {
        let mut under_way = JoinSet::new();
        let (mut last, mut failed) = (0, None);
        loop {
            let lines = {
                let mut conn = self.db().read().await?;
                imports::each_line(&mut conn, self.db().vault(), import.id, Some(state), last, BATCH).await?
            };
            let Some((end, _)) = lines.last() else { break };
            last = *end;
            for (number, line) in lines {
                if under_way.len() >= AT_ONCE {
                    failed = failed.or(finished(under_way.join_next().await).err());
                }
                let (directory, import) = (self.clone(), import.clone());
                under_way.spawn(async move { directory.bring_in_one(&import, number, line).await });
            }
            // Somebody may have stopped it; each line asks for itself as well.
            if !self.runs(import.id).await? {
                break;
            }
        }
        while let Some(joined) = under_way.join_next().await {
            failed = failed.or(finished(Some(joined)).err());
        }
        failed.map_or(Ok(()), Err)
    }

    async fn runs(&self, id: ImportId) -> Result<bool> {
        let mut conn = self.db().read().await?;
        let import = imports::get(&mut conn, id, self.now()).await?;
        Ok(import.is_some_and(|import| import.stage == Stage::Running))
    }

    /// Creates whom a line describes, or writes down why not. An error is one of ours: the line comes again.
    async fn bring_in_one(&self, import: &Import, number: i64, line: storage::Result<imports::Line>) -> Result<()> {
        let arrived = match line.map_err(Error::from).and_then(Line::try_from) {
            Ok(line) => self.let_in(import, line).await,
            Err(unreadable) => Err(unreadable),
        };
        let reason = match arrived {
            Ok(()) => return Ok(()),
            Err(error) => reason(error)?,
        };
        let (id, vault) = (import.id, self.db().vault().clone());
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (vault, reason) = (vault.clone(), reason.clone());
                Box::pin(async move {
                    imports::failed(conn, &vault, id, number, &reason).await?;
                    Ok(())
                })
            })
            .await
    }

    async fn let_in(&self, import: &Import, line: Line) -> Result<()> {
        let context = self.context_as(import.actor.clone());
        let input = line.values.input().check()?;
        let ticket = Ticket {
            import: import.id,
            number: line.number,
            create_groups: import.create_groups,
            groups: line.values.groups,
        };
        let user = arriving(&context, input, Origin::Import);
        self.admit(context, Arrival::by_import(user, ticket)).await.map(drop)
    }

    /// Ends an import once it is known what became of every line that was to come. Whether it is over.
    async fn finish_import(&self, id: ImportId) -> Result<bool> {
        let now = self.now();
        let directory = self.clone();
        self.db()
            .write::<_, Error, _>(move |conn| {
                let directory = directory.clone();
                Box::pin(async move {
                    let import = imports::get(conn, id, now).await?.filter(|import| import.stage == Stage::Running);
                    let Some(import) = import else { return Ok(true) };
                    if import.settled() < import.planned() {
                        return Ok(false);
                    }
                    imports::end(conn, id, Stage::Done, now, now.plus(KEPT_FOR)).await?;
                    let context = directory.context_as(import.actor.clone());
                    context.record(conn, "import.finish", about(&import), came_of(&import)).await?;
                    Ok(true)
                })
            })
            .await
    }
}

fn finished(joined: Option<std::result::Result<Result<()>, tokio::task::JoinError>>) -> Result<()> {
    match joined {
        Some(Ok(result)) => result,
        Some(Err(_)) => Err(storage::Error::Broken.into()),
        None => Ok(()),
    }
}

/// What an answer says of its line; as an error where it says nothing of it.
fn reason(error: Error) -> Result<String> {
    match error {
        Error::Invalid(errors) | Error::Taken(errors) => Ok(errors.0.into_values().collect::<Vec<_>>().join(" ")),
        // Of a refusal it stands there already, since the transaction that refused; of a line that came in already too.
        error @ (Error::NotAccepted(_) | Error::Conflict(_)) => Ok(error.to_string()),
        Error::Storage(
            error @ (storage::Error::BadRow { .. } | storage::Error::Sealed(_) | storage::Error::Broken),
        ) => {
            tracing::error!(error = %error, "Somebody on a list could not be created.");
            Ok("A fault of Usher's kept them from coming; its log says why.".to_owned())
        }
        error => Err(error),
    }
}
