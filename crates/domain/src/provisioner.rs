//! The organization-level rule: which connector everybody has an account at, and how.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::{
    ConnectionId, ConnectorId, ProvisionerId, Timestamp, connection::Life, limits, user::Origin,
    validation::FieldErrors,
};

/// What happens to an account whose user is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Removal {
    #[default]
    Delete,
    Disable,
    /// Let go: the account stays as it is, and is no longer ours.
    Leave,
}

impl Removal {
    pub const ALL: [Self; 3] = [Self::Delete, Self::Disable, Self::Leave];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Delete => "delete",
            Self::Disable => "disable",
            Self::Leave => "leave",
        }
    }
}

impl FromStr for Removal {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|removal| removal.as_str() == text).ok_or(())
    }
}

/// What becomes of an onboarding that a Blocking provisioner's target did not accept.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OnFailure {
    /// The user is not created.
    #[default]
    Refuse,
    /// The user is created, delivery goes on.
    Keep,
}

impl OnFailure {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Refuse => "refuse",
            Self::Keep => "keep",
        }
    }
}

impl FromStr for OnFailure {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        [Self::Refuse, Self::Keep].into_iter().find(|rule| rule.as_str() == text).ok_or(())
    }
}

/// How a provisioner behaves; what its form sets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rules {
    pub blocking: bool,
    pub on_blocking_failure: OnFailure,
    pub time_limit_ms: i64,
    /// Also users who came by first sign-in through another identity provider.
    pub jit_outbound: bool,
    pub on_delete: Removal,
    pub on_leave: Removal,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            blocking: false,
            on_blocking_failure: OnFailure::Refuse,
            time_limit_ms: limits::DEFAULT_TIME_LIMIT_MS,
            jit_outbound: false,
            on_delete: Removal::Delete,
            on_leave: Removal::Delete,
        }
    }
}

impl Rules {
    pub fn check(self) -> Result<Self, FieldErrors> {
        if limits::TIME_LIMIT_MS.contains(&self.time_limit_ms) {
            Ok(self)
        } else {
            Err(FieldErrors::of(
                "time_limit_ms",
                "Wait at least 0.1 seconds (100 ms) and at most 60 seconds (60000 ms).",
            ))
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Provisioner {
    pub id: ProvisionerId,
    pub connection_id: ConnectionId,
    pub connector_id: ConnectorId,
    pub rules: Rules,
    pub life: Life,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Provisioner {
    /// Scope: does somebody who came in this way belong at this provisioner's connector?
    pub fn takes(&self, origin: Origin, excluded: bool) -> bool {
        self.life == Life::Active && !excluded && (origin != Origin::Jit || self.rules.jit_outbound)
    }
}
