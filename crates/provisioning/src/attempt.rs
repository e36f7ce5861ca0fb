//! One attempt of one delivery: make the target so.

use std::{panic::AssertUnwindSafe, time::Duration};

use connectors::{Call, Failure, Found, Have, Keys, MatchedBy};
use domain::{
    DeliveryId, LinkId, Timestamp,
    attempt::Operation,
    delivery::{Ending, Intent, Reason, ReasonKind, Trigger, Wanted, backoff},
    link::{Link, Provenance},
    user::{Account, Origin},
    validation::name_key,
};
use futures::FutureExt;
use serde_json::{Map, Value};
use storage::{deliveries, links};
use uuid::Uuid;

use crate::{
    Core,
    names::{self, Wait},
    record::{Change, Report, belongs_to, owner_label},
    snapshot::Snapshot,
    verdict::{self, Effect},
};

/// How long after a create an account may still appear that a look-up did not find.
const MADE_LATE: Duration = Duration::from_mins(1);

pub(crate) async fn run(core: &Core, id: DeliveryId) {
    let why = match AssertUnwindSafe(try_run(core, id)).catch_unwind().await {
        Ok(Ok(())) => return,
        Ok(Err(error)) => error.to_string(),
        Err(_) => "it panicked".to_owned(),
    };
    tracing::error!(delivery.id = %id, error = %why, "An attempt broke off inside Usher; it is tried again.");
    core.give_back(id).await;
}

async fn try_run(core: &Core, id: DeliveryId) -> directory::Result<()> {
    let Some(snapshot) = Snapshot::load(core, id).await? else { return Ok(()) };
    let started = core.now();
    let call = Call::new(&snapshot.target, &core.egress, &**core.ids().clock(), snapshot.learned.clone());
    let mut attempt = Attempt { core, snapshot: &snapshot, call: &call, fence: snapshot.delivery.fence, begun: false };
    let outcome = attempt.carry_out().await;
    let (fence, begun) = (attempt.fence, attempt.begun);
    let (mut exchanges, mut learned) = call.finish();
    let end = match outcome {
        Ok(end) => end,
        Err(Stop::Superseded) if exchanges.is_empty() => return Ok(()),
        Err(Stop::Superseded) => End::superseded(),
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Failure(failure)) => {
            // A look-up that fails comes after a change that did not.
            let changed = exchanges.last().is_some_and(|last| last.request.starts_with("GET "));
            let probe = Call::new(&snapshot.target, &core.egress, &**core.ids().clock(), learned);
            let failure = core.told_apart(&snapshot, failure, &probe).await;
            let (asked, now_known) = probe.finish();
            exchanges.extend(asked);
            learned = now_known;
            let end = End::failed(core, &snapshot, begun, &failure).await;
            End { ambiguous: end.ambiguous || changed, ..end }
        }
    };
    core.record(Report { snapshot: &snapshot, fence, begun, started, end, exchanges, learned }).await
}

/// How an attempt ended.
pub(crate) struct End {
    pub ending: Ending,
    pub effect: Effect,
    pub operation: Operation,
    pub change: Change,
    /// The account was only linked, since the user was staged.
    pub only_linked: bool,
    pub ambiguous: bool,
    /// One word: `delivered`, a failure's kind, `held` or `waiting`.
    pub outcome: &'static str,
    pub status: Option<u16>,
}

impl End {
    fn delivered(operation: Operation, change: Change) -> Self {
        Self {
            ending: Ending::Delivered,
            effect: Effect::None,
            operation,
            change,
            only_linked: false,
            ambiguous: false,
            outcome: "delivered",
            status: None,
        }
    }

    fn superseded() -> Self {
        Self { ending: Ending::WhenOpen, outcome: "superseded", ..Self::delivered(Operation::LookUp, Change::None) }
    }

    fn held(kind: ReasonKind, text: impl Into<String>) -> Self {
        Self {
            ending: Ending::Hold { reason: Reason::new(kind, text) },
            outcome: "held",
            ..Self::delivered(Operation::LookUp, Change::None)
        }
    }
}

/// Why an attempt ends early.
enum Stop {
    /// Something newer is wanted; it is due already.
    Superseded,
    Failure(Failure),
    Failed(directory::Error),
}

impl From<Failure> for Stop {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

impl From<storage::Error> for Stop {
    fn from(error: storage::Error) -> Self {
        Self::Failed(error.into())
    }
}

struct Attempt<'a> {
    core: &'a Core,
    snapshot: &'a Snapshot,
    call: &'a Call<'a>,
    fence: i64,
    begun: bool,
}

