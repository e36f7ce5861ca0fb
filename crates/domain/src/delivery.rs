//! A delivery: what one subject shall be at one connector, and how far that has come.

use std::{str::FromStr, time::Duration};

use serde::{Deserialize, Serialize};

use crate::{
    BootId, ConnectorId, DeliveryId, SubjectId, Timestamp,
    connection::{Gate, PauseKind},
};

/// What the subject shall be at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Wanted {
    Present,
    Disabled,
    Absent,
}

impl Wanted {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Present => "present",
            Self::Disabled => "disabled",
            Self::Absent => "absent",
        }
    }
}

impl FromStr for Wanted {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Present, Self::Disabled, Self::Absent].into_iter().find(|wanted| wanted.as_str() == text).ok_or(())
    }
}

/// Why a delivery waits or is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasonKind {
    // Waiting
    Retry,
    TargetDown,
    Paused,
    SwitchedOff,
    NameTaken,
    Grace,
    // Held
    Fuse,
    Refused,
    Adoption,
    Credentials,
    Configuration,
}

impl ReasonKind {
    pub const ALL: [Self; 11] = [
        Self::Retry,
        Self::TargetDown,
        Self::Paused,
        Self::SwitchedOff,
        Self::NameTaken,
        Self::Grace,
        Self::Fuse,
        Self::Refused,
        Self::Adoption,
        Self::Credentials,
        Self::Configuration,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Retry => "retry",
            Self::TargetDown => "target_down",
            Self::Paused => "paused",
            Self::SwitchedOff => "switched_off",
            Self::NameTaken => "name_taken",
            Self::Grace => "grace",
            Self::Fuse => "fuse",
            Self::Refused => "refused",
            Self::Adoption => "adoption",
            Self::Credentials => "credentials",
            Self::Configuration => "configuration",
        }
    }
}

impl FromStr for ReasonKind {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    pub kind: ReasonKind,
    /// What is so and what to do, for an administrator.
    pub text: String,
}

impl Reason {
    pub fn new(kind: ReasonKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum State {
    Due,
    /// An attempt may have reached the target; the lease is void once another boot runs.
    Running {
        boot: BootId,
    },
    /// `until` is [`Timestamp::NEVER`] where another delivery ends the wait.
    Waiting {
        until: Timestamp,
        reason: Reason,
    },
    Held {
        reason: Reason,
    },
    Done,
}

impl State {
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Running { .. } => "running",
            Self::Waiting { .. } => "waiting",
            Self::Held { .. } => "held",
            Self::Done => "done",
        }
    }

    pub fn reason(&self) -> Option<&Reason> {
        match self {
            Self::Waiting { reason, .. } | Self::Held { reason } => Some(reason),
            Self::Due | Self::Running { .. } | Self::Done => None,
        }
    }
}

/// What set a delivery going.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trigger {
    Create,
    Update,
    Delete,
    /// Somebody pressed Retry.
    Retry,
    /// A setting changed for many.
    Sweep,
}

impl Trigger {
    pub const ALL: [Self; 5] = [Self::Create, Self::Update, Self::Delete, Self::Retry, Self::Sweep];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Update => "update",
            Self::Delete => "delete",
            Self::Retry => "retry",
            Self::Sweep => "sweep",
        }
    }
}

impl FromStr for Trigger {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|trigger| trigger.as_str() == text).ok_or(())
    }
}

/// Who goes first: whoever has a caller waiting, then leavers, joiners, edits, sweeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(i64)]
pub enum Priority {
    Caller = 0,
    Leaver = 1,
    Joiner = 2,
    Edit = 3,
    Sweep = 4,
}

impl Priority {
    pub fn from_i64(number: i64) -> Option<Self> {
        [Self::Caller, Self::Leaver, Self::Joiner, Self::Edit, Self::Sweep]
            .into_iter()
            .find(|priority| *priority as i64 == number)
    }
}

