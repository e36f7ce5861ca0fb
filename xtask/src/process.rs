//! Other programs: run them, read them, and never leave one behind.

use anyhow::{Context as _, Result, bail};
use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Command, Stdio},
    time::Duration,
};

/// Time between asking a program to stop and stopping it.
const GRACE: &str = "--kill-after=15";
/// What `timeout` exits with when the limit was over.
const TIMED_OUT: i32 = 124;

/// Runs it to its end, its output going where ours goes.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command.stdin(Stdio::null()).status().with_context(|| format!("starting {}", describe(command)))?;
    if status.success() {
        return Ok(());
    }
    bail!("{} failed ({status})", describe(command))
}

/// Runs it to its end and returns what it wrote to standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .with_context(|| format!("starting {}", describe(command)))?;
    if !output.status.success() {
        bail!("{} failed ({})", describe(command), output.status);
    }
    String::from_utf8(output.stdout).with_context(|| format!("reading what {} said", describe(command)))
}

/// Runs it to its end on a [leash](leashed).
pub(crate) fn run_leashed(command: &Command, limit: Option<Duration>) -> Result<()> {
    let mut leashed = leashed(command, limit);
    let status = leashed.stdin(Stdio::null()).status().with_context(|| format!("starting {}", describe(command)))?;
    match status.code() {
        Some(0) => Ok(()),
        Some(TIMED_OUT) if limit.is_some() => bail!("{} was still running when its time was over", describe(command)),
        _ => bail!("{} failed ({status})", describe(command)),
    }
}

/// The same command on a leash: its whole process group ends when the limit is over, when we are stopped, and when we
/// are killed. Where the two programs that do this are missing (not on Linux), the command itself.
pub(crate) fn leashed(command: &Command, limit: Option<Duration>) -> Command {
    let (Some(setpriv), Some(timeout)) = (find("setpriv"), find("timeout")) else {
        let mut plain = Command::new(command.get_program());
        copy(command, &mut plain);
        return plain;
    };
    let mut leashed = Command::new(setpriv);
    // `timeout 0` knows no limit, and still passes signals on to the group.
    leashed.args(["--pdeathsig", "TERM"]).arg(timeout).arg(GRACE);
    leashed.arg(limit.map_or(0, |limit| limit.as_secs().max(1)).to_string());
    leashed.arg(command.get_program());
    copy(command, &mut leashed);
    leashed
}

/// The program of this name on the search path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn copy(from: &Command, to: &mut Command) {
    to.args(from.get_args());
    if let Some(folder) = from.get_current_dir() {
        to.current_dir(folder);
    }
    for (name, value) in from.get_envs() {
        match value {
            Some(value) => to.env(name, value),
            None => to.env_remove(name),
        };
    }
}

fn describe(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    format!("`{}`", words.join(" "))
}
