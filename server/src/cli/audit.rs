use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use auth::Caller;
use clap::{Args, Subcommand};
use directory::audit::{self, Mark, Matching, Whole};
use domain::Timestamp;

use super::{Failure, beside::Beside};
use crate::{
    audit_export::{Export, Format},
    config::Layer,
};

#[derive(Debug, Subcommand)]
pub(super) enum Audit {
    /// Look whether any event of the trail was altered, removed or cut off
    Verify(Verify),
    /// Write events to standard output, newest first
    Export(Written),
}

#[derive(Debug, Args)]
pub(super) struct Verify {
    /// An event as the log tells it (`audit.head`): the trail must hold it still, or an older file was put in its place
    #[arg(long, value_name = "HEAD", value_parser = mark)]
    head: Option<Mark>,
}

#[derive(Debug, Args)]
pub(super) struct Written {
    /// csv, or jsonl for one JSON object a line
    #[arg(long, value_name = "FORMAT", value_parser = format)]
    format: Format,
    /// Only from then on: a day in UTC, or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = from)]
    from: Option<Timestamp>,
    /// Only until then: a day in UTC with all of it, or an RFC 3339 time
    #[arg(long, value_name = "TIME", value_parser = until)]
    to: Option<Timestamp>,
}

impl Audit {
    pub(super) async fn run(self, flags: Layer, file: Option<PathBuf>) -> Result<(), Failure> {
        let beside = Beside::open(flags, file).await?;
        let done = match self {
            Self::Verify(verify) => verify.run(&beside).await,
            Self::Export(written) => written.run(&beside).await,
        };
        beside.close().await?;
        done
    }
}

impl Verify {
    async fn run(self, beside: &Beside) -> Result<(), Failure> {
        let who = Caller::command_line().authorise()?;
        match beside.directory.verify_audit(&who, self.head.as_ref()).await? {
            Ok(whole) => {
                println!("{}", sentences(&whole));
                Ok(())
            }
            Err(broken) => Err(format!("The audit trail is broken: {broken}.").into()),
        }
    }
}

fn sentences(whole: &Whole) -> String {
    let mut lines = vec![match (whole.events, whole.span) {
        (1, Some((at, _))) => format!("The audit trail is whole: 1 event, of {at}."),
        (events, Some((first, last))) => format!("The audit trail is whole: {events} events, from {first} to {last}."),
        (_, None) => "The audit trail is whole: it holds no events.".to_owned(),
    }];
    if whole.trimmed > 0 {
        lines.push(format!("Trimmed: events up to {}.", whole.trimmed));
    }
    if let Some(head) = &whole.head {
        lines.push(format!("Head: {head}"));
    }
    lines.join("\n")
}

impl Written {
    async fn run(self, beside: &Beside) -> Result<(), Failure> {
        let who = Caller::command_line().authorise()?;
        let matching = Matching { from: self.from, until: self.to, ..Matching::default() };
        let mut export = Export::new(beside.directory.clone(), who, matching, self.format, usize::MAX);
        while let Some(piece) = export.piece().await? {
            match io::stdout().write_all(piece.as_bytes()) {
                // Whoever reads has enough, as `head` does.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
                written => written.map_err(|error| format!("The events cannot be written: {error}."))?,
            }
        }
        Ok(())
    }
}

fn mark(text: &str) -> Result<Mark, &'static str> {
    text.parse().map_err(|()| "expected a head as the log tells it, such as 1284-0f3a9c0102030405")
}

fn format(text: &str) -> Result<Format, &'static str> {
    text.parse().map_err(|()| "expected csv or jsonl")
}

const TIME: &str = "expected a day or a time, such as 2026-03-12 or 2026-03-12T14:05:00Z";

fn from(text: &str) -> Result<Timestamp, &'static str> {
    audit::from(text).ok_or(TIME)
}

fn until(text: &str) -> Result<Timestamp, &'static str> {
    audit::until(text).ok_or(TIME)
}
