//! Images of the console, taken from the demo: those of the documentation, or of every page to look at.

use anyhow::{Context as _, Result};
use clap::Args;
use std::{env, fs, path::PathBuf, process::Command};

use crate::{
    build::{self, Profile},
    peers, process, setup,
    workspace::Workspace,
};

/// Where README.md and docs/ find theirs.
const IMAGES: &str = "docs/images";

#[derive(Debug, Args)]
pub(crate) struct Options {
    /// Every page, light and dark, wide and narrow, into this folder instead
    #[arg(long, value_name = "FOLDER")]
    all: Option<PathBuf>,
    /// Take them from this binary instead of building one
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let chromium = setup::chromium()?;
    let peers = peers::install(workspace)?;
    let binary = match &options.binary {
        Some(binary) => fs::canonicalize(binary).with_context(|| format!("looking for {}", binary.display()))?,
        None => build::all(workspace, Profile::Debug)?,
    };
    let (project, folder) = match &options.all {
        Some(folder) => ("all", env::current_dir()?.join(folder)),
        None => ("docs", workspace.root.join(IMAGES)),
    };
    let mut command = Command::new(peers::node()?);
    command
        .arg(peers.join("node_modules/@playwright/test/cli.js"))
        .args(["test", "--config=screenshots", &format!("--project={project}")])
        .current_dir(workspace.root.join("end2end"))
        .env("USHER_BIN", binary)
        .env("USHER_CHROMIUM", chromium)
        .env("USHER_SHOTS", &folder);
    process::run_leashed(&command, None)?;
    println!("{}", folder.display());
    Ok(())
}
