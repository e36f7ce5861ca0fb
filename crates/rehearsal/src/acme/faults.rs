//! The ways in which Acme Cloud misbehaves, all of them seen in real systems.

use std::{collections::HashMap, time::Duration};

use axum::http::StatusCode;
use domain::validation::name_key;

use super::AcmeCloud;

/// As many as come.
pub const ALWAYS: u32 = u32::MAX;

/// What is wrong at the moment. Nothing, to begin with.
#[derive(Clone, Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own, and any of them go together")]
pub struct Faults {
    pub(super) hold_before: bool,
    pub(super) hold_answers: bool,
    /// What only reads is not held.
    pub(super) let_reads_pass: bool,
    pub(super) slow: Option<Duration>,
    pub(super) failing: Option<(u32, StatusCode)>,
    pub(super) throttling: Option<(u32, Duration)>,
    /// Answers still to be lost.
    pub(super) losing: u32,
    pub(super) switched_off: bool,
    /// By user name as it compares.
    pub(super) refusals: HashMap<String, (StatusCode, String)>,
    pub(super) ignore_filters: bool,
    pub(super) patch: Patch,
    pub(super) hidden: Vec<String>,
    /// Look-ups that miss an account made from now on.
    pub(super) stale_lookups: u32,
    pub(super) require_user_agent: bool,
}

/// How PATCH is answered.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Patch {
    /// 200 with the whole resource.
    #[default]
    Works,
    /// 204 without a body.
    Silent,
    /// 501, though the configuration promises it.
    Broken,
    /// 405, and the configuration says so.
    PutOnly,
}

impl Faults {
    /// The failure that the next request meets instead of being processed, with its `Retry-After`.
    pub(super) fn next_failure(&mut self) -> Option<(StatusCode, Option<Duration>)> {
        if self.switched_off {
            return Some((StatusCode::SERVICE_UNAVAILABLE, None));
        }
        if let Some((left, status)) = &mut self.failing {
            let status = *status;
            if spend(left) {
                return Some((status, None));
            }
        }
        if let Some((left, retry_after)) = &mut self.throttling {
            let retry_after = *retry_after;
            if spend(left) {
                return Some((StatusCode::TOO_MANY_REQUESTS, Some(retry_after)));
            }
        }
        None
    }

    pub(super) fn loses_next_answer(&mut self) -> bool {
        spend(&mut self.losing)
    }

    pub(super) fn hides(&self, user_name: &str) -> bool {
        self.hidden.contains(&name_key(user_name))
    }

    pub(super) fn refusal(&self, user_name: &str) -> Option<&(StatusCode, String)> {
        self.refusals.get(&name_key(user_name))
    }
}

/// Takes one of those left, if there is one.
fn spend(left: &mut u32) -> bool {
    match *left {
        0 => false,
        ALWAYS => true,
        _ => {
            *left -= 1;
            true
        }
    }
}

/// Everything here stays until it is used up, taken back, or [`Self::behave`].
impl AcmeCloud {
    fn faulty(&self, change: impl FnOnce(&mut Faults)) {
        self.shared.change(|cloud| change(&mut cloud.faults));
    }

    pub fn faults(&self) -> Faults {
        self.shared.cloud().faults.clone()
    }

    /// Ends all faults, and releases what is held.
    pub fn behave(&self) {
        self.faulty(|faults| *faults = Faults::default());
    }

    /// Requests wait before anything is done about them. They are processed once released, even if the client has
    /// hung up meanwhile.
    pub fn hold_before(&self) {
        self.faulty(|faults| faults.hold_before = true);
    }

    /// Requests are processed, but their answers wait.
    pub fn hold_answers(&self) {
        self.faulty(|faults| faults.hold_answers = true);
    }

    /// From now on only requests that change something are held.
    pub fn let_reads_pass(&self) {
        self.faulty(|faults| faults.let_reads_pass = true);
    }