impl Attempt<'_> {
    async fn carry_out(&mut self) -> Result<End, Stop> {
        let (delivery, subject) = (&self.snapshot.delivery, &self.snapshot.subject);
        match delivery.wanted {
            Wanted::Absent if delivery.leave => Ok(self.let_go()),
            Wanted::Absent => self.remove().await,
            // No account is made to be disabled or let go.
            Wanted::Disabled if self.snapshot.link.is_none() && (subject.gone || delivery.leave) => {
                self.clear_up_unlinked().await
            }
            Wanted::Present if subject.gone => Ok(self.wait_for_plan()),
            Wanted::Present | Wanted::Disabled => self.ensure().await,
        }
    }

    /// Deleted here while everything there is being let go: the sweep says what becomes of the account.
    fn wait_for_plan(&self) -> End {
        let until = self.core.now().plus(backoff(self.snapshot.delivery.tries, 0));
        let reason = Reason::new(ReasonKind::Retry, "Waits until it is planned what becomes of this account.");
        let end = End::delivered(Operation::Nothing, Change::None);
        End { ending: Ending::Again { until, reason }, outcome: "waiting", ..end }
    }

    fn let_go(&self) -> End {
        End::delivered(Operation::LetGo, self.drop_link())
    }

    fn drop_link(&self) -> Change {
        self.snapshot.link.as_ref().map_or(Change::None, |link| Change::Drop(link.id))
    }

    // ---- present or disabled -------------------------------------------------------------------------------------

    async fn ensure(&mut self) -> Result<End, Stop> {
        let account = &self.snapshot.subject.account;
        let rendering = self.snapshot.connector.render(account, &self.snapshot.target);
        let Some(link) = &self.snapshot.link else { return self.arrive(account, rendering).await };
        if self.snapshot.is_in_step(&rendering) {
            return Ok(End::delivered(Operation::Nothing, self.after_ensuring(link.clone(), rendering)));
        }
        if link.name_key != name_key(&account.user_name)
            && let Some(end) = self.wait_for_name(account).await?
        {
            return Ok(end);
        }
        match self.update(account, link.clone(), rendering.clone()).await {
            Err(Stop::Failure(Failure::Missing { .. })) => self.arrive(account, rendering).await,
            other => other,
        }
    }

    /// No account is known: look for one, take it over or make one.
    async fn arrive(&mut self, account: &Account, rendering: Value) -> Result<End, Stop> {
        if let Some(end) = self.wait_for_name(account).await? {
            return Ok(end);
        }
        let keys = Keys { external_id: &account.external_id, user_name: Some(&account.user_name) };
        match self.snapshot.connector.find(&keys, self.call).await? {
            Some(found) => self.take_over(account, found, rendering).await,
            None => self.create(account, rendering).await,
        }
    }

    async fn create(&mut self, account: &Account, rendering: Value) -> Result<End, Stop> {
        let intent = Intent::CreateSent { user_name: account.user_name.clone(), at: self.core.now() };
        self.begin(intent, &account.user_name, Change::None).await?;
        match self.snapshot.connector.apply(account, None, self.call).await {
            Ok(applied) => {
                let link = self.link(&applied.remote_id, account, Provenance::Created, None);
                Ok(End::delivered(Operation::Create, self.after_ensuring(link, applied.sent(rendering))))
            }
            Err(Failure::Conflict { text }) => self.look_again(account, rendering, text).await,
            Err(failure) => Err(failure.into()),
        }
    }

    /// 409 means look again.
    async fn look_again(&mut self, account: &Account, rendering: Value, text: String) -> Result<End, Stop> {
        let keys = Keys { external_id: &account.external_id, user_name: Some(&account.user_name) };
        match self.snapshot.connector.find(&keys, self.call).await? {
            Some(found) => self.take_over(account, found, rendering).await,
            None => Ok(End {
                status: Some(409),
                ..End::held(
                    ReasonKind::Refused,
                    format!(
                        "{text}. It says that an account “{}” exists, but does not show it. Make that account visible \
                         to Usher or rename it there, then retry.",
                        account.user_name
                    ),
                )
            }),
        }
    }

    async fn take_over(&mut self, account: &Account, found: Found, rendering: Value) -> Result<End, Stop> {
        if let Some(end) = self.belongs_to_another(&found).await? {
            return Ok(end);
        }
        let (provenance, asks) = match found.by {
            MatchedBy::ExternalId => (Provenance::Created, false),
            MatchedBy::UserName => {
                let asks = matches!(self.snapshot.subject.origin, Origin::Registration | Origin::Jit);
                (Provenance::Adopted, asks)
            }
        };
        if asks {
            return Ok(End::held(
                ReasonKind::Adoption,
                format!(
                    "An account “{}” exists already. Whoever signs up or arrives from another provider does not take \
                     an account over: decide whether it is theirs.",
                    account.user_name
                ),
            ));
        }
        let link = self.link(&found.remote.id, account, provenance, None);
        if self.snapshot.subject.staged {
            // An account found there is only linked now; its first update goes out once the user is real.
            let operation = if provenance == Provenance::Adopted { Operation::Adopt } else { Operation::Create };
            return Ok(End { only_linked: true, ..End::delivered(operation, Change::Put(link)) });
        }
        let account = match provenance {
            Provenance::Adopted => &Account { password: None, ..account.clone() },
            Provenance::Created => account,
        };
        let end = self.update(account, link, rendering).await?;
        let operation = if provenance == Provenance::Adopted { Operation::Adopt } else { end.operation };
        Ok(End { operation, ..end })
    }

    async fn belongs_to_another(&self, found: &Found) -> Result<Option<End>, Stop> {
        let delivery = &self.snapshot.delivery;
        let mut conn = self.core.db().read().await?;
        let (connector, generation) = (delivery.connector_id, self.snapshot.row.generation);
        let owner =
            links::by_remote(&mut conn, connector, generation, delivery.subject.kind(), &found.remote.id).await?;
        let Some(owner) = owner.filter(|owner| owner.subject != delivery.subject) else { return Ok(None) };
        let label = owner_label(&mut conn, &owner).await?;
        let account = found.remote.user_name.as_deref().unwrap_or(&found.remote.id);
        let ending = Ending::Hold { reason: belongs_to(&label, account) };
        Ok(Some(End { ending, outcome: "held", ..End::delivered(Operation::LookUp, Change::None) }))
    }

    async fn update(&mut self, account: &Account, link: Link, rendering: Value) -> Result<End, Stop> {
        let intent = Intent::ChangeSent { user_name: account.user_name.clone() };
        let unsure =
            Link { sent: link.sent.as_ref().map(|sent| one_or_other(Some(sent), Some(&rendering))), ..link.clone() };
        self.begin(intent, &account.user_name, Change::Put(unsure)).await?;
        let have = Have { remote_id: &link.remote_id, sent: link.sent.as_ref() };
        let applied = match self.snapshot.connector.apply(account, Some(have), self.call).await {
            Ok(applied) => applied,
            Err(Failure::Missing { text }) => {
                self.confirm_missing(account).await?;
                return Err(Failure::Missing { text }.into());
            }
            Err(failure) => return Err(failure.into()),
        };
        let (operation, rendering) = (applied.operation, applied.sent(rendering));
        let link = Link { remote_id: applied.remote_id, name_key: name_key(&account.user_name), ..link };
        Ok(End::delivered(operation, self.after_ensuring(link, rendering)))
    }

    /// What was sent is remembered; an account that is let go once disabled is not ours any more.
    fn after_ensuring(&self, link: Link, rendering: Value) -> Change {
        if self.snapshot.delivery.leave {
            return Change::Drop(link.id);
        }
        Change::Put(Link { sent: Some(rendering), updated_at: self.core.now(), ..link })
    }

    fn link(&self, remote_id: &str, account: &Account, provenance: Provenance, sent: Option<Value>) -> Link {
        let now = self.core.now();
        let id: LinkId = self.snapshot.link.as_ref().map_or_else(|| self.core.ids().make(), |link| link.id);
        Link {
            id,
            subject: self.snapshot.delivery.subject,
            connector_id: self.snapshot.row.id,
            remote_id: remote_id.to_owned(),
            name_key: name_key(&account.user_name),
            provenance,
            generation: self.snapshot.row.generation,
            sent,
            created_at: now,
            updated_at: now,
        }
    }

    /// A create or rename does not pass an unsettled removal or rename that holds the same name.
    async fn wait_for_name(&self, account: &Account) -> Result<Option<End>, Stop> {
        let delivery = &self.snapshot.delivery;
        let mut conn = self.core.db().read().await?;
        let key = name_key(&account.user_name);
        let holder = deliveries::holder_of_name(&mut conn, delivery.connector_id, &key, delivery.subject).await?;
        let Some(holder) = holder else { return Ok(None) };
        // Somebody asks for a try although the names were swapped: the target says whether they still are.
        if delivery.trigger == Trigger::Retry && names::wait(&mut conn, delivery.id, holder.id).await? == Wait::Circle {
            return Ok(None);
        }
        let reason = Reason::new(
            ReasonKind::NameTaken,
            format!(
                "Waits until the account of the former “{}” is {}: it holds the name “{}” there.",
                holder.subject_label,
                if holder.wanted == Wanted::Absent { "removed" } else { "changed" },
                account.user_name
            ),
        );
        Ok(Some(End {
            ending: Ending::After { delivery: holder.id, reason },
            outcome: "waiting",
            ..End::delivered(Operation::LookUp, Change::None)
        }))
    }

    // ---- absent --------------------------------------------------------------------------------------------------

    async fn remove(&mut self) -> Result<End, Stop> {
        let Some(link) = &self.snapshot.link else { return self.clear_up_unlinked().await };
        let account = &self.snapshot.subject.account;
        self.begin(Intent::RemoveSent, &account.user_name, Change::None).await?;
        let have = Have { remote_id: &link.remote_id, sent: link.sent.as_ref() };
        match self.snapshot.connector.remove(have, self.call).await {
            Ok(()) => Ok(End::delivered(Operation::Remove, Change::Drop(link.id))),
            Err(Failure::Missing { .. }) => match self.confirm_missing(account).await? {
                None => Ok(End::delivered(Operation::Remove, Change::Drop(link.id))),
                Some(found) if self.create_sent().is_some() => self.remove_found(found, Change::Drop(link.id)).await,
                Some(_) => Ok(End::held(
                    ReasonKind::Adoption,
                    "The account that was linked is gone, and another one there carries this user's id. Remove it \
                     there if it is theirs, then retry.",
                )),
            },
            Err(failure) => Err(failure.into()),
        }
    }

    /// When a create was sent whose answer never came.
    fn create_sent(&self) -> Option<Timestamp> {
        match self.snapshot.delivery.intent {
            Some(Intent::CreateSent { at, .. }) => Some(at),
            _ => None,
        }
    }

    /// An account that was never linked is never removed or disabled, except one whose create we recorded as sent and
    /// which carries our external id.
    async fn clear_up_unlinked(&mut self) -> Result<End, Stop> {
        let Some(sent_at) = self.create_sent() else {
            return Ok(End::delivered(Operation::Nothing, Change::None));
        };
        let account = &self.snapshot.subject.account;
        let keys = Keys { external_id: &account.external_id, user_name: Some(&account.user_name) };
        match self.snapshot.connector.find(&keys, self.call).await? {
            None => Ok(self.look_later(sent_at)),
            Some(found) if found.by == MatchedBy::ExternalId && self.snapshot.delivery.wanted == Wanted::Disabled => {
                let rendering = self.snapshot.connector.render(account, &self.snapshot.target);
                self.take_over(account, found, rendering).await
            }
            Some(found) if found.by == MatchedBy::ExternalId => {
                self.begin(Intent::RemoveSent, &account.user_name, Change::None).await?;
                self.remove_found(found, Change::None).await
            }
            // It carries somebody else's id: not the one that we sent.
            Some(found) if found.remote.external_id.is_some() => Ok(End::delivered(Operation::LookUp, Change::None)),
            Some(_) => Ok(End::held(
                ReasonKind::Adoption,
                format!(
                    "An account “{}” is there, and Usher cannot show that it made it: the answer to its own create \
                     was lost. Remove it there if it is not somebody else's, then retry.",
                    account.user_name
                ),
            )),
        }
    }

    /// The target may be about to make the account; it is looked for until that has become unlikely.
    fn look_later(&self, sent_at: Timestamp) -> End {
        let (now, over) = (self.core.now(), sent_at.plus(MADE_LATE));
        let end = End::delivered(Operation::LookUp, Change::None);
        if now >= over {
            return end;
        }
        let text = "The answer to a create was lost. No account is there, and Usher looks again in case one is made \
                    late.";
        let until = now.plus(backoff(self.snapshot.delivery.tries, 0)).min(over);
        let ending = Ending::Again { until, reason: Reason::new(ReasonKind::Retry, text) };
        End { ending, outcome: "waiting", ..end }
    }

    async fn remove_found(&self, found: Found, change: Change) -> Result<End, Stop> {
        let have = Have { remote_id: &found.remote.id, sent: None };
        match self.snapshot.connector.remove(have, self.call).await {
            Ok(()) | Err(Failure::Missing { .. }) => Ok(End::delivered(Operation::Remove, change)),
            Err(failure) => Err(failure.into()),
        }
    }

    /// 404 counts as gone only if a look-up at the same endpoint answers well.
    async fn confirm_missing(&self, account: &Account) -> Result<Option<Found>, Failure> {
        let keys = Keys { external_id: &account.external_id, user_name: None };
        let found = self.snapshot.connector.find(&keys, self.call).await?;
        Ok(found.filter(|found| found.by == MatchedBy::ExternalId))
    }

    // ---- intents -------------------------------------------------------------------------------------------------

    /// Commits the fencing number and the intent before a call that changes something.
    async fn begin(&mut self, intent: Intent, user_name: &str, first: Change) -> Result<(), Stop> {
        match self.core.begin(self.snapshot, self.fence, intent, name_key(user_name), first).await? {
            Some(fence) => {
                self.fence = fence;
                self.begun = true;
                Ok(())
            }
            None => Err(Stop::Superseded),
        }
    }
}

