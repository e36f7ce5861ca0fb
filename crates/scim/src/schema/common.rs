//! What every resource has (RFC 7643 section 3.1). Not part of any `/Schemas` document.

use super::attribute::{Attribute, Mutability::ReadOnly, Returned::Always};

pub(super) fn attributes() -> Vec<Attribute> {
    vec![
        Attribute::reference("schemas", &["uri"], "The schemas that the resource uses.")
            .multi_valued()
            .required()
            .returned(Always),
        Attribute::string("id", "The resource's identifier, given by the service provider.")
            .case_exact()
            .mutability(ReadOnly)
            .returned(Always)
            .unique(),
        Attribute::string("externalId", "The identifier that the provisioning client uses.").case_exact(),
        meta(),
    ]
}

fn meta() -> Attribute {
    let fields = vec![
        Attribute::string("resourceType", "The name of the resource's type.").case_exact(),
        Attribute::date_time("created", "When the resource was made."),
        Attribute::date_time("lastModified", "When the resource last changed."),
        Attribute::reference("location", &["uri"], "The resource's address."),
        Attribute::string("version", "The resource's version, as in its ETag.").case_exact(),
    ];
    let fields = fields.into_iter().map(|field| field.mutability(ReadOnly)).collect();
    Attribute::complex("meta", "Facts about the resource.", fields).mutability(ReadOnly)
}
