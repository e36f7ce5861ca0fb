use std::{
    io::{self, BufRead as _},
    path::PathBuf,
};

use auth::Caller;
use clap::{Args, Subcommand};
use secrecy::SecretString;
use zeroize::Zeroizing;

use super::{Failure, beside::Beside};
use crate::config::Layer;

/// Bytes that are read of a password at most.
const MAX_LINE: u64 = 4096;

#[derive(Debug, Subcommand)]
pub(super) enum Admin {
    /// Make an administrator
    Create(Account),
    /// Set an administrator's or anybody's new password, and end their sessions
    ResetPassword(Account),
    /// Take the second factors from somebody who lost them: they sign in by their password alone
    ResetSecondFactors(Name),
}

#[derive(Debug, Args)]
pub(super) struct Name {
    #[arg(long, value_name = "NAME")]
    username: String,
}

#[derive(Debug, Args)]
pub(super) struct Account {
    #[arg(long, value_name = "NAME")]
    username: String,
    /// Read the password from the first line of standard input
    #[arg(long, required = true)]
    password_stdin: bool,
}

impl Admin {
    pub(super) async fn run(self, flags: Layer, file: Option<PathBuf>) -> Result<(), Failure> {
        let beside = Beside::open(flags, file).await?;
        let (caller, directory) = (Caller::command_line(), &beside.directory);
        match self {
            Self::Create(account) => {
                let password = first_line(io::stdin().lock())?;
                directory.create_administrator(&caller.authorise()?, &account.username, &password).await?;
            }
            Self::ResetPassword(account) => {
                let password = first_line(io::stdin().lock())?;
                directory.reset_password(&caller.authorise()?, &account.username, &password).await?;
            }
            Self::ResetSecondFactors(Name { username }) => {
                directory.reset_second_factors_of(&caller.authorise()?, &username).await?;
            }
        }
        beside.close().await
    }
}

fn first_line(input: impl io::BufRead) -> Result<SecretString, Failure> {
    let mut line = Zeroizing::new(String::new());
    input.take(MAX_LINE).read_line(&mut line).map_err(|error| format!("The password cannot be read: {error}."))?;
    let password = line.trim_end_matches(['\r', '\n']);
    if password.is_empty() {
        return Err("Standard input holds no password. Pipe it in, on one line.".into());
    }
    Ok(SecretString::from(password))
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret as _;

    use super::*;

    #[test]
    fn the_password_is_the_first_line_without_its_end() {
        assert_eq!(first_line(&b"correct horse \r\nbattery"[..]).unwrap().expose_secret(), "correct horse ");
        assert_eq!(first_line(&b"correct horse"[..]).unwrap().expose_secret(), "correct horse");
        assert!(first_line(&b"\n"[..]).is_err());
        assert!(first_line(&b""[..]).is_err());
    }
}
