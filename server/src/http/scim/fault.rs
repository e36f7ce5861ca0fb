//! Errors as SCIM clients get them (RFC 7644 section 3.12).

use std::time::Duration;

use auth::Denied;
use axum::{
    Json,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use directory::{Error, users::ReviseError};
use scim::ScimError;

use crate::http::body::Unreadable;

pub const MEDIA_TYPE: &str = "application/scim+json";

#[derive(Clone, Debug)]
pub struct Fault {
    error: ScimError,
    retry_after: Option<Duration>,
}

pub type Result<T> = std::result::Result<T, Fault>;

impl Fault {
    pub fn new(error: ScimError) -> Self {
        Self { error, retry_after: None }
    }
}

impl IntoResponse for Fault {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let kind = [(header::CONTENT_TYPE, MEDIA_TYPE)];
        let mut response = (status, kind, Json(self.error.to_value()).into_response().into_body()).into_response();
        if status == StatusCode::UNAUTHORIZED {
            let challenge = HeaderValue::from_static("Bearer realm=\"usher\"");
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        if let Some(wait) = self.retry_after {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(wait.as_secs().max(1)));
        }
        response
    }
}

impl From<ScimError> for Fault {
    fn from(error: ScimError) -> Self {
        Self::new(error)
    }
}

impl From<Denied> for Fault {
    fn from(denied: Denied) -> Self {
        Self::new(match denied {
            Denied::SignedOut => ScimError::new(401, "Send a valid API token with the scope scim or scim:read."),
            Denied::Forbidden(_) => ScimError::new(403, "This token's scopes do not include this."),
        })
    }
}

impl From<Unreadable> for Fault {
    fn from(unreadable: Unreadable) -> Self {
        let detail = unreadable.to_string();
        Self::new(match unreadable {
            Unreadable::MediaType { .. } => ScimError::new(415, detail),
            Unreadable::TooLarge => ScimError::new(413, detail),
            Unreadable::Broken | Unreadable::NotJson(_) => ScimError::invalid_syntax(detail),
        })
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        let retry_after = error.retry_after();
        let detail = error.to_string();
        let error = match error {
            Error::Denied(denied) => return denied.into(),
            Error::Protected(_) => ScimError::new(403, detail),
            Error::NotFound(_) => ScimError::new(404, detail),
            Error::Invalid(_) => ScimError::invalid_value(detail),
            Error::Taken(_) => ScimError::uniqueness(detail),
            Error::Immutable(_) => ScimError::mutability(detail),
            Error::Conflict(_) | Error::AccountsExist { .. } => ScimError::new(409, detail),
            Error::Stale => ScimError::precondition_failed(),
            Error::NotAccepted(rejections) if Error::said_no(&rejections) => ScimError::new(400, detail),
            Error::NotAccepted(_) | Error::NoEngine => ScimError::new(503, detail),
            Error::TooMany(_) => ScimError::new(429, detail),
            Error::SignInFailed => ScimError::new(401, detail),
            Error::Storage(storage::Error::TooMuchWork) => ScimError::too_many(
                "Finding these takes too long. Look up userName, externalId, emails, id, groups.value, displayName or \
                 members.value by eq, or narrow the filter by one of them with and.",
            ),
            Error::Storage(_) | Error::Hashing => {
                tracing::error!(error = %detail, "A SCIM request failed.");
                ScimError::new(
                    500,
                    "Something went wrong here. The server's log has it under this request's X-Request-Id.",
                )
            }
        };
        Self { error, retry_after }
    }
}

impl From<ReviseError> for Fault {
    fn from(error: ReviseError) -> Self {
        match error {
            ReviseError::Failed(error) => error.into(),
            ReviseError::Refused(why) => match why.downcast::<ScimError>() {
                Ok(error) => (*error).into(),
                Err(why) => ScimError::invalid_value(why.to_string()).into(),
            },
        }
    }
}
