//! Values of extension schemas, by URN and name: what may be written, and in what form it is kept.

use serde_json::{Map, Value};

use super::{Attribute, Definition, Extension, Kind, Mutability};
use crate::{
    AttributeId, Timestamp, limits,
    validation::{FieldErrors, has_control},
};

/// Why values are not taken. Errors are named as [`label`] does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    Invalid(FieldErrors),
    /// What was set once stays (RFC 7644 section 3.5.1: `mutability`).
    Immutable(FieldErrors),
}

/// What is kept beside the profile of an attribute that a user has a value of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub attribute: AttributeId,
    /// As values compare; of an attribute whose values are unique, and none of others.
    pub unique: Option<String>,
}

/// Values in the form in which they are kept.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settled {
    pub values: Map<String, Value>,
    pub entries: Vec<Entry>,
}

/// How an attribute is named in errors and in the audit trail: `urn:example:Staff:badge`.
pub fn label(urn: &str, name: &str) -> String {
    format!("{urn}:{name}")
}

/// What becomes of a user's values when `after` is asked for and `before` is there.
///
/// Values that no schema defines are left out. What is not changed is not judged: a definition that became stricter
/// keeps nobody from changing something else. Who leaves an immutable value out keeps it.
///
/// # Errors
/// By attribute; values that are wrong come before those that cannot change.
pub fn settle(
    schemas: &[Extension],
    before: &Map<String, Value>,
    after: &Map<String, Value>,
) -> Result<Settled, Fault> {
    let (mut wrong, mut fixed) = (FieldErrors::default(), FieldErrors::default());
    let mut settled = Settled::default();
    let none = Map::new();
    for schema in schemas {
        let of = |values: &'_ Map<String, Value>| values.get(&schema.urn).and_then(Value::as_object).cloned();
        let (before, asked) = (of(before), of(after));
        let before = before.as_ref().unwrap_or(&none);
        let asked = asked.as_ref().unwrap_or(&none);
        let mut kept = Map::new();
        for Attribute { id, definition } in &schema.attributes {
            let name = &definition.name;
            let old = before.get(name);
            let new = match asked.get(name).and_then(|value| definition.unblank(value)) {
                None if definition.mutability == Mutability::Immutable => old.cloned(),
                new => new,
            };
            let Some(mut new) = new else { continue };
            if old != Some(&new) {
                match definition.checked(&new) {
                    Ok(checked) => new = checked,
                    Err(message) => wrong.add(&label(&schema.urn, name), message),
                }
                if definition.mutability == Mutability::Immutable && old.is_some_and(|old| *old != new) {
                    fixed.add(&label(&schema.urn, name), "This was set once and cannot be changed.");
                }
            }
            settled.entries.push(Entry { attribute: *id, unique: definition.unique_key(&new) });
            kept.insert(name.clone(), new);
        }
        if kept.is_empty() {
            continue;
        }
        let defined = |(name, value): (&String, &Value)| schema.named(name).map(|_| (name.clone(), value.clone()));
        if kept != before.iter().filter_map(defined).collect() {
            let required = schema.attributes.iter().map(|attribute| &attribute.definition);
            for missing in required.filter(|definition| definition.required && !kept.contains_key(&definition.name)) {
                wrong.add(&label(&schema.urn, &missing.name), format!("{} is required.", missing.shown()));
            }
        }
        settled.values.insert(schema.urn.clone(), Value::Object(kept));
    }
    let size = Value::Object(settled.values.clone()).to_string().len();
    if settled.values != *before && size > limits::CUSTOM_VALUES {
        wrong.add("", format!("The custom attributes have at most {} bytes together.", limits::CUSTOM_VALUES));
    }
    match (wrong.is_empty(), fixed.is_empty()) {
        (false, _) => Err(Fault::Invalid(wrong)),
        (true, false) => Err(Fault::Immutable(fixed)),
        (true, true) => Ok(settled),
    }
}

/// What of these values the definitions still take, for whoever gave them before and cannot correct them any more. Of a
/// schema that requires more by now nothing is left.
pub fn still_taken(schemas: &[Extension], values: &Map<String, Value>) -> Map<String, Value> {
    let mut taken = Map::new();
    for schema in schemas {
        let Some(of_schema) = values.get(&schema.urn).and_then(Value::as_object) else { continue };
        let definition = |name: &str| schema.attributes.iter().map(|one| &one.definition).find(|one| one.name == name);
        let is_taken =
            |(name, value): &(&String, &Value)| definition(name).is_some_and(|one| one.checked(value).is_ok());
        let of_schema: Map<String, Value> =
            of_schema.iter().filter(is_taken).map(|(name, value)| (name.clone(), value.clone())).collect();
        let mut required = schema.attributes.iter().map(|one| &one.definition).filter(|one| one.required);
        if !of_schema.is_empty() && required.all(|one| of_schema.contains_key(&one.name)) {
            taken.insert(schema.urn.clone(), Value::Object(of_schema));
        }
    }
    taken
}

