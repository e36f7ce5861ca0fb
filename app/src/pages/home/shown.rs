//! From figures to what Home says.

use std::{collections::HashMap, time::Duration};

use auth::grants::DeliveriesRead;
use directory::{
    deliveries::{self, COUNTED},
    figures::{self, COUNTED_WAITING, FirstSteps, Status},
};
use domain::{
    ConnectorId, Timestamp,
    connection::{Gate, Pause, PauseKind},
    figures::Counts,
};

use super::view::{Figure, Home, Hour, Mood, Notice, Overview, Step, System};
use crate::{
    error::ConsoleError,
    pages::{
        activity::{
            shown::{counted, held_text},
            view::Filter,
            words::took,
        },
        connections::{accounts, thousands},
    },
    routes::Page,
    ssr,
};

/// What a leaver's account should be gone within.
const GOAL: Duration = Duration::from_mins(5);
/// Pauses that are told; the table says the rest.
const MOST_PAUSES: usize = 5;

pub(super) async fn home() -> Result<Home, ConsoleError> {
    let (directory, who) = ssr::authorise::<DeliveriesRead>()?;
    if let Some(steps) = directory.first_steps(&who).await? {
        return Ok(Home::Begin(begin(steps)));
    }
    Ok(Home::Overview(overview(directory.overview(&who).await?)))
}

fn begin(steps: FirstSteps) -> Vec<Step> {
    let connectors = steps.connection.map(|id| Page::OutboundProvisioning(id).path());
    let step =
        |title: &str, text: &str, done, to: String| Step { title: title.to_owned(), text: text.to_owned(), done, to };
    vec![
        step(
            "Connect a system",
            "Name a system that receives accounts, and say how to reach it.",
            steps.connected,
            connectors.clone().unwrap_or_else(|| Page::ConnectionTemplates.path()),
        ),
        step(
            "Switch it on",
            "Enable its connector. Nothing is sent before there is a provisioner.",
            steps.switched_on,
            connectors.unwrap_or_else(|| Page::Connections.path()),
        ),
        step(
            "Provision everybody",
            "Add a provisioner: whoever comes in gets an account there.",
            steps.provisioned,
            Page::NewProvisioner.path(),
        ),
        step(
            "Add the first person",
            "Their account appears in the connected system within moments.",
            steps.has_people,
            Page::NewUser.path(),
        ),
    ]
}

fn overview(overview: figures::Overview) -> Overview {
    let held: i64 = overview.held.iter().map(|group| group.count).sum();
    Overview {
        summary: summary(&overview, held),
        notes: notes(&overview),
        figures: figures_of(&overview),
        hours: overview.hours.iter().map(hour).collect(),
        more_systems: overview.systems.len().saturating_sub(overview.statuses.len()),
        systems: overview
            .statuses
            .iter()
            .filter_map(|status| {
                let system = overview.systems.iter().find(|system| system.id == status.id)?;
                Some(row(system, status, overview.gates.get(&status.id)))
            })
            .collect(),
    }
}

fn summary(overview: &figures::Overview, held: i64) -> String {
    let people = match overview.people {
        1 => "1 person".to_owned(),
        people => format!("{} people", thousands(people)),
    };
    let systems = match overview.systems.len() {
        1 => "1 system".to_owned(),
        systems => format!("{systems} systems"),
    };
    let delivered = match (overview.waiting, held) {
        (0, 0) => "everything is delivered".to_owned(),
        (waiting, held) if waiting >= COUNTED_WAITING => {
            format!("more than {} accounts are not as they should be yet", thousands(waiting.max(held)))
        }
        (waiting, held) => format!("everything is delivered but {}", accounts(waiting + held)),
    };
    format!("{people} · {systems} · {delivered}")
}

fn notes(overview: &figures::Overview) -> Vec<Notice> {
    let by_id: HashMap<ConnectorId, &deliveries::System> =
        overview.systems.iter().map(|system| (system.id, system)).collect();
    let mut notes: Vec<Notice> = overview
        .systems
        .iter()
        .filter_map(|system| match overview.gates.get(&system.id) {
            Some(Gate::Paused(pause)) => Some(paused(system, pause)),
            _ => None,
        })
        .collect();
    // What mends itself comes last.
    notes.sort_by_key(|note| note.mood == Mood::Wait);
    notes.truncate(MOST_PAUSES);
    let held = overview.held.iter().filter_map(|group| {
        let system = by_id.get(&group.connector)?;
        let filter = Filter { system: group.connector.to_string(), state: "held".to_owned(), ..Filter::default() };
        Some(Notice {
            mood: Mood::Held,
            head: format!("{} needs you.", system.connection),
            text: held_text(group),
            to: filter.path(""),
            way: if group.count == 1 { "See it".to_owned() } else { "See them".to_owned() },
        })
    });
    let mends_itself = notes.iter().position(|note| note.mood == Mood::Wait).unwrap_or(notes.len());
    notes.splice(mends_itself..mends_itself, held);
    notes
}

