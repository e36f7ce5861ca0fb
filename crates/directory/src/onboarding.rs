//! Blocking: a staged user becomes real or is refused. Called where a verdict is recorded, and at start.

use domain::{
    UserId,
    delivery::{Delivery, Priority, State, Trigger, Wanted},
    link::Provenance,
    onboarding::{Awaited, Decision, LATE, Rejection, Verdict, decide},
    planning::{self, Change, Plan},
    user::{Origin, User},
};
use serde_json::json;
use storage::{
    Conn,
    audit::Actor,
    awaited, deliveries, links, passwords, registrations,
    tombstones::{self, Tombstone},
    users,
};

use crate::{
    Directory, Result,
    change::{About, Context},
    details::{Details, came},
    engine::Settled,
    imports, registration, removal,
    topology::Topology,
};

impl Directory {
    /// Settles a staged user inside the engine's result transaction; none while it has to wait.
    pub async fn settle(&self, conn: &mut Conn, user: UserId) -> Result<Option<Settled>> {
        settle(conn, &self.context_as(Actor::usher()), user).await
    }
}

pub(crate) async fn settle(conn: &mut Conn, context: &Context, id: UserId) -> Result<Option<Settled>> {
    let Some(user) = users::get_any(conn, id).await?.filter(|user| user.staged) else { return Ok(None) };
    let context = &imports::context_of(conn, context, &user).await?;
    let topology = Topology::load(conn).await?;
    let mut targets = awaited::of_user(conn, id).await?;
    for target in &mut targets {
        answer_for(conn, context, &topology, target).await?;
    }
    match decide(&targets, context.now) {
        Decision::Wait => Ok(None),
        Decision::Activate { pending } => {
            activate(conn, context, &topology, user).await?;
            Ok(Some(Settled::Active { pending }))
        }
        Decision::Refuse { rejections } => {
            refuse(conn, context, &user, &rejections).await?;
            Ok(Some(Settled::Refused { rejections }))
        }
    }
}

/// Writes down what a target that said nothing counts as, so that it is settled once.
async fn answer_for(conn: &mut Conn, context: &Context, topology: &Topology, target: &mut Awaited) -> Result<()> {
    let blocks = topology
        .provisioners
        .iter()
        .any(|provisioner| provisioner.id == target.provisioner_id && topology.is_on(provisioner));
    let verdict = match &target.verdict {
        // Removed or switched off meanwhile.
        verdict if !blocks && *verdict != Verdict::Accepted => Verdict::Accepted,
        Verdict::Pending if context.now >= target.deadline => Verdict::Unreachable { text: LATE.to_owned() },
        _ => return Ok(()),
    };
    awaited::set_verdict(conn, target.user_id, target.connector_id, &verdict).await?;
    target.verdict = verdict;
    Ok(())
}

/// Somebody is real: what follows from it beside their accounts.
pub(crate) async fn record_creation(
    conn: &mut Conn,
    context: &Context,
    user: &User,
    with_password: bool,
) -> Result<()> {
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    let details = came(user).with("origin", user.origin.as_str());
    let details = if with_password { details.with_password() } else { details };
    context.record(conn, "user.create", about, details).await?;
    match user.origin {
        Origin::Import => imports::came(conn, context, user).await,
        Origin::Registration => registration::came(conn, context, user).await,
        Origin::Setup | Origin::Api | Origin::Console | Origin::Jit => Ok(()),
    }
}

async fn activate(conn: &mut Conn, context: &Context, topology: &Topology, user: User) -> Result<()> {
    users::activate(conn, user.id, context.now).await?;
    awaited::clear(conn, user.id).await?;
    let subject = user.id.into();
    let begun = deliveries::of_subject(conn, subject).await?;
    let mut plans = planning::plan(&user, Change::Created, &topology.provisioners, &begun);
    plans.retain(|plan| begun.iter().all(|delivery| delivery.connector_id != plan.connector_id));
    for delivery in begun.iter().filter(|delivery| delivery.wanted != Wanted::Absent) {
        // An account that was found there was only linked while the user was staged: now it gets its first update.
        let link = links::get(conn, subject, delivery.connector_id).await?;
        if link.is_some_and(|link| link.sent.is_none()) {
            plans.push(Plan {
                connector_id: delivery.connector_id,
                wanted: delivery.wanted,
                leave: false,
                trigger: Trigger::Create,
                priority: Priority::Joiner,
            });
        }
    }
    context.want(conn, subject, &user.user_name, &plans).await?;
    let with_password = passwords::get(conn, user.id).await?.is_some();
    record_creation(conn, context, &user, with_password).await
}

/// Turns the same delivery rows to absent, so that accounts made by this onboarding are removed again.
async fn refuse(conn: &mut Conn, context: &Context, user: &User, rejections: &[Rejection]) -> Result<()> {
    let subject = user.id.into();
    let mut anything_left = false;
    for delivery in deliveries::of_subject(conn, subject).await? {
        let connector = delivery.connector_id;
        anything_left |= undo(conn, context, delivery).await?;
        removal::finish(conn, connector).await?;
    }
    match user.origin {
        Origin::Import => imports::refused(conn, context, user.id, rejections).await?,
        Origin::Registration => registrations::reopen(conn, user.id).await?,
        Origin::Setup | Origin::Api | Origin::Console | Origin::Jit => {}
    }
    users::delete(conn, user.id).await?;
    if anything_left {
        tombstones::insert(conn, &Tombstone::of(user, true, context.now)).await?;
    }
    let about = About { kind: "user", id: Some(user.id.0), label: &user.user_name };
    let details = Details::default().with("rejections", json!(rejections));
    context.record(conn, "user.refuse", about, details).await
}

/// Whether something may be at the target that has to be removed: an account that this onboarding made, or one whose
/// making was sent. What an attempt without an intent is looking up by now is superseded.
async fn undo(conn: &mut Conn, context: &Context, mut delivery: Delivery) -> Result<bool> {
    let mut link = links::get(conn, delivery.subject, delivery.connector_id).await?;
    if let Some(adopted) = link.take_if(|link| link.provenance == Provenance::Adopted) {
        links::delete(conn, adopted.id).await?;
    }
    delivery.plan(Wanted::Absent, false, Trigger::Delete, Priority::Leaver, context.now);
    let touched = link.is_some() || delivery.intent.is_some();
    if !touched {
        delivery.state = State::Done;
        delivery.delivered_version = delivery.version;
        delivery.name_key = None;
    }
    deliveries::update(conn, &delivery).await?;
    if !touched {
        deliveries::wake_waiting(conn, delivery.id, context.now).await?;
    }
    Ok(touched)
}
