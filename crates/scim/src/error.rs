//! What a SCIM client is told when something is wrong (RFC 7644 section 3.12).

use serde_json::{Value, json};
use thiserror::Error;

use crate::urn;

/// The keyword that tells a client's code what kind of error a 400 or 409 is (RFC 7644 table 9, RFC 9865 section 3).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ScimType {
    InvalidFilter,
    TooMany,
    Uniqueness,
    Mutability,
    InvalidSyntax,
    InvalidPath,
    NoTarget,
    InvalidValue,
    InvalidVers,
    Sensitive,
    InvalidCursor,
    ExpiredCursor,
    InvalidCount,
}

impl ScimType {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvalidFilter => "invalidFilter",
            Self::TooMany => "tooMany",
            Self::Uniqueness => "uniqueness",
            Self::Mutability => "mutability",
            Self::InvalidSyntax => "invalidSyntax",
            Self::InvalidPath => "invalidPath",
            Self::NoTarget => "noTarget",
            Self::InvalidValue => "invalidValue",
            Self::InvalidVers => "invalidVers",
            Self::Sensitive => "sensitive",
            Self::InvalidCursor => "invalidCursor",
            Self::ExpiredCursor => "expiredCursor",
            Self::InvalidCount => "invalidCount",
        }
    }
}

/// An error as the client gets it; `detail` is read by people.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{detail}")]
pub struct ScimError {
    /// The HTTP status.
    pub status: u16,
    pub scim_type: Option<ScimType>,
    pub detail: String,
}

impl ScimError {
    /// For a status without a keyword of its own: 401, 403, 412, 413, 429, 500, 501, 503.
    pub fn new(status: u16, detail: impl Into<String>) -> Self {
        Self { status, scim_type: None, detail: detail.into() }
    }

    fn bad_request(scim_type: ScimType, detail: impl Into<String>) -> Self {
        Self { status: 400, scim_type: Some(scim_type), detail: detail.into() }
    }

    pub fn invalid_filter(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidFilter, detail)
    }

    pub fn too_many(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::TooMany, detail)
    }

    /// 409: another resource holds this value.
    pub fn uniqueness(detail: impl Into<String>) -> Self {
        Self { status: 409, scim_type: Some(ScimType::Uniqueness), detail: detail.into() }
    }

    pub fn mutability(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::Mutability, detail)
    }

    pub fn invalid_syntax(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidSyntax, detail)
    }

    pub fn invalid_path(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidPath, detail)
    }

    pub fn no_target(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::NoTarget, detail)
    }

    pub fn invalid_value(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidValue, detail)
    }

    /// A cursor that this service did not make, or made for another query.
    pub fn invalid_cursor() -> Self {
        Self::bad_request(
            ScimType::InvalidCursor,
            "The cursor is not one of this query. Begin again with an empty \"cursor\", then send \"nextCursor\" as it is.",
        )
    }

    /// For services whose cursors do not last; ours do.
    pub fn expired_cursor() -> Self {
        Self::bad_request(ScimType::ExpiredCursor, "The cursor has expired. Begin again with an empty \"cursor\".")
    }

    pub fn invalid_count(detail: impl Into<String>) -> Self {
        Self::bad_request(ScimType::InvalidCount, detail)
    }

    /// 403: the request would put something secret into a URL.
    pub fn sensitive(detail: impl Into<String>) -> Self {
        Self { status: 403, scim_type: Some(ScimType::Sensitive), detail: detail.into() }
    }

    /// 404 for a resource or endpoint that is not there.
    pub fn not_found(what: &str) -> Self {
        Self::new(404, format!("{what} was not found."))
    }

    /// 412: the resource changed since the version in `If-Match`.
    pub fn precondition_failed() -> Self {
        Self::new(412, "The resource has changed since that version. Read it again, then repeat the change.")
    }

    /// The body of the answer, of type `application/scim+json`.
    pub fn to_value(&self) -> Value {
        let mut body = json!({
            "schemas": [urn::ERROR],
            "status": self.status.to_string(),
            "detail": self.detail,
        });
        if let Some(scim_type) = self.scim_type {
            body["scimType"] = scim_type.as_str().into();
        }
        body
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_is_written_as_the_rfc_shows_it() {
        let error = ScimError::mutability("Attribute 'id' is readOnly");
        assert_eq!(
            error.to_value(),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                "scimType": "mutability",
                "detail": "Attribute 'id' is readOnly",
                "status": "400",
            })
        );
    }

    #[test]
    fn an_error_without_a_keyword_has_none() {
        let body = ScimError::not_found("User 2819c223").to_value();
        assert_eq!(body["status"], "404");
        assert_eq!(body["detail"], "User 2819c223 was not found.");
        assert_eq!(body.get("scimType"), None);
    }

    #[test]
    fn a_taken_name_is_a_conflict() {
        assert_eq!(ScimError::uniqueness("taken").status, 409);
    }
}
