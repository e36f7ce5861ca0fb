//! Systems that Usher has to do with, acted by ourselves: for the demo, for `usher target` and for the tests.
//!
//! They keep everything in memory, listen on loopback, and misbehave on demand in the ways that real systems do.
//!
//! To add a system: a module named after it, with a handle that starts, stops and restarts it, on `line` where it
//! must be able to hang up; what the pages have in common is `page`. To add a way for Acme Cloud to misbehave: a field
//! of [`acme::Faults`], a method on the handle, and the step of `acme::exchange` or the rule of `acme::service` where
//! it takes hold.

pub mod acme;
pub mod inbox;
mod kept;
mod line;
mod page;
pub mod provider;
mod running;
mod system;

pub use acme::{Account, AcmeCloud, Group, Logged};
pub use inbox::{Inbox, Mail};
pub use provider::{Persona, Provider};
