//! The engine: it claims what is due, brings each target to what is wanted there, and records how that went.
//!
//! What is absent: it never changes a user (that is `directory`'s, which it calls to settle an onboarding), it holds
//! no write transaction across a remote call, and it knows targets only through the `Connector` trait.
//!
//! The rooms: [`dispatch`](mod@dispatch) decides what goes out next; `snapshot` reads what one attempt needs;
//! `attempt` carries it out; `mail` sends mail; `verdict` turns failures into what comes next; `record` writes the result in one
//! transaction; `names` knows who waits for whom; `probe` asks a paused target whether it is back; `sweep` plans what a changed setting means for many;
//! `waiters` tells callers; `recovery` runs at start.

mod attempt;
mod dispatch;
mod mail;
mod names;
mod probe;
mod record;
mod recovery;
mod snapshot;
mod sweep;
mod verdict;
mod waiters;

use std::{
    sync::{Arc, Weak},
    time::Duration,
};

use async_trait::async_trait;
use connectors::{Call, Registry, Target};
use directory::{
    Directory,
    engine::{Settled, Trial},
};
use domain::{
    BootId, ConnectorId, Ids, SubjectId, Timestamp, UserId,
    config::{Check, ConfigSchema, Report},
    delivery::State,
};
use egress::{Egress, mail::Mailer};
use serde_json::Value;
use storage::{Db, deliveries};
use tokio::sync::{Notify, watch};
use uuid::Uuid;

use crate::{dispatch::Board, waiters::Waiters};

const CONCURRENCY: usize = domain::limits::ATTEMPTS_AT_ONCE;
/// How long a stop waits for attempts in flight.
const PATIENCE: Duration = Duration::from_secs(10);

/// And how much longer what is broken off then may take.
const GRACE: Duration = Duration::from_secs(1);

/// What the engine works with.
#[derive(Debug)]
pub struct Deps {
    pub directory: Directory,
    pub egress: Egress,
    /// None, and no mail is sent.
    pub mailer: Option<Mailer>,
    pub registry: Registry,
}

/// Cheap to clone; every clone is the same engine.
#[derive(Clone)]
pub struct Engine {
    core: Arc<Core>,
}

impl std::fmt::Debug for Engine {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Engine").field("boot", &self.core.boot).finish_non_exhaustive()
    }
}

struct Core {
    directory: Directory,
    egress: Egress,
    mailer: Option<Mailer>,
    registry: Registry,
    boot: BootId,
    board: Board,
    waiters: Waiters,
    wake: Notify,
    wake_mail: Notify,
}

impl Core {
    fn db(&self) -> &Db {
        self.directory.db()
    }

    fn ids(&self) -> &Ids {
        self.directory.ids()
    }

    fn now(&self) -> Timestamp {
        self.ids().now()
    }
}

/// The loops of a started engine.
#[derive(Debug)]
pub struct Running {
    stop: watch::Sender<bool>,
    tasks: [tokio::task::JoinHandle<()>; 2],
}

impl Running {
    /// Takes up nothing new, finishes what is in flight within ten seconds, and leaves the rest to the next start.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        for mut task in self.tasks {
            match tokio::time::timeout(PATIENCE + GRACE, &mut task).await {
                Ok(Ok(())) => {}
                Ok(Err(error)) => tracing::error!(error = %error, "The engine did not stop cleanly."),
                Err(_) => {
                    tracing::warn!("A mail was still on its way; the next start sends it again.");
                    task.abort();
                }
            }
        }
    }
}

impl Engine {
    /// An engine that does nothing by itself; tests step it with [`Engine::run_until_idle`].
    pub fn new(deps: Deps) -> Self {
        let boot = deps.directory.ids().make();
        let Deps { directory, egress, mailer, registry } = deps;
        let core = Core {
            directory,
            egress,
            mailer,
            registry,
            boot,
            board: Board::default(),
            waiters: Waiters::default(),
            wake: Notify::new(),
            wake_mail: Notify::new(),
        };
        let core = Arc::new(core);
        let attached: Weak<Core> = Arc::downgrade(&core);
        core.directory.attach(attached);
        Self { core }
    }