    /// What is held goes on, and nothing more is held.
    pub fn release(&self) {
        self.faulty(|faults| (faults.hold_before, faults.hold_answers, faults.let_reads_pass) = (false, false, false));
    }

    /// The connections of what is held are cut: what was not processed never will be. What comes next is held again.
    pub fn drop_held(&self) {
        self.shared.change(|cloud| cloud.drops += 1);
    }

    /// Answers leave this much later; the change itself is made at once. [`Duration::ZERO`] ends it.
    pub fn slow(&self, by: Duration) {
        self.faulty(|faults| faults.slow = (!by.is_zero()).then_some(by));
    }

    /// The next `count` requests ([`ALWAYS`]: all) get this status and change nothing.
    pub fn fail_next(&self, count: u32, status: u16) {
        let status = StatusCode::from_u16(status).expect("a test names a status that HTTP has");
        self.faulty(|faults| faults.failing = Some((count, status)));
    }

    /// Every request gets 429 with this `Retry-After`, in whole seconds.
    pub fn throttle(&self, retry_after: Duration) {
        self.throttle_next(ALWAYS, retry_after);
    }

    pub fn throttle_next(&self, count: u32, retry_after: Duration) {
        self.faulty(|faults| faults.throttling = Some((count, retry_after)));
    }

    /// The next `count` changing requests ([`ALWAYS`]: all) are processed, then the connection is cut.
    pub fn lose_answers(&self, count: u32) {
        self.faulty(|faults| faults.losing = count);
    }

    /// 503 to everything, while the page stays up.
    pub fn switch_off(&self, off: bool) {
        self.faulty(|faults| faults.switched_off = off);
    }

    /// Whatever would write an account of this name is refused.
    pub fn refuse(&self, user_name: &str, status: u16, detail: &str) {
        let status = StatusCode::from_u16(status).expect("a test names a status that HTTP has");
        self.faulty(|faults| {
            faults.refusals.insert(name_key(user_name), (status, detail.to_owned()));
        });
    }

    /// Takes [`Self::refuse`] back.
    pub fn accept(&self, user_name: &str) {
        self.faulty(|faults| {
            faults.refusals.remove(&name_key(user_name));
        });
    }

    /// Lists hold everything, whatever was asked.
    pub fn ignore_filters(&self, ignore: bool) {
        self.faulty(|faults| faults.ignore_filters = ignore);
    }

    /// PATCH gets 501, though `ServiceProviderConfig` promises it.
    pub fn no_patch(&self, broken: bool) {
        self.faulty(|faults| faults.patch = if broken { Patch::Broken } else { Patch::Works });
    }

    /// PATCH gets 405, and `ServiceProviderConfig` says so.
    pub fn put_only(&self, put_only: bool) {
        self.faulty(|faults| faults.patch = if put_only { Patch::PutOnly } else { Patch::Works });
    }

    pub fn answer_patch_with_204(&self, silent: bool) {
        self.faulty(|faults| faults.patch = if silent { Patch::Silent } else { Patch::Works });
    }

    /// No list shows this account, yet creating it gets 409.
    pub fn hide_from_filter(&self, user_name: &str) {
        self.faulty(|faults| faults.hidden.push(name_key(user_name)));
    }

    /// Accounts made from now on are missed by the first `lookups` lists that should show them.
    pub fn eventually_consistent(&self, lookups: u32) {
        self.faulty(|faults| faults.stale_lookups = lookups);
    }

    /// Requests without a `User-Agent` get 403, as GitHub does.
    pub fn require_user_agent(&self, required: bool) {
        self.faulty(|faults| faults.require_user_agent = required);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counted_fault_is_used_up_and_a_lasting_one_is_not() {
        let teapot = StatusCode::IM_A_TEAPOT;
        let mut faults = Faults { failing: Some((1, teapot)), losing: ALWAYS, ..Faults::default() };
        assert_eq!(faults.next_failure(), Some((teapot, None)));
        assert_eq!(faults.next_failure(), None);
        assert!(faults.loses_next_answer() && faults.loses_next_answer());
    }
}
