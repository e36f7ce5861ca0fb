//! How server and page talk: by position, without the names of fields.
//!
//! The browser has code for every type that it reads. By name and in any order, as JSON has it, that code is three times
//! as large and was a sixth of what is downloaded. Server and page are one build, so that nothing else needs the names;
//! whoever asks a server function otherwise is answered with JSON.
//!
//! So a type that travels names its variants (no `untagged`, no `tag`) and leaves nothing out (no `skip_serializing_if`).

use serde::de::DeserializeOwned;

use crate::error::ConsoleError;

/// What a page says that it accepts.
pub const ACCEPT: &str = "application/x-postcard";

pub fn read<Data: DeserializeOwned>(bytes: &[u8]) -> Result<Data, ConsoleError> {
    postcard::from_bytes(bytes).map_err(|_| ConsoleError::Unexpected)
}

/// Reads what [`text`] wrote.
pub(crate) fn read_text<Data: DeserializeOwned>(text: &str) -> Result<Data, ConsoleError> {
    read(&bytes_of(text))
}

#[cfg(not(feature = "ssr"))]
pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
    crate::browser::bytes(text)
}

#[cfg(feature = "ssr")]
pub(crate) use on_the_server::bytes_of;
#[cfg(feature = "ssr")]
pub use on_the_server::{text, write};

#[cfg(feature = "ssr")]
mod on_the_server {
    use base64::{Engine as _, engine::general_purpose::STANDARD};
    use serde::Serialize;

    pub fn write<Data: Serialize>(data: &Data) -> Vec<u8> {
        postcard::to_allocvec(data).unwrap_or_else(|error| {
            tracing::error!(%error, "What a page shows cannot travel.");
            Vec::new()
        })
    }

    /// For the page itself, which holds text.
    pub fn text<Data: Serialize>(data: &Data) -> String {
        STANDARD.encode(write(data))
    }

    pub(crate) fn bytes_of(text: &str) -> Vec<u8> {
        STANDARD.decode(text).unwrap_or_default()
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::outcome::Outcome;

    #[test]
    fn what_was_written_is_read_again() {
        let outcome = Outcome::Done { to: "/console".to_owned(), message: None };
        assert_eq!(read_text::<Outcome>(&text(&outcome)), Ok(outcome));
        let error = ConsoleError::NotFound { what: "This café".to_owned() };
        assert_eq!(read::<ConsoleError>(&write(&error)), Ok(error));
    }

    #[test]
    fn what_is_none_of_ours_is_an_error() {
        assert_eq!(read_text::<Outcome>("not base64!"), Err(ConsoleError::Unexpected));
        assert_eq!(read::<Outcome>(b"<html>"), Err(ConsoleError::Unexpected));
    }
}
