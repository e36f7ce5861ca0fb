//! What the process knows of itself; the server provides it as context of every request.

use domain::Timestamp;
use leptos::prelude::*;

use crate::{error::ConsoleError, ssr};

/// Facts that stay as they are while the process runs. No secret is among them.
#[derive(Clone, Debug)]
pub struct Installation {
    pub version: &'static str,
    /// Of release builds.
    pub commit: Option<&'static str>,
    pub started_at: Timestamp,
    pub folder: String,
    /// Where the master key comes from, in words; never the key.
    pub master_key: String,
    /// Where browsers and clients reach us, without a path or a slash at its end.
    pub public_url: String,
    pub listens_at: String,
    /// Of the listener that serves `/metrics` alone.
    pub metrics_at: Option<String>,
}

impl Installation {
    pub(crate) fn present() -> Result<Self, ConsoleError> {
        use_context().ok_or_else(|| ssr::internal(&"no Installation was provided"))
    }

    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https:")
    }
}
