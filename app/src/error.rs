//! What can go wrong between the console and its server, in words for whoever sits in front of it.

use leptos::{
    prelude::{FromServerFnError, ServerFnErrorErr},
    server_fn::codec::JsonEncoding,
};
use serde::{Deserialize, Serialize};

/// An error of a server function. What was wrong with an *input* is [`crate::outcome::Outcome::Invalid`] instead.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsoleError {
    /// Nobody is signed in, or no longer. Shown as the way to sign in.
    SignedOut,
    /// The person's role does not reach that far.
    Forbidden { why: String },
    /// Never was, was deleted, or is not theirs to see.
    NotFound { what: String },
    /// Somebody else changed the same thing in between; nothing was overwritten.
    Changed { what: String },
    /// Too many tries; wait this many seconds.
    TooMany { seconds: u32 },
    /// The request was not one of this console's.
    Malformed,
    /// Something that is needed does not answer at the moment.
    Unavailable { why: String },
    /// The browser could not reach the server.
    Offline,
    /// The answer was not one this page knows, for instance after an upgrade.
    Unexpected,
    /// A fault of ours; the log has it under this reference.
    Internal { reference: String },
}

impl ConsoleError {
    /// HTTP status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Malformed => 400,
            Self::SignedOut => 401,
            Self::Forbidden { .. } => 403,
            Self::NotFound { .. } => 404,
            Self::Changed { .. } => 409,
            Self::TooMany { .. } => 429,
            Self::Unavailable { .. } | Self::Offline => 503,
            Self::Unexpected | Self::Internal { .. } => 500,
        }
    }

    /// What happened.
    pub fn title(&self) -> String {
        match self {
            Self::SignedOut => "You are signed out".to_owned(),
            Self::Forbidden { .. } => "You may not do this".to_owned(),
            Self::NotFound { what } => format!("{what} was not found"),
            Self::Changed { what } => format!("{what} was changed meanwhile"),
            Self::TooMany { .. } => "Too many tries".to_owned(),
            Self::Malformed => "This request could not be read".to_owned(),
            Self::Unavailable { .. } => "Not available at the moment".to_owned(),
            Self::Offline => "The server does not answer".to_owned(),
            Self::Unexpected => "The server gave an unexpected answer".to_owned(),
            Self::Internal { .. } => "Something went wrong here".to_owned(),
        }
    }

    /// What it means and what to do.
    pub fn advice(&self) -> String {
        match self {
            Self::SignedOut => "Sign in again, then repeat what you did.".to_owned(),
            Self::Forbidden { why } | Self::Unavailable { why } => why.clone(),
            Self::NotFound { .. } => "It may have been deleted, or the address is not right.".to_owned(),
            Self::Changed { .. } => {
                "Somebody else saved a change after you opened this page. Nothing was overwritten: reload the page \
                 and make your change again."
                    .to_owned()
            }
            Self::TooMany { seconds } => format!("Wait {seconds} seconds, then try again."),
            Self::Malformed => "Reload the page and try again.".to_owned(),
            Self::Offline => {
                "Nothing was changed as far as this page knows. Check the network, then try again.".to_owned()
            }
            Self::Unexpected => "It may have been upgraded. Reload the page and try again.".to_owned(),
            Self::Internal { .. } => {
                "The change may not have been made. Try again; if it happens once more, look up the reference in \
                 the server's log."
                    .to_owned()
            }
        }
    }

    /// What to name when asking somebody for help.
    pub fn reference(&self) -> Option<&str> {
        match self {
            Self::Internal { reference } if !reference.is_empty() => Some(reference),
            _ => None,
        }
    }
}

impl FromServerFnError for ConsoleError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(value: ServerFnErrorErr) -> Self {
        match value {
            ServerFnErrorErr::Request(_) => Self::Offline,
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::Malformed,
            ServerFnErrorErr::Deserialization(_) => Self::Unexpected,
            #[cfg(feature = "ssr")]
            other => crate::ssr::internal(&other),
            #[cfg(not(feature = "ssr"))]
            _ => Self::Unexpected,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_error_is_an_http_error_and_says_what_to_do() {
        let all = [
            ConsoleError::SignedOut,
            ConsoleError::Forbidden { why: "Ask an administrator.".to_owned() },
            ConsoleError::NotFound { what: "The connection".to_owned() },
            ConsoleError::Changed { what: "The connection".to_owned() },
            ConsoleError::TooMany { seconds: 30 },
            ConsoleError::Malformed,
            ConsoleError::Unavailable { why: "Try again later.".to_owned() },
            ConsoleError::Offline,
            ConsoleError::Unexpected,
            ConsoleError::Internal { reference: "r1".to_owned() },
        ];
        for error in all {
            assert!((400..=599).contains(&error.status()), "{error:?}");
            assert!(!error.title().is_empty() && error.advice().ends_with('.'), "{error:?}");
        }
    }
}
