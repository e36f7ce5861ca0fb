//! Attribute definitions as data, read alike by discovery, filters, PATCH, projection and validation.
//!
//! To add an attribute: a line in the schema's module. To add a resource type: 1. its schema in a module here;
//! 2. a function beside [`user()`] and [`group()`]; 3. its reading and writing in a module like [`crate::user`].
//! Extensions that an administrator defines come in by [`user_with`]; whoever reads or writes users takes the schema as
//! it is at that moment.

mod attribute;
mod common;
mod custom;
mod enterprise;
mod group;
mod normalise;
mod user;

use std::sync::LazyLock;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use attribute::{Attribute, Mutability, Returned, Type, Uniqueness};
pub use custom::user_with;
pub use normalise::normalise;
pub(crate) use normalise::{boolean, normalise_element, normalise_value};

use crate::path::AttributePath;

/// A named set of attributes (RFC 7643 section 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    /// A URN. What follows its last colon is a plain name, so that a path that names the schema alone can be read.
    pub id: String,
    pub name: String,
    #[serde(default)]
    pub description: String,
    pub attributes: Vec<Attribute>,
}

impl Schema {
    /// An attribute by name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        attribute::find(&self.attributes, name)
    }

    pub(crate) fn is(&self, urn: &str) -> bool {
        self.id.eq_ignore_ascii_case(urn)
    }
}

/// A resource type with its core schema and extensions (RFC 7643 section 6).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResourceSchema {
    /// `User`, as in `meta.resourceType`.
    pub name: &'static str,
    /// `/Users`, below the base URL.
    pub endpoint: &'static str,
    pub core: Schema,
    pub extensions: Vec<Schema>,
    common: Vec<Attribute>,
}

/// Users with the enterprise extension.
pub fn user() -> &'static ResourceSchema {
    static USER: LazyLock<ResourceSchema> =
        LazyLock::new(|| ResourceSchema::new("User", "/Users", user::schema()).extended([enterprise::schema()]));
    &USER
}

pub fn group() -> &'static ResourceSchema {
    static GROUP: LazyLock<ResourceSchema> = LazyLock::new(|| ResourceSchema::new("Group", "/Groups", group::schema()));
    &GROUP
}

/// Groups as Usher serves them: a part of what [`group()`] allows.
pub fn served_group() -> &'static ResourceSchema {
    static GROUP: LazyLock<ResourceSchema> = LazyLock::new(|| ResourceSchema::new("Group", "/Groups", group::served()));
    &GROUP
}

/// What an [`AttributePath`] names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Resolved<'s> {
    /// The extension that holds the attribute; `None` for the core schema and the common attributes.
    pub extension: Option<&'s Schema>,
    pub attribute: &'s Attribute,
    pub sub_attribute: Option<&'s Attribute>,
}

impl<'s> Resolved<'s> {
    /// The definition that a comparison reads: the sub-attribute if one is named, a complex attribute's `value`
    /// otherwise.
    pub fn compared(self) -> &'s Attribute {
        self.sub_attribute.or_else(|| self.attribute.value_attribute()).unwrap_or(self.attribute)
    }
}

impl ResourceSchema {
    pub fn new(name: &'static str, endpoint: &'static str, core: Schema) -> Self {
        Self { name, endpoint, core, extensions: Vec::new(), common: common::attributes() }
    }

    #[must_use]
    pub fn extended(mut self, extensions: impl IntoIterator<Item = Schema>) -> Self {
        self.extensions.extend(extensions);
        self
    }

    /// An extension by its URN, in any case.
    pub fn extension(&self, urn: &str) -> Option<&Schema> {
        self.extensions.iter().find(|schema| schema.is(urn))
    }

    /// Whether the URN is the core schema's or an extension's.
    pub fn knows(&self, urn: &str) -> bool {
        self.core.is(urn) || self.extension(urn).is_some()
    }

    /// A core or common attribute by name, in any case.
    pub fn attribute(&self, name: &str) -> Option<&Attribute> {
        self.core.attribute(name).or_else(|| attribute::find(&self.common, name))
    }

    /// Core and common attributes.
    pub fn attributes(&self) -> impl Iterator<Item = &Attribute> {
        self.common.iter().chain(&self.core.attributes)
    }

    /// What the path names; `None` if no schema of this resource type defines it.
    pub fn resolve(&self, path: &AttributePath) -> Option<Resolved<'_>> {
        let extension = match path.schema.as_deref() {
            None => None,
            Some(urn) if self.core.is(urn) => None,
            Some(urn) => Some(self.extension(urn)?),
        };
        let attribute = match extension {
            Some(schema) => schema.attribute(&path.attribute)?,
            None => self.attribute(&path.attribute)?,
        };
        let sub_attribute = match path.sub_attribute.as_deref() {
            Some(name) => Some(attribute.sub(name)?),
            None => None,
        };
        Some(Resolved { extension, attribute, sub_attribute })
    }

    /// The extension whose URN the whole path is: `urn:…:enterprise:2.0:User` reads like the attribute `User` of
    /// `urn:…:enterprise:2.0`.
    pub fn resolve_extension(&self, path: &AttributePath) -> Option<&Schema> {
        let urn = path.schema.as_deref()?;
        if path.sub_attribute.is_some() {
            return None;
        }
        self.extension(&format!("{urn}:{}", path.attribute))
    }
}

/// The key of an object that spells the name, in whatever case.
pub(crate) fn key_of(object: &Map<String, Value>, name: &str) -> Option<String> {
    if object.contains_key(name) {
        return Some(name.to_owned());
    }
    object.keys().find(|key| key.eq_ignore_ascii_case(name)).cloned()
}

/// A field of an object by name, in any case (RFC 7643 section 2.1).
pub(crate) fn field<'a>(object: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}

/// Null, empty lists and empty objects are the same as nothing (RFC 7643 section 2.5).
pub(crate) fn is_unassigned(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(values) => values.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> AttributePath {
        text.parse().unwrap()
    }

    #[test]
    fn attributes_are_found_in_any_case_and_by_urn() {
        let schema = user();
        assert_eq!(schema.resolve(&path("USERNAME")).unwrap().attribute.name, "userName");
        let resolved = schema.resolve(&path("urn:ietf:params:scim:schemas:core:2.0:user:Name.familyname")).unwrap();
        assert_eq!(resolved.sub_attribute.unwrap().name, "familyName");
        let resolved =
            schema.resolve(&path("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager")).unwrap();
        assert_eq!(resolved.extension.unwrap().name, "EnterpriseUser");
        assert_eq!(resolved.compared().name, "value");
    }

    #[test]
    fn an_extension_attribute_needs_its_urn() {
        assert_eq!(user().resolve(&path("department")), None);
        assert_eq!(user().resolve(&path("urn:example:User:department")), None);
    }

    #[test]
    fn a_path_may_be_a_whole_extension() {
        let found = user().resolve_extension(&path(crate::urn::ENTERPRISE_USER));
        assert_eq!(found.unwrap().id, crate::urn::ENTERPRISE_USER);
        assert_eq!(user().resolve_extension(&path("userName")), None);
    }

    #[test]
    fn a_schema_is_read_back_from_its_document() {
        let json = serde_json::to_string(&user().core).unwrap();
        assert_eq!(serde_json::from_str::<Schema>(&json).unwrap(), user().core);
    }
}
