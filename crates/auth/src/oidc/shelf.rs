//! What was fetched from providers, kept for an hour; calls at the same time share one fetch.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex as StdMutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::{Clock, Timestamp};
use tokio::sync::Mutex;
use url::Url;

use super::problem::Problem;

const FRESH: Duration = Duration::from_hours(1);
/// A token with a key that nobody knows may be anybody's: it does not make us call without end.
const BETWEEN_REFETCHES: Duration = Duration::from_mins(1);
/// More addresses than connections ever have; a test of settings that nobody saves leaves some behind.
const PLACES: usize = 256;

/// Documents by the address that they came from.
#[derive(Debug)]
pub(super) struct Shelf<T> {
    clock: Arc<dyn Clock>,
    slots: StdMutex<HashMap<Url, Arc<Slot<T>>>>,
}

#[derive(Debug)]
struct Slot<T> {
    /// Fetches that have ended: whoever waited for one takes its outcome, good or bad.
    ended: AtomicU64,
    kept: Mutex<Kept<T>>,
}

#[derive(Debug)]
struct Kept<T> {
    outcome: Option<Result<Arc<T>, Problem>>,
    at: Timestamp,
    refetched: Option<Timestamp>,
}

impl<T> Shelf<T> {
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        Self { clock, slots: StdMutex::default() }
    }

    /// The document at hand, or a new one; only then is `fetch` begun.
    pub(super) async fn get(
        &self,
        url: &Url,
        fetch: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Arc<T>, Problem> {
        let slot = self.slot(url);
        let seen = slot.ended.load(Ordering::SeqCst);
        let mut kept = slot.kept.lock().await;
        let waited = slot.ended.load(Ordering::SeqCst) != seen;
        match &kept.outcome {
            Some(Ok(document)) if self.clock.now().since(kept.at) < FRESH => return Ok(document.clone()),
            Some(shared) if waited => return shared.clone(),
            _ => {}
        }
        let outcome = fetch.await.map(Arc::new);
        kept.outcome = Some(outcome.clone());
        kept.at = self.clock.now();
        slot.ended.fetch_add(1, Ordering::SeqCst);
        outcome
    }

    /// Another document than `old`, where it is time to look for one.
    pub(super) async fn newer(
        &self,
        url: &Url,
        old: &Arc<T>,
        fetch: impl Future<Output = Result<T, Problem>>,
    ) -> Result<Option<Arc<T>>, Problem> {
        let slot = self.slot(url);
        let mut kept = slot.kept.lock().await;
        if let Some(Ok(document)) = &kept.outcome
            && !Arc::ptr_eq(document, old)
        {
            return Ok(Some(document.clone()));
        }
        let now = self.clock.now();
        if kept.refetched.is_some_and(|last| now.since(last) < BETWEEN_REFETCHES) {
            return Ok(None);
        }
        kept.refetched = Some(now);
        // The old one stays where there is no new one: other tokens may be signed by it.
        let document = Arc::new(fetch.await?);
        kept.outcome = Some(Ok(document.clone()));
        kept.at = self.clock.now();
        Ok(Some(document))
    }

    fn slot(&self, url: &Url) -> Arc<Slot<T>> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        if slots.len() >= PLACES && !slots.contains_key(url) {
            slots.clear();
        }
        slots.entry(url.clone()).or_insert_with(|| Arc::new(Slot::new(self.clock.now()))).clone()
    }
}

impl<T> Slot<T> {
    fn new(now: Timestamp) -> Self {
        let kept = Kept { outcome: None, at: now, refetched: None };
        Self { ended: AtomicU64::new(0), kept: Mutex::new(kept) }
    }
}
