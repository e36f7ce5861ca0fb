//! What a browser downloads before the console is alive, and the most that it may be.

use anyhow::{Result, ensure};

use crate::{build, site, workspace::Workspace};

/// Bytes of script, WebAssembly and style together, compressed as a release does it.
const LIMIT: usize = 400_000;

/// Compresses for itself: what the tests run is compressed in less time, and a little worse.
pub(crate) fn check(workspace: &Workspace) -> Result<()> {
    let mut total = 0;
    for file in build::files(workspace, false)? {
        let small = site::compress(&file.bytes, site::BEST)?.len();
        total += small;
        println!("{:<28} {:>9} B  {small:>8} B with brotli {}", file.name(), file.bytes.len(), site::BEST);
    }
    println!("{:<28} {:>11}  {total:>8} B of {LIMIT} B", "console", "");
    ensure!(total <= LIMIT, "the console is {} B larger than the {LIMIT} B that it may be", total - LIMIT);
    Ok(())
}
