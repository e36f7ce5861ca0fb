//! The transactions around a call: the intent before it, the result after it.

use std::{sync::Arc, time::Duration};

use connectors::Exchange;
use directory::engine::Settled;
use domain::{
    ConnectorId, DeliveryId, LinkId, Timestamp, UserId,
    attempt::{self, Attempt, Operation},
    connection::{self, Pause, PauseKind},
    delivery::{Delivery, Ending, Intent, Reason, ReasonKind, State, Trigger, Wanted, backoff},
    figures::{Counts, Measure},
    link::{Link, Provenance},
    onboarding::Verdict,
};
use serde_json::Value;
use storage::{
    Conn, Constraint, attempts, awaited, connections, connectors as connector_rows, deliveries, erasures, figures,
    links, passwords, runs, tombstones, users,
};

use crate::{
    Core,
    attempt::End,
    names::{self, Wait},
    snapshot::Snapshot,
    verdict::{Effect, FAULTS_TO_DOWN, REFUSALS_TO_PAUSE, down, next_probe},
};

/// Between tries to write down that an attempt broke off.
const PAUSE_AFTER_ERROR: Duration = Duration::from_secs(1);

/// What an attempt learnt about the link.
#[derive(Clone, Debug)]
pub(crate) enum Change {
    None,
    Put(Link),
    Drop(LinkId),
}

pub(crate) struct Report<'a> {
    pub snapshot: &'a Snapshot,
    pub fence: i64,
    pub begun: bool,
    pub started: Timestamp,
    pub end: End,
    pub exchanges: Vec<Exchange>,
    pub learned: Value,
}

/// A report as its transaction needs it.
#[derive(Clone)]
struct Facts {
    delivery: Delivery,
    fence: i64,
    begun: bool,
    ending: Ending,
    effect: Effect,
    change: Change,
    only_linked: bool,
    ambiguous: bool,
    attempt: Attempt,
    /// The connector's configuration that the attempt was made with.
    configuration: i64,
    learned: Option<Value>,
    connection_name: String,
    now: Timestamp,
}

type Told = Vec<(UserId, Settled)>;

impl Core {
    /// Commits fencing number and intent, and what the attempt learnt of the link on the way. `fence` is the attempt's
    /// own if it began before. None when something newer is wanted or under way: then nothing is sent.
    pub(crate) async fn begin(
        &self,
        snapshot: &Snapshot,
        fence: i64,
        intent: Intent,
        name_key: String,
        first: Change,
    ) -> storage::Result<Option<i64>> {
        let (id, version, boot, now) = (snapshot.delivery.id, snapshot.delivery.version, self.boot, self.now());
        let generation = snapshot.row.generation;
        self.db()
            .write(move |conn| {
                let (intent, name_key, first) = (intent.clone(), name_key.clone(), first.clone());
                Box::pin(async move {
                    let Some(mut delivery) = deliveries::get(conn, id).await? else { return Ok(None) };
                    let connector = connector_rows::get(conn, delivery.connector_id).await?;
                    let here = connector.is_some_and(|connector| connector.generation == generation);
                    if !here || delivery.version != version || delivery.fence != fence {
                        return Ok(None);
                    }
                    if delivery.state == (State::Running { boot }) {
                        // The same attempt goes on to another call.
                        delivery.state = State::Due;
                    }
                    let Ok(fence) = delivery.begin(boot, intent, now) else { return Ok(None) };
                    delivery.name_key = Some(name_key);
                    deliveries::update(conn, &delivery).await?;
                    match change_link(conn, &delivery, &first).await? {
                        None => Ok(Some(fence)),
                        // Somebody was quicker: the next attempt sees whose it is.
                        Some(_) => Err(storage::Error::Conflict(Constraint::RemoteAccount)),
                    }
                })
            })
            .await
    }

    /// Takes a delivery back whose attempt broke off inside Usher, and waits before it is tried again.
    pub(crate) async fn give_back(&self, id: DeliveryId) {
        while let Err(error) = self.try_to_give_back(id).await {
            tracing::error!(delivery.id = %id, error = %error, "A delivery could not be taken back yet.");
            tokio::time::sleep(PAUSE_AFTER_ERROR).await;
        }
    }

