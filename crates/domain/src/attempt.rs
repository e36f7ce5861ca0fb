//! An attempt: one try of a delivery, on record.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::{AttemptId, DeliveryId, Timestamp, delivery::Trigger};

/// What was done at the target.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Operation {
    /// Nothing but a look-up was needed or possible.
    LookUp,
    Create,
    Adopt,
    Update,
    Disable,
    Remove,
    /// The account was let go without a call.
    LetGo,
    /// Everything was as wanted already.
    Nothing,
}

impl Operation {
    pub const ALL: [Self; 8] = [
        Self::LookUp,
        Self::Create,
        Self::Adopt,
        Self::Update,
        Self::Disable,
        Self::Remove,
        Self::LetGo,
        Self::Nothing,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::LookUp => "look_up",
            Self::Create => "create",
            Self::Adopt => "adopt",
            Self::Update => "update",
            Self::Disable => "disable",
            Self::Remove => "remove",
            Self::LetGo => "let_go",
            Self::Nothing => "nothing",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|operation| operation.as_str() == text)
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    pub id: AttemptId,
    pub delivery_id: DeliveryId,
    pub fence: i64,
    pub generation: i64,
    pub at: Timestamp,
    pub trigger: Trigger,
    pub operation: Operation,
    /// `delivered`, or the failure's kind.
    pub outcome: String,
    /// The reason in words; empty when delivered.
    pub text: String,
    /// HTTP status of the last answer, where there was one.
    pub status: Option<i64>,
    pub duration_ms: i64,
    /// The exchanges, redacted and capped; kept for failures and the last success.
    pub request: Option<String>,
    pub response: Option<String>,
}

/// Bytes of a request or response that an attempt keeps.
pub const BODY_CAP: usize = 16 * 1024;

/// How long requests and responses are kept.
pub const BODIES_KEPT: Duration = Duration::from_hours(30 * 24);

/// How long they are kept once a deleted user's last account is let go.
pub const BODIES_KEPT_AFTER_DELETION: Duration = Duration::from_hours(7 * 24);
