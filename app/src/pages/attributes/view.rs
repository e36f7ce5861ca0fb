//! What the pages of attributes show.

use domain::{AttributeId, SchemaId};
use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SchemaList {
    pub items: Vec<Row>,
    pub standard: Vec<Standard>,
    pub may_write: bool,
}

/// A schema of an administrator's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    pub id: SchemaId,
    pub name: String,
    pub urn: String,
    /// How many, in words.
    pub attributes: String,
}

/// A schema of the standards, for orientation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Standard {
    pub name: String,
    pub urn: String,
    /// Name, type and rules of each attribute.
    pub attributes: Vec<[String; 3]>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schema {
    pub id: SchemaId,
    pub urn: String,
    pub name: String,
    pub description: String,
    /// What the forms were filled from; a save over a newer one is refused.
    pub version: i64,
    pub attributes: Vec<Attribute>,
    /// What deleting it takes away, in a sentence.
    pub consequence: String,
    pub may_write: bool,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attribute {
    /// None while it is new.
    pub id: Option<AttributeId>,
    pub name: String,
    /// What it is called.
    pub shown: String,
    pub label: String,
    pub description: String,
    pub kind: String,
    pub returned: String,
    /// One a line.
    pub canonical_values: String,
    /// Which of the form's boxes are.
    pub ticked: Vec<String>,
    /// Type and rules, in words.
    pub what: String,
    pub rules: String,
    /// How many people have a value, in words.
    pub used: String,
    pub in_use: bool,
    /// What deleting it takes away, in a sentence.
    pub consequence: String,
}