    async fn try_to_give_back(&self, id: DeliveryId) -> storage::Result<()> {
        let now = self.now();
        self.db()
            .write(move |conn| {
                Box::pin(async move {
                    let Some(mut delivery) = deliveries::get(conn, id).await? else { return Ok(()) };
                    if matches!(delivery.state, State::Done | State::Held { .. }) {
                        return Ok(());
                    }
                    let text = "An attempt broke off inside Usher; its log says why. It is tried again by itself.";
                    let until = now.plus(backoff(delivery.tries, 0));
                    let ending = Ending::Again { until, reason: Reason::new(ReasonKind::Retry, text) };
                    if delivery.end(delivery.fence, delivery.version, ending, now).is_ok() {
                        deliveries::update(conn, &delivery).await?;
                    }
                    Ok(())
                })
            })
            .await
    }

    pub(crate) async fn record(self: &Core, report: Report<'_>) -> directory::Result<()> {
        let facts = Arc::new(self.facts(report).await);
        let directory = self.directory.clone();
        let told = {
            let facts = Arc::clone(&facts);
            self.db()
                .write(move |conn| {
                    let (facts, directory) = (Arc::clone(&facts), directory.clone());
                    Box::pin(async move { write(conn, &directory, &facts).await })
                })
                .await?
        };
        if let Effect::SlowDown { until } = facts.effect {
            self.board.slow_down(facts.delivery.connector_id, until);
        }
        log(&facts);
        self.tell(told);
        Ok(())
    }

    async fn facts(&self, report: Report<'_>) -> Facts {
        let Report { snapshot, fence, begun, started, end, exchanges, learned } = report;
        let now = self.now();
        let delivery = snapshot.delivery.clone();
        let attempt = Attempt {
            id: self.ids().make(),
            delivery_id: delivery.id,
            fence,
            generation: snapshot.row.generation,
            at: started,
            trigger: delivery.trigger,
            operation: end.operation,
            outcome: end.outcome.to_owned(),
            text: text_of(&end),
            status: end.status.or_else(|| exchanges.iter().rev().find_map(|one| one.status)).map(i64::from),
            duration_ms: i64::try_from(now.since(started).as_millis()).unwrap_or(i64::MAX),
            request: joined(exchanges.iter().map(|exchange| exchange.request.as_str())),
            response: joined(exchanges.iter().map(|exchange| exchange.response.as_str())),
        };
        Facts {
            delivery,
            fence,
            begun,
            ending: end.ending,
            effect: end.effect,
            change: end.change,
            only_linked: end.only_linked,
            ambiguous: end.ambiguous,
            attempt,
            configuration: snapshot.row.version,
            learned: (learned != snapshot.learned).then_some(learned),
            connection_name: self.connection_name(&snapshot.row).await,
            now,
        }
    }

    pub(crate) fn tell(&self, told: Told) {
        for (user, settled) in told {
            self.waiters.tell(user, settled);
        }
        self.waiters.moved();
        self.wake.notify_one();
    }

    /// Settles one staged user in a transaction of its own.
    pub(crate) async fn settle(&self, user: UserId) -> directory::Result<()> {
        let directory = self.directory.clone();
        let settled = self
            .db()
            .write(move |conn| {
                let directory = directory.clone();
                Box::pin(async move { directory.settle(conn, user).await })
            })
            .await?;
        if let Some(settled) = settled {
            self.tell(vec![(user, settled)]);
        }
        Ok(())
    }

    /// A probe found a connector still not to be used. `configuration` is what it was made with.
    pub(crate) async fn keep_closed(
        &self,
        connector: ConnectorId,
        configuration: i64,
        pause: Pause,
        learned: Value,
    ) -> directory::Result<()> {
        let (directory, now) = (self.directory.clone(), self.now());
        let told = self
            .db()
            .write(move |conn| {
                let (directory, pause, learned) = (directory.clone(), pause.clone(), learned.clone());
                Box::pin(async move {
                    let Some(mut run) = probed(conn, connector, configuration).await? else { return Ok(Told::new()) };
                    run.learned = learned;
                    let same = run.pause.as_ref().filter(|before| before.kind == pause.kind);
                    run.probes = if same.is_some() { run.probes + 1 } else { 0 };
                    run.probe_at = next_probe(pause.kind, run.probes, now);
                    let since = same.map_or(pause.since, |before| before.since);
                    if same.is_none() {
                        alert(conn, &directory, &pause).await?;
                    }
                    run.pause = Some(Pause { since, ..pause.clone() });
                    runs::put(conn, connector, &run).await?;
                    unreachable(conn, &directory, connector, pause.why()).await
                })
            })
            .await?;
        self.tell(told);
        Ok(())
    }

