//! Connectors against targets that answer over HTTP: the conformance suite, and the odd ways of real servers.

#![expect(clippy::unwrap_used, reason = "what a test builds on fails the test")]

mod acme;
mod bench;
mod conformance;
mod extensions;
mod odd_servers;
mod peer;
mod sign_in;
