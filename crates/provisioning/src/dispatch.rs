//! What goes out next. One loop hands out the work; attempts run in tasks of their own.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    ConnectionId, ConnectorId, DeliveryId, ProvisionerId, Timestamp, UserId,
    connection::{Connection, Connector, Gate, Life, PauseKind},
    onboarding::{Awaited, Verdict},
    provisioner::Provisioner,
    sweep::{Sweep, Task},
};
use storage::{awaited, connections, connectors, deliveries, provisioners, runs, sweeps};
use tokio::{sync::watch, task::JoinSet};

use crate::{CONCURRENCY, Core, PATIENCE, attempt, probe, recovery, sweep};

/// However little there is to do, the loop looks again after this long.
const LONGEST_SLEEP: Duration = Duration::from_secs(30);

/// What has expired is erased this often.
const TIDIED_EVERY: Duration = Duration::from_mins(10);
/// How far the audit trail has come is logged this often.
const AUDIT_TOLD_EVERY: Duration = Duration::from_hours(1);
/// Before the database is asked again that would not answer.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// What is in flight. On one process a claim needs no commit of its own: this is the claim.
#[derive(Debug, Default)]
pub(crate) struct Board {
    inner: Mutex<Inflight>,
}

#[derive(Debug, Default)]
struct Inflight {
    deliveries: HashMap<DeliveryId, ConnectorId>,
    probes: HashSet<ConnectorId>,
    /// Connectors that asked us to wait.
    not_before: HashMap<ConnectorId, Timestamp>,
    /// Gates that were closed when last looked at.
    closed: HashSet<ConnectorId>,
    tidied_at: Option<Timestamp>,
    audit_told_at: Option<Timestamp>,
}

impl Board {
    fn lock(&self) -> MutexGuard<'_, Inflight> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn at(&self, connector: ConnectorId) -> usize {
        self.lock().deliveries.values().filter(|at| **at == connector).count()
    }

    fn claim(&self, delivery: DeliveryId, connector: ConnectorId) -> bool {
        self.lock().deliveries.insert(delivery, connector).is_none()
    }

    fn holds(&self, delivery: DeliveryId) -> bool {
        self.lock().deliveries.contains_key(&delivery)
    }

    fn release(&self, delivery: DeliveryId) {
        self.lock().deliveries.remove(&delivery);
    }

    fn claim_probe(&self, connector: ConnectorId) -> bool {
        self.lock().probes.insert(connector)
    }

    fn release_probe(&self, connector: ConnectorId) {
        self.lock().probes.remove(&connector);
    }

    pub(crate) fn slow_down(&self, connector: ConnectorId, until: Timestamp) {
        self.lock().not_before.insert(connector, until);
    }

    fn not_before(&self, connector: ConnectorId, now: Timestamp) -> Option<Timestamp> {
        let mut inner = self.lock();
        inner.not_before.retain(|_, until| *until > now);
        inner.not_before.get(&connector).copied()
    }

    /// Whether that changed.
    fn note_gate(&self, connector: ConnectorId, open: bool) -> bool {
        let mut inner = self.lock();
        if open { inner.closed.remove(&connector) } else { inner.closed.insert(connector) }
    }

    /// Whether it is time to tidy up again.
    fn tidies(&self, now: Timestamp) -> bool {
        let mut inner = self.lock();
        let due = inner.tidied_at.is_none_or(|at| now.since(at) >= TIDIED_EVERY);
        if due {
            inner.tidied_at = Some(now);
        }
        due
    }

    /// Tidying has not come to an end.
    fn tidies_again(&self) {
        self.lock().tidied_at = None;
    }

    /// Whether it is time to log again how far the audit trail has come.
    fn tells_audit(&self, now: Timestamp) -> bool {
        let mut inner = self.lock();
        let due = inner.audit_told_at.is_none_or(|at| now.since(at) >= AUDIT_TOLD_EVERY);
        if due {
            inner.audit_told_at = Some(now);
        }
        due
    }

    pub(crate) fn is_closed(&self, connector: ConnectorId) -> bool {
        self.lock().closed.contains(&connector)
    }
}

/// A connector as the loop sees it.
struct Post {
    connector: Connector,
    gate: Gate,
    run: runs::Run,
    /// The provisioner whose onboardings may wait for it.
    blocks: Option<ProvisionerId>,
    /// A sweep is planning what becomes of its accounts; until that is done nothing goes out.
    swept: bool,
}

/// What a round leaves to do.
enum Next {
    /// At once: a sweep has more to plan.
    More,
    Sleep(Duration),
}

