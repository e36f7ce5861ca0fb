//! Schemas that an administrator defined, as SCIM shows them (RFC 7643 section 7).

use domain::extension::{self, Extension, Kind};

use super::{Attribute, Mutability, ResourceSchema, Returned, Schema, Type, Uniqueness};

/// Users with the enterprise extension and these.
pub fn user_with(extensions: &[Extension]) -> ResourceSchema {
    super::user().clone().extended(extensions.iter().map(Schema::from))
}

impl From<&Extension> for Schema {
    fn from(extension: &Extension) -> Self {
        Self {
            id: extension.urn.clone(),
            name: extension.name.clone(),
            description: extension.description.clone(),
            attributes: extension.attributes.iter().map(Attribute::from).collect(),
        }
    }
}

impl From<&extension::Attribute> for Attribute {
    fn from(attribute: &extension::Attribute) -> Self {
        let definition = &attribute.definition;
        let kind = match definition.kind {
            Kind::String => Type::String,
            Kind::Boolean => Type::Boolean,
            Kind::Integer => Type::Integer,
            Kind::Decimal => Type::Decimal,
            Kind::DateTime => Type::DateTime,
            Kind::Reference => Type::Reference,
        };
        let description = match definition.description.as_str() {
            "" => definition.label.clone(),
            text => text.to_owned(),
        };
        Self {
            custom: Some(attribute.id),
            multi_valued: definition.multi_valued,
            required: definition.required,
            case_exact: definition.case_exact,
            mutability: match definition.mutability {
                extension::Mutability::ReadWrite => Mutability::ReadWrite,
                extension::Mutability::Immutable => Mutability::Immutable,
            },
            returned: match definition.returned {
                extension::Returned::Default => Returned::Default,
                extension::Returned::Always => Returned::Always,
                extension::Returned::Request => Returned::Request,
            },
            uniqueness: if definition.unique { Uniqueness::Server } else { Uniqueness::None },
            canonical_values: definition.canonical_values.clone(),
            reference_types: if kind == Type::Reference { vec!["external".to_owned()] } else { Vec::new() },
            ..Self::of(kind, &definition.name, &description)
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{AttributeId, SchemaId, Timestamp, extension::Definition};
    use serde_json::json;

    use super::*;
    use crate::discovery;

    #[test]
    fn a_definition_is_served_with_every_characteristic() {
        let definition = Definition {
            name: "badge".to_owned(),
            label: "Badge".to_owned(),
            kind: Kind::Reference,
            required: true,
            case_exact: true,
            mutability: extension::Mutability::Immutable,
            returned: extension::Returned::Request,
            unique: true,
            ..Definition::default()
        };
        let staff = Extension {
            id: SchemaId(uuid::Uuid::nil()),
            urn: "urn:example:Staff".to_owned(),
            name: "Staff".to_owned(),
            description: "People who work here.".to_owned(),
            attributes: vec![extension::Attribute { id: AttributeId(uuid::Uuid::nil()), definition }],
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        };
        let users = user_with(&[staff]);
        let document = discovery::schema(users.extension("URN:example:staff").unwrap(), "https://id.example.org/scim2");
        assert_eq!(
            document,
            json!({
                "schemas": [crate::urn::SCHEMA],
                "id": "urn:example:Staff",
                "name": "Staff",
                "description": "People who work here.",
                "attributes": [{
                    "name": "badge", "type": "reference", "multiValued": false, "description": "Badge",
                    "required": true, "caseExact": true, "mutability": "immutable", "returned": "request",
                    "uniqueness": "server", "referenceTypes": ["external"],
                }],
                "meta": {
                    "resourceType": "Schema",
                    "location": "https://id.example.org/scim2/Schemas/urn:example:Staff",
                },
            })
        );
        let resource_type = discovery::resource_type(&users, "https://id.example.org/scim2");
        assert_eq!(resource_type["schemaExtensions"][1], json!({"schema": "urn:example:Staff", "required": false}));
    }
}