    /// A probe found a connector's target well: what waited for a retry is due at once.
    pub(crate) async fn open(
        &self,
        connector: ConnectorId,
        configuration: i64,
        learned: Value,
    ) -> directory::Result<()> {
        let now = self.now();
        self.db()
            .write::<_, directory::Error, _>(move |conn| {
                let learned = learned.clone();
                Box::pin(async move {
                    if let Some(run) = probed(conn, connector, configuration).await? {
                        // Where look-ups go well and changes do not, the next pause is longer.
                        let probes = run.probes + 1;
                        runs::put(conn, connector, &runs::Run { learned, probes, ..runs::Run::default() }).await?;
                        deliveries::release(conn, connector, false, now).await?;
                    }
                    Ok(())
                })
            })
            .await?;
        self.tell(Told::new());
        Ok(())
    }

    pub(crate) async fn connection_name(&self, row: &connection::Connector) -> String {
        let found = async {
            let mut conn = self.db().read().await?;
            connections::get(&mut conn, row.connection_id).await
        };
        match found.await {
            Ok(Some(connection)) => connection.name,
            _ => "The target".to_owned(),
        }
    }
}

fn text_of(end: &End) -> String {
    match (&end.ending, &end.effect) {
        (_, Effect::Pause(pause)) => pause.text.clone(),
        (Ending::Again { reason, .. } | Ending::Hold { reason } | Ending::After { reason, .. }, _) => {
            reason.text.clone()
        }
        _ => String::new(),
    }
}

/// The exchanges of an attempt in one text, the latest kept where it is too long.
fn joined<'a>(texts: impl Iterator<Item = &'a str>) -> Option<String> {
    let all = texts.collect::<Vec<_>>().join("\n\n");
    if all.is_empty() {
        return None;
    }
    let mut from = all.len().saturating_sub(attempt::BODY_CAP);
    while !all.is_char_boundary(from) {
        from += 1;
    }
    Some(all[from..].to_owned())
}

fn log(facts: &Facts) {
    metrics::counter!("usher_attempts_total", "outcome" => facts.attempt.outcome.clone()).increment(1);
    tracing::info!(
        delivery.id = %facts.delivery.id,
        connector.id = %facts.delivery.connector_id,
        operation = facts.attempt.operation.as_str(),
        outcome = %facts.attempt.outcome,
        status = facts.attempt.status,
        duration_ms = facts.attempt.duration_ms,
        "An attempt ended."
    );
}

/// How a connector fares that was probed; none where the probe has nothing to say any more: the connector was deleted,
/// configured anew, opened or paused by hand meanwhile.
async fn probed(conn: &mut Conn, id: ConnectorId, configuration: i64) -> storage::Result<Option<runs::Run>> {
    let connector = connector_rows::get(conn, id).await?;
    if connector.is_none_or(|connector| connector.version != configuration) {
        return Ok(None);
    }
    let run = runs::get(conn, id).await?;
    Ok(Some(run).filter(|run| run.pause.as_ref().is_some_and(|pause| pause.kind != PauseKind::Manual)))
}

