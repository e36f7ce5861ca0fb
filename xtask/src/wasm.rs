//! The console's half for the browser: compiled to WebAssembly, bound to JavaScript.

use anyhow::{Context as _, Result, bail};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use wasm_bindgen_cli_support::Bindgen;

use crate::{
    lean, process, setup,
    workspace::{self, Workspace},
};

const FOLDER: &str = "browser";
const TRIPLE: &str = "wasm32-unknown-unknown";
/// The one profile of this half: a debug build of it is several times slower to load, and drives another browser.
const PROFILE: &str = "wasm-release";
/// Everything that can change what is compiled. What only the server compiles costs a look, never a wrong console.
const INPUTS: &[&str] = &["app", "frontend", "crates/domain", "Cargo.toml", "Cargo.lock"];
/// Debian's own compiler, with the source of `std` in place of a compiled one.
const DEBIAN_PACKAGES: &[&str] = &["rustc-web", "cargo-web", "rust-web-src"];

#[derive(Debug)]
pub(crate) struct Console {
    pub(crate) script: Vec<u8>,
    pub(crate) wasm: Vec<u8>,
}

/// Builds what changed since the last time, and nothing otherwise. `kit`: with the page that shows every primitive.
pub(crate) fn build(workspace: &Workspace, kit: bool) -> Result<Console> {
    let front = folder(workspace)?;
    let (script, wasm, stamp) = (front.join("usher.js"), front.join("usher.wasm"), front.join("usher.inputs"));
    let toolchain = Toolchain::find()?;
    let inputs = digest(workspace, &toolchain, kit)?;
    if fs::read_to_string(&stamp).is_ok_and(|last| last == inputs) && script.is_file() && wasm.is_file() {
        return Ok(Console { script: workspace::read(&script)?, wasm: workspace::read(&wasm)? });
    }
    let compiled = compile(workspace, &toolchain, &front, kit)?;
    let console = bind(&compiled)?;
    workspace::write(&script, &console.script)?;
    workspace::write(&wasm, &console.wasm)?;
    // Last: an interrupted build must not pass for a finished one.
    workspace::write(&stamp, inputs)?;
    Ok(console)
}

/// Named by what [`lean`] changes, of which cargo knows nothing: what was compiled otherwise is not taken for the same.
/// Folders of other names are of no use any more.
fn folder(workspace: &Workspace) -> Result<PathBuf> {
    let name = format!("{FOLDER}-{}", lean::digest());
    let is_older = |other: &str| other != name && (other == "front" || other.starts_with(FOLDER));
    for entry in fs::read_dir(&workspace.target).into_iter().flatten() {
        let entry = entry?;
        if entry.file_type()?.is_dir() && entry.file_name().to_str().is_some_and(is_older) {
            fs::remove_dir_all(entry.path()).with_context(|| format!("removing {}", entry.path().display()))?;
        }
    }
    Ok(workspace.target.join(name))
}

/// Whether the compiler that checks the rest can check this half too.
pub(crate) fn rustup_has_target() -> bool {
    matches!(Toolchain::find(), Ok(Toolchain::Own))
}

#[derive(Debug)]
enum Toolchain {
    /// The compiler that builds the server has the target.
    Own,
    /// Debian's compiler builds `std` from its source, and links with this.
    Debian { linker: PathBuf },
}

impl Toolchain {
    /// `USHER_WASM_TOOLCHAIN=rustup|debian` chooses; otherwise the first that is there or can be had.
    fn find() -> Result<Self> {
        match env::var("USHER_WASM_TOOLCHAIN").as_deref() {
            Ok("rustup") | Err(_) if has_target() || add_target() => Ok(Self::Own),
            Ok("rustup") => bail!("rustup brought no {TRIPLE}: run `rustup target add {TRIPLE}` and see what it says"),
            Ok("debian") => Self::debian(),
            Ok(other) => bail!("USHER_WASM_TOOLCHAIN is `{other}`: it may be `rustup` or `debian`"),
            Err(_) => Self::debian().with_context(|| {
                format!("this compiler has no {TRIPLE}, and `rustup target add {TRIPLE}` did not bring it")
            }),
        }
    }

