//! Deliveries and their attempts, as they are shown, and the retry: of one, of a selection, of a kind.

use std::collections::{BTreeMap, HashMap};

use auth::{
    Authorised,
    grants::{AttemptsBodies, DeliveriesAct, DeliveriesRead},
};
use domain::{
    AttemptId, ConnectorId, DeliveryId, SubjectId, UserId,
    attempt::Attempt,
    connection::{Gate, Life},
    delivery::{Delivery, Reason, ReasonKind, Refusal, State},
    limits,
    link::Link,
};
use serde_json::json;
use storage::{
    Conn, attempts, connections, connectors,
    deliveries::{self, Changed, Matching},
    links, users,
};

pub use storage::deliveries::HeldGroup;

use crate::{
    Directory, Error, Result,
    change::{About, Context},
    topology,
};

/// Groups of held deliveries that are told apart on a page.
pub const MOST_GROUPS: usize = 8;
/// Numbers of deliveries are told up to this one.
pub const COUNTED: i64 = 1_000;
/// What is held is counted up to this number for the navigation.
pub const COUNTED_IN_BADGE: i64 = 100;
/// Changes since a list was drawn are told up to this number.
pub const COUNTED_NEWS: i64 = 50;
/// Deliveries retried in one transaction.
const BATCH: usize = 50;

/// A delivery as pages and the API show it: what is due behind a closed gate waits.
#[derive(Clone, Debug)]
pub struct Shown {
    pub delivery: Delivery,
    pub state: State,
    pub remote_id: Option<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Query {
    /// `due`, `running`, `waiting`, `held` or `done`.
    pub state: Option<String>,
    pub user: Option<UserId>,
    /// What the user's name begins with; see [`deliveries::NAMED`].
    pub name: Option<String>,
    pub connector: Option<ConnectorId>,
    pub before: Option<DeliveryId>,
    pub limit: i64,
}

/// An outbound connector as lists of deliveries name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct System {
    pub id: ConnectorId,
    pub connection_id: domain::ConnectionId,
    /// The connection's name.
    pub connection: String,
    /// What the console calls the connector's kind.
    pub kind: String,
    pub removing: bool,
}

/// What became of an order to retry several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Retried {
    /// Due again, or under way already.
    pub due: usize,
    /// Gone, let go, or at a connector that was deleted.
    pub skipped: usize,
}

impl Directory {
    /// Newest first.
    pub async fn deliveries(&self, _who: &Authorised<DeliveriesRead>, query: Query) -> Result<Vec<Shown>> {
        let (before, limit) = (query.before, query.limit);
        self.list(query, Cursor::Newest(before), limit).await
    }

    /// Last changed first, before a cursor; [`Query::before`] has no meaning here.
    pub async fn activity(
        &self,
        _who: &Authorised<DeliveriesRead>,
        query: Query,
        before: Option<Changed>,
    ) -> Result<Vec<Shown>> {
        let limit = query.limit;
        self.list(query, Cursor::LastChanged(before), limit).await
    }

    async fn list(&self, query: Query, cursor: Cursor, limit: i64) -> Result<Vec<Shown>> {
        let mut conn = self.db().read().await?;
        let gates = topology::gates(&mut conn).await?;
        let found = page(&mut conn, &matching(query, &gates), cursor, limit).await?;
        show(&mut conn, found, &gates).await
    }

    /// How many deliveries changed after that one, up to [`COUNTED_NEWS`].
    pub async fn changed_since(&self, _who: &Authorised<DeliveriesRead>, query: Query, after: Changed) -> Result<i64> {
        let mut conn = self.db().read().await?;
        let gates = topology::gates(&mut conn).await?;
        Ok(deliveries::count_changed(&mut conn, &matching(query, &gates), after, COUNTED_NEWS).await?)
    }

    pub async fn delivery(&self, _who: &Authorised<DeliveriesRead>, id: DeliveryId) -> Result<Shown> {
        let mut conn = self.db().read().await?;
        let delivery = visible(&mut conn, id).await?;
        let gates = topology::gates(&mut conn).await?;
        show(&mut conn, vec![delivery], &gates).await?.pop().ok_or(Error::NotFound("delivery"))
    }

    /// The account that a delivery is about.
    pub async fn account(&self, _who: &Authorised<DeliveriesRead>, delivery: &Delivery) -> Result<Option<Link>> {
        let mut conn = self.db().read().await?;
        Ok(links::get(&mut conn, delivery.subject, delivery.connector_id).await?)
    }

    /// Newest first, before a cursor. Bodies are for whoever may see them.
    pub async fn attempts(
        &self,
        who: &Authorised<DeliveriesRead>,
        id: DeliveryId,
        before: Option<AttemptId>,
        limit: i64,
    ) -> Result<Vec<Attempt>> {
        let mut conn = self.db().read().await?;
        visible(&mut conn, id).await?;
        let mut found = attempts::page(&mut conn, id, before, limit).await?;
        if who.caller().authorise::<AttemptsBodies>().is_err() {
            for attempt in &mut found {
                attempt.request = None;
                attempt.response = None;
            }
        }
        Ok(found)
    }

