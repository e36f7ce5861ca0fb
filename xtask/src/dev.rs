//! A loop for whoever edits: what changed is built, and the server starts again.

use anyhow::Result;
use std::{
    process::Command,
    thread,
    time::{Duration, SystemTime},
};

use crate::{
    build::{self, Profile},
    process::{self, Running},
    workspace::Workspace,
};

const POLL: Duration = Duration::from_millis(400);
const CONSOLE: &[&str] = &["app", "frontend", "style", "crates/domain"];
const SERVER: &[&str] = &["app", "server", "crates", "migrations", "Cargo.toml", "Cargo.lock"];

pub(crate) fn run(workspace: &Workspace, arguments: Vec<String>) -> Result<()> {
    let arguments = if arguments.is_empty() { vec!["serve".into()] } else { arguments };
    let (mut console, mut server) = (None, None);
    let mut running: Option<Running> = None;
    loop {
        let (now_console, now_server) = (newest(workspace, CONSOLE)?, newest(workspace, SERVER)?);
        if now_console == console && now_server == server {
            pause();
            continue;
        }
        let built = (now_console == console || report(&build::console(workspace, Profile::Debug, true)))
            && report(&compile(workspace));
        (console, server) = (now_console, now_server);
        if built {
            // The old one first: it holds the port and the data folder.
            drop(running.take());
            running = Some(start(workspace, &arguments)?);
        }
    }
}

/// Incremental: the one place where the same crates are compiled over and over.
fn compile(workspace: &Workspace) -> Result<()> {
    process::run(workspace.cargo().env("CARGO_INCREMENTAL", "1").args([
        "build",
        "--package",
        "server",
        "--bin",
        "usher",
        "--features",
        "kit",
    ]))
}

fn start(workspace: &Workspace, arguments: &[String]) -> Result<Running> {
    let mut command = Command::new(build::binary(workspace, Profile::Debug));
    command.current_dir(&workspace.root).args(arguments);
    Running::start(&command)
}

fn newest(workspace: &Workspace, below: &[&str]) -> Result<Option<SystemTime>> {
    let files = workspace.files(below)?;
    Ok(files.iter().filter_map(|file| file.metadata().and_then(|meta| meta.modified()).ok()).max())
}

fn report(result: &Result<()>) -> bool {
    if let Err(error) = result {
        eprintln!("xtask: {error:#}\nxtask: waiting for the next change");
    }
    result.is_ok()
}

#[expect(clippy::disallowed_methods, reason = "files are watched by looking; there is no clock here to step")]
fn pause() {
    thread::sleep(POLL);
}
