//! A length of time, as settings and flags have it: `365d`, `12h`, `30m`.

use std::time::Duration;

/// What is expected, for the error of whoever typed something else.
pub const EXPECTED: &str = "a whole number of days, hours or minutes, such as 365d, 12h or 30m";

pub fn span(text: &str) -> Option<Duration> {
    let unit = text.chars().last()?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().ok()?;
    let seconds = match unit {
        'd' => 24 * 60 * 60,
        'h' => 60 * 60,
        'm' => 60,
        _ => return None,
    };
    number.checked_mul(seconds).map(Duration::from_secs)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_a_number_and_a_unit() {
        assert_eq!(span("365d"), Some(Duration::from_hours(365 * 24)));
        assert_eq!(span("12h"), Some(Duration::from_hours(12)));
        assert_eq!(span("30m"), Some(Duration::from_mins(30)));
        for text in ["", "d", "1y", "-1d", "1.5d", "365", "9999999999999999999d", "1é"] {
            assert!(span(text).is_none(), "{text}");
        }
    }
}
