//! A connector describes its configuration as data: the form, its checks and its documentation follow from it.

use std::collections::BTreeMap;

use secrecy::SecretString;
use serde::{Deserialize, Serialize};

use crate::{
    limits,
    validation::{FieldErrors, has_control},
};

/// The description of one kind of connector.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConfigSchema {
    /// The word of the API: `scim2`.
    pub kind: String,
    /// The word of the console: `SCIM 2.0`.
    pub name: String,
    pub description: String,
    pub fields: Vec<Field>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Field {
    /// The property's name in the API.
    pub key: String,
    pub label: String,
    pub hint: Option<String>,
    pub control: Control,
    pub required: bool,
    pub default: Option<String>,
    /// Shown, read and required only while another property has one of these values.
    pub only_when: Option<Condition>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Control {
    Text,
    /// Several lines.
    Lines,
    /// An address that is called.
    Url,
    Secret,
    Checkbox,
    Choice {
        choices: Vec<Choice>,
    },
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Condition {
    pub key: String,
    pub values: Vec<String>,
}

/// A property's value; secrets are not among them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Property {
    Bool(bool),
    Text(String),
}

impl Property {
    pub fn as_text(&self) -> &str {
        match self {
            Self::Bool(true) => "true",
            Self::Bool(false) => "false",
            Self::Text(text) => text,
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Properties(pub BTreeMap<String, Property>);

impl Properties {
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(Property::as_text).filter(|text| !text.is_empty())
    }

    pub fn is_on(&self, key: &str) -> bool {
        self.text(key) == Some("true")
    }
}

/// Secrets in the clear, on their way in or to a connector.
#[derive(Clone, Debug, Default)]
pub struct Secrets(pub BTreeMap<String, SecretString>);

impl Secrets {
    pub fn get(&self, key: &str) -> Option<&SecretString> {
        self.0.get(key)
    }
}

/// What somebody typed or posted: key to text, as forms have it. JSON booleans become `true` and `false`.
pub type Typed = BTreeMap<String, String>;

/// What is left of [`Typed`] once it was checked.
#[derive(Clone, Debug, Default)]
pub struct Configuration {
    pub properties: Properties,
    /// The secrets that were given; those left empty keep what is stored.
    pub secrets: Secrets,
}

impl ConfigSchema {
    pub fn field(&self, key: &str) -> Option<&Field> {
        self.fields.iter().find(|field| field.key == key)
    }

    /// The properties that hold an address.
    pub fn endpoints<'a>(&'a self, properties: &'a Properties) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.fields
            .iter()
            .filter(|field| field.control == Control::Url && self.applies(field, &|key| properties.text(key)))
            .filter_map(|field| properties.text(&field.key).map(|url| (field.key.as_str(), url)))
    }

    /// The secrets that the chosen mode uses.
    pub fn secret_keys<'a>(&'a self, properties: &'a Properties) -> impl Iterator<Item = &'a Field> {
        self.fields
            .iter()
            .filter(|field| field.control == Control::Secret && self.applies(field, &|key| properties.text(key)))
    }

    /// Checks everything but what needs the outside: whether an address may be called.
    ///
    /// `stored` names the secrets that are set already: an empty one of them is kept.
    pub fn check(&self, typed: &Typed, stored: &[String]) -> Result<Configuration, FieldErrors> {
        let mut errors = FieldErrors::default();
        for key in typed.keys().filter(|key| self.field(key).is_none()) {
            errors.add(key, format!("{} has no property of this name.", self.name));
        }
        let value = |key: &str| -> Option<&str> {
            let typed = typed.get(key).map(|text| text.trim()).filter(|text| !text.is_empty());
            typed.or_else(|| self.field(key)?.default.as_deref())
        };
        let mut checked = Configuration::default();
        for field in self.fields.iter().filter(|field| self.applies(field, &value)) {
            match (value(&field.key), &field.control) {
                (None, Control::Secret) if stored.contains(&field.key) => {}
                (None, Control::Checkbox) => set(&mut checked, field, Property::Bool(false)),
                (None, _) if field.required => errors.add(&field.key, format!("{} is required.", field.label)),
                (None, _) => {}
                (Some(text), Control::Secret) => {
                    bounded(field, text, limits::SECRET, &mut errors);
                    checked.secrets.0.insert(field.key.clone(), SecretString::from(text));
                }
                (Some(text), Control::Checkbox) => match text {
                    "true" | "on" => set(&mut checked, field, Property::Bool(true)),
                    "false" => set(&mut checked, field, Property::Bool(false)),
                    _ => errors.add(&field.key, format!("{} is true or false.", field.label)),
                },
                (Some(text), Control::Choice { choices }) => {
                    if choices.iter().any(|choice| choice.value == text) {
                        set(&mut checked, field, Property::Text(text.to_owned()));
                    } else {
                        let known: Vec<&str> = choices.iter().map(|choice| choice.value.as_str()).collect();
                        errors.add(&field.key, format!("{} is one of {}.", field.label, known.join(", ")));
                    }
                }
                (Some(text), Control::Lines) => {
                    let text = text.replace("\r\n", "\n");
                    if text.chars().count() > limits::LINES {
                        errors.add(&field.key, format!("{} has at most {} characters.", field.label, limits::LINES));
                    } else if has_control(&text) {
                        errors.add(&field.key, format!("{} has no control characters.", field.label));
                    }
                    set(&mut checked, field, Property::Text(text));
                }
                (Some(text), Control::Text | Control::Url) => {
                    bounded(field, text, limits::PROPERTY, &mut errors);
                    if field.control == Control::Url && !looks_like_url(text) {
                        errors.add(&field.key, "Enter a full address that begins with https:// or http://.");
                    }
                    set(&mut checked, field, Property::Text(text.to_owned()));
                }
            }
        }
        errors.into_result().map(|()| checked)
    }

    fn applies<'a>(&'a self, field: &Field, value: &dyn Fn(&str) -> Option<&'a str>) -> bool {
        field.only_when.as_ref().is_none_or(|condition| {
            let chosen = value(&condition.key).or_else(|| self.field(&condition.key)?.default.as_deref());
            chosen.is_some_and(|chosen| condition.values.iter().any(|wanted| wanted == chosen))
        })
    }
}

fn set(checked: &mut Configuration, field: &Field, value: Property) {
    checked.properties.0.insert(field.key.clone(), value);
}

fn bounded(field: &Field, text: &str, limit: usize, errors: &mut FieldErrors) {
    if text.chars().count() > limit {
        errors.add(&field.key, format!("{} has at most {limit} characters.", field.label));
    } else if has_control(text) || text.contains('\n') {
        errors.add(&field.key, format!("{} has no control characters.", field.label));
    }
}

pub(crate) fn looks_like_url(text: &str) -> bool {
    let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
    rest.is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/') && !text.contains(char::is_whitespace))
}

/// The result of "Test connection": each thing that was tried, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub checks: Vec<Check>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Check {
    /// `Sign in`, `Look up users`, …
    pub name: String,
    pub ok: bool,
    /// What was found, or what is wrong and what to do.
    pub text: String,
}

