//! Reads a JSON body within its bounds.

use axum::{
    body::{Body, to_bytes},
    http::{HeaderMap, Request, header},
};
use http_body_util::LengthLimitError;
use serde_json::Value;

/// Bytes of a JSON body. Nesting ends at 128, the parser's own bound.
pub const LIMIT: usize = 1024 * 1024;

#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("The body is of type {given}. Send {expected}.")]
    MediaType { given: String, expected: &'static str },
    #[error("The body has more than 1 MiB, the most that is accepted.")]
    TooLarge,
    #[error("The body could not be read to its end.")]
    Broken,
    #[error("The body is not JSON: {0}.")]
    NotJson(String),
}

/// The body as JSON. One without a type is read as JSON; an empty one is `None`.
pub async fn read(
    request: Request<Body>,
    accepted: &[&str],
    expected: &'static str,
) -> Result<Option<Value>, Unreadable> {
    if let Some(given) = media_type(request.headers())
        && !accepted.iter().any(|accepted| accepted.eq_ignore_ascii_case(&given))
    {
        return Err(Unreadable::MediaType { given, expected });
    }
    let bytes = to_bytes(request.into_body(), LIMIT).await.map_err(|error| {
        let too_large = std::error::Error::source(&error).is_some_and(<dyn std::error::Error>::is::<LengthLimitError>);
        if too_large { Unreadable::TooLarge } else { Unreadable::Broken }
    })?;
    if bytes.is_empty() {
        return Ok(None);
    }
    serde_json::from_slice(&bytes).map(Some).map_err(|error| Unreadable::NotJson(error.to_string()))
}

/// Without its parameters.
fn media_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::CONTENT_TYPE)?;
    let text = value.to_str().unwrap_or("unknown");
    Some(text.split(';').next().unwrap_or_default().trim().to_owned())
}