fn paused(system: &deliveries::System, pause: &Pause) -> Notice {
    let mood = if pause.kind == PauseKind::Down { Mood::Wait } else { Mood::Held };
    // Most reasons begin with the system's name.
    let (head, text) = match pause.text.strip_prefix(&system.connection) {
        Some(rest) => (system.connection.clone(), rest.trim_start().to_owned()),
        None => (format!("{} needs you.", system.connection), pause.text.clone()),
    };
    Notice {
        mood,
        head,
        text,
        to: Page::OutboundProvisioning(system.connection_id).path(),
        way: "Open the connection".to_owned(),
    }
}

fn figures_of(overview: &figures::Overview) -> Vec<Figure> {
    let figure = |label: &str, value: String, hint: String, mood| Figure { label: label.to_owned(), value, hint, mood };
    let none = || "–".to_owned();
    let duration = |duration: Option<Duration>| duration.map_or_else(none, took);
    let waiting = match overview.oldest {
        Some(oldest) => format!("oldest {}", took(oldest)),
        None => "nothing is on its way".to_owned(),
    };
    let arrival = match overview.arrival_p99 {
        Some(p99) => format!("p99 {}", took(p99)),
        None => "no account was made in 24 hours".to_owned(),
    };
    let (departure, mood) = match overview.departure_p95 {
        Some(p95) if p95 <= GOAL => ("goal 5 min".to_owned(), Some(Mood::Ok)),
        Some(_) => ("goal 5 min".to_owned(), Some(Mood::Wait)),
        None => ("nobody left in 24 hours".to_owned(), None),
    };
    vec![
        figure("Delivered today", thousands(overview.today.delivered), "since 00:00 UTC".to_owned(), None),
        figure("Waiting", counted(overview.waiting, COUNTED_WAITING), waiting, None),
        figure("Commit to account, median", duration(overview.arrival_median), arrival, None),
        figure("Leaver to removed, p95", duration(overview.departure_p95), departure, mood),
    ]
}

fn hour((at, counts): &(Timestamp, Counts)) -> Hour {
    let number = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Hour {
        label: at.to_minute().get(11..16).unwrap_or_default().to_owned(),
        delivered: number(counts.delivered),
        retried: number(counts.retried),
        held: number(counts.held),
    }
}

fn row(system: &deliveries::System, status: &Status, gate: Option<&Gate>) -> System {
    let (mood, state) = state(system, status, gate);
    let mut parts = vec![format!("{} delivered", thousands(status.hour.delivered))];
    for (count, word) in [(status.hour.retried, "retried"), (status.hour.held, "held")] {
        if count > 0 {
            parts.push(format!("{} {word}", thousands(count)));
        }
    }
    System {
        connection: system.connection_id,
        name: system.connection.clone(),
        kind: system.kind.clone(),
        mood,
        state,
        accounts: thousands(status.accounts),
        hour: parts.join(", "),
        pace: pace(status.per_minute),
    }
}

fn state(system: &deliveries::System, status: &Status, gate: Option<&Gate>) -> (Mood, String) {
    let standing = status.standing;
    match gate {
        _ if system.removing => (Mood::Wait, "Being removed".to_owned()),
        None | Some(Gate::SwitchedOff) => (Mood::Neutral, "Switched off".to_owned()),
        Some(Gate::Paused(Pause { kind: PauseKind::Down, .. })) => (Mood::Wait, "Out of reach".to_owned()),
        Some(Gate::Paused(_)) => (Mood::Held, "Paused".to_owned()),
        Some(Gate::Open) if standing.held > 0 => (Mood::Held, format!("{} held", counted(standing.held, COUNTED))),
        Some(Gate::Open) if standing.retrying > 0 => (Mood::Wait, "Retrying".to_owned()),
        Some(Gate::Open) if standing.open > 0 => (Mood::Ok, "Delivering".to_owned()),
        Some(Gate::Open) if !status.provisioned => (Mood::Neutral, "No provisioner".to_owned()),
        Some(Gate::Open) => (Mood::Ok, "In step".to_owned()),
    }
}

fn pace(per_minute: i64) -> String {
    match per_minute {
        0 => "idle".to_owned(),
        1..120 => format!("{per_minute} / min"),
        _ => format!("{} / s", thousands(per_minute / 60)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pace_is_told_by_the_minute_or_the_second() {
        assert_eq!(pace(0), "idle");
        assert_eq!(pace(3), "3 / min");
        assert_eq!(pace(1_320), "22 / s");
    }

    #[test]
    fn the_path_leads_to_what_is_missing() {
        let connection = domain::ConnectionId(uuid::Uuid::from_u128(1));
        let empty = begin(FirstSteps::default());
        assert_eq!(empty[0].to, Page::ConnectionTemplates.path());
        assert!(empty.iter().all(|step| !step.done));
        let connected = begin(FirstSteps { connection: Some(connection), connected: true, ..FirstSteps::default() });
        assert_eq!(connected[1].to, Page::OutboundProvisioning(connection).path());
        assert!(connected[0].done && !connected[1].done);
    }
}
