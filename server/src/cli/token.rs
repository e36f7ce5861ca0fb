use std::{path::PathBuf, time::Duration};

use auth::Caller;
use clap::{Args, Subcommand};
use directory::tokens::{DEFAULT_LIFETIME, NewToken};
use domain::permission::Scope;
use secrecy::ExposeSecret as _;

use super::{Failure, beside::Beside};
use crate::config::Layer;

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

fn lifetime(text: &str) -> Result<Duration, &'static str> {
    const EXPECTED: &str = "expected a whole number of days, hours or minutes, such as 365d, 12h or 30m";
    let unit = text.chars().last().ok_or(EXPECTED)?;
    let number: u64 = text[..text.len() - unit.len_utf8()].parse().map_err(|_| EXPECTED)?;
    let seconds = match unit {
        'd' => 24 * 60 * 60,
        'h' => 60 * 60,
        'm' => 60,
        _ => return Err(EXPECTED),
    };
    number.checked_mul(seconds).map(Duration::from_secs).ok_or(EXPECTED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_lifetime_is_a_number_and_a_unit() {
        assert_eq!(lifetime("365d"), Ok(Duration::from_hours(365 * 24)));
        assert_eq!(lifetime("12h"), Ok(Duration::from_hours(12)));
        assert_eq!(lifetime("30m"), Ok(Duration::from_mins(30)));
        for text in ["", "d", "1y", "-1d", "1.5d", "365", "9999999999999999999d", "1é"] {
            assert!(lifetime(text).is_err(), "{text}");
        }
    }
}
