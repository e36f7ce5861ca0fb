//! What every change has in common: its audit event, and the deliveries that follow from it.

use auth::Authorised;
use domain::{
    ConnectorId, DeliveryId, Ids, SubjectId, Timestamp,
    connection::Life,
    delivery::{Delivery, State},
    planning::Plan,
};
use storage::{
    Conn, Vault,
    audit::{self, Actor, Event},
    deliveries,
};
use uuid::Uuid;

use crate::{Directory, Error, Result, details::Details};

/// Everything a transaction's closure needs of the outside, in one value that can be cloned into it.
#[derive(Clone, Debug)]
pub(crate) struct Context {
    pub ids: Ids,
    pub vault: Vault,
    pub actor: Actor,
    pub now: Timestamp,
}

impl Directory {
    pub(crate) fn context<P>(&self, who: &Authorised<P>) -> Context {
        self.context_as(who.actor())
    }

    pub(crate) fn context_as(&self, actor: Actor) -> Context {
        Context { ids: self.ids().clone(), vault: self.db().vault().clone(), actor, now: self.now() }
    }
}

/// Whether what the caller saw is still what is there; who saw nothing insists on nothing.
pub(crate) fn as_seen(expected: Option<i64>, version: i64) -> Result<()> {
    if expected.is_some_and(|expected| expected != version) { Err(Error::Stale) } else { Ok(()) }
}

/// Whether a thing may be changed at all: not while it is on its way out.
pub(crate) fn staying(what: &str, life: Life) -> Result<()> {
    match life {
        Life::Active => Ok(()),
        Life::Removing => Err(Error::Conflict(format!("This {what} is being removed."))),
    }
}

/// What an event is about.
#[derive(Clone, Debug)]
pub(crate) struct About<'a> {
    pub kind: &'static str,
    pub id: Option<Uuid>,
    pub label: &'a str,
}

impl Context {
    pub(crate) async fn record(
        &self,
        conn: &mut Conn,
        action: &'static str,
        about: About<'_>,
        details: impl Into<Details>,
    ) -> Result<()> {
        let event = Event {
            at: self.now,
            actor: self.actor.clone(),
            action,
            subject_kind: about.kind,
            subject_id: about.id,
            subject_label: about.label.to_owned(),
            details: details.into().into_kept(),
        };
        Ok(audit::append(conn, &self.vault, &event).await?)
    }

    /// Wants what was planned; one row per subject and connector, coalescing with what was wanted before.
    pub(crate) async fn want(&self, conn: &mut Conn, subject: SubjectId, label: &str, plans: &[Plan]) -> Result<()> {
        if plans.is_empty() {
            return Ok(());
        }
        let existing = deliveries::of_subject(conn, subject).await?;
        for plan in plans {
            match existing.iter().find(|delivery| delivery.connector_id == plan.connector_id) {
                Some(delivery) => {
                    let mut delivery = delivery.clone();
                    label.clone_into(&mut delivery.subject_label);
                    delivery.plan(plan.wanted, plan.leave, plan.trigger, plan.priority, self.now);
                    deliveries::update(conn, &delivery).await?;
                }
                None => deliveries::insert(conn, &self.first(subject, label, *plan)).await?,
            }
        }
        Ok(())
    }

    fn first(&self, subject: SubjectId, label: &str, plan: Plan) -> Delivery {
        Delivery {
            id: self.ids.make::<DeliveryId>(),
            subject,
            subject_label: label.to_owned(),
            connector_id: plan.connector_id,
            wanted: plan.wanted,
            leave: plan.leave,
            version: 1,
            delivered_version: 0,
            state: State::Due,
            due_at: self.now,
            priority: plan.priority,
            trigger: plan.trigger,
            fence: 0,
            tries: 0,
            name_key: None,
            intent: None,
            waits_for: None,
            open_since: self.now,
            created_at: self.now,
            updated_at: self.now,
        }
    }
}

pub(crate) fn connectors_of(plans: &[Plan]) -> Vec<ConnectorId> {
    plans.iter().map(|plan| plan.connector_id).collect()
}
