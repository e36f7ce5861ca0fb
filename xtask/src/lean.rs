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
    ffi::{OsStr, OsString},
    fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use crate::workspace;

/// Where the copy goes; set while cargo builds the browser's half, whose compiler this program is then.
const COPY: &str = "USHER_LEAN_COPY";
/// What stood between cargo and its compiler before us, such as a cache of what was compiled.
const WRAPPER: &str = "USHER_LEAN_WRAPPER";
/// How cargo says so.
const WRAPPED_BY: &str = "RUSTC_WRAPPER";
const CRATE: &str = "tachys";
/// The file below the crate's root that is changed.
const FILE: &str = "view/any_view.rs";
const KEPT: &str = "hydrate_async: hydrate_async::<T::Owned>,";
const LEFT_OUT: &str = "hydrate_async: |_, _, _| unreachable!(),";

/// A name for what is changed.
pub(crate) fn digest() -> String {
    workspace::digest([CRATE, FILE, KEPT, LEFT_OUT].map(str::as_bytes))
}

/// Lets `cargo` compile by way of this program.
pub(crate) fn prepare(cargo: &mut Command, copy: &Path) -> Result<()> {
    let this = env::current_exe().context("finding this program")?;
    if let Some(wrapper) = env::var_os(WRAPPED_BY).filter(|wrapper| !wrapper.is_empty()) {
        cargo.env(WRAPPER, wrapper);
    }
    cargo.env(WRAPPED_BY, this).env(COPY, copy);
    Ok(())
}

/// That what cargo made was made of the copy, now or earlier.
pub(crate) fn check(copy: &Path) -> Result<()> {
    let changed = fs::read_to_string(copy.join(FILE)).is_ok_and(|text| text.contains(LEFT_OUT));
    ensure!(changed, "{CRATE} was not compiled from {}: xtask/src/lean.rs has to follow cargo", copy.display());
    Ok(())
}

/// What to do in place of a command, if cargo calls: compile.
pub(crate) fn compile() -> Option<Result<ExitCode>> {
    let copy = env::var_os(COPY)?;
    Some(compile_with(env::args_os().skip(1).collect(), Path::new(&copy)))
}

fn compile_with(mut command: Vec<OsString>, copy: &Path) -> Result<ExitCode> {
    if compiles(&command) {
        let root = command.iter_mut().find(|argument| Path::new(argument).ends_with("src/lib.rs"));
        let root = root.with_context(|| format!("the root of {CRATE} is not among what cargo tells the compiler"))?;
        *root = lean(Path::new(root), copy)?.into();
    }
    command.splice(0..0, env::var_os(WRAPPER));
    let (program, arguments) = command.split_first().context("cargo names its compiler")?;
    let status = Command::new(program).args(arguments).status().context("starting the compiler")?;
    Ok(if status.success() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Whether this compiles the crate.
fn compiles(command: &[OsString]) -> bool {
    command.windows(2).any(|pair| pair == [OsStr::new("--crate-name"), OsStr::new(CRATE)])
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
    fn the_crate_is_known_by_its_name() {
        let compiles = |line: &str| compiles(&line.split(' ').map(OsString::from).collect::<Vec<_>>());
        assert!(compiles("rustc --crate-name tachys --edition=2021 /registry/src/x/tachys-0.2.19/src/lib.rs"));
        assert!(!compiles(
            "rustc --crate-name leptos --extern tachys=/x/libtachys.rmeta /registry/leptos-0.8/src/lib.rs"
        ));
        assert!(!compiles("rustc -vV"));
    }

    #[test]
    fn the_copy_lacks_the_line_and_nothing_else() {
        let folder = env::temp_dir().join(format!("usher-lean-{}", std::process::id()));
        let (source, copy) = (folder.join("tachys-1/src"), folder.join("copy"));
        workspace::write(&source.join("lib.rs"), "mod view;").unwrap();
        workspace::write(&source.join(FILE), format!("before {KEPT} after")).unwrap();
        assert!(check(&copy).is_err(), "nothing was copied yet");
        assert_eq!(lean(&source.join("lib.rs"), &copy).unwrap(), copy.join("lib.rs"));
        assert_eq!(fs::read_to_string(copy.join("lib.rs")).unwrap(), "mod view;");
        assert_eq!(fs::read_to_string(copy.join(FILE)).unwrap(), format!("before {LEFT_OUT} after"));
        check(&copy).unwrap();
        fs::write(source.join(FILE), "other").unwrap();
        assert!(lean(&source.join("lib.rs"), &copy).is_err());
        fs::remove_dir_all(folder).unwrap();
    }
}
