//! Figures of the release build. Printed beside what we aim for, never asserted: machines differ.

mod directory;
mod http;
mod lighthouse;
mod load;
mod pages;
mod server;

use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use crate::{
    build::{self, Profile},
    process,
    workspace::Workspace,
};
use http::Client;
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
/// Parts of `--seconds` for one thing; there are some ninety of them, and directories to fill.
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
        bench.memory()?;
    }
    if includes(Part::Pages, "pages of the console") || includes(Part::Lighthouse, "Lighthouse") {
        bench.console(workspace, options)?;
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

    fn memory(&self) -> Result<()> {
        let server = self.serve(&self.folder.join("memory"))?;
        let empty = resident_mb(server.process.id())?;
        let began = Instant::now();
        create_users(server.port, &server.token("scim")?)?;
        let rate = f64::from(USERS) / began.elapsed().as_secs_f64();
        let full = resident_mb(server.process.id())?;
        println!("memory, empty{empty:>25} MB");
        println!("memory, {USERS} users{full:>19} MB   aim {MEMORY_AIM_MB}; created at {rate:.0} a second");
        Ok(())
    }

    /// The console as an administrator of many people meets it.
    fn console(&self, workspace: &Workspace, options: &Options) -> Result<()> {
        let data = self.folder.join("console");
        let began = Instant::now();
        let fill = ["test-data", "--users", &MANY_USERS.to_string(), "--data-dir"];
        process::output(Command::new(&self.binary).args(fill).arg(&data))?;
        println!("test data, {MANY_USERS} users{:>15.1} s", began.elapsed().as_secs_f32());
        let server = self.serve(&data)?;
        let cookie = server.sign_in()?;
        if options.includes(Part::Pages) {
            pages::measure(&server, &cookie)?;
        }
        if options.includes(Part::Lighthouse) {
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

fn create_users(port: u16, token: &str) -> Result<()> {
    thread::scope(|scope| {
        let threads: Vec<_> =
            (0..CONNECTIONS).map(|first| scope.spawn(move || create_every(port, token, first))).collect();
        threads.into_iter().try_for_each(|thread| thread.join().expect("the thread returns its errors"))
    })
}

fn create_every(port: u16, token: &str, first: u32) -> Result<()> {
    let mut client = Client::connect(port)?;
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), ("Content-Type", "application/scim+json")];
    for number in (first..USERS).step_by(CONNECTIONS as usize) {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user-{number}","externalId":"{number}",
            "name":{{"givenName":"Ada","familyName":"Lovelace {number}"}},"active":true,
            "emails":[{{"value":"user-{number}@example.com","primary":true}}]}}"#
        );
        let status = client.send("POST", "/scim2/Users", &headers, &body)?.status;
        if status != 201 {
            bail!("creating user {number} was answered with {status}");
        }
    }
    Ok(())
}

fn resident_mb(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("memory is read from /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024)
}
