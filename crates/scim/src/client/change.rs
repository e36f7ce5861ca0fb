//! The changes that take an account from what we last sent to what we want.
//!
//! A document falls into places: an attribute, a sub-attribute of a complex one, or an attribute of an extension. A
//! list is one place, and so is an object with a `value` (such as `manager`), which is a reference and changes whole.

use std::{collections::BTreeMap, fmt};

use serde_json::{Map, Value, json};

use crate::{
    schema::{is_unassigned, key_of},
    urn,
};

/// What the server decides, or what is written apart from the changes.
const NOT_OURS: [&str; 4] = ["schemas", "id", "meta", "groups"];

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    extension: Option<String>,
    attribute: String,
    sub_attribute: Option<String>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(extension) = &self.extension {
            write!(f, "{extension}:")?;
        }
        f.write_str(&self.attribute)?;
        match &self.sub_attribute {
            Some(sub_attribute) => write!(f, ".{sub_attribute}"),
            None => Ok(()),
        }
    }
}

impl Place {
    fn keys(&self) -> impl Iterator<Item = &str> {
        [self.extension.as_deref(), Some(self.attribute.as_str()), self.sub_attribute.as_deref()].into_iter().flatten()
    }
}

type Places<'v> = BTreeMap<Place, &'v Value>;

fn places(document: &Value) -> Places<'_> {
    let mut places = Places::new();
    for (key, value) in document.as_object().into_iter().flatten() {
        match value {
            _ if NOT_OURS.contains(&key.as_str()) => {}
            Value::Object(attributes) if key.contains(':') => {
                for (attribute, value) in attributes {
                    spread(&mut places, Some(key), attribute, value);
                }
            }
            _ => spread(&mut places, None, key, value),
        }
    }
    places
}

fn spread<'v>(places: &mut Places<'v>, extension: Option<&String>, attribute: &str, value: &'v Value) {
    let place = |sub_attribute: Option<&String>| Place {
        extension: extension.cloned(),
        attribute: attribute.to_owned(),
        sub_attribute: sub_attribute.cloned(),
    };
    match value {
        _ if is_unassigned(value) => {}
        Value::Object(fields) if !fields.contains_key("value") => {
            let fields = fields.iter().filter(|(_, value)| !is_unassigned(value));
            places.extend(fields.map(|(name, value)| (place(Some(name)), value)));
        }
        _ => {
            places.insert(place(None), value);
        }
    }
}

/// Places to take away and places to set. Without a `last_sent` all that is wanted is set and nothing taken away.
fn changes<'v>(last_sent: Option<&'v Value>, want: &'v Value) -> (Vec<Place>, Places<'v>) {
    let before = last_sent.map(places).unwrap_or_default();
    let mut set = places(want);
    let gone = before.keys().filter(|place| !set.contains_key(place)).cloned().collect();
    set.retain(|place, value| before.get(place) != Some(value));
    (gone, set)
}

/// PATCH operations with paths, one for each attribute or sub-attribute; removals of what we sent before and no longer
/// want come first. Empty if there is nothing to change.
pub fn diff(last_sent: Option<&Value>, want: &Value) -> Vec<Value> {
    let (gone, set) = changes(last_sent, want);
    let removals = gone.into_iter().map(|place| json!({"op": "remove", "path": place.to_string()}));
    let settings =
        set.into_iter().map(|(place, value)| json!({"op": "replace", "path": place.to_string(), "value": value}));
    removals.chain(settings).collect()
}

/// The same change for servers that do not read paths: one `replace` whose value is an object, null where an attribute
/// goes. Empty if there is nothing to change.
pub fn diff_pathless(last_sent: Option<&Value>, want: &Value) -> Vec<Value> {
    let (gone, set) = changes(last_sent, want);
    let mut value = Map::new();
    for place in &gone {
        put(&mut value, place, Value::Null);
    }
    for (place, wanted) in set {
        put(&mut value, &place, wanted.clone());
    }
    if value.is_empty() { Vec::new() } else { vec![json!({"op": "replace", "value": value})] }
}

/// The body of a PATCH (RFC 7644 section 3.5.2).
pub fn patch_body(operations: Vec<Value>) -> Value {
    let mut body = json!({"schemas": [urn::PATCH_OP]});
    body["Operations"] = Value::Array(operations);
    body
}

