//! Every query of the crate on a real database.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod accounts;
mod audit;
mod connections;
mod deliveries;
mod figures;
mod filters;
mod groups;
mod imports;
mod memberships;
mod opening;
mod people;
mod people_lists;
mod plans;
mod schemas;
mod sealed;
mod search;
mod signed_in;
mod support;
mod survival;
mod tour;
