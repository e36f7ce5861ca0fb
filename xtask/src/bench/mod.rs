//! Figures of the release build. Printed beside what we aim for, never asserted: machines differ.

mod directory;
mod http;
mod lighthouse;
mod load;
mod pages;
mod server;

use anyhow::{Context as _, Result};
use std::{
    fmt, fs,
    path::{Path, PathBuf},
    process::Command,
    time::{Duration, Instant},
};

use crate::{
    build::{self, Profile},
    process::{self, Running},
    workspace::Workspace,
};
use load::Load;
use server::Server;

const STARTS: usize = 7;
const USERS: u32 = 10_000;
/// In the directory whose pages are measured.
const MANY_USERS: u32 = 100_000;
const CONNECTIONS: u32 = 8;
/// Users in the directories of [`directory`].
const SIZES: &[u32] = &[1_000, 100_000, 1_000_000];
/// How long one thing is measured.
const SHARE: Duration = Duration::from_secs(5);
/// Parts of `--seconds` for one thing; there are some hundred of them, and directories to fill.
const SHARES: f64 = 150.0;
const SHORTEST_SHARE: Duration = Duration::from_millis(250);

const FIRST_PAGE_AIM: Duration = Duration::from_millis(300);
const MEMORY_AIM_MB: u64 = 80;

#[derive(Debug, clap::Args)]
pub(crate) struct Options {
    /// Measure the debug build instead: the figures mean nothing, but they come soon
    #[arg(long)]
    debug: bool,
    /// Measure this binary instead of building one
    #[arg(long, value_name = "FILE", conflicts_with = "debug")]
    binary: Option<PathBuf>,
    /// Measure this alone; may be repeated
    #[arg(long, value_name = "WHAT")]
    only: Vec<Part>,
    /// Measure a directory of so many users over SCIM, instead of the usual three; may be repeated
    #[arg(long, value_name = "USERS", value_parser = clap::value_parser!(u32).range(1_000..))]
    size: Vec<u32>,
    /// Give the whole run about this many seconds: each thing is measured for a shorter time, and what has not begun by
    /// then is left out
    #[arg(long, value_name = "N")]
    seconds: Option<u64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Part {
    /// From the start of the process to its first page
    Start,
    Memory,
    /// The pages of the console on the server
    Pages,
    /// Scores of Lighthouse
    Lighthouse,
    /// Users created over SCIM, beside bare inserts, scimmy and scim2-server
    Load,
    /// Directories of several sizes over SCIM, beside scimmy and scim2-server
    Directory,
}

/// How long things are measured, and when there is no time for more.
#[derive(Clone, Copy, Debug)]
struct Clock {
    began: Instant,
    limit: Option<Duration>,
}

impl Clock {
    fn share(&self) -> Duration {
        self.limit.map_or(SHARE, |limit| limit.div_f64(SHARES).clamp(SHORTEST_SHARE, SHARE))
    }

    /// What is left of `--seconds`.
    fn left(&self) -> Option<Duration> {
        self.limit.map(|limit| limit.saturating_sub(self.began.elapsed()))
    }

    /// For what is done to its end, unless the time is over before.
    fn at_most(&self, most: Duration) -> Duration {
        self.left().map_or(most, |left| left.min(most))
    }

    /// Fills a data folder; false, and said so, where `--seconds` were over before that.
    fn fills(&self, command: &Command, users: u32) -> Result<bool> {
        let began = Instant::now();
        let done = process::run_leashed(command, self.left());
        if done.is_err() && self.is_over(&format!("a directory of {users}")) {
            return Ok(false);
        }
        done?;
        println!("test data, {users} users{:>20.1} s", began.elapsed().as_secs_f32());
        Ok(true)
    }

    /// Says what is left out.
    fn is_over(&self, what: &str) -> bool {
        let over = self.limit.is_some_and(|limit| self.began.elapsed() >= limit);
        if over {
            println!("left out, as the time of --seconds is over: {what}");
        }
        over
    }
}

impl Options {
    fn includes(&self, part: Part) -> bool {
        self.only.is_empty() || self.only.contains(&part)
    }

