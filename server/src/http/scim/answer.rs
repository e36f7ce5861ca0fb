//! Resources as they are sent.

use axum::{
    Json,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{ConnectorId, user::User};
use scim::{projection::Projection, schema, user};
use serde_json::Value;

use super::{BASE, fault::MEDIA_TYPE};
use crate::state::AppState;

/// Ids of the connectors that have not followed a change yet although their provisioner is Blocking.
const PENDING: HeaderName = HeaderName::from_static("usher-pending");

pub(super) fn base_url(state: &AppState) -> String {
    state.link(BASE)
}

pub(super) fn document(status: StatusCode, document: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], Json(document).into_response().into_body()).into_response()
}

/// The part of a user that was asked for, with its version.
pub(super) fn resource(state: &AppState, status: StatusCode, person: &User, projection: &Projection) -> Response {
    let whole = user::write(person, &[], &base_url(state));
    let location = whole["meta"]["location"].as_str().and_then(|location| HeaderValue::from_str(location).ok());
    let mut response = document(status, &projection.apply(whole, schema::user()));
    let headers = response.headers_mut();
    if let Some(location) = location {
        let name = if status == StatusCode::CREATED { header::LOCATION } else { header::CONTENT_LOCATION };
        headers.insert(name, location);
    }
    if let Ok(tag) = HeaderValue::from_str(&user::etag(person.version)) {
        headers.insert(header::ETAG, tag);
    }
    response
}

pub(super) fn with_pending(mut response: Response, pending: &[ConnectorId]) -> Response {
    if !pending.is_empty() {
        let ids: Vec<String> = pending.iter().map(ToString::to_string).collect();
        if let Ok(value) = HeaderValue::from_str(&ids.join(", ")) {
            response.headers_mut().insert(PENDING, value);
        }
    }
    response
}