    fn debian() -> Result<Self> {
        let [rustc, cargo] = ["/usr/bin/rustc", "/usr/bin/cargo"].map(Path::new);
        let source = || setup::sysroot(rustc).is_ok_and(|root| root.join("lib/rustlib/src/rust/library").is_dir());
        if !rustc.is_file() || !cargo.is_file() || !source() {
            setup::debian(DEBIAN_PACKAGES, "the console needs a compiler for WebAssembly")?;
        }
        Ok(Self::Debian { linker: linker()? })
    }

    /// What tells one compiler's output from another's.
    fn version(&self) -> Result<String> {
        let rustc = match self {
            Self::Own => "rustc",
            Self::Debian { .. } => "/usr/bin/rustc",
        };
        process::output(Command::new(rustc).arg("-vV"))
    }
}

fn has_target() -> bool {
    let print = ["--print", "target-libdir", "--target", TRIPLE];
    process::output(Command::new("rustc").args(print)).is_ok_and(|folder| Path::new(folder.trim()).is_dir())
}

fn add_target() -> bool {
    let add = Command::new("rustup").args(["target", "add", TRIPLE]).stdin(Stdio::null()).status();
    add.is_ok_and(|status| status.success()) && has_target()
}

/// Debian's `rust-lld` is a link into a package of its own, so the one that rustup brought comes first.
fn linker() -> Result<PathBuf> {
    let bundled = || -> Option<PathBuf> {
        let sysroot = setup::sysroot(Path::new("rustc")).ok()?;
        let version = process::output(Command::new("rustc").arg("-vV")).ok()?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "))?;
        let file = sysroot.join("lib/rustlib").join(host).join("bin/rust-lld");
        file.is_file().then_some(file)
    };
    match bundled().or_else(|| process::find("wasm-ld")) {
        Some(linker) => Ok(linker),
        None => setup::program("wasm-ld", "lld", "the console needs a linker for WebAssembly"),
    }
}

fn digest(workspace: &Workspace, toolchain: &Toolchain, kit: bool) -> Result<String> {
    let mut parts = vec![toolchain.version()?.into_bytes(), format!("kit: {kit}").into_bytes()];
    for file in workspace.files(INPUTS)? {
        parts.push(workspace.relative(&file).to_string_lossy().into_owned().into_bytes());
        parts.push(workspace::read(&file)?);
    }
    Ok(workspace::digest(parts.iter().map(Vec::as_slice)))
}

fn compile(workspace: &Workspace, toolchain: &Toolchain, front: &Path, kit: bool) -> Result<PathBuf> {
    let arguments = ["build", "--package", "frontend", "--lib", "--target", TRIPLE, "--profile", PROFILE];
    let mut command = match toolchain {
        Toolchain::Own => workspace.cargo(),
        Toolchain::Debian { linker } => {
            let mut command = Command::new("/usr/bin/cargo");
            let path = env::var_os("PATH").unwrap_or_default();
            let path = env::join_paths([PathBuf::from("/usr/bin")].into_iter().chain(env::split_paths(&path)))?;
            command
                .current_dir(&workspace.root)
                .env("PATH", path)
                .env_remove("RUSTC")
                .env_remove("RUSTDOC")
                .env("RUSTC_BOOTSTRAP", "1")
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_LINKER", linker);
            command
        }
    };
    command.args(arguments).arg("--target-dir").arg(front);
    if kit {
        command.args(["--features", "kit"]);
    }
    if matches!(toolchain, Toolchain::Debian { .. }) {
        command.arg("-Zbuild-std=std,panic_abort");
    }
    let copy = front.join("tachys");
    lean::prepare(&mut command, &copy)?;
    process::run(&mut command)?;
    lean::check(&copy)?;
    Ok(front.join(TRIPLE).join(PROFILE).join("frontend.wasm"))
}

fn bind(compiled: &Path) -> Result<Console> {
    let mut output = Bindgen::new()
        .input_bytes("usher", workspace::read(compiled)?)
        .out_name("usher")
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        // The page names the file, because its name holds a hash.
        .omit_default_module_path(true)
        .generate_output()
        .with_context(|| format!("binding {}", compiled.display()))?;
    // Every crate that binds anything is listed, most with nothing.
    if !output.local_modules().is_empty() || output.snippets().values().any(|snippets| !snippets.is_empty()) {
        bail!("a crate of the console brings JavaScript files of its own, which the site has no place for yet");
    }
    Ok(Console { script: output.js().as_bytes().to_vec(), wasm: output.wasm_mut().emit_wasm() })
}
