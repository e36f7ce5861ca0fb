//! Resources as they are sent, and which version a change insists on.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use directory::removal::Removed;
use serde::Serialize;

use super::{
    BASE,
    problem::{Problem, Result},
};
use crate::{http::conditional::Tags, state::AppState};

/// A resource with its version as the entity tag.
pub(super) fn resource(status: StatusCode, version: i64, body: &impl Serialize) -> Response {
    let mut response = (status, Json(body)).into_response();
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}

/// 201 with the new resource's address.
pub(super) fn created(state: &AppState, path: &str, version: i64, body: &impl Serialize) -> Response {
    let mut response = resource(StatusCode::CREATED, version, body);
    if let Ok(location) = HeaderValue::from_str(&state.link(&format!("{BASE}{path}"))) {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

/// 204 when nothing is left to do, else 202: GET then shows `"state": "removing"` until the last account is let go.
pub(super) fn removed(removed: Removed) -> Response {
    match removed {
        Removed::Gone => StatusCode::NO_CONTENT.into_response(),
        Removed::Going => (StatusCode::ACCEPTED, Json(serde_json::json!({ "state": "removing" }))).into_response(),
    }
}

/// The version in `If-Match`, if the client insists on one.
pub(super) fn expected(headers: &HeaderMap) -> Result<Option<i64>> {
    match Tags::if_match(headers) {
        Tags::None | Tags::Any => Ok(None),
        Tags::Versions(versions) => match versions[..] {
            [version] => Ok(Some(version)),
            [] => Err(directory::Error::Stale.into()),
            _ => Err(Problem::new(StatusCode::BAD_REQUEST, "If-Match names several versions. Give the one you have.")),
        },
    }
}
