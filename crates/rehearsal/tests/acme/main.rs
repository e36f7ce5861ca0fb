//! Acme Cloud over HTTP: as a good service, as a bad one, and as a page for people.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod faults;
mod kept;
mod page;
mod service;
mod support;
