//! Blocking: an onboarding waits for its targets before the user becomes real.

use serde::{Deserialize, Serialize};

use crate::{ConnectorId, ProvisionerId, Timestamp, UserId, provisioner::OnFailure};

/// What a target said to a staged user.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "verdict", rename_all = "lowercase")]
pub enum Verdict {
    Pending,
    Accepted,
    /// It said no, or a person has to decide.
    Refused {
        text: String,
    },
    /// It could not be asked: down, paused.
    Unreachable {
        text: String,
    },
}

/// One of the Blocking provisioners that an onboarding waits for; the set is fixed when it begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    pub user_id: UserId,
    pub provisioner_id: ProvisionerId,
    pub connector_id: ConnectorId,
    pub connection_name: String,
    pub on_failure: OnFailure,
    /// When waiting for this one ends.
    pub deadline: Timestamp,
    pub verdict: Verdict,
}

/// Why a target that said nothing in time counts as unreachable.
pub const LATE: &str = "it did not answer within the time limit";

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rejection {
    pub connection: String,
    pub reason: String,
    /// A target said no, rather than being out of reach or late.
    pub said_no: bool,
}

/// The system and what came from there; a reason that begins with the system's name does not name it twice.
impl std::fmt::Display for Rejection {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let named = self.reason.strip_prefix(&self.connection).and_then(|reason| reason.strip_prefix(' '));
        let reason = named.unwrap_or(&self.reason).trim_end_matches(['.', ' ']);
        write!(f, "{}: {reason}", self.connection)
    }
}

/// What several systems said, in one line.
pub fn in_a_line(rejections: &[Rejection]) -> String {
    rejections.iter().map(Rejection::to_string).collect::<Vec<_>>().join("; ")
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Decision {
    Wait,
    /// The user becomes real; these connectors are still pending.
    Activate {
        pending: Vec<ConnectorId>,
    },
    Refuse {
        rejections: Vec<Rejection>,
    },
}

/// Settles an onboarding by what its targets said until `now`. One failure under *refuse* refuses the whole.
pub fn decide(awaited: &[Awaited], now: Timestamp) -> Decision {
    let rejections: Vec<Rejection> = awaited
        .iter()
        .filter(|target| target.on_failure == OnFailure::Refuse)
        .filter_map(|t| rejection(t, now))
        .collect();
    if !rejections.is_empty() {
        return Decision::Refuse { rejections };
    }
    if awaited.iter().any(|target| target.verdict == Verdict::Pending && now < target.deadline) {
        return Decision::Wait;
    }
    let pending = awaited.iter().filter(|target| target.verdict != Verdict::Accepted);
    Decision::Activate { pending: pending.map(|target| target.connector_id).collect() }
}

fn rejection(target: &Awaited, now: Timestamp) -> Option<Rejection> {
    let (reason, said_no) = match &target.verdict {
        Verdict::Accepted => return None,
        Verdict::Pending if now < target.deadline => return None,
        Verdict::Pending => (LATE.to_owned(), false),
        Verdict::Refused { text } => (text.clone(), true),
        Verdict::Unreachable { text } => (text.clone(), false),
    };
    Some(Rejection { connection: target.connection_name.clone(), reason, said_no })
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn target(on_failure: OnFailure, verdict: Verdict) -> Awaited {
        Awaited {
            user_id: UserId(Uuid::nil()),
            provisioner_id: ProvisionerId(Uuid::nil()),
            connector_id: ConnectorId(Uuid::from_u128(7)),
            connection_name: "Acme".to_owned(),
            on_failure,
            deadline: Timestamp::from_micros(10),
            verdict,
        }
    }

    const EARLY: Timestamp = Timestamp::from_micros(5);
    const LATE: Timestamp = Timestamp::from_micros(10);

    fn refused() -> Verdict {
        Verdict::Refused { text: "no licence left".to_owned() }
    }

    #[test]
    fn everybody_must_accept() {
        let all = [target(OnFailure::Refuse, Verdict::Accepted), target(OnFailure::Refuse, Verdict::Accepted)];
        assert_eq!(decide(&all, EARLY), Decision::Activate { pending: vec![] });
        let one_open = [target(OnFailure::Refuse, Verdict::Accepted), target(OnFailure::Refuse, Verdict::Pending)];
        assert_eq!(decide(&one_open, EARLY), Decision::Wait);
    }

    #[test]
    fn one_refusal_ends_it_at_once_and_names_the_system() {
        let targets = [target(OnFailure::Keep, Verdict::Pending), target(OnFailure::Refuse, refused())];
        let Decision::Refuse { rejections } = decide(&targets, EARLY) else { panic!("not refused") };
        assert_eq!(rejections[0].connection, "Acme");
        assert!(rejections[0].said_no);
    }

    #[test]
    fn a_rejection_names_its_system_once() {
        let said =
            |reason: &str| Rejection { connection: "By Hand".to_owned(), reason: reason.to_owned(), said_no: true };
        let both = [said("By Hand cannot be reached: no route."), said("By Handling is refused: no licence left")];
        let told = "By Hand: cannot be reached: no route; By Hand: By Handling is refused: no licence left";
        assert_eq!(in_a_line(&both), told);
    }

    #[test]
    fn late_is_refused_or_kept_by_rule() {
        assert!(matches!(
            decide(&[target(OnFailure::Refuse, Verdict::Pending)], LATE),
            Decision::Refuse { rejections } if !rejections[0].said_no
        ));
        let kept = decide(&[target(OnFailure::Keep, Verdict::Pending)], LATE);
        assert_eq!(kept, Decision::Activate { pending: vec![ConnectorId(Uuid::from_u128(7))] });
    }

    #[test]
    fn under_keep_a_refusal_does_not_wait_for_the_limit() {
        let kept = decide(&[target(OnFailure::Keep, refused())], EARLY);
        assert_eq!(kept, Decision::Activate { pending: vec![ConnectorId(Uuid::from_u128(7))] });
    }
}
