//! The whole router, on a real database in a temporary folder, without sockets but for the external systems.

mod api;
mod bad_input;
mod commands;
mod demo;
mod kill;
mod provisioning;
mod scim;
mod sign_in;
mod starting;
mod support;
mod surroundings;
mod sweep;
