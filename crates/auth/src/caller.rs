//! The caller of a use case, and the proof that they may.

use std::marker::PhantomData;

use domain::{
    SessionId, TokenId, UserId,
    permission::{Permission, Role, Scope},
};
use storage::audit::{Actor, ActorKind};

use crate::grants::Grant;

/// Whoever stands behind a request, from where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Caller {
    pub who: Who,
    /// The client's address; empty for what runs on this machine.
    pub address: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    Nobody,
    User {
        id: UserId,
        label: String,
        role: Option<Role>,
        session: SessionId,
    },
    /// Showed their password or came by a connection, and has a second factor to show or to set up: nobody yet but for that.
    Half {
        id: UserId,
        label: String,
        session: SessionId,
    },
    Token {
        id: TokenId,
        name: String,
        scopes: Vec<Scope>,
    },
    /// A command on this machine, beside the server.
    CommandLine,
    /// Usher itself.
    System,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    #[error("Sign in, or send a valid token.")]
    SignedOut,
    #[error("This needs a permission that you do not have.")]
    Forbidden(Permission),
}

/// Proof that the caller has the permission `P`.
#[derive(Clone, Debug)]
pub struct Authorised<P> {
    caller: Caller,
    permission: PhantomData<P>,
}

impl Caller {
    pub fn nobody(address: impl Into<String>) -> Self {
        Self { who: Who::Nobody, address: address.into() }
    }

    pub fn command_line() -> Self {
        Self { who: Who::CommandLine, address: String::new() }
    }

    pub fn system() -> Self {
        Self { who: Who::System, address: String::new() }
    }

    pub fn may(&self, permission: Permission) -> bool {
        match &self.who {
            Who::Nobody => false,
            Who::Half { .. } => permission.is_half_way(),
            _ if permission == Permission::SecondStep => false,
            Who::User { .. } if permission.is_personal() => true,
            Who::Token { .. } if permission.is_personal() => false,
            Who::User { role, .. } => role.is_some_and(|role| role.may(permission)),
            Who::Token { scopes, .. } => scopes.iter().any(|scope| scope.may(permission)),
            Who::CommandLine | Who::System => true,
        }
    }

    pub fn authorise<P: Grant>(&self) -> Result<Authorised<P>, Denied> {
        if self.may(P::PERMISSION) {
            Ok(Authorised { caller: self.clone(), permission: PhantomData })
        } else if matches!(self.who, Who::Nobody | Who::Half { .. }) {
            Err(Denied::SignedOut)
        } else {
            Err(Denied::Forbidden(P::PERMISSION))
        }
    }

    pub fn user_id(&self) -> Option<UserId> {
        match self.who {
            Who::User { id, .. } => Some(id),
            _ => None,
        }
    }

    pub fn session(&self) -> Option<SessionId> {
        match self.who {
            Who::User { session, .. } => Some(session),
            _ => None,
        }
    }

    /// Whose session this is, whether they are signed in or half way.
    pub fn holder(&self) -> Option<(UserId, SessionId)> {
        match self.who {
            Who::User { id, session, .. } | Who::Half { id, session, .. } => Some((id, session)),
            _ => None,
        }
    }

    pub fn is_half_way(&self) -> bool {
        matches!(self.who, Who::Half { .. })
    }

    /// Whether anybody in particular is asking; half way is not there.
    pub fn is_somebody(&self) -> bool {
        !matches!(self.who, Who::Nobody | Who::Half { .. })
    }
}

impl<P> Authorised<P> {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    /// Tokens of scope `scim` alone may not change whoever holds a console role.
    pub fn may_touch_roles(&self) -> bool {
        match &self.caller.who {
            Who::User { role, .. } => *role == Some(Role::Administrator),
            Who::Token { scopes, .. } => scopes.contains(&Scope::Admin),
            Who::CommandLine | Who::System => true,
            Who::Nobody | Who::Half { .. } => false,
        }
    }

    /// Who to write into the audit trail.
    pub fn actor(&self) -> Actor {
        let (kind, id, label) = match &self.caller.who {
            Who::User { id, label, .. } | Who::Half { id, label, .. } => (ActorKind::User, Some(id.0), label.clone()),
            Who::Token { id, name, .. } => (ActorKind::Token, Some(id.0), name.clone()),
            Who::CommandLine => (ActorKind::Cli, None, "command line".to_owned()),
            Who::System | Who::Nobody => return Actor { address: self.caller.address.clone(), ..Actor::usher() },
        };
        Actor { kind, id, label, address: self.caller.address.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grants::{
        ConnectionsRead, ConnectionsWrite, OwnAccount, OwnFactors, OwnSessions, SecondStep, UsersWrite,
    };

    fn token(scopes: &[Scope]) -> Caller {
        let who = Who::Token { id: TokenId(uuid::Uuid::nil()), name: "hr".to_owned(), scopes: scopes.to_vec() };
        Caller { who, address: String::new() }
    }

    #[test]
    fn nobody_is_asked_to_sign_in_and_others_are_told_no() {
        assert_eq!(Caller::nobody("").authorise::<ConnectionsRead>().unwrap_err(), Denied::SignedOut);
        let denied = token(&[Scope::AdminRead]).authorise::<ConnectionsWrite>().unwrap_err();
        assert_eq!(denied, Denied::Forbidden(Permission::ConnectionsWrite));
    }

    #[test]
    fn what_is_personal_is_everybodys_who_is_signed_in_and_no_tokens() {
        let who = Who::User {
            id: UserId(uuid::Uuid::nil()),
            label: "Ada".to_owned(),
            role: None,
            session: SessionId(uuid::Uuid::nil()),
        };
        let ada = Caller { who, address: String::new() };
        assert!(ada.authorise::<OwnSessions>().is_ok());
        assert!(token(&[Scope::Admin]).authorise::<OwnSessions>().is_err());
        assert_eq!(Caller::nobody("").authorise::<OwnSessions>().unwrap_err(), Denied::SignedOut);
    }

    #[test]
    fn half_way_is_nobody_but_for_the_second_step() {
        let (id, session) = (UserId(uuid::Uuid::nil()), SessionId(uuid::Uuid::nil()));
        let half = Caller { who: Who::Half { id, label: "Ada".to_owned(), session }, address: String::new() };
        assert!(half.authorise::<SecondStep>().is_ok() && half.authorise::<OwnFactors>().is_ok());
        assert_eq!(half.authorise::<OwnAccount>().unwrap_err(), Denied::SignedOut);
        assert_eq!(half.authorise::<ConnectionsRead>().unwrap_err(), Denied::SignedOut);
        assert!(half.user_id().is_none() && half.session().is_none() && !half.is_somebody());
        let whole = Who::User { id, label: "Ada".to_owned(), role: Some(Role::Administrator), session };
        let whole = Caller { who: whole, address: String::new() };
        assert!(whole.authorise::<OwnFactors>().is_ok() && whole.authorise::<SecondStep>().is_err());
        assert!(Caller::nobody("").authorise::<SecondStep>().is_err());
        assert!(token(&[Scope::Admin]).authorise::<OwnFactors>().is_err());
        assert!(token(&[Scope::Admin]).authorise::<SecondStep>().is_err());
    }

    #[test]
    fn only_administrators_touch_those_with_a_role() {
        assert!(!token(&[Scope::Scim]).authorise::<UsersWrite>().unwrap().may_touch_roles());
        assert!(token(&[Scope::Admin]).authorise::<UsersWrite>().unwrap().may_touch_roles());
    }
}
