//! What the machine must have: found where it is, installed where we may, asked for by name where we may not.

use anyhow::{Context as _, Result, bail};
use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process;

/// Installs Debian packages, or says what to install.
pub(crate) fn debian(packages: &[&str], why: &str) -> Result<()> {
    let wanted = packages.join(" ");
    let by_hand = format!("{why}: install {wanted} (Debian: `apt-get install {wanted}` as root), then run this again");
    if process::find("apt-get").is_none() || !is_root() {
        bail!("{by_hand}");
    }
    eprintln!("xtask: installing {wanted}, because {why}");
    // A stale list of one source must not stop an installation that the others allow.
    if process::run(Command::new("apt-get").args(["update", "-qq"])).is_err() {
        eprintln!("xtask: the package lists could not all be renewed; trying with what is there");
    }
    process::run(
        Command::new("apt-get")
            .args(["install", "-y", "-qq", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
    )
    .context(by_hand)
}

/// The program, from a Debian package when it is missing.
pub(crate) fn program(name: &str, package: &str, why: &str) -> Result<PathBuf> {
    if let Some(found) = process::find(name) {
        return Ok(found);
    }
    debian(&[package], why)?;
    process::find(name).with_context(|| format!("{package} is installed, but `{name}` is not on the search path"))
}

/// The browser that the tests drive: `USHER_CHROMIUM`, or one of the names it goes by.
pub(crate) fn chromium() -> Result<PathBuf> {
    if let Some(path) = env::var_os("USHER_CHROMIUM").map(PathBuf::from) {
        if path.is_file() {
            return Ok(path);
        }
        bail!("USHER_CHROMIUM names {}, and there is no such file", path.display());
    }
    let known = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    match known.iter().find_map(|name| process::find(name)) {
        Some(path) => Ok(path),
        None => program("chromium", "chromium", "the browser tests need Chromium"),
    }
}

pub(crate) fn is_root() -> bool {
    process::output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0")
}

/// Where `rustc` keeps what it brings along.
pub(crate) fn sysroot(rustc: &Path) -> Result<PathBuf> {
    Ok(PathBuf::from(process::output(Command::new(rustc).args(["--print", "sysroot"]))?.trim()))
}
