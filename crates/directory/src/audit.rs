//! What was done, as it was recorded: read, found, verified, and trimmed once it is old.

use std::time::Duration;

use auth::{Authorised, grants::AuditRead};
use domain::Timestamp;
use storage::{audit, audit_search};

pub use storage::{
    audit::{Broken, Entry as Event, Mark, Whole},
    audit_search::{Found, Matching, NAMES, Place},
};

use crate::{Directory, Error, Result, change::Context};

/// How long events are kept unless a setting says otherwise.
pub const RETENTION: Duration = Duration::from_hours(400 * 24);
/// The shortest and the longest that can be set.
pub const RETENTIONS: std::ops::RangeInclusive<Duration> = Duration::from_hours(24)..=Duration::from_hours(36_500 * 24);
/// Events are trimmed once the oldest is this much older than they are kept: mostly a day's at a time.
const GRACE: Duration = Duration::from_hours(24);
/// Events trimmed in one transaction.
const TRIMMED_AT_ONCE: i64 = 2_000;

/// From when, as somebody writes it: a day (`2026-03-12`) from its start, or a time (RFC 3339); days are those of UTC.
pub fn from(text: &str) -> Option<Timestamp> {
    day(text).or_else(|| Timestamp::parse_rfc3339(text))
}

/// Until when: a day with all of it, or what was before a time.
pub fn until(text: &str) -> Option<Timestamp> {
    day(text).map(|day| day.plus(Duration::from_hours(24))).or_else(|| Timestamp::parse_rfc3339(text))
}

fn day(text: &str) -> Option<Timestamp> {
    (text.len() == "2026-03-12".len()).then(|| Timestamp::parse_rfc3339(&format!("{text}T00:00:00Z"))).flatten()
}

impl Directory {
    /// Newest first, before an event's number.
    pub async fn events(&self, _who: &Authorised<AuditRead>, before: Option<i64>, limit: i64) -> Result<Vec<Event>> {
        let mut conn = self.db().read().await?;
        Ok(audit::page(&mut conn, before, limit).await?)
    }

    pub async fn event(&self, _who: &Authorised<AuditRead>, number: i64) -> Result<Event> {
        let mut conn = self.db().read().await?;
        audit::get(&mut conn, number).await?.ok_or(Error::NotFound("event"))
    }

    /// The events that match, newest first, before a place.
    pub async fn find_events(
        &self,
        _who: &Authorised<AuditRead>,
        matching: &Matching,
        before: Option<Place>,
        limit: usize,
    ) -> Result<Found> {
        let mut conn = self.db().read().await?;
        Ok(audit_search::find(&mut conn, matching, before, limit).await?)
    }

    /// Walks the whole trail. `told`: an event that must be in it, as it was once written down.
    pub async fn verify_audit(
        &self,
        _who: &Authorised<AuditRead>,
        told: Option<&Mark>,
    ) -> Result<std::result::Result<Whole, Broken>> {
        let mut conn = self.db().read().await?;
        Ok(audit::verify(&mut conn, self.db().vault(), told).await?)
    }

    /// Says how long events are kept; without, [`RETENTION`]. Once, before the engine starts.
    pub fn keep_audit_for(&self, retention: Duration) {
        // A second one would be a mistake in the wiring; the first stays.
        let _ = self.inner.audit_retention.set(retention);
    }

    /// Trims what is old, a bounded number of events; whether more of it is left. The engine calls it now and then.
    pub async fn trim_audit(&self) -> Result<bool> {
        let context = self.context_as(audit::Actor::usher());
        let keep = *self.inner.audit_retention.get_or_init(|| RETENTION);
        let kept_since = context.now.minus(keep);
        if !self.has_event_before(kept_since.minus(GRACE)).await? {
            return Ok(false);
        }
        let trimmed = self
            .db()
            .write::<_, Error, _>(move |conn| {
                let Context { vault, actor, now, .. } = context.clone();
                Box::pin(
                    async move { Ok(audit::trim(conn, &vault, (&actor, now), kept_since, TRIMMED_AT_ONCE).await?) },
                )
            })
            .await?;
        match trimmed {
            Ok(events) => {
                tracing::info!(audit.events = events, "Old events were trimmed from the audit trail.");
                Ok(events == TRIMMED_AT_ONCE)
            }
            Err(broken) => {
                tracing::error!(audit.broken = %broken, "The audit trail is broken, and nothing is trimmed from it.");
                Ok(false)
            }
        }
    }

    async fn has_event_before(&self, time: Timestamp) -> Result<bool> {
        let mut conn = self.db().read().await?;
        Ok(audit::oldest(&mut conn).await?.is_some_and(|oldest| oldest < time))
    }

    /// Writes the last event's mark to the log: an older database put in the place of this one does not hold it.
    pub async fn log_audit_head(&self) -> Result<()> {
        let mut conn = self.db().read().await?;
        if let Some(mark) = audit::mark(&mut conn).await? {
            tracing::info!(audit.head = %mark, "The audit trail has come this far.");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_is_meant_with_all_of_it_and_a_time_is_itself() {
        let at = |text: &str| Timestamp::parse_rfc3339(text);
        assert_eq!(from("2026-03-12"), at("2026-03-12T00:00:00Z"));
        assert_eq!(until("2026-03-12"), at("2026-03-13T00:00:00Z"));
        assert_eq!(from("2026-03-12T14:05:00+01:00"), at("2026-03-12T13:05:00Z"));
        assert_eq!(until("2026-03-12T14:05:00Z"), at("2026-03-12T14:05:00Z"));
        for wrong in ["", "2026", "2026-13-01", "2026-02-30", "yesterday", "12.03.2026"] {
            assert!(from(wrong).is_none() && until(wrong).is_none(), "{wrong}");
        }
    }
}
