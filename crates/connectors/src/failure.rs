//! Why a call did not do what was wanted, in terms of what comes next.

use std::time::Duration;

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Failure {
    /// Name resolution, connecting or TLS fails: the whole target is out of reach.
    #[error("{text}")]
    Down { text: String },
    /// A 5xx or a time-out; the change may have happened all the same.
    #[error("{text}")]
    Faulty { text: String, status: Option<u16>, retry_after: Option<Duration> },
    /// 429, or 503 with `Retry-After`.
    #[error("{text}")]
    Throttled { text: String, status: u16, retry_after: Option<Duration> },
    /// 401: the credentials are wrong or have expired.
    #[error("{text}")]
    Unauthorised { text: String },
    /// 403: of the credentials or of this subject; a probe tells which.
    #[error("{text}")]
    Forbidden { text: String },
    /// 409 on create: an account of that name is there.
    #[error("{text}")]
    Conflict { text: String },
    /// 404 or 410 for the account's id.
    #[error("{text}")]
    Missing { text: String },
    /// 400, 413, 422 …: this subject as it is will not be taken.
    #[error("{text}")]
    Refused { text: String, status: u16 },
    /// The endpoint is not what it should be: a redirect, no SCIM, an address that may not be called.
    #[error("{text}")]
    Misconfigured { text: String, status: Option<u16> },
}

impl Failure {
    /// A mistake in the configuration that shows without an answer.
    pub fn misconfigured(text: impl Into<String>) -> Self {
        Self::Misconfigured { text: text.into(), status: None }
    }

    /// HTTP status of the answer, where there was one.
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Down { .. } => None,
            Self::Faulty { status, .. } | Self::Misconfigured { status, .. } => *status,
            Self::Throttled { status, .. } | Self::Refused { status, .. } => Some(*status),
            Self::Unauthorised { .. } => Some(401),
            Self::Forbidden { .. } => Some(403),
            Self::Conflict { .. } => Some(409),
            Self::Missing { .. } => Some(404),
        }
    }

    /// One word for records and metrics.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Down { .. } => "down",
            Self::Faulty { .. } => "faulty",
            Self::Throttled { .. } => "throttled",
            Self::Unauthorised { .. } => "unauthorised",
            Self::Forbidden { .. } => "forbidden",
            Self::Conflict { .. } => "conflict",
            Self::Missing { .. } => "missing",
            Self::Refused { .. } => "refused",
            Self::Misconfigured { .. } => "misconfigured",
        }
    }
}
