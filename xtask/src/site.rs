//! `<target>/site`: the console as it is served, for the crate `assets` to embed.
//!
//! Each file stands there as it is and compressed (`.br`), under a name that holds its hash. `manifest.tsv` lists them,
//! one a line: role, name, content type, hash; its first line is the quality they were compressed with.

use anyhow::{Context as _, Result};
use brotli::enc::BrotliEncoderParams;
use std::{
    fs,
    path::{Path, PathBuf},
};

use crate::workspace::{self, Workspace};

const MANIFEST: &str = "manifest.tsv";

/// Brotli's quality, 0 to [`BEST`], which takes seconds.
pub(crate) type Quality = i32;

pub(crate) const BEST: Quality = 11;

#[derive(Debug)]
pub(crate) struct File {
    pub(crate) role: &'static str,
    pub(crate) content_type: &'static str,
    pub(crate) bytes: Vec<u8>,
}

impl File {
    fn hash(&self) -> String {
        workspace::digest([self.bytes.as_slice()])
    }

    pub(crate) fn name(&self) -> String {
        format!("usher.{}.{}", self.hash(), self.role)
    }

    fn line(&self) -> String {
        format!("{}\t{}\t{}\t{}\n", self.role, self.name(), self.content_type, self.hash())
    }
}

/// Writes what differs from what is there, so that an unchanged console never makes the server link again.
pub(crate) fn write(workspace: &Workspace, files: &[File], quality: Quality) -> Result<()> {
    let site = workspace.target.join("site");
    let lines: String = files.iter().map(File::line).collect();
    if !is_current(&site, &lines, quality) {
        for file in files {
            workspace::write(&site.join(file.name()), &file.bytes)?;
            workspace::write(&compressed(&site, file), compress(&file.bytes, quality)?)?;
        }
        workspace::write(&site.join(MANIFEST), format!("{quality}\n{lines}"))?;
        remove_others(&site, files)?;
    }
    print_sizes(&site, files)
}

/// Better compressed than asked is as good.
fn is_current(site: &Path, lines: &str, quality: Quality) -> bool {
    let Ok(manifest) = fs::read_to_string(site.join(MANIFEST)) else { return false };
    manifest
        .split_once('\n')
        .is_some_and(|(had, rest)| had.parse::<Quality>().is_ok_and(|had| had >= quality) && rest == lines)
}

fn compressed(site: &Path, file: &File) -> PathBuf {
    site.join(format!("{}.br", file.name()))
}

pub(crate) fn compress(bytes: &[u8], quality: Quality) -> Result<Vec<u8>> {
    let mut out = Vec::new();
    let parameters = BrotliEncoderParams { quality, size_hint: bytes.len(), ..BrotliEncoderParams::default() };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &parameters).context("compressing the console")?;
    Ok(out)
}

fn remove_others(site: &Path, files: &[File]) -> Result<()> {
    let kept: Vec<PathBuf> = files
        .iter()
        .flat_map(|file| [site.join(file.name()), compressed(site, file)])
        .chain([site.join(MANIFEST)])
        .collect();
    for entry in fs::read_dir(site)? {
        let path = entry?.path();
        if !kept.contains(&path) {
            fs::remove_file(&path).with_context(|| format!("removing {}", path.display()))?;
        }
    }
    Ok(())
}

fn print_sizes(site: &Path, files: &[File]) -> Result<()> {
    let mut total = 0;
    for file in files {
        let small = fs::metadata(compressed(site, file))?.len();
        total += small;
        println!("{:<28} {:>9} B  {:>8} B with brotli", file.name(), file.bytes.len(), small);
    }
    println!("{:<28} {:>11}  {total:>8} B with brotli", "console", "");
    Ok(())
}
