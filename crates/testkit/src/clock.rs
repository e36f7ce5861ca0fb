use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use domain::{Clock, Timestamp};

/// A clock that stands still until a test moves it. Clones share their time.
#[derive(Clone, Debug)]
pub struct HandClock(Arc<AtomicI64>);

impl HandClock {
    /// 12 March 2026, 09:00:00 UTC, a Thursday.
    pub const START: Timestamp = Timestamp::from_micros(1_773_306_000_000_000);

    pub fn new() -> Self {
        Self::at(Self::START)
    }

    pub fn at(start: Timestamp) -> Self {
        Self(Arc::new(AtomicI64::new(start.as_micros())))
    }

    pub fn advance(&self, by: Duration) {
        let micros = i64::try_from(by.as_micros()).expect("a test moves its clock by less than 290,000 years");
        self.0.fetch_add(micros, Ordering::SeqCst);
    }

    /// Also backwards, as a machine's clock can go.
    pub fn set(&self, now: Timestamp) {
        self.0.store(now.as_micros(), Ordering::SeqCst);
    }
}

impl Default for HandClock {
    fn default() -> Self {
        Self::new()
    }
}

impl Clock for HandClock {
    fn now(&self) -> Timestamp {
        Timestamp::from_micros(self.0.load(Ordering::SeqCst))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_moves_only_by_hand_and_all_clones_move_along() {
        let clock = HandClock::new();
        let clone = clock.clone();
        assert_eq!(clone.now().to_string(), "2026-03-12T09:00:00Z");
        clock.advance(Duration::from_secs(90));
        assert_eq!(clone.now().to_string(), "2026-03-12T09:01:30Z");
        clone.set(HandClock::START);
        assert_eq!(clock.now(), HandClock::START);
    }
}
