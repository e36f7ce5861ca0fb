//! States, reasons and attempts in an administrator's words.

use std::time::Duration;

use domain::{
    Timestamp,
    attempt::{self, Operation},
    delivery::{Delivery, ReasonKind, State, Trigger, Wanted},
    link::Provenance,
};

use super::view::{Stand, Went, Word};

pub(super) fn stand(state: &State) -> Stand {
    let (word, until) = match state {
        State::Due => (Word::Due, None),
        State::Running { .. } => (Word::Running, None),
        State::Waiting { until, .. } => (Word::Waiting, Some(*until).filter(|until| *until != Timestamp::NEVER)),
        State::Held { .. } => (Word::Held, None),
        State::Done => (Word::Done, None),
    };
    let reason = state.reason().map(|reason| sentence(&reason.text)).unwrap_or_default();
    Stand { word, reason, until: until.map(Into::into) }
}

/// What a target said need not begin and end like a sentence.
fn sentence(text: &str) -> String {
    let mut letters = text.trim().chars();
    let Some(first) = letters.next() else { return String::new() };
    let text: String = first.to_uppercase().chain(letters).collect();
    if text.ends_with(['.', '!', '?', '…']) { text } else { format!("{text}.") }
}

/// What a target said, without our word and its status before it: `refused: 400 no licence left`.
pub(super) fn said(reason: &str) -> &str {
    let reason = reason.trim().trim_end_matches('.');
    let said = reason.strip_prefix("refused: ").unwrap_or(reason);
    let rest = said.trim_start_matches(|c: char| c.is_ascii_digit()).trim_start();
    if rest.is_empty() { said } else { rest }
}

/// What to do about a reason; empty where the reason says it already, or there is nothing to do.
pub(crate) fn advice(state: &State, system: &str) -> String {
    let Some(reason) = state.reason() else { return String::new() };
    match reason.kind {
        ReasonKind::Retry => "Nothing to do: Usher tries again by itself.".to_owned(),
        ReasonKind::NameTaken => "Nothing to do: it goes out as soon as that one is settled.".to_owned(),
        ReasonKind::Grace => "It goes out when the time of grace is over.".to_owned(),
        ReasonKind::Fuse => "Approve it, if so many accounts are meant to go.".to_owned(),
        ReasonKind::Refused => {
            format!("Mend the cause in {system}, or change the user here; then retry. A change here retries by itself.")
        }
        ReasonKind::Adoption => {
            format!("Decide whose account it is: remove or rename it in {system}, or rename the user; then retry.")
        }
        ReasonKind::Credentials | ReasonKind::Configuration if matches!(state, State::Held { .. }) => {
            "Mend it on the connection's page; what is held for it goes out then.".to_owned()
        }
        ReasonKind::Credentials
        | ReasonKind::Configuration
        | ReasonKind::TargetDown
        | ReasonKind::Paused
        | ReasonKind::SwitchedOff => String::new(),
    }
}

pub(super) fn wanted(delivery: &Delivery) -> &'static str {
    match (delivery.wanted, delivery.leave) {
        (Wanted::Present, _) => "An account",
        (Wanted::Disabled, _) => "A disabled account",
        (Wanted::Absent, false) => "No account",
        (Wanted::Absent, true) => "Left as it is",
    }
}

/// How far what is here has come there.
pub(super) fn progress(delivery: &Delivery) -> String {
    match delivery.version - delivery.delivered_version {
        _ if delivery.delivered_version == 0 => "Nothing has been delivered yet.".to_owned(),
        0 => "Everything is delivered.".to_owned(),
        1 => "One change is not delivered yet.".to_owned(),
        changes => format!("{changes} changes are not delivered yet; they go out as one."),
    }
}

/// Why another try makes no sense; empty where it does.
pub(super) fn not_retriable(delivery: &Delivery, has_connector: bool) -> &'static str {
    let let_go = delivery.leave || delivery.wanted == Wanted::Absent;
    if !has_connector {
        "The connector was deleted."
    } else if delivery.is_settled() && let_go {
        "The account was let go: there is nothing to retry."
    } else {
        ""
    }
}