impl End {
    async fn failed(core: &Core, snapshot: &Snapshot, begun: bool, failure: &Failure) -> Self {
        let mut dice = [0];
        core.ids().dice().fill(&mut dice);
        let name = core.connection_name(&snapshot.row).await;
        let verdict = verdict::of(failure, &name, snapshot.delivery.tries, core.now(), dice[0]);
        let operation = match (begun, snapshot.delivery.wanted, &snapshot.link) {
            (false, ..) => Operation::LookUp,
            (true, Wanted::Absent, _) => Operation::Remove,
            (true, _, None) => Operation::Create,
            (true, Wanted::Disabled, Some(_)) => Operation::Disable,
            (true, Wanted::Present, Some(_)) => Operation::Update,
        };
        Self {
            ending: verdict.ending,
            effect: verdict.effect,
            ambiguous: verdict.ambiguous,
            outcome: failure.kind(),
            status: failure.status(),
            ..Self::delivered(operation, Change::None)
        }
    }
}

impl Core {
    /// 403 is about the credentials if a probe meets it too, and about this subject otherwise.
    async fn told_apart(&self, snapshot: &Snapshot, failure: Failure, probe: &Call<'_>) -> Failure {
        let Failure::Forbidden { text } = failure else { return failure };
        match self.look_for_nobody(&snapshot.connector, probe).await {
            Ok(()) | Err(Failure::Refused { .. }) => Failure::Forbidden { text },
            Err(Failure::Forbidden { .. }) => Failure::Unauthorised { text },
            Err(other) => other,
        }
    }