/// Committed before the first call that changes something, so that a restart knows what may have happened.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "intent", rename_all = "snake_case")]
pub enum Intent {
    /// A create went out, or was about to: the account may exist without our knowing its id.
    CreateSent {
        user_name: String,
        at: Timestamp,
    },
    /// A change to a linked account went out.
    ChangeSent {
        user_name: String,
    },
    RemoveSent,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub id: DeliveryId,
    pub subject: SubjectId,
    /// The subject's user name when last planned: what pages show after it is gone.
    pub subject_label: String,
    pub connector_id: ConnectorId,
    pub wanted: Wanted,
    /// The account is let go rather than deleted when `wanted` is absent.
    pub leave: bool,
    /// Rises with every plan; what was delivered at which version tells whether more is to do.
    pub version: i64,
    pub delivered_version: i64,
    pub state: State,
    pub due_at: Timestamp,
    pub priority: Priority,
    pub trigger: Trigger,
    /// The number of the last attempt that may have changed something; an older one never changes state.
    pub fence: i64,
    /// Failed tries since it last made progress.
    pub tries: i64,
    /// The name (without regard to case) that this subject holds or may hold at the target.
    pub name_key: Option<String>,
    pub intent: Option<Intent>,
    pub waits_for: Option<DeliveryId>,
    /// Since when there is something to deliver, or was last: edits coalesce, and retries do not begin anew.
    pub open_since: Timestamp,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// An order that the delivery's present state does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    #[error("attempt {got} is late: attempt {current} is the current one")]
    Late { got: i64, current: i64 },
    #[error("the delivery is under way")]
    Running,
    #[error("the delivery is done: there is nothing to retry")]
    Done,
}

/// How an attempt ended, for the delivery.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// The target is as the attempted version wanted it.
    Delivered,
    /// Once more at this time.
    Again {
        until: Timestamp,
        reason: Reason,
    },
    /// At once when the connector's gate opens again; the failure was the connector's, not this subject's.
    WhenOpen,
    Hold {
        reason: Reason,
    },
    /// After another delivery, which holds the same name.
    After {
        delivery: DeliveryId,
        reason: Reason,
    },
}

impl Delivery {
    /// Wants something new; an attempt under way stays the current one and is followed by another.
    pub fn plan(&mut self, wanted: Wanted, leave: bool, trigger: Trigger, priority: Priority, now: Timestamp) {
        self.wanted = wanted;
        self.leave = leave;
        self.version += 1;
        self.trigger = trigger;
        self.priority = priority;
        self.due_at = now;
        self.tries = 0;
        self.waits_for = None;
        self.updated_at = now;
        if self.state == State::Done {
            self.open_since = now;
        }
        if !matches!(self.state, State::Running { .. }) {
            self.state = State::Due;
        }
    }

    /// Opens an attempt that may change the target. That a create was sent stays known until it is delivered: until
    /// then an account may be there whose id is not known.
    pub fn begin(&mut self, boot: BootId, intent: Intent, now: Timestamp) -> Result<i64, Refusal> {
        match self.state {
            State::Running { boot: holder } if holder == boot => Err(Refusal::Running),
            State::Done => Err(Refusal::Done),
            _ => {
                self.fence += 1;
                self.state = State::Running { boot };
                let keeps = matches!(self.intent, Some(Intent::CreateSent { .. }));
                if !keeps || matches!(intent, Intent::CreateSent { .. }) {
                    self.intent = Some(intent);
                }
                self.updated_at = now;
                Ok(self.fence)
            }
        }
    }

    /// Ends the attempt with number `fence`, which rendered `version`; a late one changes nothing.
    pub fn end(&mut self, fence: i64, version: i64, ending: Ending, now: Timestamp) -> Result<(), Refusal> {
        if fence != self.fence {
            return Err(Refusal::Late { got: fence, current: self.fence });
        }
        self.updated_at = now;
        self.waits_for = None;
        let newer = version != self.version;
        match ending {
            Ending::Delivered => {
                self.delivered_version = version;
                self.intent = None;
                self.tries = 0;
                if newer {
                    self.open_since = now;
                }
            }
            Ending::WhenOpen => {}
            Ending::Again { .. } | Ending::Hold { .. } | Ending::After { .. } => self.tries += 1,
        }
        (self.state, self.due_at) = match ending {
            Ending::Delivered if !newer => (State::Done, now),
            Ending::Delivered | Ending::WhenOpen => (State::Due, now),
            Ending::Again { until, reason } => (State::Waiting { until, reason }, until),
            // What was refused is not what is wanted any more.
            Ending::Hold { .. } | Ending::After { .. } if newer => (State::Due, now),
            Ending::Hold { reason } => (State::Held { reason }, Timestamp::NEVER),
            Ending::After { delivery, reason } => {
                self.waits_for = Some(delivery);
                (State::Waiting { until: Timestamp::NEVER, reason }, Timestamp::NEVER)
            }
        };
        Ok(())
    }

