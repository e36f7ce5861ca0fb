//! The doors for programs: each parses, finds the caller, and calls one use case.

pub mod api;
pub mod body;
mod conditional;
pub mod health;
pub mod metrics;
mod proof;
pub mod refusal;
pub mod scim;
pub mod sign_in;
pub mod table;