    /// Picks up what an earlier boot left, then runs until stopped.
    pub async fn start(deps: Deps) -> directory::Result<(Self, Running)> {
        let engine = Self::new(deps);
        engine.recover().await?;
        let (stop, stopped) = watch::channel(false);
        let tasks = [
            tokio::spawn(dispatch::run(Arc::clone(&engine.core), stopped.clone())),
            tokio::spawn(mail::run(Arc::clone(&engine.core), stopped)),
        ];
        Ok((engine, Running { stop, tasks }))
    }

    /// Voids the leases of earlier boots and settles who was staged then.
    pub async fn recover(&self) -> directory::Result<()> {
        recovery::recover(&self.core).await
    }

    /// Sends everything that is due now, and what becomes due by it. Moves no clock.
    pub async fn run_until_idle(&self) {
        dispatch::until_idle(&self.core).await;
    }

    /// Sends the mails that are due now. Moves no clock.
    pub async fn send_due_mails(&self) {
        mail::send_due(&self.core).await;
    }
}

#[async_trait]
impl directory::Engine for Core {
    fn schemas(&self) -> Vec<ConfigSchema> {
        self.registry.schemas().collect()
    }

    fn check_address(&self, url: &str) -> Result<(), String> {
        self.egress.check(url).map(drop).map_err(|problem| problem.to_string())
    }

    fn wake(&self) {
        self.wake.notify_one();
        self.wake_mail.notify_one();
    }

    fn sends_mail(&self) -> bool {
        self.mailer.is_some()
    }

    async fn test(&self, trial: Trial) -> Report {
        let Some(connector) = self.registry.get(&trial.kind) else {
            let text = "This version of Usher has no connector of this kind.".to_owned();
            return Report { checks: vec![Check { name: "Kind".to_owned(), ok: false, text }] };
        };
        // A version that no saved configuration has: nothing cached is used, nothing stays cached.
        let target = Target {
            connector_id: trial.connector_id.unwrap_or(ConnectorId(Uuid::nil())),
            version: -self.now().as_micros(),
            properties: trial.properties,
            secrets: trial.secrets,
        };
        let clock = self.ids().clock();
        connector.test(&Call::new(&target, &self.egress, &**clock, Value::Null)).await
    }

    async fn settled(&self, user: UserId) -> directory::Result<Settled> {
        self.waiters.settled(user).await.ok_or(directory::Error::NoEngine)
    }

    async fn delivered(&self, subject: SubjectId, at: Vec<ConnectorId>, limit: Duration) -> Vec<ConnectorId> {
        let deadline = self.now().plus(limit);
        let outcome = tokio::time::timeout(limit, self.until_delivered(subject, &at, deadline)).await;
        match outcome {
            Ok(Ok(pending)) => pending,
            Ok(Err(error)) => {
                tracing::error!(error = %error, "Deliveries could not be read.");
                at
            }
            Err(_) => self.pending(subject, &at, deadline).await.map_or(at, |(pending, _)| pending),
        }
    }
}

impl Core {
    /// Which of these connectors have not followed yet, and whether waiting longer may help.
    async fn pending(
        &self,
        subject: SubjectId,
        at: &[ConnectorId],
        deadline: Timestamp,
    ) -> storage::Result<(Vec<ConnectorId>, bool)> {
        let mut conn = self.db().read().await?;
        let all = deliveries::of_subject(&mut conn, subject).await?;
        let open: Vec<_> = all.into_iter().filter(|one| at.contains(&one.connector_id) && !one.is_settled()).collect();
        let under_way = open.iter().any(|delivery| match &delivery.state {
            _ if self.board.is_closed(delivery.connector_id) => false,
            State::Held { .. } => false,
            // Another delivery ends the wait, or time does.
            State::Waiting { until, .. } => *until == Timestamp::NEVER || *until <= deadline,
            State::Due | State::Running { .. } | State::Done => true,
        });
        Ok((open.into_iter().map(|delivery| delivery.connector_id).collect(), under_way))
    }

    async fn until_delivered(
        &self,
        subject: SubjectId,
        at: &[ConnectorId],
        deadline: Timestamp,
    ) -> storage::Result<Vec<ConnectorId>> {
        loop {
            let progress = self.waiters.progress();
            let (pending, under_way) = self.pending(subject, at, deadline).await?;
            if !under_way {
                return Ok(pending);
            }
            progress.await;
        }
    }
}
