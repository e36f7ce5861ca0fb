//! The doors for programs: each parses, finds the caller, and calls one use case.

pub mod api;
pub mod body;
pub mod health;
pub mod metrics;
pub mod refusal;
pub mod scim;
pub mod table;
