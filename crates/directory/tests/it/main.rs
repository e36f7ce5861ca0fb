//! The use cases on a real database, with an engine that only notes what it is asked.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

mod audit;
mod connectors;
mod figures;
mod imports;
mod memberships;
mod my_account;
mod own_profile;
mod protection;
mod roles;
mod schemas;
mod selection;
mod sessions;
mod sign_in;
mod support;
mod tokens;
mod wizard;
