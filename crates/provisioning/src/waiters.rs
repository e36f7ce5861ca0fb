//! Callers that wait for an onboarding or for progress.

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use directory::engine::Settled;
use domain::UserId;
use tokio::sync::{oneshot, watch};

/// Results that nobody has asked for yet; a caller who hung up never will, so the old ones go when there are this many.
const UNCLAIMED: usize = 10_000;

#[derive(Debug)]
enum Entry {
    Waiting(oneshot::Sender<Settled>),
    Settled(Settled),
}

#[derive(Debug)]
pub(crate) struct Waiters {
    /// None once the engine has stopped.
    onboardings: Mutex<Option<HashMap<UserId, Entry>>>,
    progress: watch::Sender<u64>,
}

impl Default for Waiters {
    fn default() -> Self {
        Self { onboardings: Mutex::new(Some(HashMap::new())), progress: watch::channel(0).0 }
    }
}

impl Waiters {
    fn onboardings(&self) -> MutexGuard<'_, Option<HashMap<UserId, Entry>>> {
        self.onboardings.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits for a staged user; the engine may have been quicker. None when the engine stops.
    pub(crate) async fn settled(&self, user: UserId) -> Option<Settled> {
        let answer = {
            let mut onboardings = self.onboardings();
            let onboardings = onboardings.as_mut()?;
            if let Some(Entry::Settled(settled)) = onboardings.remove(&user) {
                return Some(settled);
            }
            let (tell, answer) = oneshot::channel();
            onboardings.insert(user, Entry::Waiting(tell));
            answer
        };
        answer.await.ok()
    }

    pub(crate) fn tell(&self, user: UserId, settled: Settled) {
        let mut onboardings = self.onboardings();
        let Some(onboardings) = onboardings.as_mut() else { return };
        // Whoever hung up changes nothing.
        if let Some(Entry::Waiting(tell)) = onboardings.remove(&user) {
            let _ = tell.send(settled);
            return;
        }
        if onboardings.len() >= UNCLAIMED {
            onboardings.retain(|_, entry| matches!(entry, Entry::Waiting(_)));
        }
        onboardings.insert(user, Entry::Settled(settled));
    }

    /// Lets waiting callers go without an answer: the next start settles their onboardings.
    pub(crate) fn dismiss(&self) {
        *self.onboardings() = None;
    }

    /// Something was recorded.
    pub(crate) fn moved(&self) {
        self.progress.send_modify(|count| *count = count.wrapping_add(1));
    }

    /// Resolves at the next record after this call.
    pub(crate) fn progress(&self) -> impl Future<Output = ()> + Send + 'static {
        let mut watched = self.progress.subscribe();
        async move {
            // The sender lives as long as the engine.
            let _ = watched.changed().await;
        }
    }
}
