//! The process: reads its configuration, opens the data folder, wires the rooms together, answers HTTP, stops cleanly.
//!
//! It decides nothing: whatever is asked goes to a use case of `directory`.
//!
//! | room | what for |
//! |---|---|
//! | [`cli`] | the commands; all but `serve`, `demo` and `target` work beside a running server |
//! | [`config`] | flags, environment and TOML file become one checked [`config::Config`] |
//! | [`data_folder`] | the folder with the database: its lock, its master key |
//! | [`process`] | start and stop of everything |
//! | [`router`] | the only table of endpoints; [`middleware`] is what surrounds them |
//! | [`http`] | SCIM, the management API, health and metrics |
//! | [`console`] | pages, server functions and files of the console |
//! | [`demo`] | `usher demo` |
//!
//! To add an endpoint: a handler in the file of its noun under `http/`, a line in that room's `routes()`, a row in
//! `tests/it/sweep.rs`; for the management API also its `#[utoipa::path]` and a line in `http::api::document`. To add a
//! setting: a field of `config::layer::Layer` and of [`config::Config`], and its line in `config::resolve`.

mod audit_export;
pub mod cli;
pub mod config;
pub mod console;
pub mod data_folder;
pub mod demo;
pub mod http;
pub mod listen;
pub mod logs;
pub mod middleware;
pub mod process;
pub mod router;
pub mod state;
pub mod system;
mod test_data;
