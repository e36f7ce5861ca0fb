//! Between the use cases and the pages of attributes.

use std::collections::HashMap;

use auth::grants::{SchemasRead, SchemasWrite};
use directory::schemas::{SchemaChange, Used};
use domain::{
    AttributeId, SchemaId,
    extension::{Definition, Extension, Mutability, NewExtension, Returned},
    permission::Permission,
};

use super::{
    KINDS,
    view::{Attribute, Row, Schema, SchemaList, Standard},
};
use crate::{error::ConsoleError, outcome::Outcome, pages::connections::thousands, routes::Page, ssr};

/// An attribute as it was typed.
pub(super) struct Typed {
    /// Name, label, type, returned, values to choose from, description.
    pub texts: [String; 6],
    /// Several values, required, unique, case counts, set once.
    pub boxes: [bool; 5],
}

impl Typed {
    fn read(self) -> Result<Definition, Outcome> {
        let [name, label, kind, returned, canonical_values, description] = self.texts;
        let [multi_valued, required, unique, case_exact, immutable] = self.boxes;
        let Ok(kind) = kind.parse() else { return Err(Outcome::invalid("kind", "Choose a type.")) };
        Ok(Definition {
            name,
            label,
            description,
            kind,
            multi_valued,
            required,
            case_exact,
            mutability: if immutable { Mutability::Immutable } else { Mutability::ReadWrite },
            returned: returned.parse().unwrap_or(Returned::Default),
            unique,
            canonical_values: canonical_values.lines().map(str::to_owned).collect(),
        })
    }
}

/// When a value is gone whose attribute is deleted.
const SOON: &str = "here at once, in the connected systems soon after.";

fn may_write() -> bool {
    ssr::caller().may(Permission::SchemasWrite)
}

pub(super) async fn list() -> Result<SchemaList, ConsoleError> {
    let (directory, who) = ssr::authorise::<SchemasRead>()?;
    let items = directory.user_schemas(&who).await?;
    let items = items.into_iter().map(|schema| Row {
        id: schema.id,
        attributes: attributes(schema.attributes.len()),
        name: schema.name,
        urn: schema.urn,
    });
    Ok(SchemaList { items: items.collect(), standard: standard(&directory).await?, may_write: may_write() })
}

fn attributes(count: usize) -> String {
    if count == 1 { "1 attribute".to_owned() } else { format!("{count} attributes") }
}

/// Those that nobody defined here.
async fn standard(directory: &directory::Directory) -> Result<Vec<Standard>, ConsoleError> {
    let present = directory.schemas_now().await?;
    let custom = |urn: &str| present.extensions.iter().any(|extension| extension.urn == urn);
    let schemas = std::iter::once(&present.users.core).chain(&present.users.extensions);
    let shown = schemas.filter(|schema| !custom(&schema.id)).map(|schema| {
        let rows = schema.attributes.iter().map(|attribute| {
            let kind = word(&attribute.kind);
            let mut rules = Vec::new();
            if attribute.required {
                rules.push("required");
            }
            if word(&attribute.uniqueness) == "server" {
                rules.push("unique");
            }
            match word(&attribute.mutability).as_str() {
                "readOnly" => rules.push("read only"),
                "writeOnly" => rules.push("never shown"),
                _ => {}
            }
            [attribute.name.clone(), kind_in_words(&kind, attribute.multi_valued), rules.join(", ")]
        });
        Standard { name: schema.name.clone(), urn: schema.id.clone(), attributes: rows.collect() }
    });
    Ok(shown.collect())
}

