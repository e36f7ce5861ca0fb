//! What tests share: a clock moved by hand, dice that roll the same each time, builders of the domain's things, and
//! random input for as long as there is time.
//!
//! A dev-dependency only; of our own crates it depends on `domain` alone, so every crate can use it.
//!
//! To add a builder: a function named after the thing, that fills in whatever a test does not care about.

mod clock;
mod dice;
mod fuzz;
mod people;

use std::sync::Arc;

use domain::Ids;

pub use clock::HandClock;
pub use dice::SeededDice;
pub use fuzz::fuzz;
pub use people::person;

/// Ids from a [`HandClock`] of their own and from [`SeededDice`]: the same ones in each run.
pub fn ids() -> Ids {
    ids_with(&HandClock::new())
}

/// Ids whose times come from `clock`, which the test goes on moving.
pub fn ids_with(clock: &HandClock) -> Ids {
    Ids::new(Arc::new(clock.clone()), Arc::new(SeededDice::default()))
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use uuid::Uuid;

    use super::*;

    #[test]
    fn ids_are_the_same_in_each_run_and_differ_from_each_other() {
        let (one, other) = (ids(), ids());
        let first: Uuid = one.make();
        assert_eq!(first, other.make::<Uuid>());
        assert_ne!(first, one.make::<Uuid>());
        assert_eq!(first.get_version_num(), 7);
    }

    #[test]
    fn ids_follow_the_clock_that_the_test_holds() {
        let clock = HandClock::new();
        let ids = ids_with(&clock);
        let earlier: Uuid = ids.make();
        clock.advance(Duration::from_millis(1));
        assert!(ids.make::<Uuid>() > earlier, "a later id sorts after an earlier one");
        assert_eq!(ids.now(), HandClock::START.plus(Duration::from_millis(1)));
    }
}
