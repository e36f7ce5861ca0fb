//! Other programs: run them, read them, and never leave one behind.

use anyhow::{Context as _, Result, bail};
use std::{
    ffi::OsStr,
    path::PathBuf,
    process::{Child, Command, Stdio},
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

/// The same command on a leash: its whole process group ends when the limit is over, and when we end. Where the
/// programs that do this are missing (not on Linux), the command itself.
pub(crate) fn leashed(command: &Command, limit: Option<Duration>) -> Command {
    // `timeout 0` knows no limit, and still passes signals on to the group.
    let limit = limit.map_or(0, |limit| limit.as_secs().max(1)).to_string();
    tied(&before("timeout", &[GRACE, &limit], command))
}

/// The same command, asked to stop when we end, however we end. It keeps its process id.
pub(crate) fn tied(command: &Command) -> Command {
    before("setpriv", &["--pdeathsig", "TERM"], command)
}

fn before(program: &str, arguments: &[&str], command: &Command) -> Command {
    let mut whole = match find(program) {
        Some(program) => {
            let mut whole = Command::new(program);
            whole.args(arguments).arg(command.get_program());
            whole
        }
        None => Command::new(command.get_program()),
    };
    whole.args(command.get_args());
    if let Some(folder) = command.get_current_dir() {
        whole.current_dir(folder);
    }
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => whole.env(name, value),
            None => whole.env_remove(name),
        };
    }
    whole
}

/// A program beside us, stopped when this is dropped.
#[derive(Debug)]
pub(crate) struct Running(Child);

impl Running {
    pub(crate) fn start(command: &Command) -> Result<Self> {
        Self::start_with(command, &mut tied(command))
    }

    /// One that would tell of each request, which is nothing to look at among figures.
    pub(crate) fn start_quietly(command: &Command) -> Result<Self> {
        Self::start_with(command, tied(command).stdout(Stdio::null()).stderr(Stdio::null()))
    }

    fn start_with(command: &Command, tied: &mut Command) -> Result<Self> {
        let child = tied.stdin(Stdio::null()).spawn();
        Ok(Self(child.with_context(|| format!("starting {}", describe(command)))?))
    }

    pub(crate) fn id(&self) -> u32 {
        self.0.id()
    }

    pub(crate) fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Running {
    /// Asked, not killed, so that it leaves its data folder free for the next.
    fn drop(&mut self) {
        if self.has_ended() {
            return;
        }
        let asked = run(Command::new("kill").args(["-TERM", &self.0.id().to_string()]));
        if let Err(error) = asked.and_then(|()| self.0.wait().context("waiting for its end")) {
            eprintln!("xtask: process {} could not be stopped: {error:#}", self.0.id());
        }
    }
}

/// The program of this name on the search path.
pub(crate) fn find(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|file| file.is_file())
}

fn describe(command: &Command) -> String {
    let words: Vec<_> =
        std::iter::once(command.get_program()).chain(command.get_args()).map(OsStr::to_string_lossy).collect();
    format!("`{}`", words.join(" "))
}
