//! One writer, many changes per commit.
//!
//! A change is a closure over the transaction. The writer runs several in one `BEGIN IMMEDIATE`, each in a savepoint,
//! and answers after COMMIT: one flush to the disk serves all of them. A closure that fails undoes its savepoint alone.

use std::{panic::AssertUnwindSafe, pin::Pin};

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
    fn answer(self: Box<Self>, committed: bool);
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
        Box::pin(async move {
            let outcome = AssertUnwindSafe((self.change)(conn)).catch_unwind().await;
            let result = outcome.unwrap_or_else(|_| Err(Error::Broken.into()));
            let keep = result.is_ok();
            self.result = Some(result);
            keep
        })
    }

    fn answer(self: Box<Self>, committed: bool) {
        let result = match self.result {
            Some(Ok(value)) if committed => Ok(value),
            Some(Err(error)) => Err(error),
            _ => Err(Error::Broken.into()),
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
        let committed = match run_batch(&mut conn, &mut jobs, &mut queue).await {
            Ok(()) => true,
            Err(error) => {
                tracing::error!(error = %error, "A commit failed; nothing of it stands.");
                // Nothing to roll back when SQLite already did.
                let _ = conn.execute("ROLLBACK").await;
                false
            }
        };
        for job in jobs {
            job.answer(committed);
        }
    }
    if let Err(error) = conn.close().await {
        tracing::warn!(error = %error, "The database did not close cleanly.");
    }
}

async fn run_batch(
    conn: &mut Conn,
    jobs: &mut Vec<Box<dyn Job>>,
    queue: &mut mpsc::Receiver<Box<dyn Job>>,
) -> Result<(), sqlx::Error> {
    conn.execute("BEGIN IMMEDIATE").await?;
    let mut next = 0;
    while next < jobs.len() {
        conn.execute("SAVEPOINT change").await?;
        if !jobs[next].run(conn).await {
            conn.execute("ROLLBACK TO change").await?;
        }
        conn.execute("RELEASE change").await?;
        next += 1;
        if next == jobs.len()
            && next < MOST_PER_COMMIT
            && let Ok(job) = queue.try_recv()
        {
            jobs.push(job);
        }
    }
    conn.execute("COMMIT").await.map(drop)
}
