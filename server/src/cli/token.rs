use std::{path::PathBuf, time::Duration};

use auth::Caller;
use clap::{Args, Subcommand};
use directory::tokens::{DEFAULT_LIFETIME, NewToken};
use domain::permission::Scope;
use secrecy::ExposeSecret as _;

use super::{Failure, beside::Beside};
use crate::config::{Layer, span};

#[derive(Debug, Subcommand)]
pub(super) enum Token {
    /// Make a token and print it, alone, on standard output
    Create(Create),
}

#[derive(Debug, Args)]
pub(super) struct Create {
    /// What the token is for, as lists show it
    #[arg(long, value_name = "NAME")]
    name: String,
    /// scim, scim:read, admin or admin:read; may be given several times
    #[arg(long = "scope", value_name = "SCOPE", required = true, value_parser = scope)]
    scopes: Vec<Scope>,
    /// How long it is good for, such as 365d, 12h or 30m
    #[arg(long, value_name = "TIME", value_parser = lifetime)]
    expires: Option<Duration>,
}

impl Token {
    pub(super) async fn run(self, flags: Layer, file: Option<PathBuf>) -> Result<(), Failure> {
        let Self::Create(Create { name, scopes, expires }) = self;
        let beside = Beside::open(flags, file).await?;
        let new = NewToken { name, scopes, lifetime: expires.unwrap_or(DEFAULT_LIFETIME) };
        let (_, clear) = beside.directory.create_token(&Caller::command_line().authorise()?, new).await?;
        beside.close().await?;
        println!("{}", clear.expose_secret());
        Ok(())
    }
}

fn scope(text: &str) -> Result<Scope, &'static str> {
    text.parse().map_err(|()| "expected scim, scim:read, admin or admin:read")
}

fn lifetime(text: &str) -> Result<Duration, String> {
    span::span(text).ok_or_else(|| format!("expected {}", span::EXPECTED))
}