    fn binary(&self, workspace: &Workspace) -> Result<PathBuf> {
        match &self.binary {
            Some(binary) => Ok(fs::canonicalize(binary).with_context(|| format!("looking for {}", binary.display()))?),
            None => build::all(workspace, if self.debug { Profile::Debug } else { Profile::Release }),
        }
    }
}

pub(crate) fn run(workspace: &Workspace, options: &Options) -> Result<()> {
    let profile = if options.debug { Profile::Debug } else { Profile::Release };
    let bench = Bench { binary: options.binary(workspace)?, folder: workspace.target.join("bench"), profile };
    let clock = Clock { began: Instant::now(), limit: options.seconds.map(Duration::from_secs) };
    let includes = |part: Part, what: &str| options.includes(part) && !clock.is_over(what);
    if bench.folder.exists() {
        fs::remove_dir_all(&bench.folder).context("removing the data of the last bench")?;
    }
    println!();
    if includes(Part::Start, "the start") {
        bench.first_page()?;
    }
    if includes(Part::Memory, "memory") {
        bench.memory(&clock)?;
    }
    if includes(Part::Pages, "pages of the console") || includes(Part::Lighthouse, "Lighthouse") {
        bench.console(workspace, options, &clock)?;
    }
    if includes(Part::Load, "users created") {
        directory::creates(&bench, workspace, &clock)?;
    }
    if includes(Part::Directory, "directories") {
        let sizes = if options.size.is_empty() { SIZES } else { &options.size };
        directory::measure(&bench, workspace, sizes, &clock)?;
    }
    Ok(())
}

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    profile: Profile,
}

impl Bench {
    /// From the start of the process to the last byte of a page, with a data folder that is there already.
    fn first_page(&self) -> Result<()> {
        let data = self.folder.join("first-page");
        drop(self.serve(&data)?);
        let mut took = (0..STARTS).map(|_| self.serve(&data).map(|server| server.took)).collect::<Result<Vec<_>>>()?;
        took.sort();
        let (median, most) = (took[STARTS / 2].as_millis(), took[STARTS - 1].as_millis());
        println!("first page{:>28} ms   at most {most} ms of {STARTS}; aim {}", median, FIRST_PAGE_AIM.as_millis());
        Ok(())
    }

    fn memory(&self, clock: &Clock) -> Result<()> {
        let server = self.serve(&self.folder.join("memory"))?;
        println!("memory, empty{:>25} MB", Memory::of(&server.process)?.resident_mb);
        let token = server.token("scim")?;
        let lasts = clock.at_most(Duration::MAX);
        let load =
            Load { port: server.port, token: &token, media_type: directory::JSON, connections: CONNECTIONS, lasts };
        let created = load.run_until(USERS.into(), |number| directory::new_user("/scim2", "user", number))?;
        let (users, memory) = (created.count, Memory::of(&server.process)?);
        println!("memory, {users} users{memory}; aim {MEMORY_AIM_MB}; created at {:.0} a second", created.rate);
        Ok(())
    }

    /// The console as an administrator of many people meets it.
    fn console(&self, workspace: &Workspace, options: &Options, clock: &Clock) -> Result<()> {
        let data = self.folder.join("console");
        let mut fill = Command::new(&self.binary);
        fill.args(["test-data", "--users", &MANY_USERS.to_string(), "--data-dir"]).arg(&data);
        if !clock.fills(&fill, MANY_USERS)? {
            return Ok(());
        }
        let server = self.serve(&data)?;
        let cookie = server.sign_in()?;
        if options.includes(Part::Pages) {
            pages::measure(&server, &cookie)?;
        }
        if options.includes(Part::Lighthouse) && !clock.is_over("Lighthouse") {
            lighthouse::measure(workspace, &self.folder, &server, &cookie)?;
        }
        Ok(())
    }

    /// What only inserts.
    fn bare(&self, workspace: &Workspace) -> Result<PathBuf> {
        build::example(workspace, self.profile, "bare_inserts")
    }

    fn serve(&self, data: &Path) -> Result<Server> {
        Server::start(&self.binary, data)
    }
}

/// What the system gave a process.
struct Memory {
    resident_mb: u64,
    most_mb: u64,
}

impl Memory {
    fn of(process: &Running) -> Result<Self> {
        let status =
            fs::read_to_string(format!("/proc/{}/status", process.id())).context("memory is read from /proc")?;
        let megabytes = |name: &str| -> Result<u64> {
            let line = status.lines().find_map(|line| line.strip_prefix(name)).context("the process has ended")?;
            let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
            Ok(kilobytes / 1024)
        };
        Ok(Self { resident_mb: megabytes("VmRSS:")?, most_mb: megabytes("VmHWM:")? })
    }
}

impl fmt::Display for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:>17} MB   at most {} MB", self.resident_mb, self.most_mb)
    }
}
