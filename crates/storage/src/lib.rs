//! The database: the only room that names sqlx. One file per table.
//!
//! Every function takes a connection; those that write are called inside [`Db::write`], whose closure is one
//! transaction. Rows are private and become domain types by a conversion that can fail: a bad row is an error that
//! names its table and id.
//!
//! To add a table: 1. a migration under `migrations/`, opening with why; 2. a file here with its row, its conversion
//! and its queries, in SQL that SQLite and PostgreSQL both accept; 3. tests that run every query.

pub mod api_tokens;
pub mod attempts;
pub mod audit;
pub mod awaited;
pub mod connections;
pub mod connectors;
pub mod db;
pub mod deliveries;
pub mod drafts;
pub mod error;
pub mod flashes;
pub mod links;
pub mod passwords;
pub mod provisioners;
mod row;
pub mod runs;
pub mod sessions;
pub mod sweeps;
pub mod tombstones;
pub mod users;
pub mod vault;
mod writer;

pub use db::{Db, Reader};
pub use error::{Constraint, Error, Result};
pub use vault::{MasterKey, Vault};

/// A database connection; within [`Db::write`], the transaction.
pub type Conn = sqlx::SqliteConnection;
