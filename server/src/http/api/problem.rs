//! Errors of the management API: `application/problem+json` (RFC 9457).

use std::time::Duration;

use auth::Denied;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use directory::Error;
use domain::validation::FieldErrors;
use serde::Serialize;
use utoipa::ToSchema;

use crate::http::body::Unreadable;

const MEDIA_TYPE: &str = "application/problem+json";

/// What is wrong, for people in `title` and `detail`, for programs in `status` and `type`.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Problem {
    /// Names the kind of problem: `urn:usher:problem:invalid`, `…:stale` and so on.
    #[serde(rename = "type")]
    #[schema(example = "urn:usher:problem:invalid")]
    kind: &'static str,
    #[schema(example = "Bad input")]
    title: &'static str,
    /// The HTTP status.
    #[schema(example = 400)]
    status: u16,
    /// What is so and what to do.
    detail: String,
    /// What is wrong with single fields, by their names.
    #[serde(skip_serializing_if = "FieldErrors::is_empty")]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    errors: Box<FieldErrors>,
    /// How many accounts exist, where a removal has to say what becomes of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    accounts: Option<i64>,
    /// Names this request in the server's log.
    #[serde(skip_serializing_if = "Option::is_none")]
    request_id: Option<Box<str>>,
    #[serde(skip)]
    retry_after: Option<Duration>,
}

pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub fn new(status: StatusCode, detail: &str) -> Self {
        let (kind, title) = match status.as_u16() {
            400 => ("urn:usher:problem:invalid", "Bad input"),
            401 => ("urn:usher:problem:unauthenticated", "No valid token"),
            403 => ("urn:usher:problem:forbidden", "Not allowed"),
            404 => ("urn:usher:problem:not-found", "Not found"),
            405 => ("urn:usher:problem:method-not-allowed", "Not possible here"),
            409 => ("urn:usher:problem:conflict", "Conflict"),
            412 => ("urn:usher:problem:stale", "Changed meanwhile"),
            413 => ("urn:usher:problem:too-large", "Too large"),
            415 => ("urn:usher:problem:media-type", "Media type not accepted"),
            429 => ("urn:usher:problem:too-many", "Too many requests"),
            503 => ("urn:usher:problem:unavailable", "Not available at the moment"),
            _ => ("urn:usher:problem:internal", "Something went wrong here"),
        };
        Self {
            kind,
            title,
            status: status.as_u16(),
            detail: detail.to_owned(),
            errors: Box::default(),
            accounts: None,
            request_id: None,
            retry_after: None,
        }
    }

    /// Bad input in one field.
    pub fn field(name: &str, message: impl Into<String>) -> Self {
        FieldErrors::of(name, message).into()
    }

    #[must_use]
    pub fn with_errors(self, errors: &FieldErrors) -> Self {
        Self { errors: Box::new(errors.clone()), ..self }
    }

    #[must_use]
    pub fn with_request_id(self, id: &str) -> Self {
        Self { request_id: Some(id.into()), ..self }
    }
}

impl From<FieldErrors> for Problem {
    fn from(errors: FieldErrors) -> Self {
        Self::new(StatusCode::BAD_REQUEST, &errors.sentence()).with_errors(&errors)
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let retry_after = self.retry_after;
        let kind = [(header::CONTENT_TYPE, MEDIA_TYPE)];
        let mut response = (status, kind, Json(&self).into_response().into_body()).into_response();
        // The layer around the API adds the request's id.
        response.extensions_mut().insert(self);
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"usher\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl From<Denied> for Problem {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignedOut => {
                Self::new(StatusCode::UNAUTHORIZED, "Send a valid API token with the scope admin or admin:read.")
            }
            Denied::Forbidden(_) => Self::new(StatusCode::FORBIDDEN, "This token's scopes do not include this."),
        }
    }
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        let status = match &unreadable {
            Unreadable::MediaType { .. } => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Unreadable::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Unreadable::Broken | Unreadable::NotJson(_) => StatusCode::BAD_REQUEST,
        };
        Self::new(status, &unreadable.to_string())
    }
}

impl From<Error> for Problem {
    fn from(error: Error) -> Self {
        let retry_after = error.retry_after();
        let detail = error.to_string();
        let problem = match &error {
            Error::Denied(denied) => (*denied).into(),
            Error::Invalid(errors) | Error::Immutable(errors) => errors.clone().into(),
            Error::Taken(errors) => Self::new(StatusCode::CONFLICT, &detail).with_errors(errors),
            Error::AccountsExist { count } => {
                Self { accounts: Some(*count), ..Self::new(StatusCode::CONFLICT, &detail) }
            }
            Error::Protected(_) => Self::new(StatusCode::FORBIDDEN, &detail),
            Error::NotFound(_) => Self::new(StatusCode::NOT_FOUND, &detail),
            Error::Conflict(_) => Self::new(StatusCode::CONFLICT, &detail),
            Error::Stale => Self::new(StatusCode::PRECONDITION_FAILED, &detail),
            Error::NotAccepted(rejections) if Error::said_no(rejections) => Self::new(StatusCode::BAD_REQUEST, &detail),
            Error::NotAccepted(_) | Error::NoEngine => Self::new(StatusCode::SERVICE_UNAVAILABLE, &detail),
            Error::TooMany(_) => Self::new(StatusCode::TOO_MANY_REQUESTS, &detail),
            Error::SignInFailed => Self::new(StatusCode::UNAUTHORIZED, &detail),
            Error::Storage(_) | Error::Hashing => {
                tracing::error!(error = %detail, "A request of the management API failed.");
                let detail = "Something went wrong here. The server's log has it under request_id.";
                Self::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
            }
        };
        Self { retry_after, ..problem }
    }
}
