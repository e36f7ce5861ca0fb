//! Between the use cases and the pages of the audit trail.

use auth::grants::{AuditRead, ConnectionsRead, DeliveriesRead, ProvisionersRead, SchemasRead, UsersRead, UsersWrite};
use directory::{
    audit::{self, Place},
    error::Error,
};
use domain::{Timestamp, UserId};
use serde_json::Value;

use super::{
    asked,
    view::{Event, Events, Filter, Item, Line},
    words,
};
use crate::{
    error::ConsoleError,
    pages::{connections::thousands, users::shown::may_write},
    routes::Page,
    ssr,
};

/// Events on one page.
const PAGE: usize = 50;
/// Members of a group that are told by name.
const NAMED: usize = 50;

pub(super) async fn list(filter: &Filter, after: &str) -> Result<Events, ConsoleError> {
    let (directory, who) = ssr::authorise::<AuditRead>()?;
    if !filter.user.is_empty() {
        exists(&filter.user).await?;
    }
    let actions = words::ACTIONS.iter().map(|(value, label)| line(value, label, ""));
    let actions = if filter.user.is_empty() { actions.collect() } else { Vec::new() };
    let matching = match asked::matching(filter) {
        Ok(matching) => matching,
        Err(note) => return Ok(Events { items: Vec::new(), next: None, note, actions }),
    };
    let found = directory.find_events(&who, &matching, cursor(after), PAGE).await?;
    let note = if found.more_names {
        format!(
            "More than {0} names begin so. What is shown is of the first {0}: write more of the name.",
            audit::NAMES
        )
    } else {
        String::new()
    };
    Ok(Events { items: found.entries.iter().map(item).collect(), next: found.next.map(place), note, actions })
}

async fn exists(user: &str) -> Result<(), ConsoleError> {
    let nobody = || ConsoleError::NotFound { what: "This user".to_owned() };
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    directory.user(&who, user.parse::<UserId>().map_err(|_| nobody())?).await?;
    Ok(())
}

fn line(name: &str, text: &str, more: &str) -> Line {
    Line { name: name.to_owned(), text: text.to_owned(), more: more.to_owned() }
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

pub(super) async fn event(number: &str) -> Result<Event, ConsoleError> {
    let (directory, who) = ssr::authorise::<AuditRead>()?;
    let nothing = || ConsoleError::NotFound { what: "This event".to_owned() };
    let event = directory.event(&who, number.parse().map_err(|_| nothing())?).await?;
    let (changes, told) = told(&event).await?;
    let actor = words::actor(&event.actor_kind, &event.actor_label);
    let page = page_of(&event).await?.map(|page| page.path()).unwrap_or_default();
    let subject = if event.subject_label.is_empty() { words::NAMELESS } else { &event.subject_label };
    let mut facts = vec![
        line("Who", &noted(&actor, [words::actor_kind(&event.actor_kind), &event.address]), ""),
        line("About", &noted(subject, [&event.subject_kind, ""]), &page),
    ];
    facts.extend(told);
    facts.push(line("Event", &noted(number, [&event.action, ""]), ""));
    let id = event.subject_id.map(|id| id.to_string());
    let alike = |name: &str, filter: Filter| {
        let to = filter.address(&Page::Logs.path(), ("after", ""));
        (!filter.is_empty()).then(|| line(name, "", &to))
    };
    let alike = [
        alike("Everything they did", Filter { who: event.actor_label.clone(), ..Filter::default() }),
        alike("Everything about it", Filter { about: id.unwrap_or_default(), ..Filter::default() }),
    ];
    Ok(Event {
        what: words::action(&event.action),
        at: event.at.into(),
        facts,
        changes,
        alike: alike.into_iter().flatten().collect(),
    })
}

/// `ada (user)`
fn noted(text: &str, notes: [&str; 2]) -> String {
    let notes: Vec<&str> = notes.into_iter().filter(|note| !note.is_empty()).collect();
    if notes.is_empty() { text.to_owned() } else { format!("{text} ({})", notes.join(", ")) }
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
        "group" => {
            let (directory, who) = ssr::authorise::<UsersRead>()?;
            there(directory.group(&who, id.into()).await.map(|group| Page::Group(group.id)))
        }
        "schema" => {
            let (directory, who) = ssr::authorise::<SchemasRead>()?;
            there(directory.user_schema(&who, id.into()).await.map(|schema| Page::Schema(schema.id)))
        }
        // Whoever only reads sees no imports.
        "import" if may_write() => {
            let (directory, who) = ssr::authorise::<UsersWrite>()?;
            there(directory.import(&who, id.into()).await.map(|import| Page::Import(import.id)))
        }
        _ => Ok(None),
    }
}

/// Attributes that changed, and facts.
async fn told(event: &audit::Event) -> Result<(Vec<Line>, Vec<Line>), ConsoleError> {
    let (mut changes, mut facts) = (Vec::new(), Vec::new());
    for (name, value) in event.details.as_object().into_iter().flatten() {
        if let Some((before, after)) = sides(value) {
            let side = |side: Option<&Value>| side.map(|side| words::value_of(name, side)).unwrap_or_default();
            changes.push(Line { name: words::name(name), text: side(before), more: side(after) });
            continue;
        }
        let text = match (members(value), value.as_str().and_then(words::refusal)) {
            (Some((count, ids)), _) => names(count, &ids).await?,
            (None, Some(refusal)) if event.action == "session.refuse" => refusal.to_owned(),
            (None, _) => words::value_of(name, value),
        };
        facts.push(line(&words::name(name), &text, ""));
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
