//! PATCH (RFC 7644 section 3.5.2): its paths, its bodies, and what it makes of a user and of a group.

use proptest::prelude::*;
use scim::{PatchPath, ScimType, group, patch, schema, urn, user};
use serde_json::{Value, json};

use crate::{any_json, is_a_clients_fault, mangled};

const PATHS: &[&str] = &[
    "userName",
    "USERNAME",
    "title",
    "active",
    "name",
    "name.givenName",
    "emails",
    "emails.value",
    "emails.primary",
    "emails[type eq \"work\"]",
    "emails[type eq \"work\"].value",
    "emails[value ew \"example.org\"].primary",
    "emails[not (type eq \"home\") and primary eq true].type",
    "phoneNumbers[type eq \"mobile\" and primary eq \"True\"].value",
    "addresses[type eq \"work\"].locality",
    "members",
    "members[value eq \"01957f7e-0000-7000-8000-000000000001\"]",
    "members[display sw \"a\"].display",
    "groups",
    "id",
    "schemas",
    "meta.created",
    "password",
    "shoeSize",
    urn::ENTERPRISE_USER,
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
];

fn paths() -> impl Strategy<Value = String> {
    let sound = prop::sample::select(PATHS).prop_map(str::to_owned);
    prop_oneof![8 => sound.clone(), 3 => mangled(sound), 1 => ".{0,60}"]
}

/// What fits some of the paths.
fn values() -> impl Strategy<Value = Value> {
    let mail = (".{0,6}", prop::option::of(prop::sample::select(&["work", "home"][..])), any::<Option<bool>>());
    let mail = mail.prop_map(|(value, kind, primary)| json!({"value": value, "type": kind, "primary": primary}));
    prop_oneof![
        prop::collection::vec(mail.clone(), 0..4).prop_map(Value::from),
        mail,
        "[a-z]{0,4}".prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        Just(json!({"givenName": "Ada", "middleName": null})),
        Just(Value::Null),
        any_json(),
    ]
}

fn operations() -> impl Strategy<Value = Value> {
    let names = prop::sample::select(&["add", "Replace", "REMOVE", "remove", "move"][..]);
    let operation = (names, prop::option::weighted(0.9, paths()), prop::option::weighted(0.9, values()));
    let operation = operation.prop_map(|(op, path, value)| {
        let mut operation = json!({"op": op});
        if let Some(path) = path {
            operation["path"] = path.into();
        }
        if let Some(value) = value {
            operation["value"] = value;
        }
        operation
    });
    prop::collection::vec(operation, 1..4).prop_map(Value::from)
}

fn body(operations: &Value) -> Value {
    json!({"schemas": [urn::PATCH_OP], "Operations": operations})
}

fn ada() -> Value {
    json!({
        "schemas": [urn::USER, urn::ENTERPRISE_USER],
        "id": "2819c223",
        "userName": "ada",
        "active": true,
        "title": "Countess",
        "name": {"givenName": "Ada", "familyName": "Lovelace"},
        "emails": [
            {"value": "ada@example.org", "type": "work", "primary": true},
            {"value": "home@example.org", "type": "home", "primary": false},
        ],
        urn::ENTERPRISE_USER: {"department": "Engines"},
        "meta": {"resourceType": "User", "created": "2026-03-12T09:00:00Z"},
    })
}

fn has_one_primary_at_most(user: &Value) -> bool {
    let lists = user.as_object().into_iter().flatten().filter_map(|(_, value)| value.as_array());
    lists.map(|list| list.iter().filter(|value| value["primary"] == true).count()).all(|count| count <= 1)
}

#[test]
fn any_path_is_read_or_refused_and_written_as_it_was_read() {
    testkit::fuzz(&paths(), |text| match text.parse::<PatchPath>() {
        Ok(path) => {
            prop_assert_eq!(path.to_string().parse::<PatchPath>(), Ok(path.clone()), "{}", path);
            Ok(())
        }
        Err(error) => {
            prop_assert!(matches!(error.scim_type, Some(ScimType::InvalidPath | ScimType::InvalidFilter)), "{error:?}");
            is_a_clients_fault(&error)
        }
    });
}

#[test]
fn any_patch_of_a_user_is_done_whole_or_refused_whole() {
    testkit::fuzz(&operations(), |list| {
        let operations = match patch::parse(&body(&list)) {
            Ok(operations) => operations,
            Err(error) => return is_a_clients_fault(&error),
        };
        let mut patched = ada();
        let changed = match patch::apply(&mut patched, &operations, schema::user()) {
            Ok(changed) => changed,
            Err(error) => {
                prop_assert_eq!(patched, ada());
                return is_a_clients_fault(&error);
            }
        };
        prop_assert_eq!(changed, patched != ada());
        prop_assert!(has_one_primary_at_most(&patched), "{}", patched);
        for fixed in ["id", "meta"] {
            prop_assert_eq!(&patched[fixed], &ada()[fixed]);
        }
        let named = |urn: &str| patched["schemas"].as_array().is_some_and(|listed| listed.contains(&urn.into()));
        prop_assert_eq!(named(urn::ENTERPRISE_USER), patched.get(urn::ENTERPRISE_USER).is_some());
        if let Err(error) = user::read_patched(&patched, schema::user()) {
            is_a_clients_fault(&error)?;
        }
        // An operation by itself says what shall be: once it is so, it changes nothing. What a filter chooses may be
        // another value the second time.
        if let [only] = &operations[..]
            && only.path.as_ref().is_some_and(|path| path.filter.is_none())
        {
            let before = patched.clone();
            prop_assert_eq!(patch::apply(&mut patched, std::slice::from_ref(only), schema::user()), Ok(false));
            prop_assert_eq!(patched, before);
        }
        Ok(())
    });
}

#[test]
fn any_patch_of_a_group_is_read_or_refused() {
    testkit::fuzz(&operations(), |list| {
        let operations = match patch::parse(&body(&list)) {
            Ok(operations) => operations,
            Err(error) => return is_a_clients_fault(&error),
        };
        let asked = match group::patch(operations) {
            Ok(asked) => asked,
            Err(error) => return is_a_clients_fault(&error),
        };
        let guides =
            json!({"schemas": [urn::GROUP], "id": "1", "displayName": "Guides", "meta": {"version": "W/\"1\""}});
        let mut patched = guides.clone();
        match patch::apply(&mut patched, &asked.attributes, schema::served_group()) {
            Ok(changed) => prop_assert_eq!(changed, patched != guides),
            Err(error) => {
                prop_assert_eq!(patched, guides);
                is_a_clients_fault(&error)?;
            }
        }
        Ok(())
    });
}

#[test]
fn any_body_is_read_or_refused() {
    testkit::fuzz(&any_json(), |body| {
        let outcomes = [
            patch::parse(&body).map(drop),
            user::read(&body).map(drop),
            user::read_patched(&body, schema::user()).map(drop),
            group::read(&body).map(drop),
        ];
        outcomes.iter().filter_map(|outcome| outcome.as_ref().err()).try_for_each(is_a_clients_fault)
    });
}
