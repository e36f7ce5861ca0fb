//! Attributes that an administrator defined, as fields of a user's form. A field is named by its attribute's id:
//! `custom.0199…`, whatever letters the URN has.

use std::collections::BTreeMap;

use domain::{
    AttributeId,
    extension::{Attribute, Definition, Extension, Kind, Mutability, label},
    user::User,
};
use serde_json::{Map, Value};

use super::{
    attributes::MAP,
    view::{CustomField, CustomSection},
};
use crate::outcome::{Outcome, entry};

pub(crate) fn key(attribute: &Attribute) -> String {
    format!("custom.{}", attribute.id)
}

/// Which attribute a field is of.
pub(crate) fn id_of(key: &str) -> Option<AttributeId> {
    key.strip_prefix("custom.")?.parse().ok()
}

fn value<'u>(user: &'u User, schema: &Extension, definition: &Definition) -> Option<&'u Value> {
    user.profile.extensions.get(&schema.urn)?.as_object()?.get(&definition.name)
}

/// A value as the form shows it: several, one a line.
fn shown(value: &Value) -> String {
    match value {
        Value::Array(values) => values.iter().map(shown).collect::<Vec<_>>().join("\n"),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What the form is filled with.
pub(crate) fn read(schemas: &[Extension], user: &User) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    for schema in schemas {
        for attribute in &schema.attributes {
            values.extend(value(user, schema, &attribute.definition).map(|value| (key(attribute), shown(value))));
        }
    }
    values
}

/// The form's fields, schema by schema.
pub(crate) fn sections(schemas: &[Extension], user: &User) -> Vec<CustomSection> {
    let with_attributes = schemas.iter().filter(|schema| !schema.attributes.is_empty());
    with_attributes
        .map(|schema| CustomSection {
            title: schema.name.clone(),
            fields: schema.attributes.iter().map(|one| field(one, value(user, schema, &one.definition))).collect(),
        })
        .collect()
}

fn field(attribute: &Attribute, value: Option<&Value>) -> CustomField {
    let definition = &attribute.definition;
    CustomField {
        key: key(attribute),
        label: definition.shown().to_owned(),
        hint: hint(definition),
        choices: choices(definition, value),
        lines: definition.multi_valued,
        fixed: definition.mutability == Mutability::Immutable && value.is_some(),
    }
}

/// What a value of this type looks like.
pub(crate) fn example(kind: Kind) -> &'static str {
    match kind {
        Kind::String | Kind::Boolean => "",
        Kind::Integer => "A whole number.",
        Kind::Decimal => "A number such as 1.5.",
        Kind::DateTime => "A date and time such as 2026-03-12T14:05:00Z.",
        Kind::Reference => "An address such as https://example.org.",
    }
}

fn hint(definition: &Definition) -> String {
    let one_of = if definition.multi_valued && !definition.canonical_values.is_empty() {
        format!("Each one of: {}.", definition.canonical_values.join(", "))
    } else {
        String::new()
    };
    let parts = [
        definition.description.as_str(),
        example(definition.kind),
        &one_of,
        if definition.multi_valued { "One a line." } else { "" },
        if definition.required { "Required where another of these has a value." } else { "" },
        if definition.mutability == Mutability::Immutable { "Set once." } else { "" },
    ];
    parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ")
}

/// What there is to choose from. A value from before the list was made stays to be chosen.
pub(crate) fn choices(definition: &Definition, value: Option<&Value>) -> Vec<(String, String)> {
    if definition.multi_valued {
        return Vec::new();
    }
    if definition.kind == Kind::Boolean {
        return [("true", "Yes"), ("false", "No")].map(|(value, word)| (value.to_owned(), word.to_owned())).into();
    }
    let mut choices: Vec<String> = definition.canonical_values.clone();
    if let Some(Value::String(present)) = value
        && !choices.is_empty()
        && !choices.contains(present)
    {
        choices.push(present.clone());
    }
    choices.into_iter().map(|value| (value.clone(), value)).collect()
}

/// The values as the form has them; what it does not show, or shows as it was, stays.
pub(super) fn write(schemas: &[Extension], user: &User, typed: &BTreeMap<String, String>) -> Map<String, Value> {
    let mut extensions = user.profile.extensions.clone();
    for schema in schemas {
        for attribute in &schema.attributes {
            let Some(text) = typed.get(&key(attribute)) else { continue };
            let text = text.replace("\r\n", "\n");
            let definition = &attribute.definition;
            let before = value(user, schema, definition);
            if before.map(shown).unwrap_or_default() == text {
                continue;
            }
            let mut values = match extensions.remove(&schema.urn) {
                Some(Value::Object(values)) => values,
                _ => Map::new(),
            };
            match entered(definition, &text) {
                Some(value) => values.insert(definition.name.clone(), value),
                None => values.remove(&definition.name),
            };
            if !values.is_empty() {
                extensions.insert(schema.urn.clone(), Value::Object(values));
            }
        }
    }
    extensions
}

