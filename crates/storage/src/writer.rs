//! One writer, many changes per commit.
//!
//! A change is a closure over the transaction. The writer runs several in one `BEGIN IMMEDIATE`, each in a savepoint,
//! and answers after COMMIT: one flush to the disk serves all of them. A closure that fails or panics undoes its
//! savepoint alone. A change on its own costs two round trips to the database's thread beside its own statements.

use std::{panic::AssertUnwindSafe, pin::Pin, sync::Arc};

use futures::FutureExt;
use sqlx::{Connection, Executor};
use tokio::sync::{mpsc, oneshot};

use crate::{Conn, Error, Result};

/// Changes that one commit may carry.
const MOST_PER_COMMIT: usize = 64;
/// Changes that may wait for the writer before callers wait to hand theirs in.
const QUEUE: usize = 1024;

pub(crate) type Change<'c, T, E> = Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>>;
type Step<'c> = Pin<Box<dyn Future<Output = bool> + Send + 'c>>;

trait Job: Send {
    /// Runs the change; true keeps it.
    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> Step<'c>;
    fn answer(self: Box<Self>, commit: &Result<(), Arc<sqlx::Error>>);
}

struct Task<F, T, E> {
    change: F,
    result: Option<Result<T, E>>,
    reply: oneshot::Sender<Result<T, E>>,
}

impl<F, T, E> Job for Task<F, T, E>
where
    F: for<'c> Fn(&'c mut Conn) -> Change<'c, T, E> + Send,
    T: Send,
    E: From<Error> + Send,
{
    fn run<'c>(&'c mut self, conn: &'c mut Conn) -> Step<'c> {
        // The closure is called inside the future, so that a panic before its first await is caught too.
        let Self { change, result, .. } = self;
        Box::pin(async move {
            let outcome = AssertUnwindSafe(async move { change(conn).await }).catch_unwind().await;
            let outcome = outcome.unwrap_or_else(|_| Err(Error::Broken.into()));
            let keep = outcome.is_ok();
            *result = Some(outcome);
            keep
        })
    }

    fn answer(self: Box<Self>, commit: &Result<(), Arc<sqlx::Error>>) {
        let result = match (self.result, commit) {
            (Some(Err(error)), _) => Err(error),
            (_, Err(error)) => Err(Error::NotCommitted(Arc::clone(error)).into()),
            (Some(Ok(value)), Ok(())) => Ok(value),
            (None, Ok(())) => Err(Error::Broken.into()),
        };
        // The caller may have hung up; the change stands all the same.
        let _ = self.reply.send(result);
    }
}

#[derive(Clone)]
pub(crate) struct Writer {
    jobs: mpsc::Sender<Box<dyn Job>>,
}

impl Writer {
    pub(crate) fn start(conn: Conn) -> (Self, tokio::task::JoinHandle<()>) {
        let (jobs, queue) = mpsc::channel(QUEUE);
        (Self { jobs }, tokio::spawn(work(conn, queue)))
    }

    pub(crate) async fn write<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'c> Fn(&'c mut Conn) -> Change<'c, T, E> + Send + 'static,
        T: Send + 'static,
        E: From<Error> + Send + 'static,
    {
        let (reply, answer) = oneshot::channel();
        let job = Box::new(Task { change, result: None, reply });
        self.jobs.send(job).await.map_err(|_| Error::Closed)?;
        answer.await.unwrap_or_else(|_| Err(Error::Closed.into()))
    }
}

async fn work(mut conn: Conn, mut queue: mpsc::Receiver<Box<dyn Job>>) {
    while let Some(first) = queue.recv().await {
        let mut jobs = vec![first];
        let commit = run_batch(&mut conn, &mut jobs, &mut queue).await.map_err(Arc::new);
        if let Err(error) = &commit {
            tracing::error!(error = %error, db.changes = jobs.len(), "A commit failed; nothing of it stands.");
            // Nothing to roll back when SQLite already did.
            let _ = conn.execute("ROLLBACK").await;
        }
        for job in jobs {
            job.answer(&commit);
        }
    }
    if let Err(error) = conn.close().await {
        tracing::warn!(error = %error, "The database did not close cleanly.");
    }
}

/// Runs the first job and whatever else comes in meanwhile, up to a bound.
async fn run_batch(
    conn: &mut Conn,
    jobs: &mut Vec<Box<dyn Job>>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
) -> Result<(), sqlx::Error> {
    if let Err(error) = conn.execute("BEGIN IMMEDIATE; SAVEPOINT change").await {
        // Another process holds the database: whoever queues behind would only wait as long again, each in turn.
        jobs.extend(std::iter::from_fn(|| queue.try_recv().ok()));
        return Err(error);
    }
    let mut any_kept = false;
    let mut next = 0;
    while next < jobs.len() {
        let keep = jobs[next].run(conn).await;
        any_kept |= keep;
        next += 1;
        if next < MOST_PER_COMMIT
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
        if !keep {
            // The savepoint stays open: for the next job, or for the commit to take along.
            conn.execute("ROLLBACK TO change").await?;
        } else if next < jobs.len() {
            conn.execute("RELEASE change; SAVEPOINT change").await?;
        }
    }
    conn.execute(if any_kept { "COMMIT" } else { "ROLLBACK" }).await.map(drop)
}

