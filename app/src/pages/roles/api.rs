//! Server functions of roles.

use domain::{UserId, permission::Role};
use leptos::prelude::*;

use super::view::{Candidates, RoleList};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "roles/list", protocol = Read)]
pub async fn list() -> Result<RoleList, ConsoleError> {
    super::shown::list().await
}

/// People to give a role to, by a search; none without one.
#[server(prefix = "/console/-", endpoint = "roles/candidates", protocol = Read)]
pub async fn find(#[server(default)] search: String) -> Result<Candidates, ConsoleError> {
    super::shown::candidates(search).await
}

/// Gives a role in place of the one that somebody holds.
#[server(prefix = "/console/-", endpoint = "roles/give")]
pub async fn give(id: UserId, role: Role) -> Result<Outcome, ConsoleError> {
    super::shown::change(id, Some(role), crate::routes::Page::Roles).await
}

#[server(prefix = "/console/-", endpoint = "roles/take")]
pub async fn take(id: UserId) -> Result<Outcome, ConsoleError> {
    super::shown::change(id, None, crate::routes::Page::Roles).await
}

/// From the user's own page.
#[server(prefix = "/console/-", endpoint = "users/set-role")]
pub async fn set(
    id: UserId,
    /// A role, or `none`.
    #[server(default)]
    role: String,
) -> Result<Outcome, ConsoleError> {
    let role = if role == "none" { None } else { Some(role.parse().map_err(|()| ConsoleError::Malformed)?) };
    super::shown::change(id, role, crate::routes::Page::UserRoles(id)).await
}
