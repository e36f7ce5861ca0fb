//! What people can switch, and what it does.

use std::time::Duration;

use axum::http::StatusCode;
use domain::validation::name_key;
use serde::{Deserialize, Serialize};

use super::{ALWAYS, Cloud, Faults};

/// The faults that people can turn on and off.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Switch {
    SwitchedOff,
    Slow,
    Failing,
    Throttling,
    LosingAnswers,
    /// Where there are accounts that it is about.
    OutOfLicences,
}

const SLOW_BY: Duration = Duration::from_secs(3);
const RETRY_AFTER: Duration = Duration::from_secs(5);
const NO_LICENCE: &str = "no licence left for profile “Standard”";

impl Switch {
    pub(super) const ALL: [Self; 6] =
        [Self::SwitchedOff, Self::Slow, Self::Failing, Self::Throttling, Self::LosingAnswers, Self::OutOfLicences];

    pub(super) fn id(self) -> &'static str {
        match self {
            Self::SwitchedOff => "switched-off",
            Self::Slow => "slow",
            Self::Failing => "failing",
            Self::Throttling => "throttling",
            Self::LosingAnswers => "losing-answers",
            Self::OutOfLicences => "out-of-licences",
        }
    }

    pub(super) fn label(self) -> &'static str {
        match self {
            Self::SwitchedOff => "Switched off",
            Self::Slow => "Slow",
            Self::Failing => "Failing",
            Self::Throttling => "Throttling",
            Self::LosingAnswers => "Losing answers",
            Self::OutOfLicences => "Out of licences",
        }
    }

    pub(super) fn effect(self) -> &'static str {
        match self {
            Self::SwitchedOff => "Nothing answers at its SCIM address. This page stays.",
            Self::Slow => "Makes each change at once and answers 3 s later.",
            Self::Failing => "Answers 500 to everything and changes nothing.",
            Self::Throttling => "Answers 429 and asks to wait 5 s.",
            Self::LosingAnswers => "Makes each change, then hangs up without an answer.",
            Self::OutOfLicences => "Refuses some accounts with 400: no licence is left for them.",
        }
    }

    pub(super) fn is_on(self, cloud: &Cloud) -> bool {
        let faults = &cloud.faults;
        match self {
            Self::SwitchedOff => cloud.stopped,
            Self::Slow => faults.slow.is_some(),
            Self::Failing => faults.failing.is_some_and(|(left, _)| left > 0),
            Self::Throttling => faults.throttling.is_some_and(|(left, _)| left > 0),
            Self::LosingAnswers => faults.losing > 0,
            Self::OutOfLicences => !faults.refusals.is_empty(),
        }
    }

    /// All but [`Self::SwitchedOff`], which is the port's own matter.
    pub(super) fn set(self, faults: &mut Faults, unlicensed: &[String], on: bool) {
        match self {
            Self::SwitchedOff => {}
            Self::Slow => faults.slow = on.then_some(SLOW_BY),
            Self::Failing => faults.failing = on.then_some((ALWAYS, StatusCode::INTERNAL_SERVER_ERROR)),
            Self::Throttling => faults.throttling = on.then_some((ALWAYS, RETRY_AFTER)),
            Self::LosingAnswers => faults.losing = if on { ALWAYS } else { 0 },
            Self::OutOfLicences => {
                faults.refusals.clear();
                let refused = unlicensed.iter().filter(|_| on);
                let refusal = (StatusCode::BAD_REQUEST, NO_LICENCE.to_owned());
                faults.refusals.extend(refused.map(|name| (name_key(name), refusal.clone())));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cloud() -> Cloud {
        Cloud::new("http://127.0.0.1:1", "Acme Cloud")
    }

    #[test]
    fn every_switch_turns_on_and_off_by_itself() {
        let unlicensed = ["ada".to_owned()];
        for switch in Switch::ALL.into_iter().filter(|switch| *switch != Switch::SwitchedOff) {
            let mut cloud = cloud();
            switch.set(&mut cloud.faults, &unlicensed, true);
            let on: Vec<Switch> = Switch::ALL.into_iter().filter(|other| other.is_on(&cloud)).collect();
            assert_eq!(on, [switch]);
            switch.set(&mut cloud.faults, &unlicensed, false);
            assert!(!switch.is_on(&cloud), "{switch:?}");
        }
    }

    #[test]
    fn every_switch_goes_by_the_name_that_its_form_sends() {
        for switch in Switch::ALL {
            let named: Switch = serde_json::from_value(switch.id().into()).unwrap();
            assert_eq!(named, switch);
        }
    }
}