#[cfg(test)]
mod tests {
    use std::{
        sync::atomic::{AtomicUsize, Ordering},
        time::Duration,
    };

    use futures::future::{join, join_all};
    use sqlx::{ConnectOptions, sqlite::SqliteConnectOptions};
    use tempfile::TempDir;

    use super::*;

    /// A table, the writer at work on it, and how often it committed.
    struct House {
        writer: Writer,
        end: tokio::task::JoinHandle<()>,
        commits: Arc<AtomicUsize>,
        folder: TempDir,
    }

    fn options(folder: &TempDir) -> SqliteConnectOptions {
        SqliteConnectOptions::new()
            .filename(folder.path().join("test.db"))
            .create_if_missing(true)
            .journal_mode(sqlx::sqlite::SqliteJournalMode::Wal)
            .foreign_keys(true)
            .busy_timeout(Duration::from_millis(50))
    }

    impl House {
        async fn new() -> Self {
            Self::patient(Duration::from_millis(50)).await
        }

        /// Its writer waits as long as this for another process.
        async fn patient(busy_wait: Duration) -> Self {
            let folder = tempfile::tempdir().unwrap();
            let mut conn = options(&folder).busy_timeout(busy_wait).connect().await.unwrap();
            conn.execute("CREATE TABLE notes (text TEXT PRIMARY KEY, after TEXT REFERENCES notes (text))")
                .await
                .unwrap();
            let commits = Arc::new(AtomicUsize::new(0));
            let count = Arc::clone(&commits);
            conn.lock_handle().await.unwrap().set_commit_hook(move || {
                count.fetch_add(1, Ordering::SeqCst);
                true
            });
            let (writer, end) = Writer::start(conn);
            Self { writer, end, commits, folder }
        }

        /// As another process sees it.
        async fn beside(&self) -> Conn {
            options(&self.folder).connect().await.unwrap()
        }

        async fn note(&self, text: impl ToString) -> Result<(), Error> {
            let text = text.to_string();
            self.writer.write(move |conn| Box::pin(insert(conn, text.clone()))).await
        }

        /// Writes, and then fails.
        async fn fail(&self, text: &str) -> Result<(), Error> {
            let text = text.to_owned();
            self.writer
                .write(move |conn| {
                    let text = text.clone();
                    Box::pin(async move {
                        insert(conn, text).await?;
                        Err(Error::WrongKey)
                    })
                })
                .await
        }

        async fn notes(&self) -> Vec<String> {
            let mut conn = self.beside().await;
            sqlx::query_scalar("SELECT text FROM notes ORDER BY text").fetch_all(&mut conn).await.unwrap()
        }

        fn commits(&self) -> usize {
            self.commits.load(Ordering::SeqCst)
        }
    }

    async fn insert(conn: &mut Conn, text: String) -> Result<(), Error> {
        sqlx::query("INSERT INTO notes (text) VALUES ($1)").bind(text).execute(conn).await?;
        Ok(())
    }

    /// Hands a change in and hangs up before it is answered.
    async fn hang_up(change: impl Future<Output = Result<(), Error>>) {
        let mut change = std::pin::pin!(change);
        assert!(futures::poll!(change.as_mut()).is_pending());
    }

