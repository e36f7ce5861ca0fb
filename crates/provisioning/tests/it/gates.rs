//! The SCIM 2.0 connector with gates around its calls, so that a test stops the engine exactly where it wants.

use std::{collections::HashSet, sync::Arc};

use async_trait::async_trait;
use connectors::{Applied, Call, Connector, Failure, Found, Have, Keys, Report, Target, scim2::Scim2};
use domain::{config::ConfigSchema, user::Account};
use serde_json::Value;
use tokio::sync::watch;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Point {
    BeforeFind,
    /// The intent is committed, the target has not been called.
    BeforeApply,
    /// The target has done it, and the engine does not know yet.
    AfterApply,
    BeforeRemove,
    AfterRemove,
}

#[derive(Clone, Debug, Default)]
struct State {
    closed: HashSet<Point>,
    broken: Option<Point>,
    waiting: Vec<Point>,
}

/// Clones are the same gates.
#[derive(Clone)]
pub(crate) struct Gates(Arc<watch::Sender<State>>);

impl Gates {
    pub(crate) fn new() -> Self {
        Self(Arc::new(watch::channel(State::default()).0))
    }

    pub(crate) fn close(&self, point: Point) {
        self.0.send_modify(|state| {
            state.closed.insert(point);
        });
    }

    pub(crate) fn open(&self, point: Point) {
        self.0.send_modify(|state| {
            state.closed.remove(&point);
        });
    }

    /// Waits until a call stands before this gate.
    pub(crate) async fn reached(&self, point: Point) {
        let mut watched = self.0.subscribe();
        watched.wait_for(|state| state.waiting.contains(&point)).await.expect("gates outlive the test");
    }

    /// The next call that comes here panics.
    pub(crate) fn break_off(&self, point: Point) {
        self.0.send_modify(|state| state.broken = Some(point));
    }

    async fn pass(&self, point: Point) {
        let breaks = self.0.send_if_modified(|state| state.broken.take_if(|broken| *broken == point).is_some());
        assert!(!breaks, "a test lets this call break off");
        if !self.0.borrow().closed.contains(&point) {
            return;
        }
        self.0.send_modify(|state| state.waiting.push(point));
        let _left = Left { gates: self, point };
        let mut watched = self.0.subscribe();
        watched.wait_for(|state| !state.closed.contains(&point)).await.expect("gates outlive the call");
    }
}

/// Whoever is killed before a gate does not stand there any more.
struct Left<'a> {
    gates: &'a Gates,
    point: Point,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        self.gates.0.send_modify(|state| {
            if let Some(at) = state.waiting.iter().position(|point| *point == self.point) {
                state.waiting.swap_remove(at);
            }
        });
    }
}

pub(crate) struct Gated {
    pub gates: Gates,
    pub inner: Scim2,
}

#[async_trait]
impl Connector for Gated {
    fn schema(&self) -> ConfigSchema {
        self.inner.schema()
    }

    fn render(&self, account: &Account, target: &Target) -> Value {
        self.inner.render(account, target)
    }

    async fn test(&self, call: &Call<'_>) -> Report {
        self.inner.test(call).await
    }

    async fn find(&self, keys: &Keys<'_>, call: &Call<'_>) -> Result<Option<Found>, Failure> {
        self.gates.pass(Point::BeforeFind).await;
        self.inner.find(keys, call).await
    }

    async fn apply(&self, want: &Account, have: Option<Have<'_>>, call: &Call<'_>) -> Result<Applied, Failure> {
        self.gates.pass(Point::BeforeApply).await;
        let applied = self.inner.apply(want, have, call).await;
        self.gates.pass(Point::AfterApply).await;
        applied
    }

    async fn remove(&self, have: Have<'_>, call: &Call<'_>) -> Result<(), Failure> {
        self.gates.pass(Point::BeforeRemove).await;
        let removed = self.inner.remove(have, call).await;
        self.gates.pass(Point::AfterRemove).await;
        removed
    }
}
