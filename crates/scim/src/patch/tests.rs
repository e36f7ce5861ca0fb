use proptest::prelude::*;
use serde_json::json;

use super::*;
use crate::{ScimType, schema, urn};

const ENTERPRISE: &str = urn::ENTERPRISE_USER;

fn ada() -> Value {
    json!({
        "schemas": [urn::USER],
        "id": "2819c223",
        "userName": "ada",
        "active": true,
        "title": "Countess",
        "name": {"givenName": "Ada", "familyName": "Lovelace", "middleName": "King"},
        "emails": [
            {"value": "ada@example.org", "type": "work", "primary": true},
            {"value": "home@example.org", "type": "home"},
        ],
        "meta": {"resourceType": "User"},
    })
}

fn operations(operations: &Value) -> Vec<Operation> {
    parse(&json!({"schemas": [urn::PATCH_OP], "Operations": operations})).unwrap()
}

/// The user after the operations.
fn patched(list: &Value) -> Value {
    let mut user = ada();
    apply(&mut user, &operations(list), schema::user()).unwrap();
    user
}

/// The error, when nothing has changed.
fn refused(list: &Value) -> ScimError {
    let mut user = ada();
    let error = apply(&mut user, &operations(list), schema::user()).unwrap_err();
    assert_eq!(user, ada());
    error
}

fn unchanged(list: &Value) {
    let mut user = ada();
    assert!(!apply(&mut user, &operations(list), schema::user()).unwrap(), "{list}");
    assert_eq!(user, ada());
}

#[test]
fn single_attributes_are_set_replaced_and_removed() {
    let user = patched(&json!([
        {"op": "Add", "path": "nickName", "value": "Adalove"},
        {"op": "replace", "path": "urn:ietf:params:scim:schemas:core:2.0:User:TITLE", "value": "Lady"},
        {"op": "replace", "path": "active", "value": "False"},
        {"op": "remove", "path": "name.middleName"},
        {"op": "replace", "path": "name.givenName", "value": "Augusta"},
    ]));
    assert_eq!(
        (&user["nickName"], &user["title"], &user["active"]),
        (&json!("Adalove"), &json!("Lady"), &json!(false))
    );
    assert_eq!(user["name"], json!({"givenName": "Augusta", "familyName": "Lovelace"}));
}

#[test]
fn a_complex_value_is_merged_and_null_clears() {
    let user = patched(&json!([{"op": "replace", "path": "name", "value": {"givenName": "A", "middleName": null}}]));
    assert_eq!(user["name"], json!({"givenName": "A", "familyName": "Lovelace"}));
    assert_eq!(patched(&json!([{"op": "replace", "path": "name", "value": null}])).get("name"), None);
    assert_eq!(patched(&json!([{"op": "replace", "path": "title", "value": null}])).get("title"), None);
    assert_eq!(patched(&json!([{"op": "replace", "path": "emails", "value": []}])).get("emails"), None);
}

#[test]
fn an_operation_without_path_holds_attributes_in_every_spelling() {
    let user = patched(&json!([{"op": "replace", "value": {
        "schemas": [urn::USER, ENTERPRISE],
        "DisplayName": "Ada L.",
        "name.givenName": "Augusta",
        "emails[type eq \"home\"].value": "new@example.org",
        "phoneNumbers[type eq \"mobile\"].value": "+1",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department": "Engines",
        ENTERPRISE: {"costCenter": "7", "manager.value": "26118915", "shoeSize": 41},
        "shoeSize": 41,
        "id": "2819c223",
    }}]));
    assert_eq!(user["displayName"], "Ada L.");
    assert_eq!(user["name"]["givenName"], "Augusta");
    assert_eq!(user["emails"][1], json!({"value": "new@example.org", "type": "home"}));
    assert_eq!(user["phoneNumbers"], json!([{"value": "+1", "type": "mobile"}]));
    assert_eq!(user[ENTERPRISE], json!({"department": "Engines", "costCenter": "7", "manager": {"value": "26118915"}}));
    assert_eq!(user["schemas"], json!([urn::USER, ENTERPRISE]));
    assert_eq!(user.get("shoeSize"), None);
}

