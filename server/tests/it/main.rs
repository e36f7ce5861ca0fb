//! The whole router, on a real database in a temporary folder, without sockets but for the external systems.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod activity;
mod api;
mod audit;
mod bad_input;
mod commands;
mod demo;
mod federation;
mod groups;
mod imports;
mod kill;
mod mail;
mod my_account;
mod people;
mod provisioning;
mod registration;
mod roles;
mod schemas;
mod scim;
mod scim_bad_input;
mod scim_bulk;
mod scim_fuzz;
mod scim_groups;
mod scim_large_groups;
mod scim_providers;
mod scim_rfc7644;
mod second_factor;
mod selection;
mod settings;
mod sign_in;
mod soft_key;
mod starting;
mod support;
mod surroundings;
mod sweep;
