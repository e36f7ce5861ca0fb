//! What a use case can answer instead of its result.

use std::time::Duration;

use auth::{Denied, TooMany};
use domain::{
    onboarding::{Rejection, in_a_line},
    validation::FieldErrors,
};

pub type Result<T, E = Error> = std::result::Result<T, E>;

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// Whoever holds a console role, the last administrator: not by this caller, or not at all.
    #[error("{0}")]
    Protected(String),
    #[error("There is no such {0}.")]
    NotFound(&'static str),
    /// Bad input, by field.
    #[error("{}", .0.sentence())]
    Invalid(FieldErrors),
    /// Another has this already: by field, like [`Error::Invalid`], but a conflict (409).
    #[error("{}", .0.sentence())]
    Taken(FieldErrors),
    /// What was set once stays: by field.
    #[error("{}", .0.sentence())]
    Immutable(FieldErrors),
    /// The thing is in a state that does not allow this.
    #[error("{0}")]
    Conflict(String),
    /// Accounts exist, and what becomes of them was not said.
    #[error("{count} accounts exist there. Say what becomes of them: delete, disable or leave.")]
    AccountsExist { count: i64 },
    /// Somebody else changed it since it was read.
    #[error(
        "Somebody else has changed this since you opened it. Nothing was saved: load it again and repeat your change."
    )]
    Stale,
    /// A Blocking provisioner's target did not accept.
    #[error("The user was not created. {}", in_a_line(.0))]
    NotAccepted(Vec<Rejection>),
    #[error(transparent)]
    TooMany(#[from] TooMany),
    /// The user name or password is wrong, or the account may not sign in; it is not said which.
    #[error("The user name or password is not right.")]
    SignInFailed,
    #[error("This needs a running server.")]
    NoEngine,
    #[error(transparent)]
    Storage(storage::Error),
    #[error("the password could not be hashed")]
    Hashing,
}

impl Error {
    /// Whether a target said no, or a person has to decide (400), rather than being out of reach (503).
    pub fn said_no(rejections: &[Rejection]) -> bool {
        rejections.iter().any(|rejection| rejection.said_no)
    }

    /// How long to wait before trying again, where that is known.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::TooMany(TooMany(wait)) => Some(*wait),
            Self::NotAccepted(rejections) if !Self::said_no(rejections) => Some(Duration::from_secs(30)),
            _ => None,
        }
    }

    pub(crate) fn invalid(field: &str, message: impl Into<String>) -> Self {
        Self::Invalid(FieldErrors::of(field, message))
    }
}

impl From<FieldErrors> for Error {
    fn from(errors: FieldErrors) -> Self {
        Self::Invalid(errors)
    }
}

impl From<storage::Error> for Error {
    fn from(error: storage::Error) -> Self {
        use storage::Constraint::{
            ConnectionName, ConnectorKind, GroupName, Passkey, ProviderSubject, ProvisionerConnector, SchemaUrn,
            UserName,
        };
        let storage::Error::Conflict(constraint) = error else { return Self::Storage(error) };
        let taken = |field: &str, message: &str| Self::Taken(FieldErrors::of(field, message));
        match constraint {
            ConnectionName => taken("name", "A connection of this name exists already. Choose another name."),
            ConnectorKind => taken("kind", "This connection has a connector of this kind already."),
            GroupName => taken("displayName", "A group of this name exists already. Choose another name."),
            ProvisionerConnector => {
                taken("connector_id", "There is a provisioner for this connector already. Edit that one.")
            }
            Passkey => taken("", "This passkey is in use already. Choose another one."),
            SchemaUrn => taken("urn", "A schema of this URN exists already."),
            UserName => taken("userName", "This user name is taken."),
            ProviderSubject => taken("", "Somebody is signing in with this account at the same time. Try again."),
            _ => Self::Storage(error),
        }
    }
}