#[test]
fn without_a_path_the_urn_of_the_core_schema_holds_its_attributes() {
    let user = patched(&json!([
        {"op": "replace", "value": {
            "urn:ietf:params:scim:schemas:core:2.0:user": {
                "title": "Lady",
                "name": {"givenName": "Augusta", "middleName": null},
                "name.familyName": "King",
                "emails[type eq \"home\"].value": "new@example.org",
                "department": "Engines",
                "shoeSize": 41,
                "id": "2819c223",
            },
            ENTERPRISE: {"costCenter": "7"},
        }},
        {"op": "add", "value": {urn::USER: {"nickName": "Adalove", "active": "False"}}},
    ]));
    let told = json!([user["title"], user["nickName"], user["active"], user["emails"][1]["value"]]);
    assert_eq!(told, json!(["Lady", "Adalove", false, "new@example.org"]));
    assert_eq!(user["name"], json!({"givenName": "Augusta", "familyName": "King"}));
    assert_eq!(user[ENTERPRISE], json!({"costCenter": "7"}), "no attribute of the core is one of an extension");
    assert_eq!(user.get("shoeSize"), None);
    assert_eq!(user.get(urn::USER), None);
    for value in [json!("Lady"), json!([]), json!(null)] {
        let error = refused(&json!([{"op": "replace", "value": {urn::USER: value}}]));
        assert_eq!(error.scim_type, Some(ScimType::InvalidValue));
    }
    let error = refused(&json!([{"op": "replace", "value": {urn::USER: {"title": "Lady", "userName": null}}}]));
    assert_eq!(error.scim_type, Some(ScimType::Mutability));
    unchanged(&json!([{"op": "add", "value": {urn::USER: {}}}]));
}

#[test]
fn an_extension_comes_and_goes_with_its_urn() {
    let department = format!("{ENTERPRISE}:department");
    let mut user = ada();
    let add = operations(&json!([{"op": "add", "path": department, "value": "Engines"}]));
    assert!(apply(&mut user, &add, schema::user()).unwrap());
    assert_eq!(user["schemas"], json!([urn::USER, ENTERPRISE]));
    for removal in [
        json!([{"op": "remove", "path": department}]),
        json!([{"op": "remove", "path": ENTERPRISE}]),
        json!([{"op": "replace", "path": ENTERPRISE, "value": null}]),
    ] {
        let mut user = user.clone();
        assert!(apply(&mut user, &operations(&removal), schema::user()).unwrap());
        assert_eq!(user, ada());
    }
    let whole = patched(&json!([{"op": "add", "path": ENTERPRISE, "value": {"department": "Engines"}}]));
    assert_eq!(whole, user);
}

#[test]
fn a_manager_may_be_a_plain_string_or_a_list_of_one() {
    let manager = format!("{ENTERPRISE}:manager");
    let list = json!([{"$ref": "https://example.org/Users/26118915", "value": "26118915"}]);
    for (value, told) in [(json!("26118915"), json!({"value": "26118915"})), (list.clone(), list[0].clone())] {
        let user = patched(&json!([{"op": "Add", "path": manager, "value": value}]));
        assert_eq!(user[ENTERPRISE]["manager"], told);
    }
}

#[test]
fn values_are_added_once() {
    unchanged(&json!([{"op": "add", "path": "emails", "value": [{"value": "ADA@example.org", "type": "work"}]}]));
    unchanged(&json!([{"op": "add", "path": "emails", "value": "home@example.org"}]));
    let user = patched(&json!([{"op": "add", "path": "emails", "value": [
        {"value": "home@example.org", "type": "home", "display": "At home"},
        {"value": "third@example.org"},
        {"value": "third@example.org"},
    ]}]));
    assert_eq!(
        user["emails"],
        json!([
            {"value": "ada@example.org", "type": "work", "primary": true},
            {"value": "home@example.org", "type": "home", "display": "At home"},
            {"value": "third@example.org"},
        ])
    );
}

