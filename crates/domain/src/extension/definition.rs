//! What can be defined, and what a definition must hold to.

use std::{collections::HashSet, str::FromStr};

use serde::{Deserialize, Serialize};

use super::Extension;
use crate::{
    limits,
    validation::{FieldErrors, has_control},
};

/// What belongs to the standards: nobody else defines schemas there (RFC 7643 section 10.2.1).
const STANDARD: &str = "urn:ietf:params:scim:";

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$of:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub enum $name { $($(#[$of])* $variant),+ }

        impl $name {
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// As RFC 7643 writes it.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }
        }

        impl FromStr for $name {
            type Err = ();
            fn from_str(text: &str) -> Result<Self, ()> {
                Self::ALL.iter().copied().find(|one| one.as_str() == text).ok_or(())
            }
        }
    };
}

words! {
    /// The simple types of RFC 7643 section 2.3.
    Kind {
        #[default]
        String = "string",
        Boolean = "boolean",
        Integer = "integer",
        Decimal = "decimal",
        DateTime = "dateTime",
        /// The address of something elsewhere: an absolute URI.
        Reference = "reference",
    }
}

words! {
    /// Who may change a value (RFC 7643 section 2.2). What is written and never read back is a secret, and secrets have
    /// no place among attributes.
    Mutability {
        #[default]
        ReadWrite = "readWrite",
        /// Set once, then never changed.
        Immutable = "immutable",
    }
}

words! {
    /// When a value is part of an answer over SCIM.
    Returned {
        #[default]
        Default = "default",
        Always = "always",
        /// Only if the client asks for it by name.
        Request = "request",
    }
}

/// An attribute, but for its id. A stored payload: add, never rename.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_excessive_bools, reason = "each is a characteristic of its own, and any of them go together")]
pub struct Definition {
    /// How clients know it. Never changes.
    pub name: String,
    /// What the console calls it; the name where that is empty.
    pub label: String,
    pub description: String,
    pub kind: Kind,
    pub multi_valued: bool,
    pub required: bool,
    pub case_exact: bool,
    pub mutability: Mutability,
    pub returned: Returned,
    /// No two users have the same value.
    pub unique: bool,
    /// The values that there are to choose from; any, where there are none.
    pub canonical_values: Vec<String>,
}

impl Definition {
    /// What the console calls the attribute.
    pub fn shown(&self) -> &str {
        if self.label.is_empty() { &self.name } else { &self.label }
    }

    /// The one validation of definitions. Trims, and leaves out what means nothing for the kind.
    pub fn check(self) -> Result<Self, FieldErrors> {
        let mut errors = FieldErrors::default();
        let mut checked = Self {
            name: self.name.trim().to_owned(),
            label: self.label.trim().to_owned(),
            description: self.description.trim().to_owned(),
            canonical_values: self
                .canonical_values
                .iter()
                .map(|value| value.trim().to_owned())
                .filter(|value| !value.is_empty())
                .collect(),
            ..self
        };
        // RFC 7643 section 2.3.7: references compare exactly. Case means nothing for what is no text.
        match checked.kind {
            Kind::String => {}
            Kind::Reference => checked.case_exact = true,
            _ => checked.case_exact = false,
        }
        check_name(&checked.name, &mut errors);
        check_text("label", "A label", &checked.label, limits::SCHEMA_NAME, &mut errors);
        check_text("description", "A description", &checked.description, limits::SCHEMA_DESCRIPTION, &mut errors);
        if checked.unique && checked.multi_valued {
            errors.add("unique", "Only an attribute with a single value can be unique.");
        }
        if checked.unique && !matches!(checked.kind, Kind::String | Kind::Integer | Kind::Reference) {
            errors.add("unique", "Only texts, whole numbers and references can be unique.");
        }
        checked.check_canonical(&mut errors);
        errors.into_result().map(|()| checked)
    }

    fn check_canonical(&self, errors: &mut FieldErrors) {
        const FIELD: &str = "canonical_values";
        let values = &self.canonical_values;
        if values.is_empty() {
            return;
        }
        if self.kind != Kind::String {
            errors.add(FIELD, "Only texts can be chosen from a list.");
        }
        if self.unique {
            errors.add(FIELD, "What is unique is not chosen from a list.");
        }
        if values.len() > limits::CANONICAL_VALUES {
            errors.add(FIELD, format!("At most {} values can be listed.", limits::CANONICAL_VALUES));
        }
        if values.iter().any(|value| value.chars().count() > limits::SCHEMA_NAME || value.chars().any(char::is_control))
        {
            errors.add(FIELD, format!("A listed value has at most {} printable characters.", limits::SCHEMA_NAME));
        }
        let mut seen = HashSet::new();
        if let Some(twice) = values.iter().find(|value| !seen.insert(self.folded(value))) {
            errors.add(FIELD, format!("“{twice}” is listed twice."));
        }
    }

    /// A text as this attribute compares it.
    pub(super) fn folded(&self, text: &str) -> String {
        if self.case_exact { text.to_owned() } else { text.to_lowercase() }
    }

    /// What cannot change while somebody has a value, for the values were written by it: by field.
    pub fn conflicts_with_values(&self, after: &Self) -> FieldErrors {
        let mut errors = FieldErrors::default();
        let fields = [
            ("kind", "The type", self.kind != after.kind),
            ("multi_valued", "Whether there can be several values", self.multi_valued != after.multi_valued),
            ("case_exact", "Whether case counts", self.unique && self.case_exact != after.case_exact),
            ("unique", "Whether values are unique", self.unique != after.unique),
        ];
        for (field, what, _) in fields.into_iter().filter(|(.., changed)| *changed) {
            errors.add(field, format!("{what} cannot be changed while somebody has a value."));
        }
        errors
    }
}

/// RFC 7643 section 2.1: a letter, then letters, digits, `-` and `_`.
fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes.next().is_some_and(|first| first.is_ascii_alphabetic())
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn check_name(name: &str, errors: &mut FieldErrors) {
    if name.is_empty() {
        errors.add("name", "A name is required.");
    } else if name.chars().count() > limits::ATTRIBUTE_NAME {
        errors.add("name", format!("A name has at most {} characters.", limits::ATTRIBUTE_NAME));
    } else if !is_name(name) {
        errors.add("name", "A name begins with a letter and has letters, digits, - and _ alone, such as badgeNumber.");
    }
}

fn check_text(field: &str, what: &str, text: &str, most: usize, errors: &mut FieldErrors) {
    if text.chars().count() > most {
        errors.add(field, format!("{what} has at most {most} characters."));
    } else if has_control(text) {
        errors.add(field, "Control characters are not accepted.");
    }
}

/// A schema that shall be defined, or the name and description that one shall have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct NewExtension {
    pub urn: String,
    pub name: String,
    pub description: String,
}