/// Runs until told to stop.
pub(crate) async fn run(core: Arc<Core>, mut stopped: watch::Receiver<bool>) {
    let mut tasks = JoinSet::new();
    loop {
        let sleep = match round(&core, &mut tasks).await {
            Ok(Next::More) => Duration::ZERO,
            Ok(Next::Sleep(next)) => next,
            Err(error) => {
                tracing::error!(error = %error, "The engine could not read what is due; it tries again.");
                PAUSE_AFTER_ERROR
            }
        };
        tokio::select! {
            _ = stopped.changed() => break,
            () = core.wake.notified() => {}
            Some(joined) = tasks.join_next(), if !tasks.is_empty() => log_panic(joined),
            () = tokio::time::sleep(sleep) => {}
        }
        while let Some(joined) = tasks.try_join_next() {
            log_panic(joined);
        }
    }
    let finish = async {
        while let Some(joined) = tasks.join_next().await {
            log_panic(joined);
        }
    };
    if tokio::time::timeout(PATIENCE, finish).await.is_err() {
        tracing::warn!("Attempts were still in flight; the next start takes them up.");
        tasks.abort_all();
    }
    core.waiters.dismiss();
}

/// Sends what is due until nothing is.
pub(crate) async fn until_idle(core: &Arc<Core>) {
    let mut tasks = JoinSet::new();
    loop {
        match round(core, &mut tasks).await {
            Ok(Next::More) => continue,
            Ok(Next::Sleep(_)) => {}
            Err(error) => {
                tracing::error!(error = %error, "The engine could not read what is due.");
                return;
            }
        }
        match tasks.join_next().await {
            Some(joined) => log_panic(joined),
            None => return,
        }
    }
}

fn log_panic(joined: Result<(), tokio::task::JoinError>) {
    if let Err(error) = joined
        && error.is_panic()
    {
        tracing::error!(error = %error, "An attempt broke off; its delivery is tried again.");
    }
}

/// Hands out everything that may go out now.
async fn round(core: &Arc<Core>, tasks: &mut JoinSet<()>) -> directory::Result<Next> {
    let now = core.now();
    let mut more = core.board.tidies(now) && recovery::tidy(core, now).await?;
    if more {
        core.board.tidies_again();
    }
    if core.board.tells_audit(now) {
        core.directory.log_audit_head().await?;
    }
    more |= sweep::advance(core).await?;
    let posts = posts(core).await?;
    let mut next = now.plus(LONGEST_SLEEP).min(onboardings(core, &posts, now).await?);
    let mut gates_moved = false;
    for post in &posts {
        gates_moved |= core.board.note_gate(post.connector.id, post.gate == Gate::Open);
        let wake = match &post.gate {
            Gate::Open if !post.swept => hand_out(core, tasks, post, now).await,
            Gate::Paused(pause) => ask_whether_back(core, tasks, post, pause.kind, now).await,
            Gate::Open | Gate::SwitchedOff => Ok(None),
        };
        let wake = wake.unwrap_or_else(|error| {
            // A row that cannot be read holds up its own connector alone.
            tracing::error!(connector.id = %post.connector.id, error = %error, "What is due could not be read.");
            Some(now.plus(PAUSE_AFTER_ERROR))
        });
        next = next.min(wake.unwrap_or(Timestamp::NEVER));
    }
    if gates_moved {
        core.waiters.moved();
    }
    Ok(if more { Next::More } else { Next::Sleep(next.since(now).max(Duration::from_millis(1))) })
}

async fn posts(core: &Core) -> directory::Result<Vec<Post>> {
    let mut conn = core.db().read().await?;
    let connections: HashMap<ConnectionId, Connection> =
        connections::page(&mut conn, None, None, i64::MAX).await?.into_iter().map(|one| (one.id, one)).collect();
    let provisioners: HashMap<ConnectorId, Provisioner> =
        provisioners::all(&mut conn).await?.into_iter().map(|one| (one.connector_id, one)).collect();
    let mut runs: HashMap<ConnectorId, runs::Run> = runs::list(&mut conn).await?.into_iter().collect();
    let swept: HashSet<ConnectorId> = sweeps::open(&mut conn)
        .await?
        .into_iter()
        .map(|Sweep { task: Task::ReleaseAccounts { connector_id, .. }, .. }| connector_id)
        .collect();
    let known = |connector: &Connector| core.registry.get(&connector.kind).is_some();
    let posts = connectors::all(&mut conn).await?.into_iter().filter(known).filter_map(|connector| {
        let connection = connections.get(&connector.connection_id)?;
        let provisioner = provisioners.get(&connector.id);
        let run = runs.remove(&connector.id).unwrap_or_default();
        let gate = Gate::of(connection, &connector, provisioner, run.pause.as_ref());
        let on = connector.life == Life::Active && gate != Gate::SwitchedOff;
        let blocks = provisioner.filter(|provisioner| on && provisioner.life == Life::Active).map(|one| one.id);
        Some(Post { swept: swept.contains(&connector.id), connector, gate, run, blocks })
    });
    Ok(posts.collect())
}

