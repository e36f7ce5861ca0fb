//! Between the use cases and the pages of the audit trail.

use auth::grants::{AuditRead, ConnectionsRead, DeliveriesRead, ProvisionersRead, UsersRead};
use directory::{
    audit::{self, Matching, Place},
    error::Error,
};
use domain::{Timestamp, UserId};
use serde_json::Value;

use super::{
    asked,
    view::{Action, Change, Event, Events, Fact, Filter, Item},
    words,
};
use crate::{error::ConsoleError, pages::connections::thousands, routes::Page, ssr};

/// Events on one page.
const PAGE: usize = 50;
/// Members of a group that are told by name.
const NAMED: usize = 50;

pub(super) async fn list(filter: &Filter, after: &str) -> Result<Events, ConsoleError> {
    let actions = words::ACTIONS
        .iter()
        .map(|(value, label)| Action { value: (*value).to_owned(), label: (*label).to_owned() })
        .collect();
    match asked::matching(filter) {
        Ok(matching) => Ok(Events { actions, ..page(&matching, after).await? }),
        Err(note) => {
            ssr::authorise::<AuditRead>()?;
            Ok(Events { items: Vec::new(), next: None, note, actions })
        }
    }
}

pub(super) async fn history(id: UserId, after: &str) -> Result<Events, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    directory.user(&who, id).await?;
    page(&Matching { subject_id: Some(id.0), ..Matching::default() }, after).await
}

async fn page(matching: &Matching, after: &str) -> Result<Events, ConsoleError> {
    let (directory, who) = ssr::authorise::<AuditRead>()?;
    let found = directory.find_events(&who, matching, cursor(after), PAGE).await?;
    let note = if found.more_names {
        format!(
            "More than {0} names begin so. What is shown is of the first {0}: write more of the name.",
            audit::NAMES
        )
    } else {
        String::new()
    };
    Ok(Events {
        items: found.entries.iter().map(item).collect(),
        next: found.next.map(place),
        note,
        actions: Vec::new(),
    })
}

/// `microseconds~number`
fn place((at, number): Place) -> String {
    format!("{}~{number}", at.as_micros())
}

fn cursor(text: &str) -> Option<Place> {
    let (at, number) = text.split_once('~')?;
    Some((Timestamp::from_micros(at.parse().ok()?), number.parse().ok()?))
}

fn item(event: &audit::Event) -> Item {
    Item {
        number: event.seq,
        what: words::action(&event.action),
        about: event.subject_label.clone(),
        who: words::actor(&event.actor_kind, &event.actor_label),
        address: event.address.clone(),
        at: event.at.into(),
    }
}

pub(super) async fn event(number: i64) -> Result<Event, ConsoleError> {
    let (directory, who) = ssr::authorise::<AuditRead>()?;
    let event = directory.event(&who, number).await?;
    let (changes, facts) = told(&event).await?;
    let narrowed = |filter: Filter| (!filter.is_empty()).then(|| filter.path(""));
    let note = |parts: [&str; 2]| {
        let parts: Vec<&str> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { String::new() } else { format!("({})", parts.join(", ")) }
    };
    Ok(Event {
        number,
        what: words::action(&event.action),
        at: event.at.into(),
        who: words::actor(&event.actor_kind, &event.actor_label),
        who_note: note([words::actor_kind(&event.actor_kind), &event.address]),
        by_them: narrowed(Filter { who: event.actor_label.clone(), ..Filter::default() }),
        about: event.subject_label.clone(),
        about_note: note([&event.subject_kind, ""]),
        page: page_of(&event).await?.map(|page| page.path()),
        about_it: narrowed(Filter { about: event.subject_label.clone(), ..Filter::default() }),
        action: event.action,
        changes,
        facts,
    })
}