    /// Every connector, in the order of the connections' names.
    pub async fn systems(&self, _who: &Authorised<DeliveriesRead>) -> Result<Vec<System>> {
        let mut conn = self.db().read().await?;
        self.systems_in(&mut conn).await
    }

    pub(crate) async fn systems_in(&self, conn: &mut Conn) -> Result<Vec<System>> {
        let kinds: BTreeMap<String, String> =
            self.engine()?.schemas().into_iter().map(|schema| (schema.kind, schema.name)).collect();
        let mut of_connection: HashMap<_, Vec<_>> = HashMap::new();
        for connector in connectors::all(conn).await? {
            of_connection.entry(connector.connection_id).or_default().push(connector);
        }
        let mut systems = Vec::new();
        for connection in connections::page(conn, None, None, i64::MAX).await? {
            for connector in of_connection.remove(&connection.id).unwrap_or_default() {
                systems.push(System {
                    id: connector.id,
                    connection_id: connection.id,
                    connection: connection.name.clone(),
                    kind: kinds.get(&connector.kind).cloned().unwrap_or(connector.kind),
                    removing: connector.life == Life::Removing,
                });
            }
        }
        Ok(systems)
    }

    /// What is held, by system and kind of reason, everywhere or at one connector: [`MOST_GROUPS`] at most.
    pub async fn held(&self, _who: &Authorised<DeliveriesRead>, only: Option<ConnectorId>) -> Result<Vec<HeldGroup>> {
        let mut conn = self.db().read().await?;
        Ok(deliveries::held_groups(&mut conn, only, MOST_GROUPS, COUNTED).await?)
    }

    /// How many are held at a connector for one very reason, up to [`COUNTED`].
    pub async fn held_for(
        &self,
        _who: &Authorised<DeliveriesRead>,
        connector: ConnectorId,
        reason: &Reason,
    ) -> Result<i64> {
        let mut conn = self.db().read().await?;
        Ok(deliveries::count_held_for(&mut conn, connector, reason, COUNTED).await?)
    }

    /// How many are held, up to [`COUNTED_IN_BADGE`].
    pub async fn held_count(&self, _who: &Authorised<DeliveriesRead>) -> Result<i64> {
        let mut conn = self.db().read().await?;
        Ok(deliveries::count_held(&mut conn, COUNTED_IN_BADGE).await?)
    }

    pub async fn retry(&self, who: &Authorised<DeliveriesAct>, id: DeliveryId) -> Result<()> {
        let context = self.context(who);
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move { retry(conn, &context, id).await })
        })
        .await?;
        Ok(())
    }

    /// Retries those that can be: up to [`limits::SELECTED`].
    pub async fn retry_many(&self, who: &Authorised<DeliveriesAct>, ids: Vec<DeliveryId>) -> Result<Retried> {
        match ids.len() {
            0 => return Err(Error::invalid("", "Select at least one delivery, then retry.")),
            1..=limits::SELECTED => {}
            _ => return Err(Error::invalid("", format!("Select at most {} deliveries at once.", limits::SELECTED))),
        }
        let mut retried = Retried::default();
        for batch in ids.chunks(BATCH) {
            let (context, batch) = (self.context(who), batch.to_vec());
            let count = batch.len();
            let due = self
                .commit::<_, Error, _>(move |conn| {
                    let (context, batch) = (context.clone(), batch.clone());
                    Box::pin(async move {
                        let mut due = 0;
                        for id in batch {
                            match retry(conn, &context, id).await {
                                Ok(()) => due += 1,
                                Err(Error::NotFound(_) | Error::Conflict(_)) => {}
                                Err(error) => return Err(error),
                            }
                        }
                        Ok(due)
                    })
                })
                .await?;
            retried.due += due;
            retried.skipped += count - due;
        }
        Ok(retried)
    }

    /// Retries what is held at a connector for a kind of reason, or for one very reason: up to [`limits::RETRIED`],
    /// each once, in transactions of a few.
    pub async fn retry_kind(
        &self,
        who: &Authorised<DeliveriesAct>,
        connector: ConnectorId,
        kind: ReasonKind,
        text: Option<String>,
    ) -> Result<Retried> {
        let mut retried = Retried::default();
        let mut after: Option<Delivery> = None;
        while retried.due < limits::RETRIED {
            let (context, text, before) = (self.context(who), text.clone(), after.take());
            let batch = self
                .commit::<_, Error, _>(move |conn| {
                    let (context, text, before) = (context.clone(), text.clone(), before.clone());
                    Box::pin(async move {
                        retry_batch(conn, &context, (connector, kind), text.as_deref(), before.as_ref()).await
                    })
                })
                .await?;
            retried.due += batch.len();
            if batch.len() < BATCH {
                break;
            }
            after = batch.into_iter().next_back();
        }
        Ok(retried)
    }
}

