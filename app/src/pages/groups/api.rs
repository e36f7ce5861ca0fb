//! Server functions of groups.

use domain::{GroupId, UserId};
use leptos::prelude::*;

use super::{
    listing::Asked,
    view::{Group, Listing, Which},
};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "groups/list", protocol = Read)]
pub async fn list(#[server(default)] of: Which, #[server(default)] asked: Asked) -> Result<Listing, ConsoleError> {
    super::shown::list(of, asked).await
}

#[server(prefix = "/console/-", endpoint = "groups/show", protocol = Read)]
pub async fn show(id: GroupId) -> Result<Group, ConsoleError> {
    super::shown::group(id).await
}

#[server(prefix = "/console/-", endpoint = "groups/create")]
pub async fn create(#[server(default)] name: String) -> Result<Outcome, ConsoleError> {
    super::shown::create(name).await
}

/// `seen` is the name that the form was filled with.
#[server(prefix = "/console/-", endpoint = "groups/rename")]
pub async fn rename(
    id: GroupId,
    #[server(default)] seen: String,
    #[server(default)] name: String,
) -> Result<Outcome, ConsoleError> {
    super::shown::rename(id, seen, name).await
}

#[server(prefix = "/console/-", endpoint = "groups/delete")]
pub async fn delete(id: GroupId) -> Result<Outcome, ConsoleError> {
    super::shown::delete(id).await
}

#[server(prefix = "/console/-", endpoint = "groups/add-members")]
pub async fn add_members(id: GroupId, #[server(default)] ids: Vec<UserId>) -> Result<Outcome, ConsoleError> {
    super::shown::add_members(id, ids).await
}

/// Those who are ticked, or the one whose button was pressed.
#[server(prefix = "/console/-", endpoint = "groups/remove-members")]
pub async fn remove_members(
    id: GroupId,
    #[server(default)] ids: Vec<UserId>,
    #[server(default)] only: Option<UserId>,
    #[server(default)] asked: Asked,
) -> Result<Outcome, ConsoleError> {
    super::shown::remove_members(id, only.map_or(ids, |one| vec![one]), &asked).await
}

/// Puts a user into groups.
#[server(prefix = "/console/-", endpoint = "groups/assign")]
pub async fn assign(id: UserId, #[server(default)] ids: Vec<GroupId>) -> Result<Outcome, ConsoleError> {
    super::shown::assign(id, ids).await
}

/// Takes a user out of groups: those that are ticked, or the one whose button was pressed.
#[server(prefix = "/console/-", endpoint = "groups/leave")]
pub async fn leave(
    id: UserId,
    #[server(default)] ids: Vec<GroupId>,
    #[server(default)] only: Option<GroupId>,
    #[server(default)] asked: Asked,
) -> Result<Outcome, ConsoleError> {
    super::shown::leave(id, only.map_or(ids, |one| vec![one]), &asked).await
}