impl Report {
    pub fn is_ok(&self) -> bool {
        self.checks.iter().all(|check| check.ok)
    }
}

/// Scheme, host and port of an address, lower-cased; secrets belong to it.
pub fn origin_of(url: &str) -> String {
    let after_scheme = url.find("://").map_or(0, |at| at + 3);
    let end = url[after_scheme..].find(['/', '?', '#']).map_or(url.len(), |at| after_scheme + at);
    url[..end].to_lowercase()
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn schema() -> ConfigSchema {
        let field = |key: &str, control, required, only_when: Option<&str>| Field {
            key: key.to_owned(),
            label: key.to_uppercase(),
            hint: None,
            control,
            required,
            default: None,
            only_when: only_when.map(|value| Condition { key: "mode".to_owned(), values: vec![value.to_owned()] }),
        };
        let choice = |value: &str| Choice { value: value.to_owned(), label: value.to_owned() };
        ConfigSchema {
            kind: "test".to_owned(),
            name: "Test".to_owned(),
            description: String::new(),
            fields: vec![
                field("mode", Control::Choice { choices: vec![choice("none"), choice("bearer")] }, true, None),
                field("token", Control::Secret, true, Some("bearer")),
                field("endpoint", Control::Url, true, None),
                field("passwords", Control::Checkbox, false, None),
            ],
        }
    }

    fn typed(pairs: &[(&str, &str)]) -> Typed {
        pairs.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn what_the_chosen_mode_does_not_use_is_neither_required_nor_kept() {
        let checked = schema()
            .check(&typed(&[("mode", "none"), ("token", "t"), ("endpoint", "https://a.example/Users")]), &[])
            .unwrap();
        assert!(checked.secrets.0.is_empty());
        assert!(!checked.properties.is_on("passwords"));
    }

    #[test]
    fn a_required_secret_may_stay_empty_only_when_one_is_stored() {
        let form = typed(&[("mode", "bearer"), ("endpoint", "https://a.example/Users")]);
        assert_eq!(schema().check(&form, &[]).unwrap_err().get("token"), Some("TOKEN is required."));
        assert!(schema().check(&form, &["token".to_owned()]).unwrap().secrets.0.is_empty());
        let given = typed(&[("mode", "bearer"), ("token", "t"), ("endpoint", "https://a.example/Users")]);
        assert_eq!(schema().check(&given, &[]).unwrap().secrets.get("token").unwrap().expose_secret(), "t");
    }

    #[test]
    fn wrong_choices_addresses_and_names_are_told_by_field() {
        let errors = schema().check(&typed(&[("mode", "x"), ("endpoint", "ftp://a"), ("nope", "1")]), &[]).unwrap_err();
        assert!(errors.get("mode").unwrap().contains("none, bearer"));
        assert!(errors.get("endpoint").unwrap().contains("https://"));
        assert!(errors.get("nope").is_some());
    }

    #[test]
    fn the_origin_is_scheme_host_and_port() {
        assert_eq!(origin_of("https://A.example:8443/scim/Users?x"), "https://a.example:8443");
        assert_eq!(origin_of("http://a.example"), "http://a.example");
    }
}