#[test]
fn who_becomes_primary_takes_it_from_the_others() {
    for operation in [
        json!({"op": "add", "path": "emails", "value": [{"value": "home@example.org", "type": "home", "primary": true}]}),
        json!({"op": "replace", "path": "emails[type eq \"home\"].primary", "value": "True"}),
        json!({"op": "add", "path": "emails[type eq \"home\"]", "value": {"primary": true}}),
    ] {
        let user = patched(&json!([operation]));
        assert_eq!(user["emails"][0]["primary"], false, "{operation}");
        assert_eq!(user["emails"][1]["primary"], true, "{operation}");
    }
    let two = json!([{"value": "a", "primary": true}, {"value": "b", "primary": true}]);
    assert_eq!(
        refused(&json!([{"op": "replace", "path": "emails", "value": two}])).scim_type,
        Some(ScimType::InvalidValue)
    );
}

#[test]
fn a_filter_chooses_values() {
    let user = patched(&json!([
        {"op": "replace", "path": "emails[type eq \"work\"]", "value": {"value": "w@example.org", "type": "work"}},
        {"op": "replace", "path": "emails[type eq \"home\"]", "value": "h@example.org"},
    ]));
    assert_eq!(
        user["emails"],
        json!([{"value": "w@example.org", "type": "work"}, {"value": "h@example.org", "type": "home"}])
    );
    let user = patched(&json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \".org\"]"}]));
    assert_eq!(user["emails"], json!([{"value": "home@example.org", "type": "home"}]));
    let user = patched(&json!([{"op": "remove", "path": "emails[type eq \"work\"].primary"}]));
    assert_eq!(user["emails"][0], json!({"value": "ada@example.org", "type": "work"}));
    assert_eq!(patched(&json!([{"op": "remove", "path": "emails[value pr]"}])).get("emails"), None);
}

#[test]
fn a_filter_that_chooses_nothing_makes_a_value_fails_or_does_nothing() {
    let user = patched(&json!([
        {"op": "add", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1"},
        {"op": "add", "path": "addresses[type eq \"work\" and primary eq true]", "value": {"country": "GB"}},
    ]));
    assert_eq!(user["phoneNumbers"], json!([{"type": "mobile", "value": "+1"}]));
    assert_eq!(user["addresses"], json!([{"type": "work", "primary": true, "country": "GB"}]));
    let replace = json!([{"op": "replace", "path": "phoneNumbers[type eq \"mobile\"].value", "value": "+1"}]);
    assert_eq!(refused(&replace).scim_type, Some(ScimType::NoTarget));
    let vague = json!([{"op": "add", "path": "emails[type ne \"work\" and type ne \"home\"].value", "value": "x"}]);
    assert_eq!(refused(&vague).scim_type, Some(ScimType::NoTarget));
    unchanged(&json!([{"op": "remove", "path": "phoneNumbers[type eq \"mobile\"]"}]));
}

#[test]
fn a_list_of_values_is_removed() {
    let user = patched(&json!([{"op": "Remove", "path": "emails", "value": [{"value": "HOME@example.org"}]}]));
    assert_eq!(user["emails"], json!([{"value": "ada@example.org", "type": "work", "primary": true}]));
    unchanged(&json!([{"op": "remove", "path": "emails", "value": [{"value": "ada@example.org", "type": "home"}]}]));
    unchanged(&json!([{"op": "remove", "path": "emails", "value": []}]));
    assert_eq!(patched(&json!([{"op": "remove", "path": "emails"}])).get("emails"), None);
}

#[test]
fn what_cannot_be_changed_is_refused() {
    for operation in [
        json!({"op": "replace", "path": "id", "value": "7"}),
        json!({"op": "remove", "path": "id"}),
        json!({"op": "replace", "path": "meta.resourceType", "value": "Robot"}),
        json!({"op": "add", "path": "groups", "value": [{"value": "7"}]}),
        json!({"op": "remove", "path": "userName"}),
        json!({"op": "replace", "value": {"userName": null}}),
    ] {
        assert_eq!(refused(&json!([operation])).scim_type, Some(ScimType::Mutability), "{operation}");
    }
    unchanged(&json!([{"op": "replace", "value": {"id": "2819c223", "groups": [], "meta": {"resourceType": "User"}}}]));
}

#[test]
fn a_members_id_is_fixed() {
    let mut group = json!({"schemas": [urn::GROUP], "displayName": "All", "members": [{"value": "1", "display": "A"}]});
    let rename = operations(&json!([{"op": "replace", "path": "members[value eq \"1\"].display", "value": "B"}]));
    assert!(apply(&mut group, &rename, schema::group()).unwrap());
    assert_eq!(group["members"], json!([{"value": "1", "display": "B"}]));
    let swap = operations(&json!([{"op": "replace", "path": "members[value eq \"1\"].value", "value": "2"}]));
    assert_eq!(apply(&mut group, &swap, schema::group()).unwrap_err().scim_type, Some(ScimType::Mutability));
    let remove = operations(&json!([{"op": "Remove", "path": "members", "value": [{"value": "1", "$ref": null}]}]));
    assert!(apply(&mut group, &remove, schema::group()).unwrap());
    assert_eq!(group, json!({"schemas": [urn::GROUP], "displayName": "All"}));
}

#[test]
fn bad_operations_are_refused_by_kind() {
    for (operation, kind) in [
        (json!({"op": "replace", "path": "shoeSize", "value": 41}), ScimType::InvalidPath),
        (json!({"op": "replace", "path": "name.shoeSize", "value": 41}), ScimType::InvalidPath),
        (json!({"op": "replace", "path": "name[givenName eq \"Ada\"]", "value": {}}), ScimType::InvalidPath),
        (json!({"op": "remove"}), ScimType::NoTarget),
        (json!({"op": "remove", "path": "emails[size gt 3]"}), ScimType::InvalidFilter),
        (json!({"op": "add", "value": "x"}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "title", "value": 7}), ScimType::InvalidValue),
        (json!({"op": "replace", "path": "active", "value": "maybe"}), ScimType::InvalidValue),
        (json!({"op": "add", "path": "schemas", "value": ["urn:example:Robot"]}), ScimType::InvalidValue),
        (json!({"op": "add", "path": ENTERPRISE, "value": "x"}), ScimType::InvalidValue),
    ] {
        assert_eq!(refused(&json!([operation])).scim_type, Some(kind), "{operation}");
    }
}

