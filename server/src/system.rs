//! The machine's clock and randomness: the one place that reads them. Everybody else is handed `domain::Clock` and
//! `domain::Dice`.

use std::sync::Arc;

use domain::{Clock, Dice, Ids, Timestamp};

#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the clock that everybody else is handed")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(0).plus(since_epoch)
    }
}

/// The operating system's source, fit for secrets.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemDice;

impl Dice for SystemDice {
    fn fill(&self, bytes: &mut [u8]) {
        // Without randomness no secret is one: there is nothing to go on with.
        getrandom::fill(bytes).expect("the operating system gives random bytes");
    }
}

pub fn ids() -> Ids {
    Ids::new(Arc::new(SystemClock), Arc::new(SystemDice))
}