    #[tokio::test]
    async fn many_changes_at_once_end_in_few_commits_and_all_are_answered() {
        let house = House::new().await;
        let answers = join_all((0..500).map(|number| house.note(number))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(house.notes().await.len(), 500);
        assert!((500 / MOST_PER_COMMIT..50).contains(&house.commits()), "{} commits", house.commits());
    }

    #[tokio::test]
    async fn more_than_fits_the_queue_waits_for_its_turn() {
        let house = House::new().await;
        let answers = join_all((0..2 * QUEUE).map(|number| house.note(number))).await;
        assert!(answers.iter().all(Result::is_ok));
        assert_eq!(house.notes().await.len(), 2 * QUEUE);
    }

    #[tokio::test]
    async fn a_change_that_fails_undoes_only_itself() {
        let house = House::new().await;
        let turns = [("a", true), ("b", false), ("c", false), ("d", true), ("e", false)];
        let answers = join_all(turns.map(|(text, keep)| {
            let house = &house;
            async move { if keep { house.note(text).await } else { house.fail(text).await } }
        }));
        let answers = answers.await;
        for (answer, (text, keep)) in answers.iter().zip(turns) {
            assert!(if keep { answer.is_ok() } else { matches!(answer, Err(Error::WrongKey)) }, "{text}: {answer:?}");
        }
        assert_eq!(house.notes().await, ["a", "d"]);
        assert_eq!(house.commits(), 1, "they shared a commit");
    }

    #[tokio::test]
    async fn a_statement_that_fails_may_be_part_of_a_change_that_stands() {
        let house = House::new().await;
        house.note("a").await.unwrap();
        house
            .writer
            .write::<_, Error, _>(|conn| {
                Box::pin(async move {
                    assert!(matches!(insert(conn, "a".to_owned()).await, Err(Error::Conflict(_))));
                    insert(conn, "b".to_owned()).await
                })
            })
            .await
            .unwrap();
        assert_eq!(house.notes().await, ["a", "b"]);
    }

    #[tokio::test]
    async fn failures_alone_cost_no_commit() {
        let house = House::new().await;
        let (one, two) = join(house.fail("a"), house.fail("b")).await;
        assert!(one.is_err() && two.is_err());
        assert_eq!((house.commits(), house.notes().await.len()), (0, 0));
    }

    #[tokio::test]
    async fn a_change_that_panics_is_answered_with_an_error_and_the_writer_goes_on() {
        let house = House::new().await;
        let at_once = house.writer.write::<(), Error, _>(|_| panic!("before it begins"));
        let midway = house.writer.write::<(), Error, _>(|conn| {
            Box::pin(async move {
                insert(conn, "half".to_owned()).await?;
                panic!("midway")
            })
        });
        let (before, (at_once, (midway, after))) =
            join(house.note("before"), join(at_once, join(midway, house.note("after")))).await;
        assert!(matches!(at_once, Err(Error::Broken)), "{at_once:?}");
        assert!(matches!(midway, Err(Error::Broken)), "{midway:?}");
        assert!(before.is_ok() && after.is_ok());
        assert_eq!(house.notes().await, ["after", "before"]);
        house.note("later").await.unwrap();
    }

    #[tokio::test]
    async fn a_caller_that_hangs_up_does_not_undo_the_change() {
        let house = House::new().await;
        hang_up(house.note("a")).await;
        house.note("b").await.unwrap();
        assert_eq!(house.notes().await, ["a", "b"]);
    }

    #[tokio::test]
    async fn the_end_writes_what_was_handed_in() {
        let house = House::new().await;
        for number in 0..100 {
            hang_up(house.note(number)).await;
        }
        let House { writer, end, folder, .. } = house;
        drop(writer);
        end.await.unwrap();
        let mut conn = options(&folder).connect().await.unwrap();
        let notes: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM notes").fetch_one(&mut conn).await.unwrap();
        assert_eq!(notes, 100);
    }

    #[tokio::test]
    async fn a_process_that_writes_beside_is_waited_for() {
        let house = House::patient(Duration::from_mins(1)).await;
        let mut other = house.beside().await;
        other.execute("BEGIN IMMEDIATE; INSERT INTO notes (text) VALUES ('theirs')").await.unwrap();
        let mut ours = std::pin::pin!(house.note("ours"));
        let early = tokio::time::timeout(Duration::from_millis(100), ours.as_mut()).await;
        assert!(early.is_err(), "it waits: {early:?}");
        other.execute("COMMIT").await.unwrap();
        ours.await.unwrap();
        assert_eq!(house.notes().await, ["ours", "theirs"]);
    }

    #[tokio::test]
    async fn a_process_that_never_stops_writing_is_an_error_for_all_who_wait_and_no_end() {
        let house = House::new().await;
        let mut other = house.beside().await;
        other.execute("BEGIN IMMEDIATE").await.unwrap();
        for answer in join_all((0..20).map(|number| house.note(number))).await {
            assert!(matches!(answer, Err(Error::NotCommitted(_))), "{answer:?}");
        }
        other.execute("ROLLBACK").await.unwrap();
        house.note("later").await.unwrap();
        assert_eq!(house.notes().await, ["later"]);
    }

    #[tokio::test]
    async fn a_commit_that_fails_is_told_to_all_it_carried_and_the_writer_goes_on() {
        let house = House::new().await;
        let found_at_commit = house.writer.write::<(), Error, _>(|conn| {
            Box::pin(async move {
                conn.execute("PRAGMA defer_foreign_keys = ON").await?;
                conn.execute("INSERT INTO notes (text, after) VALUES ('b', 'nobody')").await?;
                Ok(())
            })
        });
        let (innocent, (guilty, failed)) = join(house.note("a"), join(found_at_commit, house.fail("c"))).await;
        assert!(matches!(innocent, Err(Error::NotCommitted(_))), "{innocent:?}");
        assert!(matches!(guilty, Err(Error::NotCommitted(_))), "{guilty:?}");
        assert!(matches!(failed, Err(Error::WrongKey)), "its own error: {failed:?}");
        assert_eq!(house.notes().await.len(), 0);
        house.note("later").await.unwrap();
        assert_eq!(house.notes().await, ["later"]);
    }
}
