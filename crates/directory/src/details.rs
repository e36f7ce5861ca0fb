//! What an audit event tells beside who, what and when: the attributes that changed, before and after, and facts.
//!
//! This is the one way to write a change down. A thing says by [`Told`] what of it is told; [`came`], [`went`] and
//! [`between`] make the details of it. Secrets are types of their own and in no such document; what is called like one
//! is left out even so, from whatever details come to be recorded.

use domain::{
    connection::{Connection, Connector},
    extension::{Attribute, Definition, Extension},
    group::{Group, GroupInput},
    provisioner::Rules,
    user::{User, UserInput},
};
use serde_json::{Map, Value, json};
use storage::api_tokens::ApiToken;

/// Characters of one value, as JSON, that are kept; a longer one is cut.
const VALUE: usize = 4_000;
/// Stands for a secret: that it changed, or was set, is all that is told.
const CHANGED: &str = "changed";
/// What secrets are called, in lower case and without marks between words.
const SECRETS: [&str; 17] = [
    "accesstoken",
    "apikey",
    "apikeyvalue",
    "authorization",
    "clientsecret",
    "credential",
    "credentials",
    "defaultpassword",
    "newpassword",
    "passphrase",
    "password",
    "passwordhash",
    "privatekey",
    "refreshtoken",
    "secret",
    "token",
    "tokenhash",
];

/// A thing as the audit trail tells it: its attributes by their names.
pub(crate) trait Told {
    fn told(&self) -> Map<String, Value>;
}

/// The details of an event: an attribute that changed is `{"before": …, "after": …}`, with one of the two where it came
/// or went; anything else is a fact.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct Details(Map<String, Value>);

impl Details {
    /// Adds a fact.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, fact: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), fact.into());
        self
    }

    /// Adds other facts.
    #[must_use]
    pub(crate) fn and(mut self, other: Self) -> Self {
        self.0.extend(other.0);
        self
    }

    /// Adds which secrets were set or forgotten, by their names.
    #[must_use]
    pub(crate) fn with_secrets<'a>(self, name: &str, secrets: impl Iterator<Item = &'a String>) -> Self {
        let names: Vec<&String> = secrets.collect();
        if names.is_empty() { self } else { self.with(name, json!(names)) }
    }

    /// Adds that a password was set or changed, and nothing else of it.
    #[must_use]
    pub(crate) fn with_password(self) -> Self {
        self.with("password", CHANGED)
    }

    /// As they are kept: without anything that is called like a secret.
    pub(crate) fn into_kept(self) -> Value {
        without_secrets(Value::Object(self.0))
    }
}

impl From<Value> for Details {
    fn from(value: Value) -> Self {
        match value {
            Value::Object(details) => Self(details),
            Value::Null => Self::default(),
            other => Self::default().with("value", other),
        }
    }
}

impl From<Map<String, Value>> for Details {
    fn from(details: Map<String, Value>) -> Self {
        Self(details)
    }
}

/// Something is new.
pub(crate) fn came(after: &impl Told) -> Details {
    changes(&Map::new(), &after.told())
}

/// Something is gone.
pub(crate) fn went(before: &impl Told) -> Details {
    changes(&before.told(), &Map::new())
}

/// Something was changed; empty where it was not.
pub(crate) fn between<T: Told>(before: &T, after: &T) -> Details {
    changes(&before.told(), &after.told())
}

fn changes(before: &Map<String, Value>, after: &Map<String, Value>) -> Details {
    let (before, after) = (leaves(before), leaves(after));
    let mut names: Vec<&String> = before.keys().chain(after.keys()).collect();
    names.sort();
    names.dedup();
    let changed = names.into_iter().filter(|name| before.get(*name) != after.get(*name)).map(|name| {
        // Only now: whether a secret is another has to be seen.
        if is_secret(name) {
            return (name.clone(), CHANGED.into());
        }
        let sides = [("before", before.get(name)), ("after", after.get(name))];
        let change = sides.into_iter().filter_map(|(side, value)| Some((side.to_owned(), cut(value?))));
        (name.clone(), Value::Object(change.collect()))
    });
    Details(changed.collect())
}

/// The attributes that hold no others, by their paths; lists and secrets are one each, and what is null or empty is not
/// there. As they are: to be compared, and not yet to be told.
fn leaves(document: &Map<String, Value>) -> Map<String, Value> {
    let mut leaves = Map::new();
    gather("", document, &mut leaves);
    leaves
}

/// `within`: the path of the document, with what separates it from its attributes.
fn gather(within: &str, document: &Map<String, Value>, leaves: &mut Map<String, Value>) {
    for (name, value) in document {
        let path = format!("{within}{name}");
        match value {
            Value::Null => {}
            Value::Array(values) if values.is_empty() => {}
            // The attributes of an extension are called as SCIM calls them. It is no secret itself, whatever its URN.
            Value::Object(inner) if within.is_empty() && name.starts_with("urn:") => {
                gather(&format!("{path}:"), inner, leaves);
            }
            Value::Object(inner) if !is_secret(name) => gather(&format!("{path}."), inner, leaves),
            value => drop(leaves.insert(path, value.clone())),
        }
    }
}

