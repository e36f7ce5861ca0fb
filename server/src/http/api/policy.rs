//! Words of the contract that several resources use.

use domain::{connection::Life, provisioner};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{Problem, Result};

/// What happens to an account at the target: it is deleted there, disabled there, or left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Removal {
    Delete,
    Disable,
    Leave,
}

impl From<Removal> for provisioner::Removal {
    fn from(removal: Removal) -> Self {
        match removal {
            Removal::Delete => Self::Delete,
            Removal::Disable => Self::Disable,
            Removal::Leave => Self::Leave,
        }
    }
}

impl From<provisioner::Removal> for Removal {
    fn from(removal: provisioner::Removal) -> Self {
        match removal {
            provisioner::Removal::Delete => Self::Delete,
            provisioner::Removal::Disable => Self::Disable,
            provisioner::Removal::Leave => Self::Leave,
        }
    }
}

/// `active`, or `removing` from DELETE until the last account is let go.
#[derive(Clone, Copy, Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum State {
    Active,
    Removing,
}

impl From<Life> for State {
    fn from(life: Life) -> Self {
        match life {
            Life::Active => Self::Active,
            Life::Removing => Self::Removing,
        }
    }
}

/// The query of a DELETE.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DeleteParameters {
    accounts: Option<Removal>,
}

impl DeleteParameters {
    pub(super) fn accounts(&self) -> Option<provisioner::Removal> {
        self.accounts.map(Into::into)
    }
}

/// Null takes a field's value away, which these do not allow.
pub(super) fn not_removable<T>(field: &str) -> Result<T> {
    Err(Problem::field(field, "This cannot be taken away. Give another value."))
}

/// The words of the contract on both sides of a type of the domain.
macro_rules! same_words {
    ($here:ident = $module:ident::$there:ident { $($variant:ident),+ }) => {
        impl From<$here> for $module::$there {
            fn from(word: $here) -> Self {
                match word { $($here::$variant => Self::$variant),+ }
            }
        }
        impl From<$module::$there> for $here {
            fn from(word: $module::$there) -> Self {
                match word { $($module::$there::$variant => Self::$variant),+ }
            }
        }
    };
}

pub(super) use same_words;