/// Settles who waited too long, and who waits for what was switched off or removed; when the next one is late.
async fn onboardings(core: &Core, posts: &[Post], now: Timestamp) -> directory::Result<Timestamp> {
    let mut ripe: HashSet<UserId> = HashSet::new();
    let mut next = Timestamp::NEVER;
    {
        let mut conn = core.db().read().await?;
        if awaited::next_deadline(&mut conn).await?.is_none() {
            return Ok(next);
        }
        for post in posts {
            let waiting = awaited::at_connector(&mut conn, post.connector.id).await?;
            for one in waiting.into_iter().filter(|one| one.verdict == Verdict::Pending) {
                if one.deadline <= now || post.blocks != Some(one.provisioner_id) {
                    ripe.insert(one.user_id);
                } else {
                    next = next.min(one.deadline);
                }
            }
        }
        // Also those whose connector is gone altogether.
        for user in awaited::late(&mut conn, now).await? {
            let late = |one: &Awaited| one.verdict == Verdict::Pending && one.deadline <= now;
            if awaited::of_user(&mut conn, user).await?.iter().any(late) {
                ripe.insert(user);
            }
        }
    }
    for user in ripe {
        if let Err(error) = core.settle(user).await {
            tracing::error!(user.id = %user, error = %error, "An onboarding could not be settled; it is tried again.");
            next = next.min(now.plus(PAUSE_AFTER_ERROR));
        }
    }
    Ok(next)
}

async fn hand_out(
    core: &Arc<Core>,
    tasks: &mut JoinSet<()>,
    post: &Post,
    now: Timestamp,
) -> directory::Result<Option<Timestamp>> {
    let id = post.connector.id;
    if let Some(until) = core.board.not_before(id, now) {
        return Ok(Some(until));
    }
    let mut conn = core.db().read().await?;
    let busy = core.board.at(id);
    if busy < CONCURRENCY {
        let limit = i64::try_from(CONCURRENCY + busy).unwrap_or(i64::MAX);
        let due = deliveries::to_do(&mut conn, id, now, limit).await?;
        let free = due.into_iter().filter(|delivery| !core.board.holds(delivery.id));
        for delivery in free.take(CONCURRENCY - busy) {
            if core.board.claim(delivery.id, id) {
                let claim = Claim { core: Arc::clone(core), delivery: delivery.id };
                tasks.spawn(async move { attempt::run(&claim.core, claim.delivery).await });
            }
        }
    }
    Ok(deliveries::next_due(&mut conn, id, now).await?)
}

/// Gives the claim back however the attempt ends, a panic included.
struct Claim {
    core: Arc<Core>,
    delivery: DeliveryId,
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.core.board.release(self.delivery);
    }
}

struct ProbeClaim {
    core: Arc<Core>,
    connector: ConnectorId,
}

impl Drop for ProbeClaim {
    fn drop(&mut self) {
        self.core.board.release_probe(self.connector);
    }
}

/// Probes a paused target when it is time, and at once when a caller waits for one that is down.
async fn ask_whether_back(
    core: &Arc<Core>,
    tasks: &mut JoinSet<()>,
    post: &Post,
    kind: PauseKind,
    now: Timestamp,
) -> directory::Result<Option<Timestamp>> {
    let id = post.connector.id;
    let Some(mut at) = post.run.probe_at.filter(|_| kind != PauseKind::Manual) else { return Ok(None) };
    if kind == PauseKind::Down && core.is_awaited(id).await? {
        at = now;
    }
    if at > now {
        return Ok(Some(at));
    }
    if core.board.claim_probe(id) {
        let claim = ProbeClaim { core: Arc::clone(core), connector: id };
        tasks.spawn(async move { probe::run(&claim.core, claim.connector).await });
    }
    Ok(None)
}

impl Core {
    async fn is_awaited(&self, connector: ConnectorId) -> directory::Result<bool> {
        let mut conn = self.db().read().await?;
        let waiting = awaited::at_connector(&mut conn, connector).await?;
        Ok(waiting.iter().any(|one| one.verdict == Verdict::Pending))
    }

    /// Whether a sweep is open anywhere.
    pub(crate) async fn open_sweeps(&self) -> directory::Result<Vec<domain::sweep::Sweep>> {
        let mut conn = self.db().read().await?;
        Ok(sweeps::open(&mut conn).await?)
    }
}
