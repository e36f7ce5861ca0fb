//! The core Group schema (RFC 7643 sections 4.2 and 8.7.1).

use super::{
    Schema,
    attribute::{
        Attribute,
        Mutability::{Immutable, ReadOnly},
        Returned::Request,
    },
};
use crate::urn;

pub(super) fn schema() -> Schema {
    let member = vec![
        Attribute::string("value", "The member's id.").case_exact().mutability(Immutable),
        Attribute::reference("$ref", &["User", "Group"], "The member's address.").mutability(Immutable),
        Attribute::string("display", "The member's name."),
        Attribute::string("type", "What the member is.").suggesting(&["User", "Group"]).mutability(Immutable),
    ];
    Schema {
        id: urn::GROUP.to_owned(),
        name: "Group".to_owned(),
        description: "Group".to_owned(),
        attributes: vec![
            Attribute::string("displayName", "The group's name.").required(),
            Attribute::complex("members", "The group's members.", member).multi_valued(),
        ],
    }
}

/// As Usher serves it: names are unique, people alone are members, and a member's name is told on request.
pub(super) fn served() -> Schema {
    let member = vec![
        Attribute::string("value", "The user's id.").case_exact().mutability(Immutable),
        Attribute::reference("$ref", &["User"], "The user's address.").mutability(Immutable),
        Attribute::string("display", "The user's name.").mutability(ReadOnly).returned(Request),
        Attribute::string("type", "What the member is.").suggesting(&["User"]).mutability(Immutable),
    ];
    Schema {
        attributes: vec![
            Attribute::string("displayName", "The group's name.").required().unique(),
            Attribute::complex("members", "The users in the group.", member).multi_valued(),
        ],
        ..schema()
    }
}