/// The body of a PUT: the server's present document with what we want written over it and what we sent before and no
/// longer want taken out. What we do not know stays; `meta` and `groups`, which only the server writes, are left out.
pub fn merge_for_put(current: &Value, want: &Value, last_sent: Option<&Value>) -> Value {
    let before = last_sent.map(places).unwrap_or_default();
    let wanted = places(want);
    let mut merged = current.as_object().cloned().unwrap_or_default();
    let schemas = merged_schemas(&mut merged, want);
    for server_only in ["meta", "groups"] {
        if let Some(key) = key_of(&merged, server_only) {
            merged.remove(&key);
        }
    }
    for place in before.keys().filter(|place| !wanted.contains_key(place)) {
        take(&mut merged, &place.keys().collect::<Vec<_>>());
    }
    for (place, value) in wanted {
        put(&mut merged, &place, value.clone());
    }
    merged.retain(|_, value| !value.is_null());
    // An extension that lost its last attribute is no longer listed, unless the server lists it without having any.
    let listed = |urn: &Value| {
        let Some(urn) = urn.as_str() else { return false };
        key_of(&merged, urn).is_some() || current.as_object().and_then(|fields| key_of(fields, urn)).is_none()
    };
    let schemas = schemas.into_iter().filter(listed).collect::<Vec<_>>();
    merged.insert("schemas".to_owned(), schemas.into());
    Value::Object(merged)
}

/// The schemas of the present document, taken out of it, and the wanted ones.
fn merged_schemas(current: &mut Map<String, Value>, want: &Value) -> Vec<Value> {
    let present = key_of(current, "schemas").and_then(|key| current.remove(&key));
    let mut schemas = match present {
        Some(Value::Array(schemas)) => schemas,
        _ => Vec::new(),
    };
    for wanted in want.get("schemas").and_then(Value::as_array).into_iter().flatten() {
        if !schemas.contains(wanted) {
            schemas.push(wanted.clone());
        }
    }
    schemas
}

fn put(document: &mut Map<String, Value>, place: &Place, value: Value) {
    let mut keys: Vec<&str> = place.keys().collect();
    let Some(last) = keys.pop() else { return };
    let mut object = document;
    for key in keys {
        let key = key_of(object, key).unwrap_or_else(|| key.to_owned());
        let inner = object.entry(key).or_insert(Value::Null);
        if !inner.is_object() {
            *inner = Value::Object(Map::new());
        }
        let Value::Object(fields) = inner else { return };
        object = fields;
    }
    if let Some(other_spelling) = key_of(object, last) {
        object.remove(&other_spelling);
    }
    object.insert(last.to_owned(), value);
}