    /// The connector's ordinary look-up for an id that nobody has.
    pub(crate) async fn look_for_nobody(
        &self,
        connector: &std::sync::Arc<dyn connectors::Connector>,
        call: &Call<'_>,
    ) -> Result<(), Failure> {
        let nobody: Uuid = self.ids().make();
        let name = format!("usher-probe-{}", nobody.simple());
        connector.find(&Keys { external_id: &nobody.to_string(), user_name: Some(&name) }, call).await.map(drop)
    }
}

/// What an account holds that was sent `before` or `after`: where they differ, something that equals neither, so that
/// whatever is wanted next is sent again.
fn one_or_other(before: Option<&Value>, after: Option<&Value>) -> Value {
    const UNSURE: &str = "\u{fffd}";
    match (before, after) {
        (Some(Value::Object(before)), Some(Value::Object(after))) => both(before, after),
        (Some(Value::Object(one)), None) | (None, Some(Value::Object(one))) => both(one, &Map::new()),
        (Some(before), Some(after)) if before == after => before.clone(),
        _ => Value::String(UNSURE.to_owned()),
    }
}

fn both(one: &Map<String, Value>, other: &Map<String, Value>) -> Value {
    let keys = one.keys().chain(other.keys().filter(|key| !one.contains_key(*key)));
    keys.map(|key| (key.clone(), one_or_other(one.get(key), other.get(key)))).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_may_or_may_not_have_arrived_equals_nothing_that_is_wanted() {
        let before = json!({"active": true, "title": "Engineer", "name": {"givenName": "Ada", "familyName": "Byron"}});
        let after = json!({"active": true, "name": {"givenName": "Ada", "familyName": "King"}, "urn:x": {"a": 1}});
        assert_eq!(
            one_or_other(Some(&before), Some(&after)),
            json!({
                "active": true,
                "title": "\u{fffd}",
                "name": {"givenName": "Ada", "familyName": "\u{fffd}"},
                "urn:x": {"a": "\u{fffd}"},
            })
        );
        assert_eq!(one_or_other(Some(&before), Some(&before)), before);
    }
}
