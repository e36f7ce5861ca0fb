//! The console, and the binary that holds it.

use anyhow::Result;
use std::path::PathBuf;

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
            Self::Release => 11,
        }
    }
}

/// Builds both, and returns where the binary is.
pub(crate) fn all(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    console(workspace, profile)?;
    let binary = server(workspace, profile)?;
    println!("{}", binary.display());
    Ok(binary)
}

pub(crate) fn console(workspace: &Workspace, profile: Profile) -> Result<()> {
    let wasm::Console { script, wasm } = wasm::build(workspace)?;
    let style = style::build(workspace)?;
    let files = [
        site::File { role: "js", content_type: "text/javascript; charset=utf-8", bytes: script },
        site::File { role: "wasm", content_type: "application/wasm", bytes: wasm },
        site::File { role: "css", content_type: "text/css; charset=utf-8", bytes: style },
    ];
    site::write(workspace, &files, profile.quality())
}

pub(crate) fn server(workspace: &Workspace, profile: Profile) -> Result<PathBuf> {
    let mut command = workspace.cargo();
    command.args(["build", "--package", "server", "--bin", "usher"]);
    if profile == Profile::Release {
        command.arg("--release");
    }
    process::run(&mut command)?;
    Ok(binary(workspace, profile))
}

pub(crate) fn binary(workspace: &Workspace, profile: Profile) -> PathBuf {
    workspace.target.join(profile.folder()).join(format!("usher{}", std::env::consts::EXE_SUFFIX))
}