/// The result of an attempt, in one transaction.
async fn write(conn: &mut Conn, directory: &directory::Directory, facts: &Facts) -> directory::Result<Told> {
    attempts::insert(conn, &facts.attempt).await?;
    if facts.ending == Ending::Delivered {
        attempts::forget_earlier_successes(conn, facts.delivery.id, facts.attempt.id).await?;
    }
    let Some(mut delivery) = deliveries::get(conn, facts.delivery.id).await? else { return Ok(Told::new()) };
    let connector = connector_rows::get(conn, delivery.connector_id).await?;
    let elsewhere = connector.as_ref().is_none_or(|one| one.generation != facts.attempt.generation);
    let outdated = connector.is_none_or(|one| one.version != facts.configuration);
    let late = facts.fence != delivery.fence;
    let owner = match &facts.change {
        _ if elsewhere => None,
        // What a later attempt found out holds.
        Change::Put(_) if late && links::get(conn, delivery.subject, delivery.connector_id).await?.is_some() => None,
        change => change_link(conn, &delivery, change).await?,
    };
    let pause = if outdated { None } else { touch_run(conn, directory, facts).await? };
    let ending = if elsewhere || outdated && facts.ending != Ending::Delivered {
        // What was said to another system, or about another configuration, settles nothing.
        Ending::WhenOpen
    } else if let Some(owner) = owner {
        Ending::Hold { reason: belongs_to(&owner, &delivery.subject_label) }
    } else {
        concluded(conn, &delivery, facts, pause.as_ref()).await?
    };
    // An attempt that changed nothing and was superseded says nothing about what is wanted now.
    let counts = facts.begun || delivery.version == facts.delivery.version;
    let mut told = Told::new();
    let before = delivery.clone();
    if counts && delivery.end(facts.fence, facts.delivery.version, ending.clone(), facts.now).is_ok() {
        if elsewhere {
            delivery.intent = None;
        } else if facts.begun && !facts.ambiguous && delivery.intent.is_some() {
            // The target said no: nothing more may have happened than before this attempt.
            delivery.intent.clone_from(&facts.delivery.intent);
        }
        tally(conn, facts, &before, &delivery, &ending).await?;
        told = save(conn, directory, &mut delivery, &ending).await?;
    }
    if let Some(pause) = &pause {
        told.extend(unreachable(conn, directory, delivery.connector_id, pause.why()).await?);
    }
    Ok(told)
}

/// Saves an ended delivery, with everything that follows from how it ended.
async fn save(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &mut Delivery,
    ending: &Ending,
) -> directory::Result<Told> {
    if delivery.is_settled() {
        delivery.name_key = None;
    }
    deliveries::update(conn, delivery).await?;
    let told = answer_onboardings(conn, directory, delivery, ending).await?;
    if *ending == Ending::Delivered {
        // The name may be free, even where something newer is wanted already.
        deliveries::wake_waiting(conn, delivery.id, delivery.updated_at).await?;
    }
    if delivery.is_settled() {
        clear_up(conn, directory, delivery).await?;
    }
    Ok(told)
}

/// Counts the result for the figures that Home shows.
async fn tally(
    conn: &mut Conn,
    facts: &Facts,
    before: &Delivery,
    after: &Delivery,
    ending: &Ending,
) -> storage::Result<()> {
    let counts = match (ending, &after.state) {
        (Ending::Delivered, _) => Counts { delivered: 1, ..Counts::default() },
        (_, State::Held { .. }) => Counts { held: 1, ..Counts::default() },
        (Ending::Again { .. }, _) => Counts { retried: 1, ..Counts::default() },
        (Ending::WhenOpen, _) if facts.effect != Effect::None => Counts { retried: 1, ..Counts::default() },
        _ => return Ok(()),
    };
    figures::add(conn, before.connector_id, counts, facts.now).await?;
    if *ending == Ending::Delivered {
        measure(conn, facts, before).await?;
    }
    Ok(())
}

/// From the commit here to the effect there, whatever came between: waits, retries, a person's decision.
async fn measure(conn: &mut Conn, facts: &Facts, before: &Delivery) -> storage::Result<()> {
    let made = matches!(facts.attempt.operation, Operation::Create | Operation::Adopt);
    if facts.delivery.wanted == Wanted::Present && (made || before.delivered_version == 0) {
        let took = facts.now.since(before.open_since);
        return figures::measure(conn, Measure::Arrival, took, facts.now).await;
    }
    if !matches!(facts.attempt.operation, Operation::Remove | Operation::Disable) {
        return Ok(());
    }
    let Some(user) = before.subject.user() else { return Ok(()) };
    // Undoing a refused onboarding is no departure: nobody was there.
    if let Some(left) = tombstones::get(conn, user).await?.filter(|tombstone| !tombstone.refused) {
        figures::measure(conn, Measure::Departure, facts.now.since(left.deleted_at), facts.now).await?;
    }
    Ok(())
}

