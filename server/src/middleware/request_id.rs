//! Every request has an id: the client's own if it is a sound one, else a new one. It is in the log and in the answer.

use axum::{
    body::Body,
    extract::State,
    http::{HeaderName, HeaderValue, Request},
    middleware::Next,
    response::Response,
};
use uuid::Uuid;

use crate::state::AppState;

pub const X_REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Characters of an id that a client gives.
pub const MAX_LENGTH: usize = 64;

/// What an answer about a fault calls its reference.
#[derive(Clone, Debug)]
pub struct RequestId(pub String);

pub async fn name(State(state): State<AppState>, mut request: Request<Body>, next: Next) -> Response {
    let given = request.headers().get(X_REQUEST_ID).and_then(|value| value.to_str().ok()).filter(|id| is_sound(id));
    let id = given.map_or_else(|| state.directory().ids().make::<Uuid>().to_string(), str::to_owned);
    let header = HeaderValue::from_str(&id).ok();
    if let Some(header) = &header {
        request.headers_mut().insert(X_REQUEST_ID, header.clone());
    }
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Some(header) = header {
        response.headers_mut().insert(X_REQUEST_ID, header);
    }
    response
}

/// Nothing that could forge a line of the log.
fn is_sound(id: &str) -> bool {
    (1..=MAX_LENGTH).contains(&id.len())
        && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_short_plain_ids_are_taken_over() {
        assert!(is_sound("0193-abc_D.7"));
        assert!(is_sound(&"a".repeat(MAX_LENGTH)));
        for id in ["", "a b", "a\"b", "é", &"a".repeat(MAX_LENGTH + 1)] {
            assert!(!is_sound(id), "{id}");
        }
    }
}
