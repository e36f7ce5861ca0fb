//! The only build script: what has to happen before, around and after `cargo`.
//!
//! To add a command: a module with one public function, a variant of [`Command`], a line in [`run`].
//! To add a stage to `cargo xtask test`: a line in `test::STAGES`.

mod architecture;
mod bench;
mod build;
mod demo;
mod dev;
mod docs;
mod lean;
mod licences;
mod peers;
mod process;
mod screenshots;
mod setup;
mod site;
mod size;
mod style;
mod test;
mod wasm;
mod workspace;

use clap::{Parser, Subcommand};
use std::process::ExitCode;
use workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Builds, shows, tests and measures Usher")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the console and the binary `usher`, which holds it
    Build {
        /// Optimise the binary, and compress the console as far as it goes
        #[arg(long)]
        release: bool,
    },
    /// Build and start the demo environment
    Demo {
        /// Passed on to `usher demo`
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Build and start the server, and do both again whenever a source changes
    Dev {
        /// Passed on to `usher`; `serve` when empty
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<String>,
    },
    /// Run every check and every test, in a browser too
    Test(test::Options),
    /// Write down which packages Usher is made of, with their licences
    Licences,
    /// Measure the release build, and print the figures
    Bench(bench::Options),
    /// Take the images of the documentation from the demo, or of every page to look at
    Screenshots(screenshots::Options),
}

fn main() -> ExitCode {
    let done = lean::compile().unwrap_or_else(|| run(Arguments::parse().command).map(|()| ExitCode::SUCCESS));
    // Not returned from here, where it would come with a backtrace that says nothing to whoever reads it.
    done.unwrap_or_else(|error| {
        eprintln!("xtask: {error:#}");
        ExitCode::FAILURE
    })
}

fn run(command: Command) -> anyhow::Result<()> {
    let workspace = Workspace::find()?;
    match command {
        Command::Build { release } => {
            let profile = if release { build::Profile::Release } else { build::Profile::Debug };
            build::all(&workspace, profile).map(|_| ())
        }
        Command::Demo { arguments } => demo::run(&workspace, &arguments),
        Command::Dev { arguments } => dev::run(&workspace, arguments),
        Command::Test(options) => test::run(&workspace, &options),
        Command::Licences => licences::write(&workspace),
        Command::Bench(options) => bench::run(&workspace, &options),
        Command::Screenshots(options) => screenshots::run(&workspace, &options),
    }
}
