//! One attribute's definition (RFC 7643 sections 2.2 and 7).

use domain::AttributeId;
use serde::{Deserialize, Serialize};

/// The data types of RFC 7643 section 2.3.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Type {
    String,
    Boolean,
    Decimal,
    Integer,
    DateTime,
    Binary,
    Reference,
    Complex,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Mutability {
    ReadOnly,
    #[default]
    ReadWrite,
    /// Set once, then never changed.
    Immutable,
    WriteOnly,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Returned {
    Always,
    Never,
    #[default]
    Default,
    /// Only if the client asks for it by name.
    Request,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Uniqueness {
    #[default]
    None,
    Server,
    Global,
}

/// An attribute or sub-attribute. Serialises to the form of the `/Schemas` documents (RFC 7643 section 7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Attribute {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: Type,
    pub multi_valued: bool,
    #[serde(default)]
    pub description: String,
    #[serde(default)]
    pub required: bool,
    #[serde(default)]
    pub case_exact: bool,
    #[serde(default)]
    pub mutability: Mutability,
    #[serde(default)]
    pub returned: Returned,
    #[serde(default)]
    pub uniqueness: Uniqueness,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub canonical_values: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reference_types: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sub_attributes: Vec<Attribute>,
    /// Of an attribute that an administrator defined: by this id storage finds its values.
    #[serde(skip)]
    pub custom: Option<AttributeId>,
}

impl Attribute {
    pub(super) fn of(kind: Type, name: &str, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            kind,
            multi_valued: false,
            description: description.to_owned(),
            required: false,
            // RFC 7643 section 2.3.6 and 2.3.7: binary values and references compare exactly.
            case_exact: matches!(kind, Type::Binary | Type::Reference),
            mutability: Mutability::default(),
            returned: Returned::default(),
            uniqueness: Uniqueness::default(),
            canonical_values: Vec::new(),
            reference_types: Vec::new(),
            sub_attributes: Vec::new(),
            custom: None,
        }
    }

    pub(super) fn string(name: &str, description: &str) -> Self {
        Self::of(Type::String, name, description)
    }

    pub(super) fn boolean(name: &str, description: &str) -> Self {
        Self::of(Type::Boolean, name, description)
    }

    pub(super) fn date_time(name: &str, description: &str) -> Self {
        Self::of(Type::DateTime, name, description)
    }

    pub(super) fn binary(name: &str, description: &str) -> Self {
        Self::of(Type::Binary, name, description)
    }

    pub(super) fn reference(name: &str, types: &[&str], description: &str) -> Self {
        Self { reference_types: owned(types), ..Self::of(Type::Reference, name, description) }
    }

    pub(super) fn complex(name: &str, description: &str, sub_attributes: Vec<Self>) -> Self {
        Self { sub_attributes, ..Self::of(Type::Complex, name, description) }
    }

    pub(super) fn multi_valued(self) -> Self {
        Self { multi_valued: true, ..self }
    }

    pub(super) fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub(super) fn case_exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub(super) fn unique(self) -> Self {
        Self { uniqueness: Uniqueness::Server, ..self }
    }

    pub(super) fn mutability(self, mutability: Mutability) -> Self {
        Self { mutability, ..self }
    }

    pub(super) fn returned(self, returned: Returned) -> Self {
        Self { returned, ..self }
    }

    pub(super) fn suggesting(self, values: &[&str]) -> Self {
        Self { canonical_values: owned(values), ..self }
    }

    /// A sub-attribute by name, in any case.
    pub fn sub(&self, name: &str) -> Option<&Self> {
        find(&self.sub_attributes, name)
    }

    /// Stands for the whole value where a filter or a client names the attribute alone: `emails eq "x"`.
    pub fn value_attribute(&self) -> Option<&Self> {
        self.sub("value")
    }
}

/// An attribute by name, in any case.
pub(super) fn find<'a>(attributes: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    attributes.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}

fn owned(texts: &[&str]) -> Vec<String> {
    texts.iter().map(|&text| text.to_owned()).collect()
}
