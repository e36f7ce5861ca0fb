//! Globex ID as applications ask it, and as people see it.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod flow;
mod page;
mod sign_out;
mod support;
