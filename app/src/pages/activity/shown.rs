//! Between the use cases and the pages of activity.

use auth::grants::{DeliveriesAct, DeliveriesRead, UsersRead};
use directory::{
    deliveries::{self, Query, Retried},
    error::Error,
};
use domain::{
    AttemptId, ConnectorId, DeliveryId, Timestamp, UserId, attempt,
    delivery::{ReasonKind, State},
    limits,
    permission::Permission,
};

use super::{
    view::{Account, ActivityList, Attempt, Delivery, Filter, HeldFor, HeldGroup, Item, System},
    words,
};
use crate::{error::ConsoleError, outcome::Outcome, pages::connections::thousands, routes::Page, ssr};

/// Deliveries on one page of the list.
const PAGE: usize = 50;
/// Attempts on one page of a delivery.
const ATTEMPTS: usize = 20;
/// Comes before every other.
const FIRST_ID: &str = "00000000-0000-0000-0000-000000000000";
const STATES: [&str; 5] = ["due", "running", "waiting", "held", "done"];

pub(super) async fn list(filter: &Filter, after: &str) -> Result<ActivityList, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let systems = directory.systems(&who).await?;
    let query = Query { limit: one_more(PAGE), ..query(filter) };
    let before = cursor(after);
    let drawn = directory.ids().now();
    let mut found = directory.activity(&who, query.clone(), before).await?;
    let more = found.len() > PAGE;
    found.truncate(PAGE);
    let place_of = |shown: &deliveries::Shown| place(shown.delivery.updated_at, shown.delivery.id);
    let newest = found.first().map_or_else(|| place(drawn, FIRST_ID), place_of);
    let user = match query.user {
        None => None,
        Some(user) => Some(name_of(user, found.first()).await?),
    };
    let held = match query.state.as_deref() {
        Some("held") => directory.held(&who, query.connector).await?,
        _ => Vec::new(),
    };
    Ok(ActivityList {
        next: found.last().filter(|_| more).map(place_of),
        newest: before.is_none().then_some(newest),
        user,
        held: held.into_iter().filter_map(|group| held_group(group, &systems)).collect(),
        items: found.into_iter().map(|shown| item(shown, &systems)).collect(),
        systems: systems.into_iter().map(|system| System { id: system.id, name: full_name(&system) }).collect(),
        may_act: ssr::caller().may(Permission::DeliveriesAct),
    })
}

fn one_more(page: usize) -> i64 {
    i64::try_from(page + 1).unwrap_or(i64::MAX)
}

/// What is no such thing does not narrow.
fn query(filter: &Filter) -> Query {
    let text = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
    Query {
        state: text(&filter.state).filter(|state| STATES.contains(&state.as_str())),
        user: filter.user.parse().ok(),
        name: text(&filter.who).map(|name| name.chars().take(limits::USER_NAME).collect()),
        connector: filter.system.parse().ok(),
        ..Query::default()
    }
}

/// `microseconds~id`
fn place(at: Timestamp, id: impl std::fmt::Display) -> String {
    format!("{}~{id}", at.as_micros())
}

fn cursor(text: &str) -> Option<(Timestamp, DeliveryId)> {
    let (at, id) = text.split_once('~')?;
    Some((Timestamp::from_micros(at.parse().ok()?), id.parse().ok()?))
}

async fn name_of(user: UserId, first: Option<&deliveries::Shown>) -> Result<String, ConsoleError> {
    if let Some(shown) = first {
        return Ok(shown.delivery.subject_label.clone());
    }
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    match directory.user(&who, user).await {
        Ok(user) => Ok(user.user_name),
        Err(Error::NotFound(_)) => Ok("one user".to_owned()),
        Err(error) => Err(error.into()),
    }
}

/// The connection's name and the connector's kind.
fn full_name(system: &deliveries::System) -> String {
    format!("{} · {}", system.connection, system.kind)
}

fn named(id: ConnectorId, systems: &[deliveries::System]) -> (String, String) {
    match systems.iter().find(|system| system.id == id) {
        Some(system) => (system.connection.clone(), system.kind.clone()),
        None => ("A deleted system".to_owned(), String::new()),
    }
}