/// The page of what an event is about, where there is one still.
async fn page_of(event: &audit::Event) -> Result<Option<Page>, ConsoleError> {
    let Some(id) = event.subject_id else { return Ok(None) };
    let there = |found: Result<Page, Error>| match found {
        Ok(page) => Ok(Some(page)),
        Err(Error::NotFound(_)) => Ok(None),
        Err(error) => Err(ConsoleError::from(error)),
    };
    match event.subject_kind.as_str() {
        "user" => {
            let (directory, who) = ssr::authorise::<UsersRead>()?;
            there(directory.user(&who, id.into()).await.map(|user| Page::User(user.id)))
        }
        "connection" => {
            let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
            there(directory.connection(&who, id.into()).await.map(|connection| Page::Connection(connection.id)))
        }
        "connector" => {
            let (directory, who) = ssr::authorise::<ConnectionsRead>()?;
            let found = directory.connector(&who, id.into()).await;
            there(found.map(|found| Page::OutboundProvisioning(found.connector.connection_id)))
        }
        "provisioner" => {
            let (directory, who) = ssr::authorise::<ProvisionersRead>()?;
            there(directory.provisioner(&who, id.into()).await.map(|provisioner| Page::Provisioner(provisioner.id)))
        }
        "delivery" => {
            let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
            there(directory.delivery(&who, id.into()).await.map(|shown| Page::Delivery(shown.delivery.id)))
        }
        _ => Ok(None),
    }
}

/// Attributes that changed, and facts.
async fn told(event: &audit::Event) -> Result<(Vec<Change>, Vec<Fact>), ConsoleError> {
    let (mut changes, mut facts) = (Vec::new(), Vec::new());
    for (name, value) in event.details.as_object().into_iter().flatten() {
        if let Some((before, after)) = sides(value) {
            let side = |side: Option<&Value>| side.map(words::value).unwrap_or_default();
            changes.push(Change { name: words::name(name), before: side(before), after: side(after) });
            continue;
        }
        let text = match (members(value), value.as_str().and_then(words::refusal)) {
            (Some((count, ids)), _) => names(count, &ids).await?,
            (None, Some(refusal)) if event.action == "session.refuse" => refusal.to_owned(),
            (None, _) => words::value(value),
        };
        facts.push(Fact { name: words::name(name), text });
    }
    Ok((changes, facts))
}

/// `{"before": …, "after": …}`, or one of the two.
fn sides(value: &Value) -> Option<(Option<&Value>, Option<&Value>)> {
    let fields = value.as_object().filter(|fields| !fields.is_empty())?;
    let both = fields.keys().all(|name| name == "before" || name == "after");
    both.then(|| (fields.get("before"), fields.get("after")))
}

/// `{"count": …, "ids": […]}`
fn members(value: &Value) -> Option<(usize, Vec<UserId>)> {
    let count = usize::try_from(value.get("count")?.as_u64()?).ok()?;
    let ids = value.get("ids")?.as_array()?.iter().filter_map(|id| id.as_str()?.parse().ok());
    Some((count, ids.take(NAMED).collect()))
}

/// Members by the names that they have now; who is gone by their id.
async fn names(count: usize, ids: &[UserId]) -> Result<String, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let mut known = directory.user_names(&who, ids).await?;
    let mut names: Vec<String> = ids.iter().map(|id| known.remove(id).unwrap_or_else(|| id.to_string())).collect();
    if count > names.len() {
        names.push(format!("and {} more", thousands(i64::try_from(count - names.len()).unwrap_or(i64::MAX))));
    }
    Ok(names.join(", "))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_place_is_read_as_it_is_written() {
        let at = Timestamp::from_micros(1_773_306_000_000_000);
        assert_eq!(cursor(&place((at, 7))), Some((at, 7)));
        for wrong in ["", "~", "1~", "~1", "one~two"] {
            assert_eq!(cursor(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_change_is_told_from_a_fact() {
        assert!(sides(&json!({"before": 1, "after": 2})).is_some());
        assert_eq!(sides(&json!({"after": 2})), Some((None, Some(&json!(2)))));
        for fact in [json!({}), json!("changed"), json!({"count": 1, "ids": []}), json!({"before": 1, "count": 2})] {
            assert!(sides(&fact).is_none(), "{fact}");
        }
        let id = UserId(uuid::Uuid::from_u128(7));
        assert_eq!(members(&json!({"count": 2, "ids": [id]})), Some((2, vec![id])));
        assert_eq!(members(&json!({"count": 2})), None);
    }
}