impl NewExtension {
    /// Checks it beside the schemas that there are. Trims.
    pub fn check(self, others: &[Extension]) -> Result<Self, FieldErrors> {
        let checked = Self {
            urn: self.urn.trim().to_owned(),
            name: self.name.trim().to_owned(),
            description: self.description.trim().to_owned(),
        };
        let mut errors = FieldErrors::default();
        check_urn(&checked.urn, others, &mut errors);
        if checked.name.is_empty() {
            errors.add("name", "A name is required.");
        }
        check_text("name", "A name", &checked.name, limits::SCHEMA_NAME, &mut errors);
        check_text("description", "A description", &checked.description, limits::SCHEMA_DESCRIPTION, &mut errors);
        errors.into_result().map(|()| checked)
    }
}

/// RFC 8141 section 2, and what lets a path that names an attribute of the schema be read: the last part is a name.
fn check_urn(urn: &str, others: &[Extension], errors: &mut FieldErrors) {
    const FIELD: &str = "urn";
    let key = urn.to_ascii_lowercase();
    if urn.is_empty() {
        errors.add(FIELD, "A URN is required.");
    } else if urn.chars().count() > limits::SCHEMA_URN {
        errors.add(FIELD, format!("A URN has at most {} characters.", limits::SCHEMA_URN));
    } else if !is_urn(&key) {
        errors.add(
            FIELD,
            "Enter a URN such as urn:example:scim:schemas:2.0:Staff: letters, digits, dots, - and _ between colons, \
             the last part beginning with a letter and without dots.",
        );
    } else if key.starts_with(STANDARD) {
        errors.add(FIELD, "This URN belongs to the standards. Begin with a name of your own, such as urn:example:.");
    } else {
        let begins_with = |longer: &str, shorter: &str| {
            longer.strip_prefix(shorter).is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
        };
        let clash = others.iter().find(|other| {
            let other = other.urn.to_ascii_lowercase();
            begins_with(&key, &other) || begins_with(&other, &key)
        });
        match clash {
            Some(other) if other.urn.eq_ignore_ascii_case(urn) => {
                errors.add(FIELD, "A schema of this URN exists already.");
            }
            // An attribute of the one could not be told from the other.
            Some(other) => errors.add(FIELD, format!("Neither URN can begin with the other: {}.", other.urn)),
            None => {}
        }
    }
}

