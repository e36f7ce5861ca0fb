use std::collections::VecDeque;

use axum::http::{HeaderMap, Method, StatusCode};
use domain::Timestamp;
use serde_json::Value;

/// Requests that are kept; older ones are forgotten.
const KEPT: usize = 2_000;

/// One request, as it was asked and answered.
#[derive(Clone, Debug)]
pub struct Logged {
    /// Counts requests from 1.
    pub number: u64,
    pub method: Method,
    pub path: String,
    /// Decoded, in the order given.
    pub query: Vec<(String, String)>,
    /// Without those that prove who asks.
    pub headers: HeaderMap,
    /// JSON, or a form as an object; none where there was neither. Holds passwords in clear, for tests to see.
    pub body: Option<Value>,
    /// None until it was processed.
    pub status: Option<StatusCode>,
    /// When it arrived.
    pub at: Timestamp,
}

impl Logged {
    pub fn is(&self, method: &str, path: &str) -> bool {
        self.method.as_str() == method && self.path == path
    }

    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.query.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

#[derive(Debug, Default)]
pub(super) struct Log {
    entries: VecDeque<Logged>,
    last: u64,
}

impl Log {
    /// Numbers the entry, and returns its number.
    pub(super) fn add(&mut self, entry: Logged) -> u64 {
        if self.entries.len() == KEPT {
            self.entries.pop_front();
        }
        self.last += 1;
        self.entries.push_back(Logged { number: self.last, ..entry });
        self.last
    }

    pub(super) fn answered(&mut self, number: u64, status: StatusCode) {
        if let Some(entry) = self.entries.iter_mut().rev().find(|entry| entry.number == number) {
            entry.status = Some(status);
        }
    }

    pub(super) fn all(&self) -> Vec<Logged> {
        self.entries.iter().cloned().collect()
    }

    /// The newest first.
    pub(super) fn latest(&self, count: usize) -> Vec<Logged> {
        self.entries.iter().rev().take(count).cloned().collect()
    }

    pub(super) fn clear(&mut self) {
        self.entries.clear();
    }
}
