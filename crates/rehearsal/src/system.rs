//! Time and chance of systems that are not ours, where no test hands them other ones.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::{Clock, Dice, Timestamp};

#[derive(Debug)]
pub(crate) struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "another company's system has a clock of its own")]
    fn now(&self) -> Timestamp {
        let since_epoch = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(0).plus(since_epoch)
    }
}

#[derive(Debug)]
pub(crate) struct SystemDice;

impl Dice for SystemDice {
    /// # Panics
    /// If the operating system gives no random bytes: nothing made without them would be a secret.
    fn fill(&self, bytes: &mut [u8]) {
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}
