//! Figures of the release build. Printed beside what we aim for, never asserted: machines differ.

use anyhow::{Context as _, Result, bail};
use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
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

const STARTS: usize = 7;
const USERS: u32 = 10_000;
const CONNECTIONS: u32 = 8;
const LOAD: &str = "10s";
const STARTS_WITHIN: Duration = Duration::from_secs(30);

const FIRST_PAGE_AIM: Duration = Duration::from_millis(300);
const MEMORY_AIM_MB: u64 = 80;

#[derive(Debug, Clone, Copy, clap::Args)]
pub(crate) struct Options {
    /// Measure the debug build instead: the figures mean nothing, but they come soon
    #[arg(long)]
    debug: bool,
}

pub(crate) fn run(workspace: &Workspace, options: Options) -> Result<()> {
    let wrk = setup::program("wrk", "wrk", "the load is made by wrk")?;
    let peers = peers::install(workspace)?;
    let binary = build::all(workspace, if options.debug { Profile::Debug } else { Profile::Release })?;
    let bench = Bench { binary, folder: workspace.target.join("bench"), wrk };
    if bench.folder.exists() {
        fs::remove_dir_all(&bench.folder).context("removing the data of the last bench")?;
    }
    println!();
    bench.first_page()?;
    bench.memory()?;
    let usher = bench.load_usher()?;
    let scimmy = bench.load_scimmy(&workspace.root, &peers)?;
    println!("usher : scimmy{:>24.1} : 1", usher / scimmy);
    Ok(())
}

struct Bench {
    binary: PathBuf,
    folder: PathBuf,
    wrk: PathBuf,
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
        create_users(server.port, &server.token(&self.binary)?)?;
        let rate = f64::from(USERS) / began.elapsed().as_secs_f64();
        let full = resident_mb(server.process.id())?;
        println!("memory, empty{empty:>25} MB");
        println!("memory, {USERS} users{full:>19} MB   aim {MEMORY_AIM_MB}; created at {rate:.0} a second");
        Ok(())
    }

    fn load_usher(&self) -> Result<f64> {
        let server = self.serve(&self.folder.join("load"))?;
        self.load("usher", &format!("http://127.0.0.1:{}/scim2/Users", server.port), &server.token(&self.binary)?)
    }

    fn load_scimmy(&self, root: &Path, peers: &Path) -> Result<f64> {
        let (port, token) = (free_port()?, "token-of-scimmy");
        let mut command = Command::new(peers::node()?);
        command.arg(root.join("end2end/peers/scimmy.mjs")).args([&port.to_string(), token]).current_dir(peers);
        let mut process = Running::start(&command)?;
        wait_for(port, "/scim/ServiceProviderConfig", 401, &mut process)?;
        self.load("scimmy", &format!("http://127.0.0.1:{port}/scim/Users"), token)
    }

    /// Creates users as fast as they are taken; returns how many a second.
    fn load(&self, name: &str, url: &str, token: &str) -> Result<f64> {
        let script = self.folder.join("create.lua");
        workspace::write(&script, CREATE)?;
        let connections = CONNECTIONS.to_string();
        let report = process::output(
            Command::new(&self.wrk)
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
        let port = free_port()?;
        let mut command = Command::new(&self.binary);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(data)
            .env("USHER_ADMIN_USERNAME", "admin")
            .env("USHER_ADMIN_PASSWORD", "correct horse battery staple")
            .env("USHER_LOG", "warn");
        let began = Instant::now();
        let mut process = Running::start(&command)?;
        wait_for(port, "/sign-in", 200, &mut process)?;
        Ok(Server { process, port, data: data.to_owned(), took: began.elapsed() })
    }
}

struct Server {
    process: Running,
    port: u16,
    data: PathBuf,
    took: Duration,
}

impl Server {
    fn token(&self, binary: &Path) -> Result<String> {
        let create = ["token", "create", "--name", "bench", "--scope", "scim", "--data-dir"];
        Ok(process::output(Command::new(binary).args(create).arg(&self.data))?.trim().to_owned())
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
    let mut connection = BufReader::new(TcpStream::connect(("127.0.0.1", port))?);
    for number in (first..USERS).step_by(CONNECTIONS as usize) {
        let body = format!(
            r#"{{"schemas":["urn:ietf:params:scim:schemas:core:2.0:User"],"userName":"user-{number}","externalId":"{number}",
            "name":{{"givenName":"Ada","familyName":"Lovelace {number}"}},"active":true,
            "emails":[{{"value":"user-{number}@example.com","primary":true}}]}}"#
        );
        let head = format!(
            "POST /scim2/Users HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Bearer {token}\r\n\
             Content-Type: application/scim+json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        connection.get_mut().write_all((head + &body).as_bytes())?;
        let status = answer(&mut connection)?;
        if status != 201 {
            bail!("creating user {number} was answered with {status}");
        }
    }
    Ok(())
}

/// Reads one answer to its end and returns its status.
fn answer(connection: &mut BufReader<TcpStream>) -> Result<u16> {
    let mut line = String::new();
    connection.read_line(&mut line)?;
    let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("the answer has no status")?;
    let mut length = 0;
    loop {
        line.clear();
        connection.read_line(&mut line)?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse()?;
        }
    }
    std::io::copy(&mut connection.take(length), &mut std::io::sink())?;
    Ok(status)
}

fn wait_for(port: u16, path: &str, status: u16, process: &mut Running) -> Result<()> {
    let deadline = Instant::now() + STARTS_WITHIN;
    let expected = format!("HTTP/1.1 {status}");
    while Instant::now() < deadline {
        if get(port, path).is_ok_and(|page| page.starts_with(expected.as_bytes())) {
            return Ok(());
        }
        if process.has_ended() {
            bail!("the server ended at its start");
        }
        pause();
    }
    bail!("the server does not answer {path} with {status}")
}

fn get(port: u16, path: &str) -> Result<Vec<u8>> {
    let mut connection = TcpStream::connect(("127.0.0.1", port))?;
    write!(connection, "GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n")?;
    let mut page = Vec::new();
    connection.read_to_end(&mut page)?;
    Ok(page)
}

fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}

fn resident_mb(process: u32) -> Result<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).context("memory is read from /proc")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("the process has ended")?;
    let kilobytes: u64 = line.trim().trim_end_matches(" kB").parse()?;
    Ok(kilobytes / 1024)
}

#[expect(clippy::disallowed_methods, reason = "what is measured is another process; there is no clock to step")]
fn pause() {
    thread::sleep(Duration::from_millis(1));
}
