//! The database: the only room that names sqlx. One file per table.
//!
//! Every function takes a connection; those that write are called inside [`Db::write`], whose closure is one
//! transaction. Rows are private and become domain types by a conversion that can fail: a bad row is an error that
//! names its table and id.
//!
//! To add a table: 1. a migration under `migrations/`, opening with why; 2. a file here with its row, its conversion
//! and its queries, in SQL that SQLite and PostgreSQL both accept; 3. tests that run every query, and a line for each
//! in `tests/it/tour.rs`, whose statements must all go by an index.
//!
//! # Two engines
//! Every statement is meant for SQLite and PostgreSQL alike: `$1` or pushed parameters, `TRUE` and `NOT flag`, 64-bit
//! integers for times and numbers, UUIDs and JSON by sqlx's types, `ON CONFLICT (columns) DO …`, row values, an alias
//! for every subquery in FROM. What holds for SQLite alone, and is to be written a second time for PostgreSQL:
//! - `db.rs`: pragmas, the look into `sqlite_master`, migrations without a lock of their own (the data folder's lock
//!   stands in), and `writer.rs`: one writer with `BEGIN IMMEDIATE`, where PostgreSQL takes a transaction a change and
//!   runs it again when it could not be serialised;
//! - `migrations/sqlite`: `BLOB`, `WITHOUT ROWID`, `INTEGER PRIMARY KEY`, the bodies of the triggers that keep
//!   `tallies`, the sizes of groups and the names of their members; indexes carry over;
//! - `filters.rs`: functions of JSON, of times and of an id's text, and the bound on steps;
//! - the types named after it: [`Conn`], [`Reader`], `row::one`'s result, `QueryBuilder<Sqlite>`;
//! - order and case: text sorts by bytes, so PostgreSQL's columns need `COLLATE "C"`; LIKE disregards ASCII case here,
//!   which does not show as it only meets keys that are lower-cased already; `LOWER()` knows ASCII alone, here and under
//!   that collation, and `audit_search.rs` relies on it;
//! - `audit.details` must be TEXT there, not JSONB: its MAC is over the very text.

pub mod address_changes;
pub mod api_tokens;
pub mod attempts;
pub mod attribute_values;
pub mod audit;
pub mod audit_search;
pub mod awaited;
pub mod connections;
pub mod connectors;
pub mod db;
pub mod deliveries;
pub mod drafts;
pub mod erasures;
pub mod error;
pub mod figures;
pub mod filters;
pub mod flashes;
pub mod group_terms;
pub mod groups;
pub mod identity_providers;
pub mod imports;
pub mod links;
pub mod mails;
pub mod memberships;
pub mod password_links;
pub mod passwords;
pub mod people_lists;
pub mod provider_links;
pub mod provisioners;
pub mod registrations;
pub mod removed_attributes;
mod row;
pub mod runs;
pub mod schemas;
pub mod second_factors;
pub mod sessions;
pub mod settings;
pub mod sign_ins;
pub mod sweeps;
pub mod terms;
pub mod tombstones;
pub mod user_terms;
pub mod users;
pub mod vault;
mod writer;

pub use db::{Db, Reader};
pub use error::{Constraint, Error, Result};
pub use vault::{MasterKey, Vault};

/// A database connection; within [`Db::write`], the transaction.
pub type Conn = sqlx::SqliteConnection;
