//! The list of what Usher is made of: every package in the binary and in its console, with its licence.
//!
//! It is committed, so that a build needs nothing but the sources, and checked, so that it is never out of date.

use anyhow::{Context as _, Result, ensure};
use std::{collections::BTreeSet, path::PathBuf};

use crate::{
    process,
    workspace::{self, Workspace},
};

/// The two halves, each for what it runs on.
const HALVES: &[(&str, &str)] = &[("server", "x86_64-unknown-linux-gnu"), ("frontend", "wasm32-unknown-unknown")];

const HEAD: &str = "\
The packages that Usher and its console are made of: name, version and licence (SPDX).
Written by `cargo xtask licences`.
";

pub(crate) fn write(workspace: &Workspace) -> Result<()> {
    let file = file(workspace);
    workspace::write(&file, list(workspace)?)?;
    println!("{}", file.display());
    Ok(())
}

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let committed = workspace::read(&file(workspace))?;
    ensure!(
        committed == list(workspace)?.as_bytes(),
        "{} is not what the dependencies are: run `cargo xtask licences`",
        workspace.relative(&file(workspace)).display()
    );
    Ok(())
}

fn file(workspace: &Workspace) -> PathBuf {
    workspace.root.join("server/src/console/licences.txt")
}

fn list(workspace: &Workspace) -> Result<String> {
    let mut rows = BTreeSet::new();
    for (package, target) in HALVES {
        // What only runs while compiling is in neither half.
        let tree = process::output(workspace.cargo().args([
            "tree",
            "--locked",
            "--package",
            package,
            "--target",
            target,
            "--edges",
            "normal,no-proc-macro",
            "--prefix",
            "none",
            "--format",
            "{p}\t{l}",
        ]))?;
        for line in tree.lines() {
            rows.extend(row(workspace, line)?);
        }
    }
    let rows: Vec<String> = rows.into_iter().collect();
    Ok(format!("{HEAD}\n{}\n", rows.join("\n")))
}

/// One line of `cargo tree`; nothing for a package of ours.
fn row(workspace: &Workspace, line: &str) -> Result<Option<String>> {
    let (package, licence) = line.split_once('\t').with_context(|| format!("`{line}` is no line of ours"))?;
    let (name, rest) = package.split_once(" v").with_context(|| format!("`{package}` has no version"))?;
    if workspace.packages.iter().any(|package| package.name == name) {
        return Ok(None);
    }
    let version = rest.split(' ').next().unwrap_or(rest);
    let licence = licence.trim_end_matches(" (*)").trim();
    ensure!(!licence.is_empty(), "{name} {version} names no licence");
    Ok(Some(format!("{name:<32} {version:<14} {licence}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        let own = workspace::Package { name: "server".to_owned(), dependencies: Vec::new() };
        Workspace { root: PathBuf::new(), target: PathBuf::new(), packages: vec![own] }
    }

    #[test]
    fn a_package_is_listed_once_with_its_licence() {
        let row = |line: &str| row(&workspace(), line).unwrap();
        let first = row("axum v0.8.9\tMIT").unwrap();
        assert_eq!(first.split_whitespace().collect::<Vec<_>>(), ["axum", "0.8.9", "MIT"]);
        assert_eq!(row("axum v0.8.9\tMIT (*)"), Some(first));
        assert_eq!(row("server v0.1.0 (/somewhere)\tApache-2.0"), None);
    }

    #[test]
    fn a_package_without_a_licence_is_an_error() {
        assert!(row(&workspace(), "odd v1.0.0\t").is_err());
        assert!(row(&workspace(), "warning: something").is_err());
    }
}
