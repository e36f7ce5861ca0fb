//! One search over what the console shows: people, groups and connections.

use auth::{
    Authorised, Caller, Denied,
    grants::{ConnectionsRead, UsersRead},
};
use domain::{connection::Connection, group::Group, user::User};

use crate::{
    Directory, Result,
    memberships::Part,
    people::{PeopleQuery, SEARCH},
};

/// Hits of one kind, at most.
pub const MOST: usize = 20;

/// The proofs of what a caller may read; a kind without one is not searched.
#[derive(Clone, Debug)]
pub struct Reach {
    users: Option<Authorised<UsersRead>>,
    connections: Option<Authorised<ConnectionsRead>>,
}

impl Reach {
    /// Refused only to whoever may read none of it.
    pub fn of(caller: &Caller) -> Result<Self, Denied> {
        let (users, connections) = (caller.authorise(), caller.authorise());
        match (users, connections) {
            (Err(denied), Err(_)) => Err(denied),
            (users, connections) => Ok(Self { users: users.ok(), connections: connections.ok() }),
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Found {
    pub people: Vec<User>,
    pub groups: Vec<Group>,
    pub connections: Vec<Connection>,
}

impl Directory {
    /// At most `limit` of each kind, and never more than [`MOST`]; an empty query finds nothing.
    pub async fn search(&self, reach: &Reach, query: &str, limit: usize) -> Result<Found> {
        let query: String = query.trim().chars().take(SEARCH).collect();
        if query.is_empty() {
            return Ok(Found::default());
        }
        let limit = i64::try_from(limit.clamp(1, MOST)).unwrap_or(1);
        let mut found = Found::default();
        if let Some(who) = &reach.users {
            let wanted = PeopleQuery { search: Some(query.clone()), limit, ..PeopleQuery::default() };
            found.people = self.people(who, wanted).await?.items;
            let part = Part { search: query.clone(), after: String::new(), limit };
            found.groups = self.groups(who, &part).await?.items;
        }
        if let Some(who) = &reach.connections {
            found.connections = self.connections(who, Some(&query), None, limit).await?;
        }
        Ok(found)
    }
}