fn item(shown: deliveries::Shown, systems: &[deliveries::System]) -> Item {
    let delivery = &shown.delivery;
    let (system, kind) = named(delivery.connector_id, systems);
    let has_connector = systems.iter().any(|system| system.id == delivery.connector_id);
    let retriable = words::not_retriable(delivery, has_connector).is_empty();
    Item {
        id: delivery.id,
        who: delivery.subject_label.clone(),
        system,
        kind,
        stand: words::stand(&shown.state),
        wanted: words::wanted(delivery).to_owned(),
        changed: delivery.updated_at.into(),
        retriable,
        waits: retriable && matches!(shown.state, State::Waiting { .. } | State::Held { .. }),
    }
}

/// Of deliveries, up to where they are counted.
pub(crate) fn counted(count: i64, most: i64) -> String {
    if count < most { thousands(count) } else { format!("{}+", thousands(most)) }
}

/// "3 accounts are held: no licence left."
pub(crate) fn held_text(group: &deliveries::HeldGroup) -> String {
    let count = counted(group.count, deliveries::COUNTED);
    let reason = words::said(&group.text);
    match (group.count, group.alike) {
        (1, _) => format!("1 account is held: {reason}."),
        (_, true) => format!("{count} accounts are held: {reason}."),
        (_, false) => format!("{count} accounts are held. One of the reasons: {reason}."),
    }
}

/// None for what is left of a connector that was deleted: nothing can be done about that.
fn held_group(group: deliveries::HeldGroup, systems: &[deliveries::System]) -> Option<HeldGroup> {
    let system = systems.iter().find(|system| system.id == group.connector)?;
    Some(HeldGroup {
        text: held_text(&group),
        count: counted(group.count, deliveries::COUNTED),
        connector: group.connector,
        system: system.connection.clone(),
        kind: group.kind.as_str().to_owned(),
    })
}

pub(super) async fn news(filter: &Filter, since: &str) -> Result<i64, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let Some(since) = cursor(since) else { return Ok(0) };
    Ok(directory.changed_since(&who, query(filter), since).await?)
}

/// Whoever may not see deliveries sees no number either.
pub(super) async fn held() -> Result<i64, ConsoleError> {
    match ssr::authorise::<DeliveriesRead>() {
        Ok((directory, who)) => Ok(directory.held_count(&who).await?),
        Err(ConsoleError::Forbidden { .. }) => Ok(0),
        Err(error) => Err(error),
    }
}

pub(super) async fn delivery(id: DeliveryId, before: Option<AttemptId>) -> Result<Delivery, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    let shown = directory.delivery(&who, id).await?;
    let systems = directory.systems(&who).await?;
    let account = directory.account(&who, &shown.delivery).await?;
    let mut attempts = directory.attempts(&who, id, before, one_more(ATTEMPTS)).await?;
    let more = attempts.len() > ATTEMPTS;
    attempts.truncate(ATTEMPTS);
    let held = match &shown.state {
        State::Held { reason } => {
            let count = directory.held_for(&who, shown.delivery.connector_id, reason).await?;
            Some(HeldFor { kind: reason.kind.as_str().to_owned(), text: reason.text.clone(), others: count - 1 })
        }
        _ => None,
    };
    let user = match shown.delivery.subject.user() {
        Some(user) => exists(user).await?.then_some(user),
        None => None,
    };
    let delivery = &shown.delivery;
    let (system, kind) = named(delivery.connector_id, &systems);
    let row = systems.iter().find(|system| system.id == delivery.connector_id);
    Ok(Delivery {
        id,
        who: delivery.subject_label.clone(),
        gone: user.is_none() && delivery.subject.user().is_some(),
        user,
        subject: delivery.subject.uuid().to_string(),
        connector: delivery.connector_id,
        connection: row.map(|row| row.connection_id),
        advice: words::advice(&shown.state, &system),
        system,
        kind,
        stand: words::stand(&shown.state),
        held,
        wanted: words::wanted(delivery).to_owned(),
        progress: words::progress(delivery),
        account: account.map(|link| Account {
            remote_id: link.remote_id,
            provenance: words::provenance(link.provenance).to_owned(),
            since: link.created_at.into(),
        }),
        trigger: words::trigger(delivery.trigger).to_owned(),
        created: delivery.created_at.into(),
        changed: delivery.updated_at.into(),
        newest: place(delivery.updated_at, id),
        may_act: ssr::caller().may(Permission::DeliveriesAct),
        not_retriable: words::not_retriable(delivery, row.is_some()).to_owned(),
        sees_bodies: ssr::caller().may(Permission::AttemptsBodies),
        next: attempts.last().filter(|_| more).map(|last| last.id),
        attempts: attempts.into_iter().map(attempt).collect(),
    })
}