impl Definition {
    /// Nothing in it: null, an empty text, and a list of those.
    fn unblank(&self, value: &Value) -> Option<Value> {
        let is_blank = |value: &Value| value.is_null() || value.as_str().is_some_and(str::is_empty);
        match value {
            Value::Array(values) if self.multi_valued => {
                let values: Vec<Value> = values.iter().filter(|value| !is_blank(value)).cloned().collect();
                (!values.is_empty()).then_some(Value::Array(values))
            }
            blank if is_blank(blank) => None,
            single if self.multi_valued && !single.is_array() => Some(Value::Array(vec![single.clone()])),
            other => Some(other.clone()),
        }
    }

    /// A value in the form in which it is kept, or what is wrong with it.
    fn checked(&self, value: &Value) -> Result<Value, String> {
        if !self.multi_valued {
            return self.checked_single(value);
        }
        let values = value.as_array().map(Vec::as_slice).unwrap_or_default();
        if values.len() > limits::VALUES {
            return Err(format!("At most {} values are accepted.", limits::VALUES));
        }
        values.iter().map(|value| self.checked_single(value)).collect::<Result<_, _>>().map(Value::Array)
    }

    fn checked_single(&self, value: &Value) -> Result<Value, String> {
        match (self.kind, value) {
            (Kind::String | Kind::Reference, Value::String(text)) => self.checked_text(text).map(Value::String),
            (Kind::Boolean, Value::Bool(_)) => Ok(value.clone()),
            // What the database orders as we do.
            (Kind::Integer, Value::Number(number)) if number.is_i64() => Ok(value.clone()),
            (Kind::Decimal, Value::Number(number)) if number.as_f64().is_some_and(f64::is_finite) => Ok(value.clone()),
            (Kind::DateTime, Value::String(text)) => {
                Timestamp::parse_rfc3339(text).map(|at| at.to_string().into()).ok_or_else(|| self.wanted())
            }
            _ => Err(self.wanted()),
        }
    }

    fn checked_text(&self, text: &str) -> Result<String, String> {
        if text.chars().count() > limits::ATTRIBUTE {
            return Err(format!("Each value has at most {} characters.", limits::ATTRIBUTE));
        }
        if has_control(text) {
            return Err("Control characters are not accepted.".to_owned());
        }
        if self.kind == Kind::Reference && !is_uri(text) {
            return Err(self.wanted());
        }
        if self.canonical_values.is_empty() {
            return Ok(text.to_owned());
        }
        let folded = self.folded(text);
        let listed = self.canonical_values.iter().find(|listed| self.folded(listed) == folded);
        listed.cloned().ok_or_else(|| format!("Choose one of: {}.", self.canonical_values.join(", ")))
    }

    /// What a value of this kind is, in a sentence.
    fn wanted(&self) -> String {
        match self.kind {
            Kind::String => "Enter a text.",
            Kind::Boolean => "Enter true or false.",
            Kind::Integer => "Enter a whole number.",
            Kind::Decimal => "Enter a number such as 1.5.",
            Kind::DateTime => "Enter a date and time such as 2026-03-12T14:05:00Z.",
            Kind::Reference => "Enter an address such as https://example.org/badge.",
        }
        .to_owned()
    }

    fn unique_key(&self, value: &Value) -> Option<String> {
        self.unique.then(|| match value {
            Value::String(text) => self.folded(text),
            other => other.to_string(),
        })
    }

    /// A value as it was typed into a form; what cannot be one is kept as text, for [`settle`] to say so.
    pub fn typed(&self, text: &str) -> Value {
        let text = text.trim();
        let typed = match self.kind {
            Kind::String | Kind::Reference | Kind::DateTime => None,
            Kind::Boolean => match text.to_ascii_lowercase().as_str() {
                "true" => Some(Value::Bool(true)),
                "false" => Some(Value::Bool(false)),
                _ => None,
            },
            Kind::Integer => text.parse::<i64>().ok().map(Value::from),
            Kind::Decimal => serde_json::from_str::<serde_json::Number>(text).ok().map(Value::Number),
        };
        typed.unwrap_or_else(|| Value::String(text.to_owned()))
    }
}