    /// Somebody asks for another try.
    pub fn retry(&mut self, now: Timestamp) -> Result<(), Refusal> {
        match self.state {
            State::Running { .. } => Err(Refusal::Running),
            // What was let go is not ours any more.
            _ if self.state == State::Done && (self.leave || self.wanted == Wanted::Absent) => Err(Refusal::Done),
            _ => {
                self.plan(self.wanted, self.leave, Trigger::Retry, self.priority.min(Priority::Joiner), now);
                Ok(())
            }
        }
    }

    pub fn is_settled(&self) -> bool {
        self.state == State::Done
    }

    /// The state as it is shown: what is due behind a closed gate waits for the gate.
    pub fn shown(&self, gate: &Gate) -> State {
        let open_state = matches!(self.state, State::Due)
            || matches!(&self.state, State::Waiting { reason, .. } if reason.kind == ReasonKind::Retry);
        if !open_state {
            return self.state.clone();
        }
        let waiting = |kind, text: &str| State::Waiting { until: Timestamp::NEVER, reason: Reason::new(kind, text) };
        match gate {
            Gate::Open => self.state.clone(),
            Gate::SwitchedOff => waiting(
                ReasonKind::SwitchedOff,
                "The connector or its connection is switched off. Enable it to deliver what waits.",
            ),
            Gate::Paused(pause) => {
                let kind = match pause.kind {
                    PauseKind::Down => ReasonKind::TargetDown,
                    PauseKind::Manual | PauseKind::Refusals => ReasonKind::Paused,
                    PauseKind::Credentials => ReasonKind::Credentials,
                    PauseKind::Configuration => ReasonKind::Configuration,
                };
                waiting(kind, &pause.text)
            }
        }
    }
}

pub const LONGEST_BACKOFF: Duration = Duration::from_hours(1);