/// How an attempt ended, in view of what has happened since.
async fn concluded(
    conn: &mut Conn,
    delivery: &Delivery,
    facts: &Facts,
    pause: Option<&Pause>,
) -> storage::Result<Ending> {
    if pause.is_some_and(|pause| pause.kind != PauseKind::Refusals) {
        return Ok(Ending::WhenOpen);
    }
    match &facts.ending {
        // The user became real while the account was only linked: it gets its first update.
        Ending::Delivered if facts.only_linked && is_real(conn, delivery).await? => Ok(Ending::WhenOpen),
        Ending::After { delivery: holder, .. } => match names::wait(conn, delivery.id, *holder).await? {
            // It was settled just now, and has woken everybody who was waiting by then.
            Wait::Over => Ok(Ending::WhenOpen),
            Wait::Circle => Ok(Ending::Hold { reason: swapped(&delivery.subject_label) }),
            Wait::On { .. } => Ok(facts.ending.clone()),
        },
        other => Ok(other.clone()),
    }
}

async fn is_real(conn: &mut Conn, delivery: &Delivery) -> storage::Result<bool> {
    match delivery.subject.user() {
        Some(user) => Ok(users::get(conn, user).await?.is_some()),
        None => Ok(true),
    }
}

pub(crate) fn belongs_to(owner: &str, account: &str) -> Reason {
    let text = format!(
        "The account “{account}” there belongs to “{owner}”, whom Usher knows as somebody else. Decide whose it is."
    );
    Reason::new(ReasonKind::Adoption, text)
}

fn swapped(user_name: &str) -> Reason {
    let text = format!(
        "The name “{user_name}” is held there by somebody who waits for this account's name in turn: the two were \
         swapped. Rename one of the accounts there by hand, then retry."
    );
    Reason::new(ReasonKind::Refused, text)
}

/// A late attempt never changes state, but what it learnt is recorded. Returns whose account it is where it is
/// somebody else's.
async fn change_link(conn: &mut Conn, delivery: &Delivery, change: &Change) -> storage::Result<Option<String>> {
    match change {
        Change::None => {}
        // An account that was only found is let go when it is not wanted any more.
        Change::Put(link) if link.provenance == Provenance::Adopted && delivery.wanted == Wanted::Absent => {}
        Change::Put(link) => {
            let kind = link.subject.kind();
            let owner = links::by_remote(conn, link.connector_id, link.generation, kind, &link.remote_id).await?;
            if let Some(owner) = owner.filter(|owner| owner.subject != link.subject) {
                return owner_label(conn, &owner).await.map(Some);
            }
            links::put(conn, link).await?;
        }
        Change::Drop(id) => match links::get(conn, delivery.subject, delivery.connector_id).await? {
            Some(link) if link.id == *id => links::delete(conn, *id).await?,
            _ => {}
        },
    }
    Ok(None)
}

/// Who an account belongs to, in words.
pub(crate) async fn owner_label(conn: &mut Conn, link: &Link) -> storage::Result<String> {
    let delivery = deliveries::of_subject_at(conn, link.subject, link.connector_id).await?;
    Ok(delivery.map_or_else(|| link.subject.uuid().to_string(), |delivery| delivery.subject_label))
}

/// Counts faults and refusals in a row and closes the gate where they are too many; the pause that came of it.
async fn touch_run(
    conn: &mut Conn,
    directory: &directory::Directory,
    facts: &Facts,
) -> directory::Result<Option<Pause>> {
    let connector = facts.delivery.connector_id;
    let before = runs::get(conn, connector).await?;
    let mut run = before.clone();
    if let Some(learned) = &facts.learned {
        run.learned.clone_from(learned);
    }
    let pause = count(&mut run, facts);
    // A pause there is already stays: probes tell when it is over.
    if let (Some(pause), None) = (&pause, &run.pause) {
        run.probe_at = next_probe(pause.kind, run.probes, facts.now);
        run.pause = Some(pause.clone());
        alert(conn, directory, pause).await?;
    }
    if run != before {
        runs::put(conn, connector, &run).await?;
    }
    Ok(pause)
}

/// Tells the administrators of a pause that does not end by itself.
async fn alert(conn: &mut Conn, directory: &directory::Directory, pause: &Pause) -> directory::Result<()> {
    match pause.kind {
        PauseKind::Down | PauseKind::Manual => Ok(()),
        PauseKind::Credentials | PauseKind::Configuration | PauseKind::Refusals => {
            directory.alert(conn, &pause.text).await
        }
    }
}

