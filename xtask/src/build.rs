//! The console, and the binary that holds it.

use anyhow::Result;
use std::{path::PathBuf, process::Command};

use crate::{process, site, style, wasm, workspace::Workspace};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Profile {
    Debug,
    Release,
}

impl Profile {
    fn folder(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Release => "release",
        }
    }

    fn quality(self) -> site::Quality {
        match self {
            Self::Debug => 5,
            Self::Release => site::BEST,
        }
    }
}

/// Builds both, and returns where the binary is.
pub(crate) fn all(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    console(workspace, profile, false)?;
    let binary = server(workspace, profile)?;
    println!("{}", binary.display());
    Ok(binary)
}

/// `kit`: with the page that shows every primitive.
pub(crate) fn console(workspace: &Workspace, profile: Profile, kit: bool) -> Result<()> {
    site::write(workspace, &files(workspace, kit)?, profile.quality())
}

/// The console's files, uncompressed.
pub(crate) fn files(workspace: &Workspace, kit: bool) -> Result<[site::File; 3]> {
    let wasm::Console { script, wasm } = wasm::build(workspace, kit)?;
    let style = style::build(workspace)?;
    Ok([
        site::File { role: "js", content_type: "text/javascript; charset=utf-8", bytes: script },
        site::File { role: "wasm", content_type: "application/wasm", bytes: wasm },
        site::File { role: "css", content_type: "text/css; charset=utf-8", bytes: style },
    ])
}

pub(crate) fn server(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    command.args(["build", "--package", "server", "--bin", "usher"]);
    if profile == Profile::Release {
        command.arg("--release");
        if let Some(commit) = commit(workspace) {
            command.env("USHER_COMMIT", commit);
        }
    }
    process::run(&mut command)?;
    Ok(binary(workspace, profile))
}

/// A program beside the binary, which the bench compares it with.
pub(crate) fn example(workspace: &Workspace, profile: Profile, name: &str) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    command.args(["build", "--package", "server", "--example", name]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    let folder = workspace.target.join(profile.folder()).join("examples");
    Ok(folder.join(format!("{name}{}", std::env::consts::EXE_SUFFIX)))
}

/// What is checked out, for the console to show; nothing where this is no checkout.
fn commit(workspace: &Workspace) -> Option<String> {
    let mut git = Command::new("git");
    git.args(["rev-parse", "--short=12", "HEAD"]).current_dir(&workspace.root);
    let commit = process::output(&mut git).ok()?;
    Some(commit.trim().to_owned())
}

pub(crate) fn binary(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.target.join(profile.folder()).join(format!("usher{}", std::env::consts::EXE_SUFFIX))
}
