//! One attempt of one delivery: make the target so.

use connectors::{Applied, Call, Failure, Found, Have, Keys, MatchedBy};
use domain::{
    DeliveryId, LinkId,
    attempt::Operation,
    delivery::{Ending, Intent, Reason, ReasonKind, Wanted},
    link::{Link, Provenance},
    user::{Account, Origin},
    validation::name_key,
};
use serde_json::Value;
use storage::{deliveries, links};
use uuid::Uuid;

use crate::{
    Core,
    record::{Change, Report},
    snapshot::Snapshot,
    verdict::{self, Effect},
};

pub(crate) async fn run(core: &Core, id: DeliveryId) {
    if let Err(error) = try_run(core, id).await {
        tracing::error!(delivery.id = %id, error = %error, "An attempt could not be recorded; it is tried again.");
    }
}

async fn try_run(core: &Core, id: DeliveryId) -> directory::Result<()> {
    let Some(snapshot) = Snapshot::load(core, id).await? else { return Ok(()) };
    let started = core.now();
    let call = Call::new(&snapshot.target, &core.egress, &**core.ids().clock(), snapshot.learned.clone());
    let mut attempt = Attempt { core, snapshot: &snapshot, call: &call, fence: snapshot.delivery.fence, begun: false };
    let end = match attempt.carry_out().await {
        Ok(end) => end,
        Err(Stop::Superseded) => return Ok(()),
        Err(Stop::Failed(error)) => return Err(error),
        Err(Stop::Failure(failure)) => attempt.failed(failure).await,
    };
    let (fence, begun) = (attempt.fence, attempt.begun);
    let (exchanges, learned) = call.finish();
    core.record(Report { snapshot: &snapshot, fence, begun, started, end, exchanges, learned }).await
}

