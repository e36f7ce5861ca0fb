//! The programs that the browser tests run against, Playwright and real SCIM services; and Lighthouse for the bench.
//!
//! Pinned in `end2end/` (`package-lock.json`, `requirements.txt`), installed into a folder of the cache whose name is
//! the digest of those pins, and kept there: other pins make another folder. Lighthouse is as large as the rest, and
//! the tests do without it: its pins are in a folder of their own.

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

const NODE: &[&str] = &["package.json", "package-lock.json"];
const PYTHON: &str = "requirements.txt";
/// Written last: without it, an installation was interrupted.
const COMPLETE: &str = "complete";
/// What Playwright can take from here; everything older lacks syntax that the specs use.
const NODE_AT_LEAST: u32 = 20;

/// Installs what is missing for the tests, and returns the folder.
pub(crate) fn install(workspace: &Workspace) -> Result<PathBuf> {
    let pins = workspace.root.join("end2end");
    let folder = install_into("peers", &pins, &[NODE, &[PYTHON]].concat(), |folder| {
        install_node(folder)?;
        install_python(folder)
    })?;
    link(&folder.join("node_modules"), &pins.join("node_modules"))?;
    Ok(folder)
}

/// Installs Lighthouse if it is missing, and returns its folder.
pub(crate) fn lighthouse(workspace: &Workspace) -> Result<PathBuf> {
    install_into("lighthouse", &workspace.root.join("end2end/lighthouse"), NODE, install_node)
}

fn install_into(name: &str, pins: &Path, files: &[&str], install: impl Fn(&Path) -> Result<()>) -> Result<PathBuf> {
    let contents: Vec<Vec<u8>> = files.iter().map(|pin| workspace::read(&pins.join(pin))).collect::<Result<_>>()?;
    let digest = workspace::digest(contents.iter().map(Vec::as_slice));
    let folder = workspace::cache()?.join(format!("{name}-{digest}"));
    if !folder.join(COMPLETE).is_file() {
        if folder.exists() {
            fs::remove_dir_all(&folder).with_context(|| format!("removing {}", folder.display()))?;
        }
        for (pin, content) in files.iter().zip(contents) {
            workspace::write(&folder.join(pin), content)?;
        }
        install(&folder)?;
        workspace::write(&folder.join(COMPLETE), "")?;
    }
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
            .arg(folder.join(PYTHON)),
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
