//! How what a page loads travels to it: by position, without the names of its fields.
//!
//! The browser has code for every type that it reads. By name and in any order, as JSON has it, that code is three times
//! as large and was an eighth of what is downloaded. Server and page are one build, so that nothing else needs the names;
//! whoever asks a server function otherwise is answered with JSON.

use serde::de::DeserializeOwned;

use crate::error::ConsoleError;

/// What a page says that it accepts.
pub(crate) const ACCEPT: &str = "application/x-postcard";

pub(crate) fn read<Data: DeserializeOwned>(bytes: &[u8]) -> Result<Data, ConsoleError> {
    postcard::from_bytes(bytes).map_err(|_| ConsoleError::Unexpected)
}

/// For the page itself, which holds text.
#[cfg(feature = "ssr")]
pub(crate) fn text<Data: serde::Serialize>(data: &Data) -> Option<String> {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    match postcard::to_allocvec(data) {
        Ok(bytes) => Some(STANDARD.encode(bytes)),
        Err(error) => {
            tracing::error!(%error, "What a page shows cannot travel.");
            None
        }
    }
}