/// Of a lower-cased text.
fn is_urn(urn: &str) -> bool {
    let Some((namespace, specific)) = urn.strip_prefix("urn:").and_then(|rest| rest.split_once(':')) else {
        return false;
    };
    let of = |part: &str, others: &str| {
        !part.is_empty() && part.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    let is_namespace = (2..=32).contains(&namespace.len())
        && of(namespace, "-")
        && !namespace.starts_with('-')
        && !namespace.ends_with('-')
        && namespace != "urn";
    is_namespace && specific.split(':').all(|part| of(part, ".-_")) && specific.rsplit(':').next().is_some_and(is_name)
}

/// The definitions of a schema together: each sound, no name twice, and not too many. Errors are named
/// `attributes.0.name`.
pub fn check_all(definitions: Vec<Definition>) -> Result<Vec<Definition>, FieldErrors> {
    let mut errors = FieldErrors::default();
    if definitions.len() > limits::SCHEMA_ATTRIBUTES {
        errors.add("attributes", format!("A schema has at most {} attributes.", limits::SCHEMA_ATTRIBUTES));
    }
    let mut names = HashSet::new();
    let mut checked = Vec::with_capacity(definitions.len());
    for (index, definition) in definitions.into_iter().enumerate() {
        match definition.check() {
            Ok(definition) => {
                if !names.insert(definition.name.to_ascii_lowercase()) {
                    errors
                        .add(&format!("attributes.{index}.name"), "The schema has an attribute of this name already.");
                }
                checked.push(definition);
            }
            Err(wrong) => {
                for (field, message) in wrong.0 {
                    errors.add(&format!("attributes.{index}.{field}"), message);
                }
            }
        }
    }
    errors.into_result().map(|()| checked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SchemaId, Timestamp};

    fn named(name: &str) -> Definition {
        Definition { name: name.to_owned(), ..Definition::default() }
    }

    fn extension(urn: &str) -> Extension {
        Extension {
            id: SchemaId(uuid::Uuid::nil()),
            urn: urn.to_owned(),
            name: "Staff".to_owned(),
            description: String::new(),
            attributes: Vec::new(),
            version: 1,
            created_at: Timestamp::from_micros(0),
            updated_at: Timestamp::from_micros(0),
        }
    }

    fn urn_error(urn: &str) -> Option<String> {
        let others = [extension("urn:example:scim:Staff")];
        let new = NewExtension { urn: urn.to_owned(), name: "New".to_owned(), description: String::new() };
        new.check(&others).err().and_then(|errors| errors.get("urn").map(str::to_owned))
    }

    #[test]
    fn names_are_those_of_the_rfc() {
        for name in ["badge", "badgeNumber2", "a-b_c", " trimmed "] {
            assert!(named(name).check().is_ok(), "{name}");
        }
        for name in ["", "2fast", "a b", "a.b", "$ref", "größe", "a:b", &"a".repeat(limits::ATTRIBUTE_NAME + 1)] {
            assert!(named(name).check().unwrap_err().get("name").is_some(), "{name}");
        }
    }

    #[test]
    fn a_urn_is_sound_free_and_nobody_elses() {
        for urn in ["urn:example:Badge", "urn:example:2.0:Staff", "URN:Example:scim:Staff2", "urn:ex-1:a_b:c-d"] {
            assert_eq!(urn_error(urn), None, "{urn}");
        }
        for urn in [
            "",
            "staff",
            "urn:",
            "urn:example",
            "urn:x:Staff",
            "urn:urn:Staff",
            "urn:-ex:Staff",
            "urn:example::Staff",
            "urn:example:2.0",
            "urn:example:a b",
            "urn:example:a[b]",
            "urn:example:Stäff",
            "urn:example:a,b",
            "http://example.org/Staff",
        ] {
            assert!(urn_error(urn).is_some(), "{urn}");
        }
        assert!(urn_error("urn:ietf:params:scim:schemas:core:2.0:User").unwrap().contains("standards"));
        assert!(urn_error("URN:IETF:params:scim:schemas:mine:User").unwrap().contains("standards"));
        assert_eq!(urn_error("urn:EXAMPLE:scim:staff").as_deref(), Some("A schema of this URN exists already."));
        for urn in ["urn:example:scim:Staff:more", "urn:example:scim"] {
            assert!(urn_error(urn).unwrap().contains("begin with"), "{urn}");
        }
    }

    #[test]
    fn what_means_nothing_for_a_kind_is_left_out_or_refused() {
        let of = |kind| Definition { kind, case_exact: true, ..named("a") };
        assert!(of(Kind::String).check().unwrap().case_exact);
        assert!(!of(Kind::Integer).check().unwrap().case_exact);
        assert!(Definition { kind: Kind::Reference, ..named("a") }.check().unwrap().case_exact);
        let unique = |kind, multi_valued| Definition { kind, multi_valued, unique: true, ..named("a") }.check();
        assert!(unique(Kind::Integer, false).is_ok());
        assert!(unique(Kind::String, true).unwrap_err().get("unique").is_some());
        assert!(unique(Kind::Boolean, false).unwrap_err().get("unique").is_some());
    }

    #[test]
    fn listed_values_are_texts_and_differ() {
        let listed = |kind, values: &[&str]| {
            let canonical_values = values.iter().map(|&value| value.to_owned()).collect();
            Definition { kind, canonical_values, ..named("a") }.check()
        };
        let kept = listed(Kind::String, &[" red ", "", "green"]).unwrap().canonical_values;
        assert_eq!(kept, ["red", "green"]);
        for wrong in [listed(Kind::String, &["red", "Red"]), listed(Kind::Integer, &["1"])] {
            assert!(wrong.unwrap_err().get("canonical_values").is_some());
        }
    }

    #[test]
    fn names_differ_without_regard_to_case_and_errors_say_where() {
        let errors = check_all(vec![named("a"), named("A"), named("?")]).unwrap_err();
        assert!(errors.get("attributes.1.name").is_some() && errors.get("attributes.2.name").is_some());
        assert!(check_all(vec![named("a"); limits::SCHEMA_ATTRIBUTES + 1]).unwrap_err().get("attributes").is_some());
    }

    #[test]
    fn what_values_were_written_by_stays() {
        let before = Definition { unique: true, ..named("a") };
        let after = Definition { kind: Kind::Integer, multi_valued: true, case_exact: true, ..named("a") };
        let errors = before.conflicts_with_values(&after);
        assert_eq!(errors.0.keys().collect::<Vec<_>>(), ["case_exact", "kind", "multi_valued", "unique"]);
        let relabelled = Definition { label: "A".to_owned(), required: true, ..before.clone() };
        assert!(before.conflicts_with_values(&relabelled).is_empty());
    }

    #[test]
    fn a_definition_is_stored_by_these_names() {
        let json = serde_json::json!({
            "name": "badge", "label": "Badge", "description": "", "kind": "dateTime", "multi_valued": false,
            "required": false, "case_exact": false, "mutability": "readWrite", "returned": "default",
            "unique": false, "canonical_values": [],
        });
        let definition: Definition = serde_json::from_value(json.clone()).unwrap();
        assert_eq!(definition.kind, Kind::DateTime);
        assert_eq!(serde_json::to_value(definition).unwrap(), json);
    }
}
