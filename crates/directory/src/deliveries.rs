//! Deliveries and their attempts, as they are shown, and the retry.

use std::collections::HashMap;

use auth::{
    Authorised,
    grants::{AttemptsBodies, DeliveriesAct, DeliveriesRead},
};
use domain::{
    AttemptId, ConnectorId, DeliveryId, SubjectId, UserId,
    attempt::Attempt,
    connection::Gate,
    delivery::{Delivery, Refusal, State},
};
use serde_json::json;
use storage::{
    Conn, attempts, connectors,
    deliveries::{self, Matching},
    links, users,
};

use crate::{Directory, Error, Result, change::About, topology};

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
    pub connector: Option<ConnectorId>,
    pub before: Option<DeliveryId>,
    pub limit: i64,
}

impl Directory {
    /// Newest first.
    pub async fn deliveries(&self, _who: &Authorised<DeliveriesRead>, query: Query) -> Result<Vec<Shown>> {
        let mut conn = self.db().read().await?;
        let gates = topology::gates(&mut conn).await?;
        let closed = gates.iter().filter(|(_, gate)| **gate != Gate::Open).map(|(id, _)| *id).collect();
        let matching = Matching { state: query.state, user: query.user, connector: query.connector, closed };
        let found = page(&mut conn, &matching, query.before, query.limit).await?;
        show(&mut conn, found, &gates).await
    }

    pub async fn delivery(&self, _who: &Authorised<DeliveriesRead>, id: DeliveryId) -> Result<Shown> {
        let mut conn = self.db().read().await?;
        let delivery = visible(&mut conn, id).await?;
        let gates = topology::gates(&mut conn).await?;
        show(&mut conn, vec![delivery], &gates).await?.pop().ok_or(Error::NotFound("delivery"))
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

    pub async fn retry(&self, who: &Authorised<DeliveriesAct>, id: DeliveryId) -> Result<()> {
        let context = self.context(who);
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
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
                let about = About { kind: "delivery", id: Some(id.0), label: &label };
                context.record(conn, "delivery.retry", about, json!({})).await
            })
        })
        .await?;
        Ok(())
    }
}

/// Whoever is staged is seen by the engine alone, and so are their deliveries.
async fn page(
    conn: &mut Conn,
    matching: &Matching,
    mut before: Option<DeliveryId>,
    limit: i64,
) -> Result<Vec<Delivery>> {
    let staged = users::staged(conn).await?;
    let most = usize::try_from(limit).unwrap_or(0);
    let mut found = Vec::new();
    loop {
        let next = deliveries::page(conn, matching, before, limit).await?;
        let is_last = next.len() < most;
        before = next.last().map(|delivery| delivery.id);
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