async fn exists(user: UserId) -> Result<bool, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    match directory.user(&who, user).await {
        Ok(_) => Ok(true),
        Err(Error::NotFound(_)) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn attempt(attempt: attempt::Attempt) -> Attempt {
    let (outcome, went) = words::outcome(&attempt);
    let took = std::time::Duration::from_millis(u64::try_from(attempt.duration_ms).unwrap_or(0));
    Attempt {
        id: attempt.id,
        at: attempt.at.into(),
        trigger: words::trigger(attempt.trigger).to_owned(),
        operation: words::operation(attempt.operation).to_owned(),
        outcome: outcome.to_owned(),
        went,
        text: attempt.text,
        status: attempt.status,
        took: words::took(took),
        request: attempt.request,
        response: attempt.response,
    }
}

pub(super) async fn retry(id: DeliveryId, filter: Option<Filter>) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesAct>()?;
    let retried = directory.retry(&who, id).await;
    let to = filter.map_or_else(|| Page::Delivery(id).path(), |filter| filter.path(""));
    ssr::outcome(retried, |()| done(to, "It is tried again.".to_owned()))
}

pub(super) async fn retry_selected(ids: Vec<DeliveryId>, filter: &Filter) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesAct>()?;
    let retried = directory.retry_many(&who, ids).await;
    ssr::outcome(retried, |retried| done(filter.path(""), tried_again(retried)))
}

pub(super) async fn retry_held(
    connector: ConnectorId,
    reason: &str,
    text: Option<String>,
    filter: &Filter,
) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesAct>()?;
    let kind: ReasonKind = reason.parse().map_err(|()| ConsoleError::Malformed)?;
    let retried = directory.retry_kind(&who, connector, kind, text).await;
    ssr::outcome(retried, |retried| done(filter.path(""), tried_again(retried)))
}

fn done(to: String, message: String) -> Outcome {
    Outcome::Done { to, message: Some(message) }
}

fn tried_again(Retried { due, skipped }: Retried) -> String {
    let number = |count: usize| thousands(i64::try_from(count).unwrap_or(i64::MAX));
    let tried = match due {
        0 => "Nothing is tried again.".to_owned(),
        1 => "1 delivery is tried again.".to_owned(),
        limits::RETRIED => {
            format!("{} deliveries are tried again. If more are held, retry once more.", number(limits::RETRIED))
        }
        due => format!("{} deliveries are tried again.", number(due)),
    };
    match skipped {
        0 => tried,
        1 => format!("{tried} 1 has nothing to retry."),
        skipped => format!("{tried} {} have nothing to retry.", number(skipped)),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    #[test]
    fn a_place_in_the_list_is_read_as_it_is_written() {
        let (at, id) = (Timestamp::from_micros(1_773_306_000_000_000), DeliveryId(Uuid::from_u128(7)));
        assert_eq!(cursor(&place(at, id)), Some((at, id)));
        assert!(cursor(&place(at, FIRST_ID)).is_some());
        for wrong in ["", "~", "1~", "~1", "one~two"] {
            assert_eq!(cursor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_no_such_thing_does_not_narrow() {
        let filter = Filter {
            system: "acme".to_owned(),
            who: "  ".to_owned(),
            user: "ada".to_owned(),
            state: "lost".to_owned(),
        };
        let query = query(&filter);
        assert!(query.connector.is_none() && query.name.is_none() && query.user.is_none() && query.state.is_none());
    }

    #[test]
    fn how_many_are_tried_again_is_told() {
        let told = |due, skipped| tried_again(Retried { due, skipped });
        assert_eq!(told(1, 0), "1 delivery is tried again.");
        assert_eq!(told(1_200, 1), "1,200 deliveries are tried again. 1 has nothing to retry.");
        assert_eq!(told(0, 2), "Nothing is tried again. 2 have nothing to retry.");
        assert!(told(limits::RETRIED, 0).contains("once more"));
    }
}
