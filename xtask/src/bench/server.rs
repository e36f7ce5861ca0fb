//! `usher serve`, started to be measured.

use anyhow::{Context as _, Result, bail, ensure};
use std::{
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::{Duration, Instant},
};

use super::http::{Client, free_port};
use crate::process::{self, Running};

const STARTS_WITHIN: Duration = Duration::from_secs(30);
const ADMINISTRATOR: &str = "admin";
const PASSWORD: &str = "correct horse battery staple";

#[derive(Debug)]
pub(super) struct Server {
    pub(super) process: Running,
    pub(super) port: u16,
    /// From the start of the process to the last byte of the first page.
    pub(super) took: Duration,
    binary: PathBuf,
    data: PathBuf,
}

impl Server {
    pub(super) fn start(binary: &Path, data: &Path) -> Result<Self> {
        let port = free_port()?;
        let mut command = Command::new(binary);
        command
            .args(["serve", "--listen", &format!("127.0.0.1:{port}"), "--data-dir"])
            .arg(data)
            .env("USHER_ADMIN_USERNAME", ADMINISTRATOR)
            .env("USHER_ADMIN_PASSWORD", PASSWORD)
            .env("USHER_LOG", "warn");
        let began = Instant::now();
        let mut process = Running::start(&command)?;
        wait_for(port, "/sign-in", 200, &mut process)?;
        Ok(Self { process, port, took: began.elapsed(), binary: binary.to_owned(), data: data.to_owned() })
    }

    pub(super) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(super) fn token(&self, scope: &str) -> Result<String> {
        let create = ["token", "create", "--name", "bench", "--scope", scope, "--data-dir"];
        Ok(process::output(Command::new(&self.binary).args(create).arg(&self.data))?.trim().to_owned())
    }

    /// The cookie of a new session of the administrator.
    pub(super) fn sign_in(&self) -> Result<String> {
        let form = format!("user_name={ADMINISTRATOR}&password={}", PASSWORD.replace(' ', "+"));
        let headers = [
            ("Accept", "application/json"),
            ("Content-Type", "application/x-www-form-urlencoded"),
            ("Sec-Fetch-Site", "same-origin"),
        ];
        let answer = Client::connect(self.port)?.send("POST", "/console/-/session/sign-in", &headers, &form)?;
        ensure!(answer.status == 200, "signing in was answered with {}: {}", answer.status, answer.text());
        let cookie = answer.header("set-cookie").and_then(|cookie| cookie.split(';').next());
        Ok(cookie.context("signing in set no cookie")?.to_owned())
    }
}

pub(super) fn wait_for(port: u16, path: &str, status: u16, process: &mut Running) -> Result<()> {
    let deadline = Instant::now() + STARTS_WITHIN;
    let answers = || Client::connect(port)?.get(path, &[]);
    while Instant::now() < deadline {
        if answers().is_ok_and(|answer| answer.status == status) {
            return Ok(());
        }
        if process.has_ended() {
            bail!("the server ended at its start");
        }
        pause();
    }
    bail!("the server does not answer {path} with {status}")
}

#[expect(clippy::disallowed_methods, reason = "what is measured is another process; there is no clock to step")]
fn pause() {
    thread::sleep(Duration::from_millis(1));
}
