//! Connectors against targets that answer over HTTP: the conformance suite, and the odd ways of real servers.

mod acme;
mod bench;
mod conformance;
mod odd_servers;
mod sign_in;