/// Exponential: 1 s doubling to an hour, with up to a quarter more at random (`dice` from 0 to 255).
pub fn backoff(tries: i64, dice: u8) -> Duration {
    let doublings = u32::try_from(tries.clamp(0, 12)).unwrap_or(0);
    let base = Duration::from_secs(1).saturating_mul(1 << doublings).min(LONGEST_BACKOFF);
    (base + base.mul_f64(f64::from(dice) / 255.0 / 4.0)).min(LONGEST_BACKOFF)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;
    use crate::{UserId, connection::Pause};

    fn at(second: i64) -> Timestamp {
        Timestamp::from_micros(second * 1_000_000)
    }

    fn delivery() -> Delivery {
        Delivery {
            id: DeliveryId(Uuid::nil()),
            subject: SubjectId::User(UserId(Uuid::nil())),
            subject_label: "ada".to_owned(),
            connector_id: ConnectorId(Uuid::nil()),
            wanted: Wanted::Present,
            leave: false,
            version: 1,
            delivered_version: 0,
            state: State::Due,
            due_at: at(0),
            priority: Priority::Joiner,
            trigger: Trigger::Create,
            fence: 0,
            tries: 0,
            name_key: None,
            intent: None,
            waits_for: None,
            open_since: at(0),
            created_at: at(0),
            updated_at: at(0),
        }
    }

    fn boot(n: u128) -> BootId {
        BootId(Uuid::from_u128(n))
    }

    fn sent() -> Intent {
        Intent::CreateSent { user_name: "ada".to_owned(), at: at(1) }
    }

    #[test]
    fn an_edit_during_an_attempt_is_followed_by_another() {
        let mut delivery = delivery();
        let fence = delivery.begin(boot(1), sent(), at(1)).unwrap();
        delivery.plan(Wanted::Present, false, Trigger::Update, Priority::Edit, at(2));
        assert_eq!(delivery.state, State::Running { boot: boot(1) });
        delivery.end(fence, 1, Ending::Delivered, at(3)).unwrap();
        assert_eq!(delivery.state, State::Due);
        assert_eq!(delivery.delivered_version, 1);
    }

    #[test]
    fn a_late_attempt_never_changes_state() {
        let mut delivery = delivery();
        let first = delivery.begin(boot(1), sent(), at(1)).unwrap();
        let second = delivery.begin(boot(2), sent(), at(2)).unwrap();
        let before = delivery.clone();
        let late = delivery.end(first, 1, Ending::Delivered, at(3));
        assert_eq!(late, Err(Refusal::Late { got: first, current: second }));
        assert_eq!(delivery, before);
    }

    #[test]
    fn an_edit_during_a_refused_attempt_is_tried_rather_than_held() {
        let mut delivery = delivery();
        let fence = delivery.begin(boot(1), sent(), at(1)).unwrap();
        delivery.plan(Wanted::Present, false, Trigger::Update, Priority::Edit, at(2));
        let hold = Ending::Hold { reason: Reason::new(ReasonKind::Refused, "no") };
        delivery.end(fence, 1, hold, at(3)).unwrap();
        assert_eq!(delivery.state, State::Due);
    }

    #[test]
    fn that_a_create_was_sent_stays_known_until_it_is_delivered() {
        let mut delivery = delivery();
        let fence = delivery.begin(boot(1), sent(), at(1)).unwrap();
        let retry = Ending::Again { until: at(2), reason: Reason::new(ReasonKind::Retry, "no answer") };
        delivery.end(fence, 1, retry, at(1)).unwrap();
        let fence = delivery.begin(boot(1), Intent::RemoveSent, at(2)).unwrap();
        assert_eq!(delivery.intent, Some(sent()));
        delivery.end(fence, 1, Ending::Delivered, at(3)).unwrap();
        assert_eq!(delivery.intent, None);
    }

    #[test]
    fn waiting_for_the_gate_is_no_failed_try() {
        let mut delivery = delivery();
        let fence = delivery.begin(boot(1), sent(), at(1)).unwrap();
        delivery.end(fence, 1, Ending::WhenOpen, at(2)).unwrap();
        assert_eq!((delivery.state, delivery.tries), (State::Due, 0));
    }

    #[test]
    fn a_wait_is_measured_from_when_there_was_something_to_deliver() {
        let mut delivery = delivery();
        let plan = |delivery: &mut Delivery, second| {
            delivery.plan(Wanted::Present, false, Trigger::Update, Priority::Edit, at(second));
        };
        plan(&mut delivery, 5);
        assert_eq!(delivery.open_since, at(0), "edits coalesce");
        let fence = delivery.begin(boot(1), sent(), at(6)).unwrap();
        delivery.end(fence, 2, Ending::Delivered, at(7)).unwrap();
        assert_eq!(delivery.open_since, at(0), "how long it took can still be told");
        plan(&mut delivery, 9);
        assert_eq!(delivery.open_since, at(9));
        let fence = delivery.begin(boot(1), sent(), at(10)).unwrap();
        plan(&mut delivery, 11);
        delivery.end(fence, 3, Ending::Delivered, at(12)).unwrap();
        assert_eq!((delivery.state, delivery.open_since), (State::Due, at(12)), "what came meanwhile is next");
    }

    #[test]
    fn what_was_let_go_cannot_be_retried() {
        let let_go = Delivery { state: State::Done, wanted: Wanted::Disabled, leave: true, ..delivery() };
        assert_eq!(let_go.clone().retry(at(1)), Err(Refusal::Done));
        assert_eq!(Delivery { leave: false, ..let_go }.retry(at(1)), Ok(()));
    }

    #[test]
    fn one_boot_never_runs_two_attempts_of_a_delivery() {
        let mut delivery = delivery();
        delivery.begin(boot(1), sent(), at(1)).unwrap();
        assert_eq!(delivery.begin(boot(1), sent(), at(1)), Err(Refusal::Running));
    }

    #[test]
    fn a_closed_gate_shows_as_the_reason_to_wait() {
        let delivery = delivery();
        assert_eq!(delivery.shown(&Gate::Open), State::Due);
        assert_eq!(delivery.shown(&Gate::SwitchedOff).reason().unwrap().kind, ReasonKind::SwitchedOff);
        let down = Gate::Paused(Pause { kind: PauseKind::Down, text: "no answer".to_owned(), since: at(1) });
        assert_eq!(delivery.shown(&down).reason(), Some(&Reason::new(ReasonKind::TargetDown, "no answer")));
    }

    proptest! {
        #[test]
        fn jitter_only_adds_and_an_hour_is_the_most(tries in 0_i64..100, dice: u8) {
            let plain = backoff(tries, 0);
            let wait = backoff(tries, dice);
            prop_assert!(wait >= plain);
            prop_assert!(wait <= LONGEST_BACKOFF);
        }
    }
}
