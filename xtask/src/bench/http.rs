//! Just enough of an HTTP client to measure a server on this machine: one connection, kept where the server keeps it.

use anyhow::{Context as _, Result, ensure};
use std::{
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::{TcpListener, TcpStream},
    time::Duration,
};

/// Longer than any server here takes for a request; without it, one that hangs would hang us.
const ANSWERS_WITHIN: Duration = Duration::from_mins(2);

#[derive(Debug)]
pub(super) struct Client {
    port: u16,
    connection: BufReader<TcpStream>,
    /// The server has closed it, or will: `HTTP/1.0`, or it said so.
    closed: bool,
}

#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    /// Names in lower case.
    headers: Vec<(String, String)>,
    body: Vec<u8>,
}

impl Client {
    pub(super) fn connect(port: u16) -> Result<Self> {
        Ok(Self { port, connection: connection(port)?, closed: false })
    }

    pub(super) fn get(&mut self, path: &str, headers: &[(&str, &str)]) -> Result<Answer> {
        self.send("GET", path, headers, "")
    }

    pub(super) fn send(&mut self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Result<Answer> {
        let lines: String = headers.iter().map(|(name, value)| [*name, ": ", *value, "\r\n"].concat()).collect();
        if self.closed {
            self.connection = connection(self.port)?;
            self.closed = false;
        }
        let (port, length) = (self.port, body.len());
        // A GET with a length of nothing is as good as one without.
        let head =
            format!("{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nContent-Length: {length}\r\n{lines}\r\n");
        self.connection.get_mut().write_all((head + body).as_bytes())?;
        self.answer().with_context(|| format!("reading the answer to {method} {path}"))
    }

    fn answer(&mut self) -> Result<Answer> {
        let line = self.line()?;
        let status = line.split(' ').nth(1).and_then(|status| status.parse().ok()).context("it has no status")?;
        let mut headers = Vec::new();
        loop {
            let line = self.line()?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut answer = Answer { status, headers, body: Vec::new() };
        self.closed = line.starts_with("HTTP/1.0")
            || answer.header("connection").is_some_and(|connection| connection.eq_ignore_ascii_case("close"));
        if let Some(length) = answer.header("content-length") {
            let length = length.parse()?;
            self.take(length, &mut answer.body)?;
        } else if answer.header("transfer-encoding").is_some() {
            self.take_chunks(&mut answer.body)?;
        } else if self.closed {
            self.connection.read_to_end(&mut answer.body)?;
        }
        Ok(answer)
    }

    /// RFC 9112 section 7.1.
    fn take_chunks(&mut self, body: &mut Vec<u8>) -> Result<()> {
        loop {
            let length = u64::from_str_radix(&self.line()?, 16).context("it is not in chunks")?;
            self.take(length, body)?;
            self.line()?;
            if length == 0 {
                return Ok(());
            }
        }
    }

    fn take(&mut self, length: u64, body: &mut Vec<u8>) -> Result<()> {
        let read = (&mut self.connection).take(length).read_to_end(body)?;
        ensure!(read as u64 == length, "it ended early");
        Ok(())
    }

    fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.connection.read_line(&mut line)? > 0, "the connection was closed");
        Ok(line.trim_end().to_owned())
    }
}

fn connection(port: u16) -> Result<BufReader<TcpStream>> {
    let connection = TcpStream::connect(("127.0.0.1", port))?;
    connection.set_nodelay(true)?;
    connection.set_read_timeout(Some(ANSWERS_WITHIN))?;
    Ok(BufReader::new(connection))
}

impl Answer {
    pub(super) fn json(&self) -> Result<serde_json::Value> {
        serde_json::from_slice(&self.body).with_context(|| format!("reading {}", self.text()))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub(super) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

pub(super) fn free_port() -> Result<u16> {
    Ok(TcpListener::bind(("127.0.0.1", 0))?.local_addr()?.port())
}
