//! Between the use cases and the pages of roles.

use auth::grants::{RolesWrite, UsersRead};
use directory::{people::PeopleQuery, roles::Holders};
use domain::{
    UserId,
    permission::{Permission, Role},
    user::User,
};

use super::{
    label,
    view::{Candidate, Candidates, Holder, RoleList, Shown},
};
use crate::{error::ConsoleError, outcome::Outcome, pages::users, routes::Page, ssr};

/// People found at once: a longer word finds fewer.
const FOUND: i64 = 10;

fn may_write() -> bool {
    ssr::caller().may(Permission::RolesWrite)
}

pub(super) async fn list() -> Result<RoleList, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let roles = directory.role_holders(&who).await?.into_iter().map(shown).collect();
    Ok(RoleList { roles, may_write: may_write() })
}

fn shown(Holders { role, users, more }: Holders) -> Shown {
    let me = ssr::caller().user_id();
    let holder = |user: User| Holder {
        id: user.id,
        label: user.label(),
        state: users::shown::standing(&user),
        is_me: me == Some(user.id),
        user_name: user.user_name,
    };
    Shown { role, holders: users.into_iter().map(holder).collect(), more }
}

pub(super) async fn candidates(search: String) -> Result<Candidates, ConsoleError> {
    let (directory, who) = ssr::authorise::<UsersRead>()?;
    let mut people = Vec::new();
    if !search.trim().is_empty() {
        let query = PeopleQuery { search: Some(search), limit: FOUND, ..PeopleQuery::default() };
        for user in directory.people(&who, query).await?.items {
            let last_administrator = directory.is_last_administrator(&who, &user).await?;
            let label = user.label();
            people.push(Candidate {
                id: user.id,
                label,
                role: user.role,
                last_administrator,
                user_name: user.user_name,
            });
        }
    }
    Ok(Candidates { people, may_write: may_write() })
}

pub(super) async fn change(id: UserId, role: Option<Role>, then: Page) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<RolesWrite>()?;
    let changed = directory.set_role(&who, id, role).await;
    // Whoever changes their own role is signed out by it.
    if changed.is_ok() && ssr::caller().user_id() == Some(id) {
        return Ok(Outcome::go(&Page::SignIn));
    }
    ssr::outcome(changed, |user| Outcome::done(&then, done(&user)))
}

fn done(user: &User) -> String {
    match user.role {
        Some(role) => format!("{} now holds the role {}.", user.label(), label(role)),
        None => format!("{} holds no console role any more.", user.label()),
    }
}
