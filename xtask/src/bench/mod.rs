//! Figures of the release build. Printed beside what we aim for, never asserted: machines differ.

mod http;
mod lighthouse;
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
    peers,
    process::{self, Running},
    setup,
    workspace::{self, Workspace},
};
use http::{Client, free_port};
use server::{Server, wait_for};

const STARTS: usize = 7;
const USERS: u32 = 10_000;
/// In the directory whose pages are measured.
const MANY_USERS: u32 = 100_000;
const CONNECTIONS: u32 = 8;
const LOAD: &str = "10s";

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
    /// Users created over SCIM, beside scimmy
    Load,
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
    let bench = Bench { binary: options.binary(workspace)?, folder: workspace.target.join("bench") };
    if bench.folder.exists() {
        fs::remove_dir_all(&bench.folder).context("removing the data of the last bench")?;
    }
    println!();
    if options.includes(Part::Start) {
        bench.first_page()?;
    }
    if options.includes(Part::Memory) {
        bench.memory()?;
    }
    if options.includes(Part::Pages) || options.includes(Part::Lighthouse) {
        bench.console(workspace, options)?;
    }
    if options.includes(Part::Load) {
        bench.load(workspace)?;
    }
    Ok(())
}

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
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

    fn load(&self, workspace: &Workspace) -> Result<()> {
        let wrk = setup::program("wrk", "wrk", "the load is made by wrk")?;
        let peers = peers::install(workspace)?;
        let usher = self.load_usher(&wrk)?;
        let scimmy = self.load_scimmy(&wrk, &workspace.root, &peers)?;
        println!("usher : scimmy{:>24.1} : 1", usher / scimmy);
        Ok(())
    }

    fn load_usher(&self, wrk: &Path) -> Result<f64> {
        let server = self.serve(&self.folder.join("load"))?;
        self.create(wrk, "usher", &server.url("/scim2/Users"), &server.token("scim")?)
    }

    fn load_scimmy(&self, wrk: &Path, root: &Path, peers: &Path) -> Result<f64> {
        let (port, token) = (free_port()?, "token-of-scimmy");
        let mut command = Command::new(peers::node()?);
        command.arg(root.join("end2end/peers/scimmy.mjs")).args([&port.to_string(), token]).current_dir(peers);
        let mut process = Running::start(&command)?;
        wait_for(port, "/scim/ServiceProviderConfig", 401, &mut process)?;
        self.create(wrk, "scimmy", &format!("http://127.0.0.1:{port}/scim/Users"), token)
    }

    /// Creates users as fast as they are taken; returns how many a second.
    fn create(&self, wrk: &Path, name: &str, url: &str, token: &str) -> Result<f64> {
        let script = self.folder.join("create.lua");
        workspace::write(&script, CREATE)?;
        let connections = CONNECTIONS.to_string();
        let report = process::output(
            Command::new(wrk)
                .args(["--threads", "2", "--connections", &connections, "--duration", LOAD, "--latency"])
                .args(["--header", &format!("Authorization: Bearer {token}"), "--script"])
                .arg(&script)
                .arg(url),
        )?;
        if report.contains("Non-2xx") || report.contains("Socket errors") {
            bail!("{name} refused some of the load, so its figure says nothing:\n{report}");
        }
        let figure = |label: &str| {
            let line = report.lines().find_map(|line| line.trim().strip_prefix(label));
            line.map(str::trim).with_context(|| format!("wrk did not tell `{label}`:\n{report}"))
        };
        let rate = figure("Requests/sec:")?;
        println!("POST /Users, {name:<8}{rate:>17} /s   99 % within {}", figure("99%")?);
        rate.parse().with_context(|| format!("`{rate}` is no rate"))
    }

    fn serve(&self, data: &Path) -> Result<Server> {
        Server::start(&self.binary, data)
    }
}

/// Names that no two threads share.
const CREATE: &str = r#"
local threads = 0
function setup(thread)
  thread:set("id", threads)
  threads = threads + 1
end
function init()
  count = 0
  wrk.headers["Content-Type"] = "application/scim+json"
end
function request()
  count = count + 1
  local name = "load-" .. id .. "-" .. count
  return wrk.format("POST", nil, nil, '{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"' .. name ..
    '","externalId":"' .. name .. '","name":{"givenName":"Ada","familyName":"Lovelace"},"active":true,' ..
    '"emails":[{"value":"' .. name .. '@example.com","primary":true}]}')
end
"#;

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
