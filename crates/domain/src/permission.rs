//! Who may do what. A use case takes the proof (`auth::Authorised`), never a role.

use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A console role, held by a user of the directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    Administrator,
    /// Retries and approvals.
    Operator,
    /// Reads.
    Auditor,
}

impl Role {
    pub const ALL: [Self; 3] = [Self::Administrator, Self::Operator, Self::Auditor];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administrator => "administrator",
            Self::Operator => "operator",
            Self::Auditor => "auditor",
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Administrator => true,
            Self::Operator => {
                permission.only_reads() || matches!(permission, Permission::DeliveriesAct | Permission::AttemptsBodies)
            }
            Self::Auditor => permission.only_reads(),
        }
    }
}

impl FromStr for Role {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|role| role.as_str() == text).ok_or(())
    }
}

/// What an API token may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Scope {
    #[serde(rename = "scim")]
    Scim,
    #[serde(rename = "scim:read")]
    ScimRead,
    #[serde(rename = "admin")]
    Admin,
    #[serde(rename = "admin:read")]
    AdminRead,
}

impl Scope {
    pub const ALL: [Self; 4] = [Self::Scim, Self::ScimRead, Self::Admin, Self::AdminRead];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Scim => "scim",
            Self::ScimRead => "scim:read",
            Self::Admin => "admin",
            Self::AdminRead => "admin:read",
        }
    }

    pub fn may(self, permission: Permission) -> bool {
        match self {
            Self::Admin => true,
            Self::AdminRead => permission.only_reads(),
            Self::Scim => matches!(permission, Permission::UsersRead | Permission::UsersWrite),
            Self::ScimRead => permission == Permission::UsersRead,
        }
    }
}

impl FromStr for Scope {
    type Err = ();
    fn from_str(text: &str) -> Result<Self, ()> {
        Self::ALL.into_iter().find(|scope| scope.as_str() == text).ok_or(())
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Request and response bodies of attempts.
    AttemptsBodies,
    AuditRead,
    ConnectionsRead,
    ConnectionsWrite,
    /// Retry, approve, decide.
    DeliveriesAct,
    DeliveriesRead,
    MetricsRead,
    /// The account of whoever asks: what is kept of them, and their password.
    OwnAccount,
    /// The second factors of whoever asks.
    OwnFactors,
    /// The sessions of whoever asks.
    OwnSessions,
    ProvisionersRead,
    ProvisionersWrite,
    /// Which custom attributes there are.
    SchemasRead,
    SchemasWrite,
    /// Goes on with a sign-in that has come half way.
    SecondStep,
    /// Gives and takes console roles: apart from `UsersWrite`, which `scim` tokens have too.
    RolesWrite,
    /// What is set for the whole organization: registration, mail, branding.
    SettingsRead,
    SettingsWrite,
    TokensRead,
    TokensWrite,
    UsersRead,
    UsersWrite,
}

impl Permission {
    /// Everybody who is signed in has it, whatever their role; no token does.
    pub fn is_personal(self) -> bool {
        matches!(self, Self::OwnAccount | Self::OwnFactors | Self::OwnSessions)
    }

    /// Whoever is signed in half way has it: they show a second factor, or set up their first.
    pub fn is_half_way(self) -> bool {
        matches!(self, Self::SecondStep | Self::OwnFactors)
    }

    pub fn only_reads(self) -> bool {
        matches!(
            self,
            Self::AuditRead
                | Self::ConnectionsRead
                | Self::DeliveriesRead
                | Self::MetricsRead
                | Self::ProvisionersRead
                | Self::SchemasRead
                | Self::SettingsRead
                | Self::TokensRead
                | Self::UsersRead
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_never_writes() {
        let writes = [
            Permission::ConnectionsWrite,
            Permission::DeliveriesAct,
            Permission::ProvisionersWrite,
            Permission::SchemasWrite,
            Permission::RolesWrite,
            Permission::SettingsWrite,
            Permission::TokensWrite,
            Permission::UsersWrite,
            Permission::AttemptsBodies,
        ];
        for permission in writes {
            assert!(!Role::Auditor.may(permission), "{permission:?}");
            assert!(!Scope::AdminRead.may(permission), "{permission:?}");
            assert!(!Scope::ScimRead.may(permission), "{permission:?}");
        }
    }

    #[test]
    fn a_scim_token_reaches_users_alone() {
        assert!(Scope::Scim.may(Permission::UsersWrite));
        assert!(!Scope::Scim.may(Permission::ConnectionsRead));
        assert!(!Scope::Scim.may(Permission::TokensWrite));
        assert!(!Scope::Scim.may(Permission::RolesWrite));
    }

    #[test]
    fn an_operator_retries_and_looks_and_nothing_else() {
        assert!(Role::Operator.may(Permission::DeliveriesAct) && Role::Operator.may(Permission::AttemptsBodies));
        for permission in [
            Permission::ConnectionsWrite,
            Permission::ProvisionersWrite,
            Permission::RolesWrite,
            Permission::SettingsWrite,
            Permission::TokensWrite,
            Permission::UsersWrite,
        ] {
            assert!(!Role::Operator.may(permission), "{permission:?}");
        }
    }
}
