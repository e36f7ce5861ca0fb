//! Extension schemas of users: attributes that an administrator defines (RFC 7643 sections 2, 3.3 and 7).
//!
//! An extension is optional: whoever has no value in it need not have its required attributes (RFC 7643 section 6).
//! A definition decides about what is written from then on; what is kept already stays as it is until it is changed.

mod definition;
mod values;

pub use definition::{Definition, Kind, Mutability, NewExtension, Returned, check_all};
pub use values::{Entry, Fault, Settled, label, settle, still_taken};

use serde::{Deserialize, Serialize};

use crate::{AttributeId, SchemaId, Timestamp};

/// A schema as it is defined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Extension {
    pub id: SchemaId,
    /// Never changes: clients and accounts elsewhere know the values by it.
    pub urn: String,
    pub name: String,
    pub description: String,
    /// In the order in which they are shown.
    pub attributes: Vec<Attribute>,
    pub version: i64,
    pub created_at: Timestamp,
    pub updated_at: Timestamp,
}

impl Extension {
    pub fn attribute(&self, id: AttributeId) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.id == id)
    }

    /// By name, in any case.
    pub fn named(&self, name: &str) -> Option<&Attribute> {
        self.attributes.iter().find(|attribute| attribute.definition.name.eq_ignore_ascii_case(name))
    }
}

/// One attribute with the id by which its values are found. A stored payload: add, never rename.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    pub id: AttributeId,
    #[serde(flatten)]
    pub definition: Definition,
}
