//! What a connector is handed for one attempt, and the record that it leaves.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use domain::{
    Clock, ConnectorId,
    config::{Properties, Secrets},
};
use egress::Egress;
use serde_json::Value;

/// A configured target.
#[derive(Clone, Debug)]
pub struct Target {
    pub connector_id: ConnectorId,
    /// The configuration's version: what is cached under another one is void.
    pub version: i64,
    pub properties: Properties,
    pub secrets: Secrets,
}

/// One request and its answer, for the record. Built redacted: no secret, no password ever enters it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exchange {
    /// `POST https://acme.example/scim/v2/Users`, headers that matter and body.
    pub request: String,
    /// Status line and body, or what went wrong.
    pub response: String,
    pub status: Option<u16>,
    pub duration: Duration,
}

/// Everything that a connector may use of the outside during one attempt.
#[derive(Debug)]
pub struct Call<'a> {
    pub target: &'a Target,
    pub egress: &'a Egress,
    pub clock: &'a dyn Clock,
    exchanges: Mutex<Vec<Exchange>>,
    learned: Mutex<Value>,
}

impl<'a> Call<'a> {
    /// `learned` is what earlier calls found out about the target, as the connector left it.
    pub fn new(target: &'a Target, egress: &'a Egress, clock: &'a dyn Clock, learned: Value) -> Self {
        Self { target, egress, clock, exchanges: Mutex::default(), learned: Mutex::new(learned) }
    }

    pub fn record(&self, exchange: Exchange) {
        self.exchanges.lock().unwrap_or_else(PoisonError::into_inner).push(exchange);
    }

    pub fn learned(&self) -> Value {
        self.learned.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Remembers what works with this target, for the calls to come.
    pub fn learn(&self, learned: Value) {
        *self.learned.lock().unwrap_or_else(PoisonError::into_inner) = learned;
    }

    /// The exchanges so far, oldest first, and what was learnt.
    pub fn finish(self) -> (Vec<Exchange>, Value) {
        (
            self.exchanges.into_inner().unwrap_or_else(PoisonError::into_inner),
            self.learned.into_inner().unwrap_or_else(PoisonError::into_inner),
        )
    }
}
