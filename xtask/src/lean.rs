//! Compiles the console without what no browser calls.
//!
//! Leptos 0.8 keeps with every view a second way of hydrating it, for pages whose code arrives in pieces, which none of
//! ours does; the linker cannot tell, because the view points to it. Leptos 0.9 leaves it out by itself. Until then this
//! stands between cargo and its compiler while the browser's half is built: the one crate concerned (`tachys`) is
//! compiled from a copy that points to nothing there. Its package, version and place in `Cargo.lock` stay as they are.
//!
//! When `cargo` says that the line is not there any more, Leptos has changed: this file can go.

use anyhow::{Context as _, Result, ensure};
use std::{
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Where the copy goes; set while cargo builds the browser's half, whose compiler this program is then.
const COPY: &str = "USHER_LEAN_COPY";
const CRATE: &str = "tachys";
/// The file below the crate's root that is changed.
const FILE: &str = "view/any_view.rs";
const KEPT: &str = "hydrate_async: hydrate_async::<T::Owned>,";
const LEFT_OUT: &str = "hydrate_async: |_, _, _| unreachable!(),";

/// Lets `cargo` compile by way of this program.
pub(crate) fn prepare(cargo: &mut Command, copy: &Path) -> Result<()> {
    let this = env::current_exe().context("finding this program")?;
    cargo.env("RUSTC_WRAPPER", this).env(COPY, copy);
    Ok(())
}

/// What to do in place of a command, if cargo calls: compile.
pub(crate) fn compile() -> Option<Result<ExitCode>> {
    let copy = env::var_os(COPY)?;
    let mut arguments = env::args_os().skip(1);
    let compiler = arguments.next()?;
    Some(compile_with(&compiler, arguments.collect(), Path::new(&copy)))
}

fn compile_with(compiler: &OsString, mut arguments: Vec<OsString>, copy: &Path) -> Result<ExitCode> {
    if let Some(root) = arguments.iter_mut().find(|argument| is_root(Path::new(argument))) {
        *root = lean(Path::new(root), copy)?.into();
    }
    let status = Command::new(compiler).args(arguments).status().context("starting the compiler")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// `…/tachys-0.2.19/src/lib.rs`
fn is_root(path: &Path) -> bool {
    let of_crate = |package: &Path| {
        package.file_name().and_then(|name| name.to_str()).is_some_and(|name| name.starts_with(&format!("{CRATE}-")))
    };
    path.ends_with("src/lib.rs") && path.ancestors().nth(2).is_some_and(of_crate)
}

/// Copies the crate, changes the line, and returns the copy's root.
fn lean(root: &Path, copy: &Path) -> Result<PathBuf> {
    let source = root.parent().context("the root of a crate is in a folder")?;
    if copy.exists() {
        fs::remove_dir_all(copy)?;
    }
    copy_folder(source, copy).with_context(|| format!("copying {}", source.display()))?;
    let file = copy.join(FILE);
    let text = fs::read_to_string(&file).with_context(|| format!("reading {}", file.display()))?;
    ensure!(text.contains(KEPT), "`{KEPT}` is not in {CRATE} any more: xtask/src/lean.rs can go, or has to follow");
    fs::write(&file, text.replace(KEPT, LEFT_OUT))?;
    Ok(copy.join("lib.rs"))
}

fn copy_folder(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_of_the_crate_is_known_and_no_other() {
        assert!(is_root(Path::new("/registry/src/x/tachys-0.2.19/src/lib.rs")));
        assert!(!is_root(Path::new("/registry/src/x/leptos-0.8.23/src/lib.rs")));
        assert!(!is_root(Path::new("/registry/src/x/tachys-0.2.19/src/view/mod.rs")));
        assert!(!is_root(Path::new("--crate-name")));
    }
}