/// A word as the schema documents have it.
fn word(value: &impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

fn kind_in_words(kind: &str, multi_valued: bool) -> String {
    let word = match kind {
        "complex" => "Several parts",
        "binary" => "Binary",
        kind => KINDS.iter().find(|(known, _)| *known == kind).map_or("", |(_, word)| *word),
    };
    if multi_valued { format!("{word}, several values") } else { word.to_owned() }
}

pub(super) async fn schema(id: SchemaId) -> Result<Schema, ConsoleError> {
    let (directory, who) = ssr::authorise::<SchemasRead>()?;
    let schema = directory.user_schema(&who, id).await?;
    let used = directory.schema_use(&who, &schema).await?;
    Ok(shown(schema, &used))
}

fn shown(schema: Extension, used: &HashMap<AttributeId, Used>) -> Schema {
    let attributes: Vec<Attribute> = schema
        .attributes
        .into_iter()
        .map(|attribute| one(attribute.id, attribute.definition, used.get(&attribute.id).copied()))
        .collect();
    let most = used.values().copied().max_by_key(|used| match used {
        Used::By(count) => *count,
        Used::ByMoreThan(count) => count + 1,
    });
    let consequence = match most {
        None | Some(Used::By(0)) => "Nobody has a value.".to_owned(),
        Some(used) => format!("Of its attributes, the one that is used most is used by {}.", people(used)),
    };
    Schema {
        id: schema.id,
        urn: schema.urn,
        name: schema.name,
        description: schema.description,
        version: schema.version,
        attributes,
        consequence,
        may_write: may_write(),
    }
}

fn one(id: AttributeId, definition: Definition, used: Option<Used>) -> Attribute {
    let used = used.unwrap_or(Used::By(0));
    let in_use = used != Used::By(0);
    let immutable = definition.mutability == Mutability::Immutable;
    let boxes = [
        ("multi_valued", "several values", definition.multi_valued),
        ("required", "required", definition.required),
        ("unique", "unique", definition.unique),
        ("case_exact", "case counts", definition.case_exact),
        ("immutable", "set once", immutable),
    ];
    let ticked = boxes.iter().filter(|(.., on)| *on).map(|(name, ..)| (*name).to_owned()).collect();
    // Several values are said with the type.
    let rules: Vec<&str> = boxes[1..].iter().filter(|(.., on)| *on).map(|(_, words, _)| *words).collect();
    Attribute {
        id: Some(id),
        shown: definition.shown().to_owned(),
        what: kind_in_words(definition.kind.as_str(), definition.multi_valued),
        rules: rules.join(", "),
        kind: definition.kind.as_str().to_owned(),
        returned: definition.returned.as_str().to_owned(),
        canonical_values: definition.canonical_values.join("\n"),
        ticked,
        used: if in_use { people(used) } else { "nobody".to_owned() },
        in_use,
        consequence: match used {
            Used::By(0) => "Nobody has a value.".to_owned(),
            Used::By(1) => format!("1 person has a value and loses it: {SOON}"),
            more => format!("{} have a value and lose it: {SOON}", people(more)),
        },
        name: definition.name,
        label: definition.label,
        description: definition.description,
    }
}

/// How many, in words.
fn people(used: Used) -> String {
    match used {
        Used::By(1) => "1 person".to_owned(),
        Used::By(count) => format!("{} people", thousands(count)),
        Used::ByMoreThan(count) => format!("more than {} people", thousands(count)),
    }
}

pub(super) async fn create(urn: String, name: String, description: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SchemasWrite>()?;
    let made = directory.create_schema(&who, NewExtension { urn, name, description }, Vec::new()).await;
    ssr::outcome(made, |schema| Outcome::done(&Page::Schema(schema.id), "The schema was created. Add its attributes."))
}

pub(super) async fn describe(
    id: SchemaId,
    version: i64,
    name: String,
    description: String,
) -> Result<Outcome, ConsoleError> {
    change(id, version, SchemaChange::Describe { name, description }, "The schema was updated.").await
}

pub(super) async fn delete(id: SchemaId, version: i64) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SchemasWrite>()?;
    let deleted = directory.delete_schema(&who, id, Some(version)).await;
    ssr::outcome(deleted, |_| Outcome::done(&Page::Attributes, "The schema was deleted."))
}

pub(super) async fn add(id: SchemaId, version: i64, typed: Typed) -> Result<Outcome, ConsoleError> {
    // Who may not is told so, whatever was typed.
    ssr::authorise::<SchemasWrite>()?;
    match typed.read() {
        Ok(definition) => change(id, version, SchemaChange::Add(definition), "The attribute was added.").await,
        Err(wrong) => Ok(wrong),
    }
}

pub(super) async fn alter(
    id: SchemaId,
    attribute: AttributeId,
    version: i64,
    typed: Typed,
) -> Result<Outcome, ConsoleError> {
    ssr::authorise::<SchemasWrite>()?;
    match typed.read() {
        Ok(definition) => {
            change(id, version, SchemaChange::Alter(attribute, definition), "The attribute was updated.").await
        }
        Err(wrong) => Ok(wrong),
    }
}

pub(super) async fn remove(id: SchemaId, attribute: AttributeId, version: i64) -> Result<Outcome, ConsoleError> {
    change(id, version, SchemaChange::Remove(attribute), "The attribute was deleted.").await
}

async fn change(id: SchemaId, version: i64, change: SchemaChange, done: &str) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<SchemasWrite>()?;
    let changed = directory.change_schema(&who, id, change, Some(version)).await;
    ssr::outcome(changed, |_| Outcome::done(&Page::Schema(id), done))
}

#[cfg(test)]
mod tests {
    use domain::extension::Kind;

    use super::*;

    #[test]
    fn every_type_has_its_word() {
        for kind in Kind::ALL {
            assert!(!kind_in_words(kind.as_str(), false).is_empty(), "{kind:?}");
        }
        assert_eq!(kind_in_words("string", true), "Text, several values");
    }

    #[test]
    fn what_deleting_does_is_said_in_numbers() {
        let attribute = |used| one(AttributeId(uuid::Uuid::nil()), Definition::default(), used).consequence;
        assert_eq!(attribute(None), "Nobody has a value.");
        assert!(attribute(Some(Used::By(1))).starts_with("1 person has a value"));
        assert!(attribute(Some(Used::By(1_284))).starts_with("1,284 people have a value"));
        assert!(attribute(Some(Used::ByMoreThan(10_000))).starts_with("more than 10,000 people have"));
    }
}
