//! What comes next after a failure: the kinds told apart.

use std::time::Duration;

use connectors::Failure;
use domain::{
    Timestamp,
    connection::{Pause, PauseKind},
    delivery::{Ending, Reason, ReasonKind, backoff},
};

/// A target that asks for longer is asked again after this all the same.
const LONGEST_PATIENCE: Duration = Duration::from_hours(1);
/// Subjects in a row that meet a 5xx or a time-out before the target counts as down.
pub(crate) const FAULTS_TO_DOWN: i64 = 5;
/// Subjects in a row that meet the same refusal before the connector pauses.
pub(crate) const REFUSALS_TO_PAUSE: i64 = 20;

/// How connectors open what they say of a 401; a pause says it of the system by its name.
const NOT_ACCEPTED: &str = "did not accept the credentials: ";

/// What a failure means for the delivery and for its connector.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub ending: Ending,
    pub effect: Effect,
    /// The change may have happened at the target although the call failed.
    pub ambiguous: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    /// Nothing about the connector.
    None,
    Pause(Pause),
    Fault {
        text: String,
    },
    Refusal {
        text: String,
    },
    SlowDown {
        until: Timestamp,
    },
}

/// `dice` spreads retries.
pub(crate) fn of(failure: &Failure, connection: &str, tries: i64, now: Timestamp, dice: u8) -> Verdict {
    let pause = |kind, why: String| Verdict {
        ending: Ending::WhenOpen,
        effect: Effect::Pause(Pause::new(kind, &why, now)),
        ambiguous: false,
    };
    let hold = |kind, text: &str| Ending::Hold { reason: Reason::new(kind, text) };
    match failure {
        Failure::Down { text } => pause(PauseKind::Down, down(connection, text)),
        Failure::Faulty { text, retry_after, .. } => {
            let wait = retry_after.map_or_else(|| backoff(tries, dice), |wait| wait.min(LONGEST_PATIENCE));
            Verdict {
                ending: again(now.plus(wait), text),
                effect: Effect::Fault { text: text.clone() },
                ambiguous: true,
            }
        }
        Failure::Throttled { text, retry_after, .. } => {
            let wait = retry_after.unwrap_or_else(|| backoff(tries, dice));
            let until = now.plus(wait.clamp(Duration::from_secs(1), LONGEST_PATIENCE));
            Verdict { ending: again(until, text), effect: Effect::SlowDown { until }, ambiguous: false }
        }
        Failure::Unauthorised { text } => {
            let text = text.strip_prefix(NOT_ACCEPTED).unwrap_or(text);
            pause(PauseKind::Credentials, format!("{connection} does not accept the credentials: {text}"))
        }
        Failure::Misconfigured { text, .. } => {
            pause(PauseKind::Configuration, format!("{connection} cannot be used as it is configured: {text}"))
        }
        Failure::Forbidden { text } | Failure::Refused { text, .. } => Verdict {
            ending: hold(ReasonKind::Refused, text),
            effect: Effect::Refusal { text: text.clone() },
            ambiguous: false,
        },
        Failure::Conflict { text } => {
            Verdict { ending: hold(ReasonKind::Refused, text), effect: Effect::None, ambiguous: false }
        }
        // It was there when it was looked up: the next attempt looks again.
        Failure::Missing { text } => {
            let ending = again(now.plus(backoff(tries, dice)), text);
            Verdict { ending, effect: Effect::None, ambiguous: false }
        }
    }
}

/// Why a target is paused that does not answer.
pub(crate) fn down(connection: &str, text: &str) -> String {
    format!("{connection} cannot be reached: {text}")
}

fn again(until: Timestamp, text: &str) -> Ending {
    Ending::Again { until, reason: Reason::new(ReasonKind::Retry, text) }
}

/// When a paused target is asked next: 2 s doubling to 30 s while it is down, a minute to five while it is
/// misconfigured; never for credentials, since targets lock accounts out.
pub(crate) fn next_probe(kind: PauseKind, probes: i64, now: Timestamp) -> Option<Timestamp> {
    let doublings = u32::try_from(probes.clamp(0, 10)).unwrap_or(0);
    let (first, most) = match kind {
        PauseKind::Down => (Duration::from_secs(2), Duration::from_secs(30)),
        PauseKind::Configuration => (Duration::from_mins(1), Duration::from_mins(5)),
        PauseKind::Manual | PauseKind::Credentials | PauseKind::Refusals => return None,
    };
    Some(now.plus(first.saturating_mul(1 << doublings).min(most)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_micros(0);

    #[test]
    fn a_target_is_obeyed_within_an_hour() {
        let throttled = |seconds| Failure::Throttled {
            text: String::new(),
            status: 429,
            retry_after: Some(Duration::from_secs(seconds)),
        };
        let until = |seconds| match of(&throttled(seconds), "Acme", 0, NOW, 0).effect {
            Effect::SlowDown { until } => until.since(NOW),
            other => panic!("{other:?}"),
        };
        assert_eq!(until(30), Duration::from_secs(30));
        assert_eq!(until(1_000_000), LONGEST_PATIENCE);
        assert_eq!(until(0), Duration::from_secs(1));
    }

    #[test]
    fn a_pause_says_each_thing_once() {
        let told = |failure: &Failure| match of(failure, "Acme", 0, NOW, 0).effect {
            Effect::Pause(pause) => (pause.why().to_owned(), pause.text),
            other => panic!("{other:?}"),
        };
        let (why, text) = told(&Failure::Unauthorised { text: format!("{NOT_ACCEPTED}401 Bad token.") });
        assert_eq!(why, "Acme does not accept the credentials: 401 Bad token");
        assert_eq!(text, format!("{why}. Enter valid ones on the connection's page."));
        let (why, _) =
            told(&Failure::Unauthorised { text: "Token Endpoint: did not accept the client: 401".to_owned() });
        assert_eq!(why, "Acme does not accept the credentials: Token Endpoint: did not accept the client: 401");
        let (why, text) = told(&Failure::Down { text: "connection refused".to_owned() });
        assert_eq!(why, "Acme cannot be reached: connection refused");
        assert_eq!(text, format!("{why}. Usher asks again by itself, and delivers once it answers."));
    }

    #[test]
    fn only_faults_leave_it_open_whether_the_change_happened() {
        let faulty = Failure::Faulty { text: String::new(), status: Some(502), retry_after: None };
        assert!(of(&faulty, "Acme", 0, NOW, 0).ambiguous);
        let refused = Failure::Refused { text: "no licence left".to_owned(), status: 400 };
        let verdict = of(&refused, "Acme", 0, NOW, 0);
        assert!(!verdict.ambiguous);
        assert_eq!(verdict.ending, Ending::Hold { reason: Reason::new(ReasonKind::Refused, "no licence left") });
    }

    #[test]
    fn probes_double_from_two_to_thirty_seconds_and_spare_credentials() {
        let waits: Vec<u64> =
            (0..6).filter_map(|n| next_probe(PauseKind::Down, n, NOW)).map(|at| at.since(NOW).as_secs()).collect();
        assert_eq!(waits, [2, 4, 8, 16, 30, 30]);
        assert_eq!(next_probe(PauseKind::Credentials, 0, NOW), None);
    }
}