/// An absolute URI, as far as can be told (RFC 3986 section 4.3).
fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let mut letters = scheme.chars();
    letters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
        && !rest.is_empty()
        && !text.contains(char::is_whitespace)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;
    use uuid::Uuid;

    use super::*;
    use crate::SchemaId;

    const URN: &str = "urn:example:Staff";

    fn defined(definition: Definition) -> Attribute {
        let number = definition.name.bytes().map(u128::from).sum();
        Attribute { id: AttributeId(Uuid::from_u128(number)), definition }
    }

    fn of(name: &str, kind: Kind) -> Definition {
        Definition { name: name.to_owned(), kind, ..Definition::default() }
    }

    fn schema(definitions: Vec<Definition>) -> Extension {
        Extension {
            id: SchemaId(Uuid::nil()),
            urn: URN.to_owned(),
            name: "Staff".to_owned(),
            description: String::new(),
            attributes: definitions.into_iter().map(defined).collect(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    fn staff() -> Extension {
        schema(vec![
            Definition { unique: true, ..of("badge", Kind::String) },
            of("floor", Kind::Integer),
            of("share", Kind::Decimal),
            of("remote", Kind::Boolean),
            of("since", Kind::DateTime),
            of("page", Kind::Reference),
            Definition { multi_valued: true, ..of("tags", Kind::String) },
            Definition { canonical_values: vec!["Red".to_owned(), "Green".to_owned()], ..of("team", Kind::String) },
            Definition { mutability: Mutability::Immutable, ..of("payroll", Kind::String) },
        ])
    }

    fn values(values: Value) -> Map<String, Value> {
        Map::from_iter([(URN.to_owned(), values)])
    }

    fn error(values_asked: Value, name: &str) -> String {
        match settle(&[staff()], &Map::new(), &values(values_asked)).unwrap_err() {
            Fault::Invalid(errors) => errors.get(&label(URN, name)).unwrap().to_owned(),
            Fault::Immutable(errors) => panic!("{errors:?}"),
        }
    }

    #[test]
    fn values_are_kept_in_one_form() {
        let asked = json!({
            "badge": "B-1", "floor": -3, "share": 0.5, "remote": true, "since": "2026-03-12T15:05:00.500+01:00",
            "page": "https://example.org/b", "tags": ["a", "", null, "b"], "team": "gREEN", "payroll": "7",
        });
        let settled = settle(&[staff()], &Map::new(), &values(asked)).unwrap();
        assert_eq!(
            settled.values,
            values(json!({
                "badge": "B-1", "floor": -3, "share": 0.5, "remote": true, "since": "2026-03-12T14:05:00.5Z",
                "page": "https://example.org/b", "tags": ["a", "b"], "team": "Green", "payroll": "7",
            }))
        );
        assert_eq!(settled.entries.len(), 9);
        assert_eq!(settled.entries[0].unique.as_deref(), Some("b-1"), "as values compare");
        assert!(settled.entries[1..].iter().all(|entry| entry.unique.is_none()));
    }

    #[test]
    fn what_is_blank_or_undefined_is_nothing() {
        let mut asked = values(json!({"badge": "", "tags": [null, ""], "shoe": 41, "floor": null}));
        asked.insert("urn:example:Gone".to_owned(), json!({"a": 1}));
        let settled = settle(&[staff()], &Map::new(), &asked).unwrap();
        assert_eq!(settled, Settled::default());
    }

    #[test]
    fn a_wrong_value_is_named() {
        assert_eq!(error(json!({"floor": "3"}), "floor"), "Enter a whole number.");
        assert_eq!(error(json!({"floor": 1.5}), "floor"), "Enter a whole number.");
        assert_eq!(error(json!({"floor": u64::MAX}), "floor"), "Enter a whole number.");
        assert!(error(json!({"remote": "yes"}), "remote").contains("true or false"));
        assert!(error(json!({"since": "yesterday"}), "since").contains("2026"));
        assert!(error(json!({"page": "example.org"}), "page").contains("https://"));
        assert_eq!(error(json!({"team": "Blue"}), "team"), "Choose one of: Red, Green.");
        assert!(error(json!({"badge": ["B-1"]}), "badge").contains("text"));
        assert!(error(json!({"tags": vec!["a"; limits::VALUES + 1]}), "tags").contains("100"));
        assert!(error(json!({"badge": "a".repeat(limits::ATTRIBUTE + 1)}), "badge").contains("1024"));
        assert!(error(json!({"badge": "a\u{0}"}), "badge").contains("Control"));
    }

    #[test]
    fn all_values_together_are_bounded() {
        let long = "a".repeat(limits::ATTRIBUTE);
        let asked = values(json!({"tags": vec![long; limits::VALUES]}));
        let Err(Fault::Invalid(errors)) = settle(&[staff()], &Map::new(), &asked) else { panic!("too much") };
        assert!(errors.get("").is_some());
    }

    #[test]
    fn required_is_asked_of_those_who_have_the_extension() {
        let schema = schema(vec![
            Definition { required: true, label: "Badge".to_owned(), ..of("badge", Kind::String) },
            of("floor", Kind::Integer),
        ]);
        let schemas = std::slice::from_ref(&schema);
        assert!(settle(schemas, &Map::new(), &Map::new()).is_ok(), "an extension is optional");
        let bare = values(json!({"floor": 1}));
        let Err(Fault::Invalid(errors)) = settle(schemas, &Map::new(), &bare) else { panic!("it is missing") };
        assert_eq!(errors.get(&label(URN, "badge")), Some("Badge is required."));
        assert!(settle(schemas, &bare, &bare).is_ok(), "what was there before the rule is not judged");
        assert!(settle(schemas, &bare, &values(json!({"floor": 2}))).is_err());
    }

    #[test]
    fn an_immutable_value_stays() {
        let before = values(json!({"payroll": "7", "floor": 1}));
        let kept = settle(&[staff()], &before, &values(json!({"floor": 2}))).unwrap();
        assert_eq!(kept.values, values(json!({"payroll": "7", "floor": 2})));
        let Err(Fault::Immutable(errors)) = settle(&[staff()], &before, &values(json!({"payroll": "8"}))) else {
            panic!("it cannot change")
        };
        assert!(errors.get(&label(URN, "payroll")).is_some());
    }

    #[test]
    fn what_is_not_taken_any_more_is_left_out() {
        let given = values(json!({"badge": "B-1", "floor": 3, "gone": true}));
        let now = |required| {
            let other = Definition { required, ..of("other", Kind::String) };
            [schema(vec![of("badge", Kind::String), of("floor", Kind::Boolean), other])]
        };
        assert_eq!(still_taken(&now(false), &given), values(json!({"badge": "B-1"})));
        assert!(still_taken(&now(true), &given).is_empty());
        assert!(still_taken(&[], &given).is_empty());
    }

    #[test]
    fn a_stricter_rule_keeps_nobody_from_changing_something_else() {
        let before = values(json!({"team": "Blue", "floor": 1}));
        let settled = settle(&[staff()], &before, &values(json!({"team": "Blue", "floor": 2}))).unwrap();
        assert_eq!(settled.values, values(json!({"team": "Blue", "floor": 2})));
    }

    #[test]
    fn what_is_typed_becomes_a_value_of_its_kind() {
        assert_eq!(of("a", Kind::Integer).typed(" 42 "), json!(42));
        assert_eq!(of("a", Kind::Integer).typed("4x"), json!("4x"));
        assert_eq!(of("a", Kind::Decimal).typed("1.50"), json!(1.5));
        assert_eq!(of("a", Kind::Decimal).typed("NaN"), json!("NaN"));
        assert_eq!(of("a", Kind::Boolean).typed("True"), json!(true));
        assert_eq!(of("a", Kind::String).typed("42"), json!("42"));
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let simple = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            "[a-zA-Z:/. ]{0,6}".prop_map(Value::from),
            Just(json!("2026-03-12T15:05:00+01:00")),
            Just(json!("https://example.org")),
            Just(json!("red")),
        ];
        prop_oneof![4 => simple.clone(), 1 => proptest::collection::vec(simple, 0..3).prop_map(Value::Array)]
    }

    proptest! {
        #[test]
        fn what_is_settled_stays_as_it_is(
            asked in proptest::collection::btree_map(
                prop_oneof![
                    Just("badge"), Just("floor"), Just("share"), Just("remote"), Just("since"), Just("page"),
                    Just("tags"), Just("team"), Just("payroll"), Just("shoe"),
                ],
                any_value(),
                0..6,
            ),
        ) {
            let asked = values(json!(asked));
            let Ok(first) = settle(&[staff()], &Map::new(), &asked) else { return Ok(()) };
            prop_assert_eq!(&settle(&[staff()], &first.values, &first.values).unwrap(), &first);
            prop_assert_eq!(&settle(&[staff()], &Map::new(), &first.values).unwrap(), &first);
            prop_assert!(first.values.values().all(|values| values.as_object().is_some_and(|one| !one.is_empty())));
        }
    }
}