async fn retry(conn: &mut Conn, context: &Context, id: DeliveryId) -> Result<()> {
    let mut delivery = visible(conn, id).await?;
    if connectors::get(conn, delivery.connector_id).await?.is_none() {
        return Err(Error::Conflict("The connector of this delivery was deleted.".to_owned()));
    }
    match delivery.retry(context.now) {
        // It is being tried right now: that is what was asked for.
        Err(Refusal::Running) => return Ok(()),
        Err(refusal) => return Err(Error::Conflict(refusal.to_string())),
        Ok(()) => deliveries::update(conn, &delivery).await?,
    }
    let label = delivery.subject_label.clone();
    context.record(conn, "delivery.retry", About { kind: "delivery", id: Some(id.0), label: &label }, json!({})).await
}

/// The next few of a kind, as they were before, with one audit event for all of them.
async fn retry_batch(
    conn: &mut Conn,
    context: &Context,
    (connector, kind): (ConnectorId, ReasonKind),
    text: Option<&str>,
    after: Option<&Delivery>,
) -> Result<Vec<Delivery>> {
    let Some(row) = connectors::get(conn, connector).await? else {
        return Err(Error::Conflict("The connector of these deliveries was deleted.".to_owned()));
    };
    let limit = i64::try_from(BATCH).unwrap_or(i64::MAX);
    let batch = deliveries::held_batch(conn, connector, kind, text, after, limit).await?;
    for held in &batch {
        let mut delivery = held.clone();
        // What is held can be retried, whatever is wanted.
        if delivery.retry(context.now).is_ok() {
            deliveries::update(conn, &delivery).await?;
        }
    }
    if !batch.is_empty() {
        let connection = connections::get(conn, row.connection_id).await?.map(|one| one.name).unwrap_or_default();
        let details = json!({ "reason": kind.as_str(), "text": text, "count": batch.len() });
        let label = format!("{connection} · {}", row.kind);
        let about = About { kind: "connector", id: Some(connector.0), label: &label };
        context.record(conn, "delivery.retry_held", about, details).await?;
    }
    Ok(batch)
}

fn matching(query: Query, gates: &HashMap<ConnectorId, Gate>) -> Matching {
    let closed = gates.iter().filter(|(_, gate)| **gate != Gate::Open).map(|(id, _)| *id).collect();
    let Query { state, user, name, connector, .. } = query;
    Matching { state, user, name, connector, closed }
}

#[derive(Clone, Copy)]
enum Cursor {
    Newest(Option<DeliveryId>),
    LastChanged(Option<Changed>),
}

impl Cursor {
    async fn read(self, conn: &mut Conn, matching: &Matching, limit: i64) -> storage::Result<Vec<Delivery>> {
        match self {
            Self::Newest(before) => deliveries::page(conn, matching, before, limit).await,
            Self::LastChanged(before) => deliveries::last_changed(conn, matching, before, limit).await,
        }
    }

    fn after(self, last: &Delivery) -> Self {
        match self {
            Self::Newest(_) => Self::Newest(Some(last.id)),
            Self::LastChanged(_) => Self::LastChanged(Some((last.updated_at, last.id))),
        }
    }
}

/// Whoever is staged is seen by the engine alone, and so are their deliveries.
async fn page(conn: &mut Conn, matching: &Matching, mut cursor: Cursor, limit: i64) -> Result<Vec<Delivery>> {
    let staged = users::staged(conn).await?;
    let most = usize::try_from(limit).unwrap_or(0);
    let mut found = Vec::new();
    loop {
        let next = cursor.read(conn, matching, limit).await?;
        let is_last = next.len() < most;
        if let Some(last) = next.last() {
            cursor = cursor.after(last);
        }
        found.extend(next.into_iter().filter(|one| one.subject.user().is_none_or(|user| !staged.contains(&user))));
        if is_last || found.len() >= most {
            found.truncate(most);
            return Ok(found);
        }
    }
}

async fn visible(conn: &mut Conn, id: DeliveryId) -> Result<Delivery> {
    let delivery = deliveries::get(conn, id).await?.ok_or(Error::NotFound("delivery"))?;
    let user = match delivery.subject.user() {
        Some(user) => users::get_any(conn, user).await?,
        None => None,
    };
    if user.is_some_and(|user| user.staged) { Err(Error::NotFound("delivery")) } else { Ok(delivery) }
}

async fn show(conn: &mut Conn, found: Vec<Delivery>, gates: &HashMap<ConnectorId, Gate>) -> Result<Vec<Shown>> {
    let subjects: Vec<SubjectId> = found.iter().map(|delivery| delivery.subject).collect();
    let remote = links::remote_ids(conn, &subjects).await?;
    let shown = found.into_iter().map(|delivery| {
        let gate = gates.get(&delivery.connector_id).unwrap_or(&Gate::SwitchedOff);
        Shown {
            state: delivery.shown(gate),
            remote_id: remote.get(&(delivery.subject.uuid(), delivery.connector_id)).cloned(),
            delivery,
        }
    });
    Ok(shown.collect())
}