/// Each subject counts once for what it met in a row: its own retries do not show that others fare the same.
fn count(run: &mut runs::Run, facts: &Facts) -> Option<Pause> {
    let pause = |kind, why: &str| Some(Pause::new(kind, why, facts.now));
    match &facts.effect {
        Effect::Pause(pause) => Some(pause.clone()),
        Effect::SlowDown { .. } => None,
        Effect::None => {
            if facts.attempt.status.is_some() {
                run.faults_in_row = 0;
            }
            if facts.ending == Ending::Delivered && facts.begun {
                run.refusals_in_row = 0;
                run.last_refusal = None;
                if run.pause.is_none() {
                    run.probes = 0;
                }
            }
            None
        }
        Effect::Fault { text } => {
            run.faults_in_row += i64::from(facts.delivery.tries == 0);
            (run.faults_in_row >= FAULTS_TO_DOWN)
                .then(|| pause(PauseKind::Down, &down(&facts.connection_name, text)))
                .flatten()
        }
        Effect::Refusal { text } => {
            run.faults_in_row = 0;
            if run.last_refusal.as_ref() != Some(text) {
                run.refusals_in_row = 0;
                run.last_refusal = Some(text.clone());
            }
            run.refusals_in_row += i64::from(facts.delivery.trigger != Trigger::Retry);
            if run.refusals_in_row < REFUSALS_TO_PAUSE {
                return None;
            }
            let why = format!(
                "{} refused {REFUSALS_TO_PAUSE} accounts in a row for the same reason: {text}",
                facts.connection_name
            );
            pause(PauseKind::Refusals, &why)
        }
    }
}

/// A target that cannot be called answers every onboarding that waits for it.
async fn unreachable(
    conn: &mut Conn,
    directory: &directory::Directory,
    connector: ConnectorId,
    text: &str,
) -> directory::Result<Told> {
    let mut told = Told::new();
    let waiting = awaited::at_connector(conn, connector).await?;
    for one in waiting.into_iter().filter(|one| one.verdict == Verdict::Pending) {
        let verdict = Verdict::Unreachable { text: text.to_owned() };
        awaited::set_verdict(conn, one.user_id, connector, &verdict).await?;
        told.extend(directory.settle(conn, one.user_id).await?.map(|settled| (one.user_id, settled)));
    }
    Ok(told)
}

/// Tells this delivery's onboarding, and those of everybody who waits behind it, what was said.
async fn answer_onboardings(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &Delivery,
    ending: &Ending,
) -> directory::Result<Told> {
    if *ending == Ending::Delivered {
        return answer(conn, directory, delivery, Verdict::Accepted).await;
    }
    let held = match (&delivery.state, delivery.waits_for) {
        (State::Held { reason }, _) => Some(reason.clone()),
        (State::Waiting { .. }, Some(holder)) => match names::wait(conn, delivery.id, holder).await? {
            Wait::On { held } => held,
            Wait::Over | Wait::Circle => None,
        },
        _ => None,
    };
    let Some(held) = held else { return Ok(Told::new()) };
    let own = delivery.state.reason().unwrap_or(&held).text.clone();
    let mut told = answer(conn, directory, delivery, Verdict::Refused { text: own }).await?;
    for waiting in names::behind(conn, delivery.id).await? {
        let text = format!("it waits for the account of the former “{}”: {}", delivery.subject_label, held.text);
        told.extend(answer(conn, directory, &waiting, Verdict::Refused { text }).await?);
    }
    Ok(told)
}

async fn answer(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &Delivery,
    verdict: Verdict,
) -> directory::Result<Told> {
    let Some(user) = delivery.subject.user() else { return Ok(Told::new()) };
    let awaited = awaited::of_user(conn, user).await?;
    if awaited.iter().all(|one| one.connector_id != delivery.connector_id) {
        return Ok(Told::new());
    }
    awaited::set_verdict(conn, user, delivery.connector_id, &verdict).await?;
    Ok(directory.settle(conn, user).await?.map(|settled| (user, settled)).into_iter().collect())
}

/// Nothing is open here any more: what was kept for it is erased.
pub(crate) async fn clear_up(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &Delivery,
) -> directory::Result<()> {
    if let Some(user) = delivery.subject.user() {
        passwords::erase_when_settled(conn, user).await?;
        if tombstones::remove_when_settled(conn, user).await? {
            erasures::put(conn, user, delivery.updated_at.plus(attempt::BODIES_KEPT_AFTER_DELETION)).await?;
        }
    }
    directory.finish_removal(conn, delivery.connector_id).await
}
