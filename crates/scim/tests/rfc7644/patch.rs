//! Section 3.5.2.

use scim::{ScimType, patch, schema};
use serde_json::{Value, json};

const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

fn group() -> Value {
    json!({
        "schemas": [GROUP],
        "id": "acbf3ae7-8463-4692-b4fd-9b4da3f908ce",
        "displayName": "Tour Guides",
        "members": [
            {
                "value": "2819c223-7f76-453a-919d-413861904646",
                "$ref": "https://example.com/v2/Users/2819c223-7f76-453a-919d-413861904646",
                "display": "Babs Jensen",
            },
            {
                "value": "902c246b-6245-4190-8e05-00816be7344a",
                "$ref": "https://example.com/v2/Users/902c246b-6245-4190-8e05-00816be7344a",
                "display": "Mandy Pepperidge",
            },
        ],
    })
}

fn user() -> Value {
    json!({
        "schemas": [USER],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "bjensen",
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"},
        ],
        "addresses": [
            {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood"},
            {"type": "home", "streetAddress": "456 Hollywood Blvd"},
        ],
        "meta": {"resourceType": "User"},
    })
}

/// Applies the operations as an HTTP body gives them, and tells whether the resource changed.
fn apply(resource: &mut Value, operations: &Value) -> Result<bool, scim::ScimError> {
    let body = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": operations});
    let schema = if resource["schemas"][0] == GROUP { schema::group() } else { schema::user() };
    patch::apply(resource, &patch::parse(&body)?, schema)
}

fn patched(mut resource: Value, operations: &Value) -> Value {
    assert!(apply(&mut resource, operations).expect("a PATCH of the RFC is applied"), "{operations}");
    resource
}

fn members(group: &Value) -> Vec<&str> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    members.iter().filter_map(|member| member["display"].as_str()).collect()
}

#[test]
fn add_a_member_to_a_group() {
    let operations = json!([{
        "op": "add",
        "path": "members",
        "value": [{
            "display": "James Smith",
            "$ref": "https://example.com/v2/Users/08e1d05d-121c-4561-8b96-473d93df9210",
            "value": "08e1d05d-121c-4561-8b96-473d93df9210",
        }],
    }]);
    let mut group = patched(group(), &operations);
    assert_eq!(members(&group), ["Babs Jensen", "Mandy Pepperidge", "James Smith"]);
    assert_eq!(apply(&mut group, &operations), Ok(false), "a member is added once");
}

#[test]
fn add_attributes_without_a_path() {
    let user = patched(
        user(),
        &json!([{
            "op": "add",
            "value": {
                "emails": [{"value": "babs@jensen.example", "type": "other"}],
                "nickname": "Babs",
            },
        }]),
    );
    assert_eq!(user["nickName"], "Babs");
    assert_eq!(user["emails"][2], json!({"value": "babs@jensen.example", "type": "other"}));
}

#[test]
fn a_new_primary_value_takes_it_from_the_old_one() {
    let user = patched(
        user(),
        &json!([{"op": "add", "path": "emails", "value": [{"value": "b@example.com", "primary": true}]}]),
    );
    assert_eq!(user["emails"][0]["primary"], false);
    assert_eq!(user["emails"][2]["primary"], true);
}

#[test]
fn remove_a_member_by_filter() {
    let operations = json!([{"op": "remove", "path": "members[value eq \"2819c223-7f76-453a-919d-413861904646\"]"}]);
    assert_eq!(members(&patched(group(), &operations)), ["Mandy Pepperidge"]);
}

#[test]
fn remove_all_members() {
    assert_eq!(patched(group(), &json!([{"op": "remove", "path": "members"}])).get("members"), None);
}

#[test]
fn remove_a_value_from_a_complex_attribute() {
    let operations = json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]);
    assert_eq!(patched(user(), &operations)["emails"], json!([{"value": "babs@jensen.org", "type": "home"}]));
}

#[test]
fn remove_one_member_and_add_another() {
    let group = patched(
        group(),
        &json!([
            {"op": "remove", "path": "members[value eq \"2819c223-7f76-453a-919d-413861904646\"]"},
            {
                "op": "add",
                "path": "members",
                "value": [{
                    "display": "James Smith",
                    "$ref": "https://example.com/v2/Users/08e1d05d-121c-4561-8b96-473d93df9210",
                    "value": "08e1d05d-121c-4561-8b96-473d93df9210",
                }],
            },
        ]),
    );
    assert_eq!(members(&group), ["Mandy Pepperidge", "James Smith"]);
}

#[test]
fn replace_all_members() {
    let group = patched(
        group(),
        &json!([{
            "op": "replace",
            "path": "members",
            "value": [
                {"display": "Babs Jensen", "value": "2819c223-7f76-453a-919d-413861904646"},
                {"display": "James Smith", "value": "08e1d05d-121c-4561-8b96-473d93df9210"},
            ],
        }]),
    );
    assert_eq!(members(&group), ["Babs Jensen", "James Smith"]);
}

#[test]
fn replace_a_whole_work_address() {
    let address = json!({
        "type": "work",
        "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood",
        "region": "CA",
        "postalCode": "91608",
        "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": true,
    });
    let user = patched(user(), &json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": address}]));
    assert_eq!(user["addresses"], json!([address, {"type": "home", "streetAddress": "456 Hollywood Blvd"}]));
}

#[test]
fn replace_the_street_of_the_work_address() {
    let user = patched(
        user(),
        &json!([{
            "op": "replace",
            "path": "addresses[type eq \"work\"].streetAddress",
            "value": "1010 Broadway Ave",
        }]),
    );
    assert_eq!(
        user["addresses"][0],
        json!({"type": "work", "streetAddress": "1010 Broadway Ave", "locality": "Hollywood"})
    );
    assert_eq!(user["addresses"][1]["streetAddress"], "456 Hollywood Blvd");
}

#[test]
fn replace_attributes_without_a_path() {
    let user = patched(
        user(),
        &json!([{
            "op": "replace",
            "value": {
                "emails": [
                    {"value": "bjensen@example.com", "type": "work", "primary": true},
                    {"value": "babs@jensen.org", "type": "home", "display": "Babs"},
                ],
                "nickname": "Babs",
            },
        }]),
    );
    assert_eq!(user["nickName"], "Babs");
    assert_eq!(user["emails"][1], json!({"value": "babs@jensen.org", "type": "home", "display": "Babs"}));
}

#[test]
fn the_errors_of_the_section_have_their_keywords() {
    for (operation, kind) in [
        (json!({"op": "remove"}), ScimType::NoTarget),
        (json!({"op": "replace", "path": "addresses[type eq \"other\"]", "value": {}}), ScimType::NoTarget),
        (json!({"op": "replace", "path": "id", "value": "1"}), ScimType::Mutability),
        (json!({"op": "remove", "path": "userName"}), ScimType::Mutability),
        (json!({"op": "replace", "path": "no such", "value": 1}), ScimType::InvalidPath),
    ] {
        let mut resource = user();
        let error = apply(&mut resource, &json!([operation])).expect_err("a wrong PATCH is refused");
        assert_eq!((error.status, error.scim_type), (400, Some(kind)), "{operation}");
        assert_eq!(resource, user(), "a refused PATCH changes nothing");
    }
}