/// How an attempt ended.
pub(crate) struct End {
    pub ending: Ending,
    pub effect: Effect,
    pub operation: Operation,
    pub change: Change,
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
            ambiguous: false,
            outcome: "delivered",
            status: None,
        }
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
            Wanted::Disabled if subject.gone && self.snapshot.link.is_none() => self.remove_unless_linked().await,
            Wanted::Present | Wanted::Disabled => self.ensure().await,
        }
    }

    fn let_go(&self) -> End {
        End::delivered(Operation::LetGo, self.drop_link())
    }

    fn drop_link(&self) -> Change {
        self.snapshot.link.as_ref().map_or(Change::None, |link| Change::Drop(link.id))
    }

    /// Nobody here and no account there to disable; one that may have been made is removed.
    async fn remove_unless_linked(&mut self) -> Result<End, Stop> {
        self.remove_unlinked().await
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
        match self.update(account, link.clone(), rendering.clone(), Change::None).await {
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
            Ok(applied) => Ok(self.applied(Operation::Create, applied, Provenance::Created, rendering)),
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
            return Ok(End::delivered(operation, Change::Put(link)));
        }
        let account = match provenance {
            Provenance::Adopted => &Account { password: None, ..account.clone() },
            Provenance::Created => account,
        };
        let first = Change::Put(link.clone());
        let end = self.update(account, link, rendering, first).await?;
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
        let label = deliveries::of_subject_at(&mut conn, owner.subject, connector)
            .await?
            .map_or_else(|| owner.subject.uuid().to_string(), |other| other.subject_label);
        Ok(Some(End::held(
            ReasonKind::Adoption,
            format!(
                "The account “{}” there belongs to “{label}”, whom Usher knows as somebody else. Decide whose it is.",
                found.remote.user_name.as_deref().unwrap_or(&found.remote.id)
            ),
        )))
    }

    async fn update(&mut self, account: &Account, link: Link, rendering: Value, first: Change) -> Result<End, Stop> {
        let intent = Intent::ChangeSent { user_name: account.user_name.clone() };
        self.begin(intent, &account.user_name, first).await?;
        let have = Have { remote_id: &link.remote_id, sent: link.sent.as_ref() };
        let applied = match self.snapshot.connector.apply(account, Some(have), self.call).await {
            Ok(applied) => applied,
            Err(Failure::Missing { text }) => {
                self.confirm_missing(account).await?;
                return Err(Failure::Missing { text }.into());
            }
            Err(failure) => return Err(failure.into()),
        };
        let operation = applied.operation;
        let link = Link { remote_id: applied.remote_id, name_key: name_key(&account.user_name), ..link };
        Ok(End::delivered(operation, self.after_ensuring(link, rendering)))
    }

    fn applied(&self, operation: Operation, applied: Applied, provenance: Provenance, rendering: Value) -> End {
        let link = self.link(&applied.remote_id, &self.snapshot.subject.account, provenance, None);
        End::delivered(operation, self.after_ensuring(link, rendering))
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
        let Some(link) = &self.snapshot.link else { return self.remove_unlinked().await };
        let account = &self.snapshot.subject.account;
        self.begin(Intent::RemoveSent, &account.user_name, Change::None).await?;
        let have = Have { remote_id: &link.remote_id, sent: link.sent.as_ref() };
        match self.snapshot.connector.remove(have, self.call).await {
            Ok(()) => Ok(End::delivered(Operation::Remove, Change::Drop(link.id))),
            Err(Failure::Missing { .. }) => match self.confirm_missing(account).await? {
                None => Ok(End::delivered(Operation::Remove, Change::Drop(link.id))),
                Some(found) => self.remove_found(found, Change::Drop(link.id)).await,
            },
            Err(failure) => Err(failure.into()),
        }
    }

    /// An account that was never linked is never removed, except one whose create we recorded as sent and which
    /// carries our external id.
    async fn remove_unlinked(&mut self) -> Result<End, Stop> {
        if self.snapshot.delivery.intent.is_none() {
            return Ok(End::delivered(Operation::Nothing, Change::None));
        }
        let account = &self.snapshot.subject.account;
        let keys = Keys { external_id: &account.external_id, user_name: Some(&account.user_name) };
        match self.snapshot.connector.find(&keys, self.call).await? {
            None => Ok(End::delivered(Operation::LookUp, Change::None)),
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

    // ---- failures and intents ------------------------------------------------------------------------------------

    /// Commits the fencing number and the intent before a call that changes something.
    async fn begin(&mut self, intent: Intent, user_name: &str, first: Change) -> Result<(), Stop> {
        match self.core.begin(self.snapshot, self.begun, intent, name_key(user_name), first).await? {
            Some(fence) => {
                self.fence = fence;
                self.begun = true;
                Ok(())
            }
            None => Err(Stop::Superseded),
        }
    }

    async fn failed(&self, failure: Failure) -> End {
        let failure = self.told_apart(failure).await;
        let mut dice = [0];
        self.core.ids().dice().fill(&mut dice);
        let name = self.core.connection_name(&self.snapshot.row).await;
        let verdict = verdict::of(&failure, &name, self.snapshot.delivery.tries, self.core.now(), dice[0]);
        let operation = match (self.begun, self.snapshot.delivery.wanted, &self.snapshot.link) {
            (false, ..) => Operation::LookUp,
            (true, Wanted::Absent, _) => Operation::Remove,
            (true, _, None) => Operation::Create,
            (true, Wanted::Disabled, Some(_)) => Operation::Disable,
            (true, Wanted::Present, Some(_)) => Operation::Update,
        };
        End {
            ending: verdict.ending,
            effect: verdict.effect,
            operation,
            change: Change::None,
            ambiguous: verdict.ambiguous,
            outcome: failure.kind(),
            status: failure.status(),
        }
    }

    /// 403 is about the credentials if a probe meets it too, and about this subject otherwise.
    async fn told_apart(&self, failure: Failure) -> Failure {
        let Failure::Forbidden { text } = failure else { return failure };
        match self.core.look_for_nobody(&self.snapshot.connector, self.call).await {
            Err(Failure::Forbidden { .. } | Failure::Unauthorised { .. }) => Failure::Unauthorised { text },
            _ => Failure::Forbidden { text },
        }
    }
}

impl Core {
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