pub(super) fn provenance(provenance: Provenance) -> &'static str {
    match provenance {
        Provenance::Created => "made by Usher",
        Provenance::Adopted => "there before, taken over by Usher",
    }
}

pub(super) fn trigger(trigger: Trigger) -> &'static str {
    match trigger {
        Trigger::Create => "a new user",
        Trigger::Update => "a change of the user",
        Trigger::Delete => "the user's deletion",
        Trigger::Retry => "a retry by hand",
        Trigger::Sweep => "a changed setting",
    }
}

pub(super) fn operation(operation: Operation) -> &'static str {
    match operation {
        Operation::LookUp => "Look-up",
        Operation::Create => "Create",
        Operation::Adopt => "Take over",
        Operation::Update => "Update",
        Operation::Disable => "Disable",
        Operation::Remove => "Remove",
        Operation::LetGo => "Let go, without a call",
        Operation::Nothing => "Nothing to call for",
    }
}

/// The words of `connectors::Failure::kind`, and the engine's own.
pub(super) fn outcome(attempt: &attempt::Attempt) -> (&'static str, Went) {
    match attempt.outcome.as_str() {
        "delivered" => ("Delivered", Went::Well),
        "down" => ("Out of reach", Went::Again),
        "faulty" => ("Failed there", Went::Again),
        "throttled" => ("Asked to wait", Went::Again),
        "missing" => ("Not found there", Went::Again),
        "waiting" => ("Waits", Went::Again),
        "superseded" => ("Overtaken by a newer change", Went::Nowhere),
        "unauthorised" => ("Credentials refused", Went::Badly),
        "forbidden" => ("Not allowed there", Went::Badly),
        "conflict" => ("In conflict there", Went::Badly),
        "refused" => ("Refused", Went::Badly),
        "misconfigured" => ("Misconfigured", Went::Badly),
        "held" => ("Held", Went::Badly),
        _ => ("Failed", Went::Badly),
    }
}

/// `92 ms`, `1.4 s`, `2.5 min`, `3.1 h`, `12 days`: two digits that count.
pub(crate) fn took(duration: Duration) -> String {
    let seconds = duration.as_secs_f64();
    let tenths = |value: f64, unit: &str| {
        if value < 9.95 { format!("{value:.1} {unit}") } else { format!("{value:.0} {unit}") }
    };
    match seconds {
        _ if seconds < 0.9995 => format!("{} ms", duration.as_millis()),
        _ if seconds < 59.5 => tenths(seconds, "s"),
        _ if seconds < 3_570.0 => tenths(seconds / 60.0, "min"),
        _ if seconds < 48.0 * 3_600.0 => tenths(seconds / 3_600.0, "h"),
        _ => format!("{:.0} days", seconds / 86_400.0),
    }
}

#[cfg(test)]
mod tests {
    use domain::delivery::Reason;

    use super::*;

    #[test]
    fn durations_have_two_digits_that_count() {
        for (millis, words) in [
            (0, "0 ms"),
            (92, "92 ms"),
            (1_400, "1.4 s"),
            (18_000, "18 s"),
            (59_900, "1.0 min"),
            (150_000, "2.5 min"),
            (11_160_000, "3.1 h"),
            (1_036_800_000, "12 days"),
        ] {
            assert_eq!(took(Duration::from_millis(millis)), words);
        }
    }

    #[test]
    fn a_note_tells_what_the_target_said() {
        assert_eq!(
            said("refused: 400 no licence left for profile “Standard”."),
            "no licence left for profile “Standard”"
        );
        assert_eq!(said("refused: 403"), "403");
        assert_eq!(said("An account “ada” exists already."), "An account “ada” exists already");
    }

    #[test]
    fn every_reason_says_what_to_do_or_has_said_it() {
        for kind in ReasonKind::ALL {
            let state = State::Held { reason: Reason::new(kind, "no licence left") };
            let advice = advice(&state, "Acme Cloud");
            let said_already = matches!(kind, ReasonKind::TargetDown | ReasonKind::Paused | ReasonKind::SwitchedOff);
            assert_eq!(advice.is_empty(), said_already, "{kind:?}");
            assert!(advice.is_empty() || advice.ends_with('.'), "{advice}");
            assert_eq!(stand(&state).reason, "No licence left.");
        }
    }
}
