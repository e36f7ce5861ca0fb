//! Groups of people (RFC 7643 section 4.2). Members are not part of a group's value: there may be very many.

use crate::{
    GroupId, Timestamp, UserId, limits,
    validation::{FieldErrors, has_control, name_key},
};

/// A group without its members. `id` never changes and is never used again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    pub id: GroupId,
    /// Unique without regard to case: people, files and other systems know groups by name.
    pub display_name: String,
    /// What the client that provisions us calls this group.
    pub external_id: Option<String>,
    /// How many members there are.
    pub size: i64,
    /// Rises with every change, also of members; the entity tag.
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

/// What a client writes of a group beside its members.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct GroupInput {
    pub display_name: String,
    pub external_id: Option<String>,
}

impl GroupInput {
    pub fn of(group: &Group) -> Self {
        Self { display_name: group.display_name.clone(), external_id: group.external_id.clone() }
    }

    /// The one validation that every way in goes through. Trims the name.
    pub fn check(self) -> Result<Self, FieldErrors> {
        let checked = Self { display_name: self.display_name.trim().to_owned(), ..self };
        let mut errors = FieldErrors::default();
        if checked.display_name.is_empty() {
            errors.add("displayName", "A name is required.");
        } else if checked.display_name.chars().count() > limits::GROUP_NAME {
            errors.add("displayName", format!("A group's name has at most {} characters.", limits::GROUP_NAME));
        } else if checked.display_name.chars().any(char::is_control) {
            errors.add("displayName", "A group's name has no control characters.");
        }
        if checked.external_id.as_ref().is_some_and(|id| id.chars().count() > limits::ATTRIBUTE || has_control(id)) {
            errors.add("externalId", format!("An external id has at most {} printable characters.", limits::ATTRIBUTE));
        }
        errors.into_result().map(|()| checked)
    }

    /// How names compare.
    pub fn name_key(&self) -> String {
        name_key(&self.display_name)
    }
}

/// A user in a group, with the name to show.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Member {
    pub id: UserId,
    pub label: String,
}

/// A group that somebody is in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    pub id: GroupId,
    pub display_name: String,
}

/// One step of a change of members; steps are taken in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MemberChange {
    /// Those who are members already stay so.
    Add(Vec<UserId>),
    /// Those who are no members are passed over.
    Remove(Vec<UserId>),
    /// These and nobody else.
    Replace(Vec<UserId>),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(name: &str) -> GroupInput {
        GroupInput { display_name: name.to_owned(), external_id: None }
    }

    #[test]
    fn a_name_is_trimmed_required_and_bounded() {
        assert_eq!(named("  Tour Guides ").check().unwrap().display_name, "Tour Guides");
        assert!(named(" ").check().unwrap_err().get("displayName").is_some());
        assert!(named(&"a".repeat(limits::GROUP_NAME)).check().is_ok());
        assert!(named(&"a".repeat(limits::GROUP_NAME + 1)).check().unwrap_err().get("displayName").is_some());
        assert!(named("a\nb").check().unwrap_err().get("displayName").is_some());
    }

    #[test]
    fn an_external_id_is_bounded() {
        let with = |length| GroupInput { external_id: Some("x".repeat(length)), ..named("a") }.check();
        assert!(with(limits::ATTRIBUTE).is_ok());
        assert!(with(limits::ATTRIBUTE + 1).unwrap_err().get("externalId").is_some());
    }
}
