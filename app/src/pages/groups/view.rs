//! What the pages of groups show.

use domain::{GroupId, UserId};
use serde::{Deserialize, Serialize};

use crate::ui::{cells::Line, time::Moment};

/// What a [`Listing`] lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Which {
    #[default]
    Groups,
    Members(GroupId),
    /// Everybody, to choose members from.
    People(GroupId),
    GroupsOf(UserId),
    /// Every group, to put somebody into.
    GroupsFor(UserId),
}

/// A page of people or groups. One type for all of these lists: each would be compiled for the browser on its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Listing {
    pub items: Vec<Line>,
    /// Where to go on; there may be more although nothing was found here.
    pub next: Option<String>,
    pub may_write: bool,
}

/// The head of a group's page, and what its tabs share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    pub id: GroupId,
    pub name: String,
    /// How many people are in it, in words.
    pub members: String,
    pub is_empty: bool,
    pub external_id: Option<String>,
    pub created: Moment,
    pub changed: Moment,
    pub may_write: bool,
}
