//! The programs that the browser tests run against: Playwright, and real SCIM services.
//!
//! Pinned in `end2end/` (`package-lock.json`, `requirements.txt`), installed into a folder of the cache whose name is
//! the digest of those pins, and kept there: other pins make another folder.

use anyhow::{Context as _, Result};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{
    process, setup,
    workspace::{self, Workspace},
};

const PINS: &[&str] = &["package.json", "package-lock.json", "requirements.txt"];
/// Written last: without it, an installation was interrupted.
const COMPLETE: &str = "complete";
/// What Playwright can take from here; everything older lacks syntax that the specs use.
const NODE_AT_LEAST: u32 = 20;

/// Installs what is missing, and returns the folder.
pub(crate) fn install(workspace: &Workspace) -> Result<PathBuf> {
    let pins = workspace.root.join("end2end");
    let folder = folder(&pins)?;
    if !folder.join(COMPLETE).is_file() {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
        }
        for pin in PINS {
            workspace::write(&folder.join(pin), workspace::read(&pins.join(pin))?)?;
        }
        install_node(&folder)?;
        install_python(&folder)?;
        workspace::write(&folder.join(COMPLETE), "")?;
    }
    link(&folder.join("node_modules"), &pins.join("node_modules"))?;
    Ok(folder)
}

pub(crate) fn node() -> Result<PathBuf> {
    let node = setup::program("node", "nodejs", "the browser tests are driven by Node")?;
    let version = process::output(Command::new(&node).arg("--version"))?;
    let major = version.trim().trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    anyhow::ensure!(
        major.is_some_and(|major: u32| major >= NODE_AT_LEAST),
        "the browser tests need Node {NODE_AT_LEAST} or newer, and {} is {}: install a newer one",
        node.display(),
        version.trim(),
    );
    Ok(node)
}

fn folder(pins: &Path) -> Result<PathBuf> {
    let contents: Vec<Vec<u8>> = PINS.iter().map(|pin| workspace::read(&pins.join(pin))).collect::<Result<_>>()?;
    Ok(workspace::cache()?.join(format!("peers-{}", workspace::digest(contents.iter().map(Vec::as_slice)))))
}

fn install_node(folder: &Path) -> Result<()> {
    node()?;
    let npm = setup::program("npm", "npm", "the browser tests need packages of Node")?;
    process::run(
        Command::new(npm)
            .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
            .current_dir(folder)
            // Chromium comes from the system.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
    )
}

fn install_python(folder: &Path) -> Result<()> {
    let python = setup::program("python3", "python3", "the browser tests run a SCIM service written in Python")?;
    let venv = folder.join("venv");
    let create = || process::run(Command::new(&python).args(["-m", "venv", "--clear"]).arg(&venv));
    if create().is_err() {
        setup::debian(&["python3-venv"], "Python cannot make an environment for the SCIM service")?;
        create()?;
    }
    process::run(
        Command::new(venv.join("bin/pip"))
            .args(["install", "--quiet", "--disable-pip-version-check", "--no-input", "--requirement"])
            .arg(folder.join("requirements.txt")),
    )
}

/// The specs find their packages beside them, as every editor expects; the packages stay in the cache.
fn link(packages: &Path, link: &Path) -> Result<()> {
    if fs::read_link(link).is_ok_and(|target| target == packages) {
        return Ok(());
    }
    if link.is_symlink() {
        fs::remove_file(link)?;
    } else if link.exists() {
        fs::remove_dir_all(link)?;
    }
    std::os::unix::fs::symlink(packages, link).with_context(|| format!("linking {}", link.display()))
}
