//! What the documentation says of itself, checked: its links lead somewhere, and every setting is in it.

use anyhow::{Result, ensure};
use std::{collections::BTreeSet, fs, path::Path};

use crate::workspace::{self, Workspace};

/// Where documents are.
const DOCUMENTS: &[&str] = &["README.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs"];
/// Where settings are read.
const SETTINGS: &str = "server/src/config";
/// Where each is explained.
const EXPLAINED: &str = "docs/settings.md";
const PREFIX: &str = "USHER_";

pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut broken = Vec::new();
    let documents: Vec<_> = workspace.files(DOCUMENTS)?.into_iter().filter(|file| is_markdown(file)).collect();
    for document in &documents {
        broken.extend(broken_links(workspace, document)?);
    }
    broken.extend(unexplained(workspace)?);
    ensure!(broken.is_empty(), "{}", broken.join("\n"));
    println!("{} documents", documents.len());
    Ok(())
}

fn is_markdown(file: &Path) -> bool {
    file.extension().is_some_and(|extension| extension == "md")
}

fn broken_links(workspace: &Workspace, document: &Path) -> Result<Vec<String>> {
    let text = fs::read_to_string(document)?;
    let folder = document.parent().unwrap_or(&workspace.root);
    let mut broken = Vec::new();
    for link in links(&text) {
        let (path, heading) = link.split_once('#').unwrap_or((link, ""));
        let target = if path.is_empty() { document.to_owned() } else { folder.join(path) };
        let why = if !target.exists() {
            "there is no such file"
        } else if !heading.is_empty() && !headings(&fs::read_to_string(&target)?).contains(heading) {
            "there is no such heading"
        } else {
            continue;
        };
        broken.push(format!("{} links to {link}: {why}", workspace.relative(document).display()));
    }
    Ok(broken)
}

/// The targets of Markdown's links and images that lead to files of ours.
fn links(text: &str) -> Vec<&str> {
    let prose = outside_code(text);
    let targets = prose.into_iter().flat_map(|line| line.split("](").skip(1)).filter_map(|rest| rest.split(')').next());
    targets.filter(|target| !target.contains(':') && !target.starts_with('/')).collect()
}

/// Lines that are not in a fenced block.
fn outside_code(text: &str) -> Vec<&str> {
    let mut fenced = false;
    let mut prose = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            prose.push(line);
        }
    }
    prose
}

/// The names that headings get as targets of links: lower case, words joined by hyphens, other signs left out.
fn headings(text: &str) -> BTreeSet<String> {
    let lines = outside_code(text).into_iter().filter(|line| line.starts_with('#'));
    lines
        .map(|line| {
            let words = line.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
            words.chars().filter(|c| c.is_alphanumeric() || matches!(c, '-' | '_')).collect()
        })
        .collect()
}

fn unexplained(workspace: &Workspace) -> Result<Vec<String>> {
    let explained = String::from_utf8(workspace::read(&workspace.root.join(EXPLAINED))?)?;
    let explained = variables(&explained);
    let mut read = BTreeSet::new();
    for file in workspace.files(&[SETTINGS])? {
        let source = fs::read_to_string(file)?;
        read.extend(variables(&source).into_iter().map(str::to_owned));
    }
    ensure!(!read.is_empty(), "no setting is read in {SETTINGS}: where did they go?");
    let missing = read.iter().filter(|name| !explained.contains(name.as_str()));
    Ok(missing.map(|name| format!("{EXPLAINED} does not explain {name}, which {SETTINGS} reads")).collect())
}

/// Names of environment variables. A name that ends in `_` is the beginning of others.
fn variables(text: &str) -> BTreeSet<&str> {
    let is_part = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c| !is_part(c));
    words.filter(|word| word.len() > PREFIX.len() && word.starts_with(PREFIX) && !word.ends_with('_')).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_to_our_files_are_found_outside_code_alone() {
        let text = "[a](a.md) ![b](images/b.png) [c](https://example.org)\n```\n[d](d.md)\n```\n[e](#e) [f](f.md#g)";
        assert_eq!(links(text), ["a.md", "images/b.png", "#e", "f.md#g"]);
    }

    #[test]
    fn headings_are_named_as_links_name_them() {
        let named = headings("# What can go wrong, and what to do\n## `usher serve`\n```\n# no\n```");
        let expected = ["what-can-go-wrong-and-what-to-do", "usher-serve"].map(str::to_owned);
        assert_eq!(named, BTreeSet::from(expected));
    }

    #[test]
    fn variables_are_whole_names() {
        let found = variables(r#"read("USHER_LOG")? read("USHER_LOG_FORMAT") format!("USHER_{}") other"#);
        assert_eq!(found, BTreeSet::from(["USHER_LOG", "USHER_LOG_FORMAT"]));
    }
}
