//! The commands. `serve`, `demo` and `target` run until stopped; the others work beside a running server, but for
//! `test-data`.

mod admin;
mod audit;
mod beside;
mod demo;
mod serve;
mod target;
mod test_data;
mod token;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

use crate::{config::Layer, console::assets::Assets};

/// Usher keeps the accounts of other systems in step with its own directory.
#[derive(Debug, Parser)]
#[command(name = "usher", version, about)]
pub struct Cli {
    /// The folder with the database [default: ./usher-data, or `USHER_DATA_DIR`]
    #[arg(long, global = true, value_name = "FOLDER")]
    data_dir: Option<String>,
    /// A TOML file with settings [default: `USHER_CONFIG`]
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server
    Serve(serve::Serve),
    /// Run the server with an external system beside it, filled with people, to try things out
    Demo(demo::Demo),
    /// Run Acme Cloud, an external system to provision to, alone
    Target(target::Target),
    /// Fill an empty data folder with people, for trials and measurements; not beside a running server
    TestData(test_data::TestData),
    /// Administrators
    #[command(subcommand)]
    Admin(admin::Admin),
    /// The audit trail
    #[command(subcommand)]
    Audit(audit::Audit),
    /// API tokens
    #[command(subcommand)]
    Token(token::Token),
}

/// Why a command ended without doing its work: one sentence for whoever called it.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// Carries out one command.
pub async fn run(cli: Cli, assets: Assets) -> Result<(), Failure> {
    let flags = Layer { data_dir: cli.data_dir, ..Layer::default() };
    match cli.command {
        Command::Serve(serve) => serve.run(flags, cli.config, assets).await,
        Command::Demo(demo) => demo.run(flags, assets).await,
        Command::Target(target) => target.run().await,
        Command::TestData(test_data) => test_data.run(flags, cli.config).await,
        Command::Admin(admin) => admin.run(flags, cli.config).await,
        Command::Audit(audit) => audit.run(flags, cli.config).await,
        Command::Token(token) => token.run(flags, cli.config).await,
    }
}
