//! What the pages of roles show.

use domain::{UserId, permission::Role};
use serde::{Deserialize, Serialize};

use crate::pages::users::view::Standing;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RoleList {
    pub roles: Vec<Shown>,
    pub may_write: bool,
}

/// A role with those who hold it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub role: Role,
    pub holders: Vec<Holder>,
    /// Not all of them are listed.
    pub more: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    pub id: UserId,
    pub label: String,
    pub user_name: String,
    pub state: Standing,
    pub is_me: bool,
}

/// People who were found, to be given a role.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidates {
    pub people: Vec<Candidate>,
    pub may_write: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Candidate {
    pub id: UserId,
    pub label: String,
    pub user_name: String,
    pub role: Option<Role>,
    /// They cannot be given another role.
    pub last_administrator: bool,
}