/// Removes what the keys lead to, and objects that are empty then.
fn take(object: &mut Map<String, Value>, keys: &[&str]) {
    let Some((first, rest)) = keys.split_first() else { return };
    let Some(key) = key_of(object, first) else { return };
    if rest.is_empty() {
        object.remove(&key);
        return;
    }
    let Some(Value::Object(inner)) = object.get_mut(&key) else { return };
    take(inner, rest);
    if inner.is_empty() {
        object.remove(&key);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ENTERPRISE: &str = urn::ENTERPRISE_USER;

    fn sent() -> Value {
        json!({
            "schemas": [urn::USER, ENTERPRISE],
            "userName": "ada",
            "active": true,
            "title": "Countess",
            "name": {"givenName": "Ada", "middleName": "King", "familyName": "Byron"},
            "emails": [{"value": "ada@example.org", "type": "work", "primary": true}],
            "phoneNumbers": [{"value": "+1"}],
            ENTERPRISE: {"department": "Analysis", "costCenter": "7", "manager": {"value": "1"}},
        })
    }

    fn wanted() -> Value {
        json!({
            "schemas": [urn::USER, ENTERPRISE],
            "userName": "ada",
            "active": false,
            "name": {"givenName": "Ada", "familyName": "Lovelace"},
            "emails": [{"value": "countess@example.org", "type": "work", "primary": true}],
            "phoneNumbers": [],
            ENTERPRISE: {"department": "Engines", "manager": {"value": "2"}},
        })
    }

    #[test]
    fn each_change_has_an_operation_with_its_path() {
        assert_eq!(
            Value::from(diff(Some(&sent()), &wanted())),
            json!([
                {"op": "remove", "path": "name.middleName"},
                {"op": "remove", "path": "phoneNumbers"},
                {"op": "remove", "path": "title"},
                {"op": "remove", "path": format!("{ENTERPRISE}:costCenter")},
                {"op": "replace", "path": "active", "value": false},
                {"op": "replace", "path": "emails",
                 "value": [{"value": "countess@example.org", "type": "work", "primary": true}]},
                {"op": "replace", "path": "name.familyName", "value": "Lovelace"},
                {"op": "replace", "path": format!("{ENTERPRISE}:department"), "value": "Engines"},
                {"op": "replace", "path": format!("{ENTERPRISE}:manager"), "value": {"value": "2"}},
            ])
        );
    }

    #[test]
    fn nothing_to_change_is_no_operation() {
        assert!(diff(Some(&sent()), &sent()).is_empty());
        assert!(diff_pathless(Some(&sent()), &sent()).is_empty());
    }

    #[test]
    fn without_a_last_sent_all_is_set_and_nothing_removed() {
        let operations = diff(None, &wanted());
        assert_eq!(operations.len(), 7);
        assert!(operations.iter().all(|operation| operation["op"] == "replace"));
        assert!(operations.iter().all(|operation| operation["path"] != "schemas"));
    }

    #[test]
    fn the_pathless_change_is_one_object() {
        assert_eq!(
            Value::from(diff_pathless(Some(&sent()), &wanted())),
            json!([{"op": "replace", "value": {
                "active": false,
                "title": null,
                "name": {"familyName": "Lovelace", "middleName": null},
                "emails": [{"value": "countess@example.org", "type": "work", "primary": true}],
                "phoneNumbers": null,
                ENTERPRISE: {"department": "Engines", "costCenter": null, "manager": {"value": "2"}},
            }}])
        );
    }

    #[test]
    fn a_put_keeps_what_it_does_not_know() {
        let current = json!({
            "schemas": [urn::USER, ENTERPRISE, "urn:example:Badge"],
            "id": "7",
            "UserName": "ada",
            "active": true,
            "title": "Countess",
            "nickName": "Adalove",
            "locale": null,
            "name": {"givenName": "Ada", "middleName": "King", "familyName": "Byron", "formatted": "Lady Ada"},
            "groups": [{"value": "1"}],
            "urn:example:Badge": {"level": 3},
            ENTERPRISE: {"division": "North", "costCenter": "7"},
            "meta": {"version": "1"},
        });
        assert_eq!(
            merge_for_put(&current, &wanted(), Some(&sent())),
            json!({
                "schemas": [urn::USER, ENTERPRISE, "urn:example:Badge"],
                "id": "7",
                "userName": "ada",
                "active": false,
                "nickName": "Adalove",
                "name": {"givenName": "Ada", "familyName": "Lovelace", "formatted": "Lady Ada"},
                "emails": [{"value": "countess@example.org", "type": "work", "primary": true}],
                "urn:example:Badge": {"level": 3},
                ENTERPRISE: {"division": "North", "department": "Engines", "manager": {"value": "2"}},
            })
        );
    }

    #[test]
    fn a_put_drops_an_extension_that_lost_its_last_attribute() {
        let current = json!({"schemas": [urn::USER, ENTERPRISE], "userName": "ada", ENTERPRISE: {"department": "A"}});
        let last_sent = json!({"userName": "ada", ENTERPRISE: {"department": "A"}});
        let want = json!({"schemas": [urn::USER], "userName": "ada"});
        assert_eq!(
            merge_for_put(&current, &want, Some(&last_sent)),
            json!({"schemas": [urn::USER], "userName": "ada"})
        );
        assert_eq!(merge_for_put(&current, &want, None), current);
    }

    #[test]
    fn a_patch_body_names_its_schema() {
        assert_eq!(
            patch_body(diff(Some(&json!({"active": true})), &json!({"active": false}))),
            json!({
                "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
                "Operations": [{"op": "replace", "path": "active", "value": false}],
            })
        );
    }
}
