//! The Enterprise User extension (RFC 7643 sections 4.3 and 8.7.1).

use super::{Schema, attribute::Attribute};
use crate::urn;

pub(super) fn schema() -> Schema {
    Schema {
        id: urn::ENTERPRISE_USER.to_owned(),
        name: "EnterpriseUser".to_owned(),
        description: "Enterprise User".to_owned(),
        attributes: vec![
            Attribute::string("employeeNumber", "The number that the organization gave the user."),
            Attribute::string("costCenter", "The cost center."),
            Attribute::string("organization", "The organization."),
            Attribute::string("division", "The division."),
            Attribute::string("department", "The department."),
            Attribute::complex(
                "manager",
                "The user's manager.",
                vec![
                    Attribute::string("value", "The manager's id.").case_exact(),
                    Attribute::reference("$ref", &["User"], "The manager's address."),
                    // RFC 7643 makes it readOnly; large identity providers write it, and it is kept.
                    Attribute::string("displayName", "The manager's name."),
                ],
            ),
        ],
    }
}
