//! Random input, for as long as there is time: nothing panics, whatever is wrong is a SCIM error, and what was read is
//! written so that it is read again.
//!
//! `cargo xtask test --only fuzz --fuzz-seconds 60` tries each for longer; it runs whatever has `fuzz` in its name.

mod fuzz_bulk;
mod fuzz_filter;
mod fuzz_patch;

use proptest::prelude::*;
use scim::{ScimError, urn};
use serde_json::{Value, json};

/// An error as a client may get it.
fn is_a_clients_fault(error: &ScimError) -> Result<(), TestCaseError> {
    prop_assert!((400..500).contains(&error.status), "{error:?}");
    prop_assert!(error.scim_type.is_some() || matches!(error.status, 404 | 409 | 412 | 413), "{error:?}");
    prop_assert!(error.detail.ends_with('.') && error.detail.chars().count() < 1_000, "{error:?}");
    let body = error.to_value();
    prop_assert_eq!(&body["schemas"], &json!([urn::ERROR]));
    prop_assert_eq!(&body["status"], &json!(error.status.to_string()));
    Ok(())
}

/// A text with a few characters taken out, doubled or put in.
fn mangled(text: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..4_u8, any::<char>());
    (text, prop::collection::vec(edit, 0..4)).prop_map(|(text, edits)| {
        let mut chars: Vec<char> = text.chars().collect();
        for (place, kind, other) in edits {
            let place = place.index(chars.len() + 1);
            match kind {
                0 if place < chars.len() => drop(chars.remove(place)),
                1 if place < chars.len() => chars.insert(place, chars[place]),
                2 => chars.truncate(place),
                _ => chars.insert(place, other),
            }
        }
        chars.into_iter().collect()
    })
}

/// Documents whose keys and texts are those that mean something, among others.
fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        prop::sample::select(TEXTS).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 40, 6, |inner| {
        let key = prop_oneof![6 => prop::sample::select(KEYS).prop_map(str::to_owned), 1 => ".{0,8}"];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            prop::collection::vec((key, inner), 0..6).prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

const TEXTS: &[&str] = &[
    "True",
    "false",
    "work",
    "bulkId:a",
    "bulkId:",
    "/Users",
    "/Users/bulkId:a",
    "2026-03-12T09:00:00Z",
    "01957f7e-0000-7000-8000-000000000001",
    urn::USER,
    urn::GROUP,
    urn::ENTERPRISE_USER,
];

const KEYS: &[&str] = &[
    "schemas",
    "id",
    "userName",
    "USERNAME",
    "displayName",
    "active",
    "name",
    "givenName",
    "name.givenName",
    "emails",
    "emails[type eq \"work\"].value",
    "value",
    "type",
    "primary",
    "$ref",
    "members",
    "members[value eq \"a\"]",
    "groups",
    "meta",
    "password",
    "manager",
    "path",
    "op",
    "method",
    "bulkId",
    "data",
    "Operations",
    urn::ENTERPRISE_USER,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
];