fn entered(definition: &Definition, text: &str) -> Option<Value> {
    if !definition.multi_valued {
        return (!text.trim().is_empty()).then(|| definition.typed(text));
    }
    let lines = text.lines().filter(|line| !line.trim().is_empty());
    let values: Vec<Value> = lines.map(|line| definition.typed(line)).collect();
    (!values.is_empty()).then_some(Value::Array(values))
}

/// Errors at the fields that they are about.
pub(crate) fn named(schemas: &[Extension], outcome: Outcome) -> Outcome {
    let all = schemas.iter().flat_map(|schema| schema.attributes.iter().map(move |attribute| (schema, attribute)));
    all.fold(outcome, |outcome, (schema, attribute)| {
        let name = label(&schema.urn, &attribute.definition.name);
        outcome.renamed(&entry(MAP, &name), &entry(MAP, &key(attribute)))
    })
}

#[cfg(test)]
mod tests {
    use domain::{SchemaId, Timestamp, UserId, user::Origin, validation::FieldErrors};
    use serde_json::json;
    use uuid::Uuid;

    use super::*;

    const URN: &str = "urn:example:Staff";

    fn schemas() -> Vec<Extension> {
        let of = |name: &str, kind| Definition { name: name.to_owned(), kind, ..Definition::default() };
        let definitions = [
            of("badge", Kind::String),
            of("floor", Kind::Integer),
            of("remote", Kind::Boolean),
            Definition { multi_valued: true, ..of("tags", Kind::String) },
            Definition {
                mutability: Mutability::Immutable,
                label: "Payroll".to_owned(),
                ..of("payroll", Kind::String)
            },
            Definition { canonical_values: vec!["Red".to_owned()], ..of("team", Kind::String) },
        ];
        let attributes = (0u128..).zip(definitions);
        vec![Extension {
            id: SchemaId(Uuid::nil()),
            urn: URN.to_owned(),
            name: "Staff".to_owned(),
            description: String::new(),
            attributes: attributes
                .map(|(number, definition)| Attribute { id: AttributeId(Uuid::from_u128(number)), definition })
                .collect(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }]
    }

    fn user(values: Value) -> User {
        User {
            id: UserId(Uuid::nil()),
            user_name: "ada".to_owned(),
            external_id: None,
            active: true,
            locked: false,
            origin: Origin::Api,
            excluded: false,
            staged: false,
            role: None,
            profile: serde_json::from_value(json!({"extensions": {URN: values}})).unwrap(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    fn name(number: u128) -> String {
        format!("custom.{}", Uuid::from_u128(number))
    }

    fn full() -> User {
        user(json!({"badge": "B-1", "floor": 3, "remote": true, "tags": ["a", "b"], "payroll": "7", "team": "Blue"}))
    }

    #[test]
    fn an_unchanged_form_changes_nothing() {
        let ada = full();
        let filled = read(&schemas(), &ada);
        assert_eq!(filled[&name(3)], "a\nb");
        assert_eq!(write(&schemas(), &ada, &filled), ada.profile.extensions);
        let from_browser: BTreeMap<String, String> =
            filled.into_iter().map(|(key, value)| (key, value.replace('\n', "\r\n"))).collect();
        assert_eq!(write(&schemas(), &ada, &from_browser), ada.profile.extensions, "as browsers send lines");
        assert_eq!(write(&schemas(), &ada, &BTreeMap::new()), ada.profile.extensions);
    }

    #[test]
    fn values_are_set_changed_and_emptied() {
        let typed = BTreeMap::from([
            (name(0), " B-2 ".to_owned()),
            (name(1), "x".to_owned()),
            (name(2), "false".to_owned()),
            (name(3), "c\r\n\r\n d".to_owned()),
            (name(5), String::new()),
        ]);
        let written = write(&schemas(), &full(), &typed);
        let expected = json!({"badge": "B-2", "floor": "x", "remote": false, "tags": ["c", "d"], "payroll": "7"});
        assert_eq!(written[URN], expected, "what is no number is left for the definition to refuse");
        let emptied = write(&schemas(), &user(json!({"badge": "B-1"})), &BTreeMap::from([(name(0), " ".to_owned())]));
        assert!(emptied.is_empty());
    }

    #[test]
    fn each_attribute_has_its_field() {
        let section = sections(&schemas(), &full()).remove(0);
        assert_eq!(section.title, "Staff");
        let fields = section.fields;
        assert_eq!(fields[2].choices[0], ("true".to_owned(), "Yes".to_owned()));
        assert!(fields[3].lines && fields[3].hint.contains("One a line."));
        assert!(fields[4].fixed && fields[4].label == "Payroll");
        let teams: Vec<&str> = fields[5].choices.iter().map(|(value, _)| value.as_str()).collect();
        assert_eq!(teams, ["Red", "Blue"], "what is there can stay");
    }

    #[test]
    fn errors_stand_at_their_fields() {
        let errors = FieldErrors::of(&label(URN, "floor"), "Enter a whole number.");
        let outcome = named(&schemas(), Outcome::invalid_within(MAP, &errors));
        let Outcome::Invalid(errors) = outcome else { panic!("{outcome:?}") };
        assert_eq!(errors.get(&entry(MAP, &name(1))), Some("Enter a whole number."));
    }
}
