//! Logs: full sentences with dotted fields, as text or as one JSON object a line, on standard error.

use std::{io::IsTerminal as _, str::FromStr};

use tracing_subscriber::EnvFilter;

use crate::config::LogSettings;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    Text,
    Json,
}

impl Format {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }
}

impl FromStr for Format {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Text, Self::Json].into_iter().find(|format| format.as_str() == text).ok_or(())
    }
}

/// Starts logging; once per process, the first stays.
pub fn start(settings: &LogSettings) {
    let filter = EnvFilter::try_new(&settings.filter).unwrap_or_default();
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    // A log that nobody reads any more is no reason to fall over: without this, its loss would be printed there, too.
    let builder = builder.with_ansi(std::io::stderr().is_terminal()).log_internal_errors(false);
    // Fails only where a test has started logging before.
    let _ = match settings.format {
        Format::Text => builder.with_target(false).try_init(),
        Format::Json => builder.json().flatten_event(true).try_init(),
    };
}
