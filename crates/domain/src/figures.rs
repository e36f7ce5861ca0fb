//! Figures of what was delivered: counted in slots of time as results are written, so that showing them costs the same
//! however many there were.

use std::time::Duration;

use crate::Timestamp;

/// Results are counted by slots of this length.
pub const SLOT: Duration = Duration::from_mins(5);
/// Durations are counted by hours.
pub const HOUR: Duration = Duration::from_hours(1);
/// How long figures are kept: a day is shown, whatever the hour.
pub const KEPT: Duration = Duration::from_hours(48);

/// Steps of the histogram in which a duration doubles: neighbours lie 9 % apart.
const STEPS: f64 = 8.0;
/// The last bucket ends after 2³² ms, which are seven weeks, and takes all that is longer.
const LAST: i64 = 256;

/// What an attempt's result counts as.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub delivered: i64,
    /// Tried again by itself.
    pub retried: i64,
    /// Waits for somebody.
    pub held: i64,
}

/// What is measured from a change here to its effect there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// From the commit of a new user to the account.
    Arrival,
    /// From the deletion of a user to the account's removal.
    Departure,
}

impl Measure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Arrival => "arrival",
            Self::Departure => "departure",
        }
    }
}

/// When the slot began that `at` falls into; slots of a length that divides a day begin with the day.
pub fn slot(at: Timestamp, length: Duration) -> Timestamp {
    let length = i64::try_from(length.as_micros()).unwrap_or(i64::MAX).max(1);
    Timestamp::from_micros(at.as_micros().div_euclid(length) * length)
}

/// Which bucket of a histogram a duration falls into.
pub fn bucket(took: Duration) -> i64 {
    let millis = (took.as_secs_f64() * 1000.0).max(1.0);
    #[expect(clippy::cast_possible_truncation, reason = "256 at most")]
    let bucket = (millis.log2() * STEPS).ceil().min(256.0) as i64;
    bucket.clamp(0, LAST)
}

/// The longest duration of a bucket.
pub fn longest(bucket: i64) -> Duration {
    #[expect(clippy::cast_precision_loss, reason = "256 at most")]
    let doublings = bucket.clamp(0, LAST) as f64 / STEPS;
    Duration::from_secs_f64(doublings.exp2() / 1000.0)
}

/// How long the quickest `percent` of a histogram took at most, to 9 %. `buckets` are pairs of bucket and count, in the
/// order of the buckets.
pub fn percentile(buckets: &[(i64, i64)], percent: i64) -> Option<Duration> {
    let total: i64 = buckets.iter().map(|(_, count)| count).sum();
    let wanted = (total * percent + 99) / 100;
    let mut seen = 0;
    buckets.iter().find_map(|(bucket, count)| {
        seen += count;
        (total > 0 && seen >= wanted).then(|| longest(*bucket))
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_bucket_is_at_most_nine_percent_off(millis in 1_u64..4_294_967_296) {
            let took = Duration::from_millis(millis);
            let told = longest(bucket(took)).as_secs_f64();
            prop_assert!(told >= took.as_secs_f64() * 0.999_999, "{told}");
            prop_assert!(told <= took.as_secs_f64() * 1.0906, "{told}");
        }

        #[test]
        fn a_slot_holds_its_time(micros in -1_000_000_000_000_i64..1_000_000_000_000_000) {
            let at = Timestamp::from_micros(micros);
            let begin = slot(at, SLOT);
            prop_assert!(begin <= at && at.since(begin) < SLOT);
            prop_assert_eq!(slot(begin, SLOT), begin);
        }
    }

    #[test]
    fn percentiles_are_told_from_the_quickest() {
        let tenth = |n: u64| bucket(Duration::from_millis(n * 10));
        let buckets: Vec<(i64, i64)> = (1..=10).map(|n| (tenth(n), 10)).collect();
        let millis = |percent| percentile(&buckets, percent).unwrap().as_secs_f64() * 1000.0;
        assert!((50.0..55.0).contains(&millis(50)), "{}", millis(50));
        assert!((100.0..110.0).contains(&millis(99)), "{}", millis(99));
        assert_eq!(percentile(&[], 50), None);
    }

    #[test]
    fn what_took_no_time_or_for_ever_is_counted_too() {
        assert_eq!(bucket(Duration::ZERO), 0);
        assert_eq!(bucket(Duration::MAX), LAST);
        assert_eq!(longest(0), Duration::from_millis(1));
    }
}
