//! The transactions around a call: the intent before it, the result after it.

use std::{collections::HashSet, sync::Arc};

use connectors::Exchange;
use directory::engine::Settled;
use domain::{
    ConnectorId, LinkId, Timestamp, UserId,
    attempt::{self, Attempt},
    connection::{self, Pause, PauseKind},
    delivery::{Delivery, Ending, Intent, Reason, State, Wanted},
    link::{Link, Provenance},
    onboarding::Verdict,
};
use serde_json::Value;
use storage::{Conn, attempts, awaited, connections, deliveries, links, passwords, runs, tombstones};

use crate::{
    Core,
    attempt::End,
    snapshot::Snapshot,
    verdict::{Effect, FAULTS_TO_DOWN, REFUSALS_TO_PAUSE, down, next_probe},
};

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
    ambiguous: bool,
    attempt: Attempt,
    learned: Option<Value>,
    connection_name: String,
    now: Timestamp,
}

type Told = Vec<(UserId, Settled)>;

impl Core {
    /// Commits fencing number and intent. None when something newer is wanted: then nothing is sent.
    pub(crate) async fn begin(
        &self,
        snapshot: &Snapshot,
        begun: bool,
        intent: Intent,
        name_key: String,
        first: Change,
    ) -> storage::Result<Option<i64>> {
        let (id, version, boot, now) = (snapshot.delivery.id, snapshot.delivery.version, self.boot, self.now());
        self.db()
            .write(move |conn| {
                let (intent, name_key, first) = (intent.clone(), name_key.clone(), first.clone());
                Box::pin(async move {
                    let Some(mut delivery) = deliveries::get(conn, id).await? else { return Ok(None) };
                    if delivery.version != version {
                        if begun {
                            delivery.state = State::Due;
                            deliveries::update(conn, &delivery).await?;
                        }
                        return Ok(None);
                    }
                    if begun {
                        // The same attempt goes on to another call.
                        delivery.state = State::Due;
                    }
                    let Ok(fence) = delivery.begin(boot, intent, now) else { return Ok(None) };
                    delivery.name_key = Some(name_key);
                    deliveries::update(conn, &delivery).await?;
                    change_link(conn, &delivery, &first).await?;
                    Ok(Some(fence))
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
            ambiguous: end.ambiguous,
            attempt,
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
        self.tell(settled.map(|settled| (user, settled)).into_iter().collect());
        Ok(())
    }

    /// Closes a connector's gate, or keeps it closed for another reason.
    pub(crate) async fn pause(&self, connector: ConnectorId, pause: Pause, learned: Value) -> directory::Result<()> {
        let (directory, now) = (self.directory.clone(), self.now());
        let told = self
            .db()
            .write(move |conn| {
                let (directory, pause, learned) = (directory.clone(), pause.clone(), learned.clone());
                Box::pin(async move {
                    let mut run = runs::get(conn, connector).await?;
                    run.learned = learned;
                    close(&mut run, pause.clone(), now);
                    runs::put(conn, connector, &run).await?;
                    unreachable(conn, &directory, connector, &pause.text).await
                })
            })
            .await?;
        self.tell(told);
        Ok(())
    }

    /// Opens a connector's gate: what waited for a retry is due at once.
    pub(crate) async fn open(&self, connector: ConnectorId, learned: Value) -> directory::Result<()> {
        let now = self.now();
        self.db()
            .write::<_, directory::Error, _>(move |conn| {
                let learned = learned.clone();
                Box::pin(async move {
                    runs::put(conn, connector, &runs::Run { learned, ..runs::Run::default() }).await?;
                    deliveries::release(conn, connector, false, now).await?;
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

/// The result of an attempt, in one transaction.
async fn write(conn: &mut Conn, directory: &directory::Directory, facts: &Facts) -> directory::Result<Told> {
    let Some(mut delivery) = deliveries::get(conn, facts.delivery.id).await? else { return Ok(Told::new()) };
    change_link(conn, &delivery, &facts.change).await?;
    attempts::insert(conn, &facts.attempt).await?;
    let effect = touch_run(conn, facts).await?;
    let ending = match &effect {
        Effect::Pause(_) => Ending::WhenOpen,
        _ => facts.ending.clone(),
    };
    let before = facts.delivery.intent.clone();
    if delivery.end(facts.fence, facts.delivery.version, ending, facts.now).is_ok() {
        if facts.begun && !facts.ambiguous && delivery.intent.is_some() {
            // The target said no: nothing more may have happened than before this attempt.
            delivery.intent = before;
        }
        if delivery.is_settled() {
            delivery.name_key = None;
        }
        deliveries::update(conn, &delivery).await?;
    }
    let mut told = Told::new();
    if facts.ending == Ending::Delivered {
        attempts::forget_earlier_successes(conn, delivery.id, facts.attempt.id).await?;
    }
    if let Effect::Pause(pause) = &effect {
        told.extend(unreachable(conn, directory, delivery.connector_id, &pause.text).await?);
    }
    told.extend(answer_onboarding(conn, directory, &delivery, facts).await?);
    if delivery.is_settled() {
        settled(conn, directory, &delivery, facts.now).await?;
    }
    Ok(told)
}

/// A late attempt never changes state, but what it learnt is recorded.
async fn change_link(conn: &mut Conn, delivery: &Delivery, change: &Change) -> storage::Result<()> {
    match change {
        Change::None => Ok(()),
        // An account that was only found is let go when it is not wanted any more.
        Change::Put(link) if link.provenance == Provenance::Adopted && delivery.wanted == Wanted::Absent => Ok(()),
        Change::Put(link) => links::put(conn, link).await,
        Change::Drop(id) => match links::get(conn, delivery.subject, delivery.connector_id).await? {
            Some(link) if link.id == *id => links::delete(conn, *id).await,
            _ => Ok(()),
        },
    }
}

/// Counts faults and refusals in a row and closes the gate where they are too many; the effect that came of it.
async fn touch_run(conn: &mut Conn, facts: &Facts) -> storage::Result<Effect> {
    let connector = facts.delivery.connector_id;
    let before = runs::get(conn, connector).await?;
    let mut run = before.clone();
    if let Some(learned) = &facts.learned {
        run.learned.clone_from(learned);
    }
    let mut effect = facts.effect.clone();
    match &facts.effect {
        Effect::None if facts.ending == Ending::Delivered && facts.begun => {
            run = runs::Run {
                pause: run.pause,
                probe_at: run.probe_at,
                probes: run.probes,
                learned: run.learned,
                ..runs::Run::default()
            };
        }
        Effect::None | Effect::SlowDown { .. } => {}
        Effect::Pause(pause) => close(&mut run, pause.clone(), facts.now),
        Effect::Fault { text } => {
            run.faults_in_row += 1;
            if run.faults_in_row >= FAULTS_TO_DOWN {
                let text = down(&facts.connection_name, text);
                effect = Effect::Pause(Pause { kind: PauseKind::Down, text, since: facts.now });
            }
        }
        Effect::Refusal { text } => {
            run.faults_in_row = 0;
            run.refusals_in_row = if run.last_refusal.as_ref() == Some(text) { run.refusals_in_row + 1 } else { 1 };
            run.last_refusal = Some(text.clone());
            if run.refusals_in_row >= REFUSALS_TO_PAUSE {
                let text = format!(
                    "{} refused {REFUSALS_TO_PAUSE} accounts in a row for the same reason: {text}. Mend the cause, \
                     then test the connection.",
                    facts.connection_name
                );
                close(&mut run, Pause { kind: PauseKind::Refusals, text, since: facts.now }, facts.now);
            }
        }
    }
    if let (Effect::Pause(pause), Effect::Fault { .. }) = (&effect, &facts.effect) {
        close(&mut run, pause.clone(), facts.now);
    }
    if run != before {
        runs::put(conn, connector, &run).await?;
    }
    Ok(effect)
}

fn close(run: &mut runs::Run, pause: Pause, now: Timestamp) {
    let same = run.pause.as_ref().is_some_and(|before| before.kind == pause.kind);
    run.probes = if same { run.probes + 1 } else { 0 };
    run.probe_at = next_probe(pause.kind, run.probes, now);
    let since = run.pause.as_ref().filter(|_| same).map_or(pause.since, |before| before.since);
    run.pause = Some(Pause { since, ..pause });
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

async fn answer_onboarding(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &Delivery,
    facts: &Facts,
) -> directory::Result<Told> {
    let mut answers: Vec<(UserId, Verdict)> = Vec::new();
    let verdict = match &facts.ending {
        Ending::Delivered => Some(Verdict::Accepted),
        Ending::Hold { reason } => Some(Verdict::Refused { text: reason.text.clone() }),
        Ending::After { delivery: holder, reason } => {
            let held = deliveries::get(conn, *holder).await?;
            held.is_some_and(|held| matches!(held.state, State::Held { .. }))
                .then(|| Verdict::Refused { text: reason.text.clone() })
        }
        Ending::Again { .. } | Ending::WhenOpen => None,
    };
    if let (Some(user), Some(verdict)) = (delivery.subject.user(), verdict) {
        answers.push((user, verdict));
    }
    if let State::Held { reason } = &delivery.state {
        answers.extend(held_up(conn, delivery, reason).await?);
    }
    let mut told = Told::new();
    let mut asked = HashSet::new();
    for (user, verdict) in answers.into_iter().filter(|(user, _)| asked.insert(*user)) {
        let awaited = awaited::of_user(conn, user).await?;
        if awaited.iter().any(|one| one.connector_id == delivery.connector_id) {
            awaited::set_verdict(conn, user, delivery.connector_id, &verdict).await?;
            told.extend(directory.settle(conn, user).await?.map(|settled| (user, settled)));
        }
    }
    Ok(told)
}

/// Whoever waits for a held delivery counts as refused at once.
async fn held_up(conn: &mut Conn, delivery: &Delivery, reason: &Reason) -> storage::Result<Vec<(UserId, Verdict)>> {
    let text = format!("it waits for the account of the former “{}”: {}", delivery.subject_label, reason.text);
    let waiting = deliveries::waiting_for(conn, delivery.id).await?;
    let users = waiting.into_iter().filter_map(|waiting| waiting.subject.user());
    Ok(users.map(|user| (user, Verdict::Refused { text: text.clone() })).collect())
}

/// Nothing is open here any more: who waited goes on, and what was kept for it is erased.
async fn settled(
    conn: &mut Conn,
    directory: &directory::Directory,
    delivery: &Delivery,
    now: Timestamp,
) -> directory::Result<()> {
    deliveries::wake_waiting(conn, delivery.id, now).await?;
    if let Some(user) = delivery.subject.user() {
        passwords::erase_when_settled(conn, user).await?;
        tombstones::remove_when_settled(conn, user).await?;
    }
    directory.finish_removal(conn, delivery.connector_id).await
}
