//! Attributes of an administrator's that whoever registers is asked.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::{Asked, SelfRegistration, Typed};
use crate::{
    AttributeId,
    extension::{Attribute, Definition, Extension, Fault, Kind, label, settle},
    validation::FieldErrors,
};

/// An attribute that is asked. A stored payload: add, never rename.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedAttribute {
    pub id: AttributeId,
    /// Its type when that was decided. An attribute of another type is another question, and nobody decided on that.
    pub kind: Kind,
    pub required: bool,
}

/// One of them as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Question<'s> {
    pub schema: &'s Extension,
    pub attribute: &'s Attribute,
    pub required: bool,
}

impl Question<'_> {
    /// Its field in the form, where its errors stand too.
    pub fn field(&self) -> String {
        format!("attributes[{}]", self.key())
    }

    /// As a user's form has it. A form takes what begins with a digit for a place in a list.
    fn key(&self) -> String {
        format!("custom.{}", self.attribute.id)
    }

    fn definition(&self) -> &Definition {
        &self.attribute.definition
    }
}

/// Whether a form with one line for each can ask it.
pub fn can_be_asked(definition: &Definition) -> bool {
    !definition.multi_valued
}

impl SelfRegistration {
    /// Whether this attribute was chosen to be asked, and is still what was chosen.
    pub fn asks(&self, attribute: &Attribute) -> Asked {
        let Attribute { id, definition } = attribute;
        let chosen = self.attributes.iter().find(|asked| asked.id == *id && asked.kind == definition.kind);
        match chosen.filter(|_| can_be_asked(definition)) {
            None => Asked::No,
            Some(AskedAttribute { required: false, .. }) => Asked::Optional,
            Some(AskedAttribute { required: true, .. }) => Asked::Required,
        }
    }

    /// What is asked beside the standard attributes, in the order of the definitions.
    ///
    /// What a schema requires of whoever has a value in it is asked along, or a form could not be filled in that asks for
    /// another of its values; where it cannot be asked, nothing of the schema is.
    pub fn questions<'s>(&self, schemas: &'s [Extension]) -> Vec<Question<'s>> {
        let mut questions = Vec::new();
        for schema in schemas {
            let asked = |attribute: &Attribute| self.asks(attribute) != Asked::No;
            let along = |attribute: &Attribute| attribute.definition.required && !asked(attribute);
            let is_asked = schema.attributes.iter().any(asked);
            if !is_asked || schema.attributes.iter().any(|one| along(one) && !can_be_asked(&one.definition)) {
                continue;
            }
            questions.extend(
                schema.attributes.iter().filter(|one| asked(one) || along(one)).map(|attribute| Question {
                    schema,
                    attribute,
                    required: self.asks(attribute) == Asked::Required,
                }),
            );
        }
        questions
    }

    /// The values that were typed, as they are kept; each error stands at its field.
    pub(super) fn answers(&self, schemas: &[Extension], typed: &Typed, errors: &mut FieldErrors) -> Map<String, Value> {
        let questions = self.questions(schemas);
        let mut values: Map<String, Value> = Map::new();
        for question in &questions {
            let definition = question.definition();
            let text = typed.attributes.get(&question.key()).map_or("", |text| text.trim());
            if text.is_empty() {
                if question.required {
                    errors.add(&question.field(), format!("{} is required.", definition.shown()));
                }
                continue;
            }
            let of_schema = values.entry(question.schema.urn.clone()).or_insert_with(|| Value::Object(Map::new()));
            if let Some(of_schema) = of_schema.as_object_mut() {
                of_schema.insert(definition.name.clone(), definition.typed(text));
            }
        }
        match settle(schemas, &Map::new(), &values) {
            Ok(settled) => settled.values,
            Err(Fault::Invalid(wrong) | Fault::Immutable(wrong)) => {
                for (field, message) in at_their_fields(&questions, wrong).0 {
                    errors.add(&field, message);
                }
                Map::new()
            }
        }
    }

    /// Errors of attributes, which are named by schema and attribute, at the fields of the form.
    pub fn named(&self, schemas: &[Extension], errors: FieldErrors) -> FieldErrors {
        at_their_fields(&self.questions(schemas), errors)
    }
}