fn cut(value: &Value) -> Value {
    let value = &without_secrets(value.clone());
    let text = match value {
        Value::String(text) => text.clone(),
        Value::Array(_) => value.to_string(),
        other => return other.clone(),
    };
    match text.char_indices().nth(VALUE) {
        Some((end, _)) => format!("{}…", &text[..end]).into(),
        None => value.clone(),
    }
}

fn without_secrets(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .map(|(name, value)| {
                let value = if is_secret(&name) { CHANGED.into() } else { without_secrets(value) };
                (name, value)
            })
            .collect(),
        Value::Array(values) => values.into_iter().map(without_secrets).collect(),
        value => value,
    }
}

fn is_secret(name: &str) -> bool {
    let name = name.rsplit([':', '.']).next().unwrap_or(name);
    let plain: String = name.chars().filter(|c| !matches!(c, '-' | '_')).flat_map(char::to_lowercase).collect();
    SECRETS.contains(&plain.as_str())
}

impl Told for UserInput {
    fn told(&self) -> Map<String, Value> {
        let mut document = match serde_json::to_value(&self.profile) {
            Ok(Value::Object(profile)) => profile,
            _ => Map::new(),
        };
        if let Some(Value::Object(extensions)) = document.remove("extensions") {
            document.extend(extensions);
        }
        document.insert("userName".to_owned(), json!(self.user_name));
        document.insert("externalId".to_owned(), json!(self.external_id));
        document.insert("active".to_owned(), json!(self.active));
        document
    }
}

impl Told for User {
    fn told(&self) -> Map<String, Value> {
        let mut document = UserInput::of(self).told();
        document.insert("role".to_owned(), json!(self.role));
        document.insert("locked".to_owned(), json!(self.locked.then_some(true)));
        document
    }
}

impl Told for GroupInput {
    fn told(&self) -> Map<String, Value> {
        object(json!({ "displayName": self.display_name, "externalId": self.external_id }))
    }
}

impl Told for Group {
    fn told(&self) -> Map<String, Value> {
        GroupInput::of(self).told()
    }
}

impl Told for Connection {
    fn told(&self) -> Map<String, Value> {
        let description = Some(&self.description).filter(|text| !text.is_empty());
        object(json!({ "name": self.name, "description": description, "enabled": self.enabled }))
    }
}

impl Told for Connector {
    fn told(&self) -> Map<String, Value> {
        let mut document = object(json!(self.properties));
        document.insert("kind".to_owned(), json!(self.kind));
        document.insert("enabled".to_owned(), json!(self.enabled));
        document.insert("generation".to_owned(), json!(self.generation));
        document
    }
}

impl Told for Rules {
    fn told(&self) -> Map<String, Value> {
        object(json!({
            "blocking": self.blocking,
            "on_blocking_failure": self.on_blocking_failure,
            "time_limit_ms": self.time_limit_ms,
            "jit_outbound": self.jit_outbound,
            "on_delete": self.on_delete,
            "on_leave": self.on_leave,
        }))
    }
}

/// Of each attribute what kind it is, and what is not as usual.
impl Told for Extension {
    fn told(&self) -> Map<String, Value> {
        let usual = object(json!(Definition::default()));
        let attributes = self.attributes.iter().map(|Attribute { definition, .. }| {
            let mut told = object(json!(definition));
            told.retain(|characteristic, value| characteristic == "kind" || usual.get(characteristic) != Some(value));
            told.remove("name");
            (definition.name.clone(), Value::Object(told))
        });
        let attributes: Map<String, Value> = attributes.collect();
        let description = Some(&self.description).filter(|text| !text.is_empty());
        object(json!({ "name": self.name, "description": description, "attributes": attributes }))
    }
}