#[test]
fn an_error_late_in_the_list_undoes_what_came_before() {
    refused(&json!([{"op": "remove", "path": "title"}, {"op": "remove", "path": "userName"}]));
}

#[test]
fn a_change_back_and_forth_is_none() {
    unchanged(&json!([
        {"op": "remove", "path": "title"},
        {"op": "add", "path": "title", "value": "Countess"},
        {"op": "add", "path": "schemas", "value": [ENTERPRISE]},
    ]));
}

fn any_json() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "[a-z]{0,4}|true|False".prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = proptest::sample::select(
            &[
                "userName",
                "NAME",
                "emails",
                "value",
                "type",
                "primary",
                "givenName",
                "id",
                "schemas",
                "x",
                ENTERPRISE,
                "manager",
                "meta",
                "name.givenName",
                "emails[type eq \"a\"].value",
                "active",
            ][..],
        );
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::vec((key.prop_map(str::to_owned), inner), 0..5)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn any_path() -> impl Strategy<Value = String> {
    let known = proptest::sample::select(
        &[
            "userName",
            "name",
            "name.givenName",
            "emails",
            "emails.value",
            "emails[type eq \"a\"]",
            "x",
            ENTERPRISE,
            "emails[value pr].primary",
            "emails[not (type eq \"a\")].type",
            "meta.created",
            "schemas",
            "active",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
        ][..],
    );
    prop_oneof![8 => known.prop_map(str::to_owned), 1 => ".{0,20}"]
}

proptest! {
    #[test]
    fn any_patch_of_any_document_is_applied_whole_or_refused(
        mut resource in any_json(),
        list in proptest::collection::vec(
            (proptest::sample::select(&["add", "Replace", "remove"][..]), proptest::option::of(any_path()), any_json()),
            1..5,
        ),
    ) {
        let list: Vec<Value> = list
            .into_iter()
            .map(|(op, path, value)| json!({"op": op, "path": path, "value": value}))
            .collect();
        let before = resource.clone();
        if let Ok(operations) = parse(&json!({"schemas": [urn::PATCH_OP], "Operations": list})) {
            let changed = apply(&mut resource, &operations, schema::user()).unwrap_or(false);
            prop_assert_eq!(changed, resource != before);
        }
    }

    #[test]
    fn any_body_is_read_or_refused(body in any_json()) {
        let _ = parse(&body);
        let _ = crate::user::read(&body);
        let _ = crate::list::Query::from_search(&body);
    }
}