fn at_their_fields(questions: &[Question], errors: FieldErrors) -> FieldErrors {
    let mut named = FieldErrors::default();
    for (name, message) in errors.0 {
        let asked = questions.iter().find(|one| label(&one.schema.urn, &one.definition().name) == name);
        named.add(&asked.map_or(name, Question::field), message);
    }
    named
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::{SchemaId, Timestamp};

    const URN: &str = "urn:example:Staff";

    fn id(number: u128) -> AttributeId {
        AttributeId(Uuid::from_u128(number))
    }

    /// A schema whose attributes are called and numbered in their order.
    fn staff(definitions: Vec<Definition>) -> Vec<Extension> {
        vec![Extension {
            id: SchemaId(Uuid::nil()),
            urn: URN.to_owned(),
            name: "Staff".to_owned(),
            description: String::new(),
            attributes: (0..).zip(definitions).map(|(n, definition)| Attribute { id: id(n), definition }).collect(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }]
    }

    fn of(name: &str, kind: Kind) -> Definition {
        Definition { name: name.to_owned(), kind, ..Definition::default() }
    }

    fn asking(attributes: &[(u128, Kind, bool)]) -> SelfRegistration {
        let attributes =
            attributes.iter().map(|&(number, kind, required)| AskedAttribute { id: id(number), kind, required });
        SelfRegistration { attributes: attributes.collect(), ..SelfRegistration::default() }
    }

    fn typed(answers: &[(u128, &str)]) -> Typed {
        Typed {
            mail: "ada@example.org".to_owned(),
            given_name: "Ada".to_owned(),
            family_name: "Lovelace".to_owned(),
            attributes: answers
                .iter()
                .map(|(number, text)| (format!("custom.{}", id(*number)), (*text).to_owned()))
                .collect(),
            ..Typed::default()
        }
    }

    fn field(number: u128) -> String {
        format!("attributes[custom.{}]", id(number))
    }

    #[test]
    fn answers_become_values_of_their_kind_and_what_is_not_asked_is_dropped() {
        let schemas = staff(vec![
            of("badge", Kind::String),
            of("floor", Kind::Integer),
            of("remote", Kind::Boolean),
            of("since", Kind::DateTime),
            Definition { canonical_values: vec!["Red".to_owned(), "Blue".to_owned()], ..of("team", Kind::String) },
            of("salary", Kind::Integer),
        ]);
        let settings = asking(&[
            (0, Kind::String, true),
            (1, Kind::Integer, false),
            (2, Kind::Boolean, false),
            (3, Kind::DateTime, false),
            (4, Kind::String, false),
        ]);
        let given =
            typed(&[(0, " B-1 "), (1, "3"), (2, "false"), (3, "2026-03-12T14:05:00+01:00"), (4, "red"), (5, "9")]);
        let input = settings.read(&given, &schemas).unwrap();
        let expected =
            json!({"badge": "B-1", "floor": 3, "remote": false, "since": "2026-03-12T13:05:00Z", "team": "Red"});
        assert_eq!(input.profile.extensions[URN], expected);
        let few = settings.read(&typed(&[(0, "B-1"), (1, " ")]), &schemas).unwrap();
        assert_eq!(few.profile.extensions[URN], json!({"badge": "B-1"}));
    }

    #[test]
    fn what_is_wrong_is_told_at_its_field() {
        let team = Definition { canonical_values: vec!["Red".to_owned()], ..of("team", Kind::String) };
        let schemas = staff(vec![
            Definition { label: "Badge number".to_owned(), ..of("badge", Kind::String) },
            of("floor", Kind::Integer),
            team,
        ]);
        let settings = asking(&[(0, Kind::String, true), (1, Kind::Integer, false), (2, Kind::String, false)]);
        let errors = settings.read(&typed(&[(1, "third"), (2, "Green")]), &schemas).unwrap_err();
        let expected = BTreeMap::from([
            (field(0), "Badge number is required.".to_owned()),
            (field(1), "Enter a whole number.".to_owned()),
            (field(2), "Choose one of: Red.".to_owned()),
        ]);
        assert_eq!(errors.0, expected);
    }

    #[test]
    fn what_was_deleted_or_is_another_question_by_now_is_left_out() {
        let settings = asking(&[(0, Kind::String, true), (1, Kind::Integer, true), (7, Kind::String, true)]);
        let changed =
            staff(vec![of("badge", Kind::Integer), Definition { multi_valued: true, ..of("floor", Kind::Integer) }]);
        for schemas in [changed, Vec::new()] {
            assert_eq!(settings.questions(&schemas), []);
            let input = settings.read(&typed(&[(0, "B-1"), (1, "3")]), &schemas).unwrap();
            assert!(input.profile.extensions.is_empty());
        }
    }

    #[test]
    fn what_a_schema_requires_is_asked_along() {
        let badge = Definition { required: true, ..of("badge", Kind::String) };
        let settings = asking(&[(1, Kind::Integer, false)]);
        let schemas = staff(vec![badge.clone(), of("floor", Kind::Integer)]);
        let asked: Vec<_> = settings.questions(&schemas).iter().map(|one| (one.attribute.id, one.required)).collect();
        assert_eq!(asked, [(id(0), false), (id(1), false)]);
        assert!(settings.read(&typed(&[]), &schemas).is_ok(), "a schema is optional as a whole");
        let errors = settings.read(&typed(&[(1, "3")]), &schemas).unwrap_err();
        assert_eq!(errors.get(&field(0)), Some("badge is required."));
        let schemas = staff(vec![Definition { multi_valued: true, ..badge }, of("floor", Kind::Integer)]);
        assert_eq!(settings.questions(&schemas), [], "nobody could answer");
    }
}
