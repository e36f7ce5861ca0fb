//! Where things are: the checkout, the target folder, the cache outside both.

use anyhow::{Context as _, Result};
use serde::Deserialize;
use sha2::{Digest as _, Sha256};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::process;

/// Folders that hold no source of ours.
const NOT_SOURCE: &[&str] = &["target", "node_modules", ".git", "usher-data", "test-results"];

#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) packages: Vec<Package>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Package {
    pub(crate) name: String,
    pub(crate) dependencies: Vec<Dependency>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct Dependency {
    pub(crate) name: String,
    /// `dev`, `build`, or nothing for an ordinary one.
    pub(crate) kind: Option<String>,
    pub(crate) optional: bool,
}

#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
    target_directory: PathBuf,
    workspace_root: PathBuf,
}

impl Workspace {
    pub(crate) fn find() -> Result<Self> {
        // As it is now, not as it was compiled: checkouts that share a target folder share this program.
        let home = env::var_os("CARGO_MANIFEST_DIR").map_or_else(|| PathBuf::from("."), PathBuf::from);
        let text = process::output(
            Command::new(cargo()).args(["metadata", "--no-deps", "--format-version", "1"]).current_dir(home),
        )?;
        let Metadata { packages, target_directory, workspace_root } =
            serde_json::from_str(&text).context("reading what `cargo metadata` said")?;
        Ok(Self { root: workspace_root, target: target_directory, packages })
    }

    /// A cargo command at the root. Without incremental compilation: its files double the target folder, and only
    /// `dev` compiles the same crate often enough to profit.
    pub(crate) fn cargo(&self) -> Command {
        let mut command = Command::new(cargo());
        command.current_dir(&self.root).env("CARGO_INCREMENTAL", "0");
        command
    }

    /// Every source file below the given paths, sorted, so that digests and messages are stable.
    pub(crate) fn files(&self, below: &[&str]) -> Result<Vec<PathBuf>> {
        let mut found = Vec::new();
        for path in below {
            collect(&self.root.join(path), &mut found)?;
        }
        found.sort();
        Ok(found)
    }

    pub(crate) fn relative<'a>(&self, path: &'a Path) -> &'a Path {
        path.strip_prefix(&self.root).unwrap_or(path)
    }
}

/// The cargo that started us, so that both halves of a run use one toolchain.
fn cargo() -> String {
    env::var("CARGO").unwrap_or_else(|_| "cargo".into())
}

/// `$XDG_CACHE_HOME/usher`: what is worth keeping when the checkout is thrown away.
pub(crate) fn cache() -> Result<PathBuf> {
    let base = match env::var_os("XDG_CACHE_HOME").filter(|value| !value.is_empty()) {
        Some(path) => PathBuf::from(path),
        None => PathBuf::from(env::var_os("HOME").context("neither XDG_CACHE_HOME nor HOME is set: set one")?)
            .join(".cache"),
    };
    Ok(base.join("usher"))
}

/// A name for these bytes: the first 16 hexadecimal digits of their SHA-256.
pub(crate) fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = Sha256::new();
    for part in parts {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part);
    }
    let hash = hasher.finalize();
    hash[..8].iter().fold(String::new(), |name, byte| name + &format!("{byte:02x}"))
}

pub(crate) fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("reading {}", path.display()))
}

pub(crate) fn write(path: &Path, bytes: impl AsRef<[u8]>) -> Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    fs::write(path, bytes).with_context(|| format!("writing {}", path.display()))
}

fn collect(path: &Path, found: &mut Vec<PathBuf>) -> Result<()> {
    if !path.is_dir() {
        if path.is_file() {
            found.push(path.to_owned());
        }
        return Ok(());
    }
    for entry in fs::read_dir(path).with_context(|| format!("listing {}", path.display()))? {
        let entry = entry?;
        let skipped = NOT_SOURCE.iter().any(|name| entry.file_name() == *name);
        // Links lead out of the tree, to the peers' modules for one.
        if !skipped && !entry.file_type()?.is_symlink() {
            collect(&entry.path(), found)?;
        }
    }
    Ok(())
}