impl Told for ApiToken {
    fn told(&self) -> Map<String, Value> {
        object(json!({ "name": self.name, "scopes": self.scopes, "expires_at": self.expires_at }))
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(before: Value, after: Value) -> Value {
        changes(&object(before), &object(after)).into_kept()
    }

    #[test]
    fn what_changed_is_told_with_both_sides_and_nothing_else() {
        let before = json!({"title": "Guide", "active": true, "name": {"givenName": "Ada", "familyName": "Byron"}});
        let after = json!({"active": false, "name": {"givenName": "Ada", "familyName": "Lovelace"}, "emails": ["a"]});
        let told = json!({
            "active": {"before": true, "after": false},
            "emails": {"after": ["a"]},
            "name.familyName": {"before": "Byron", "after": "Lovelace"},
            "title": {"before": "Guide"},
        });
        assert_eq!(of(before.clone(), after), told);
        assert_eq!(of(before.clone(), before), json!({}));
    }

    #[test]
    fn attributes_of_an_extension_are_called_as_scim_calls_them() {
        let extension = "urn:example:params:scim:schemas:extension:badge:2.0:User";
        let after = json!({extension: {"badge": "7", "door": {"floor": 2}}});
        let told = json!({
            "urn:example:params:scim:schemas:extension:badge:2.0:User:badge": {"after": "7"},
            "urn:example:params:scim:schemas:extension:badge:2.0:User:door.floor": {"after": 2},
        });
        assert_eq!(of(json!({}), after), told);
    }

    #[test]
    fn what_is_empty_is_not_there() {
        assert_eq!(of(json!({"title": null, "emails": []}), json!({})), json!({}));
    }

    #[test]
    fn a_long_value_is_cut() {
        let told = of(json!({}), json!({"title": "é".repeat(VALUE + 1), "short": "é".repeat(VALUE)}));
        let kept = |name: &str| told[name]["after"].as_str().unwrap().chars().count();
        assert_eq!((kept("title"), kept("short")), (VALUE + 1, VALUE));
        assert!(told["title"]["after"].as_str().unwrap().ends_with('…'));
        let list = of(json!({"emails": vec!["ada@example.org"; 1_000]}), json!({}));
        assert!(list["emails"]["before"].is_string());
    }

    #[test]
    fn what_is_no_secret_although_it_is_called_nearly_so_is_told() {
        let after = json!({"token_endpoint": "https://id.example.org", "enable_password_provisioning": true});
        assert_eq!(of(json!({}), after)["token_endpoint"]["after"], "https://id.example.org");
    }

    #[test]
    fn a_secret_that_is_another_is_told_without_what_it_is() {
        let staff = |badge: &str, tokens: Value| json!({"urn:example:token": {"badge": badge, "token": tokens}});
        let told = |before, after| of(before, after);
        let (one, two) = (json!("one"), json!("two"));
        assert_eq!(told(staff("7", one.clone()), staff("7", one.clone())), json!({}));
        let expected = json!({"urn:example:token:token": CHANGED});
        assert_eq!(told(staff("7", one.clone()), staff("7", two)), expected);
        assert_eq!(told(staff("7", json!(null)), staff("7", one.clone())), expected);
        assert_eq!(told(json!({"keys": {"secret": {"a": 1}}}), json!({})), json!({"keys.secret": CHANGED}));
        let moved = json!({"urn:example:token:badge": {"before": "7", "after": "8"}});
        assert_eq!(told(staff("7", one.clone()), staff("8", one)), moved, "the last part of a URN is no secret");
        let inside = |token: &str| json!({"doors": [{"token": token}]});
        let list = json!([{"token": CHANGED}]);
        assert_eq!(told(inside("a"), inside("b")), json!({"doors": {"before": list, "after": list}}));
    }

    const MARK: &str = "s3cr3t";

    /// Any document; whatever stands below the name of a secret is marked.
    fn document() -> impl Strategy<Value = Value> {
        let name = prop_oneof![
            "[a-z]{1,6}",
            proptest::sample::select(&SECRETS[..]).prop_map(str::to_owned),
            Just("clientSecret".to_owned()),
            Just("client_secret".to_owned()),
            Just("Default-Password".to_owned()),
            Just("urn:ietf:params:scim:schemas:core:2.0:User:password".to_owned()),
        ];
        let leaf =
            prop_oneof![Just(json!(null)), any::<bool>().prop_map(Value::from), "[a-z]{0,5}".prop_map(Value::from)];
        leaf.prop_recursive(4, 40, 5, move |inner| {
            prop_oneof![
                proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                proptest::collection::vec((name.clone(), inner), 0..5).prop_map(|fields| {
                    let marked = |(name, value): (String, Value)| {
                        // An object below a URN is an extension: no secret as a whole.
                        let value = match is_secret(&name) {
                            true if name.starts_with("urn:") => json!([MARK, value]),
                            true => json!({ "value": [MARK, value] }),
                            false => value,
                        };
                        (name, value)
                    };
                    Value::Object(fields.into_iter().map(marked).collect())
                }),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_secret_is_ever_told(before in document(), after in document()) {
            let told = of(before.clone(), after.clone()).to_string();
            prop_assert!(!told.contains(MARK), "{}", told);
            let kept = Details::from(json!({ "before": before, "facts": [after] })).into_kept().to_string();
            prop_assert!(!kept.contains(MARK), "{}", kept);
        }

        #[test]
        fn a_document_differs_from_itself_in_nothing(document in document()) {
            prop_assert_eq!(of(document.clone(), document), json!({}));
        }
    }
}
