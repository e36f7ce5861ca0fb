//! Section 3.7.

use std::collections::HashMap;

use scim::bulk::{Bulk, Done, Method, response};
use serde_json::{Value, json};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const BULK_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:BulkResponse";
const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn bulk(body: &Value) -> Bulk {
    Bulk::parse(body).expect("a bulk request of the RFC is read")
}

fn places(bulk: &Bulk) -> Vec<usize> {
    let order = bulk.order();
    assert!(order.iter().all(|(_, error)| error.is_none()), "{order:?}");
    order.into_iter().map(|(place, _)| place).collect()
}

#[test]
fn two_groups_that_contain_one_another_are_a_conflict() {
    // Section 3.7.1 leaves it to the service: it "MAY stop after a failed attempt and instead return 409".
    let bulk = bulk(&json!({
        "schemas": [BULK_REQUEST],
        "Operations": [
            {"method": "POST", "path": "/Groups", "bulkId": "qwerty", "data": {
                "schemas": [GROUP], "displayName": "Group A",
                "members": [{"type": "Group", "value": "bulkId:ytrewq"}],
            }},
            {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": [GROUP], "displayName": "Group B",
                "members": [{"type": "Group", "value": "bulkId:qwerty"}],
            }},
        ],
    }));
    for (_, error) in bulk.order() {
        assert_eq!(error.expect("it cannot be done").status, 409);
    }
}

#[test]
fn a_user_is_made_and_put_into_a_group_by_its_bulk_id() {
    let bulk = bulk(&json!({
        "schemas": [BULK_REQUEST],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [USER], "userName": "Alice"}},
            {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": [GROUP], "displayName": "Tour Guides",
                "members": [{"type": "User", "value": "bulkId:qwerty"}],
            }},
        ],
    }));
    assert_eq!(places(&bulk), [0, 1]);
    let group = bulk.items[1].operation.as_ref().expect("it is well formed");
    let made = HashMap::from([("qwerty".to_owned(), "92b725cd-9465-4e7d-8c16-01f8e146b87a".to_owned())]);
    let resolved = group.resolved(&made).expect("the user was made");
    assert_eq!(resolved.data["members"][0]["value"], "92b725cd-9465-4e7d-8c16-01f8e146b87a");
}

#[test]
fn a_manager_is_named_by_its_bulk_id() {
    let bulk = bulk(&json!({
        "schemas": [BULK_REQUEST],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {
                "schemas": [USER, ENTERPRISE],
                "userName": "Alice",
                ENTERPRISE: {"employeeNumber": "11250", "manager": {"value": "bulkId:ytrewq"}},
            }},
            {"method": "POST", "path": "/Users", "bulkId": "ytrewq", "data": {"schemas": [USER], "userName": "Bob"}},
        ],
    }));
    assert_eq!(places(&bulk), [1, 0], "a forward reference");
    let alice = bulk.items[0].operation.as_ref().expect("it is well formed");
    let made = HashMap::from([("ytrewq".to_owned(), "b7c14771".to_owned())]);
    assert_eq!(alice.resolved(&made).expect("Bob was made").data[ENTERPRISE]["manager"]["value"], "b7c14771");
}

#[test]
fn the_bulk_request_of_section_3_7_3_is_read() {
    let bulk = bulk(&json!({
        "schemas": [BULK_REQUEST],
        "failOnErrors": 1,
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [USER], "userName": "Alice"}},
            {"method": "PUT", "path": "/Users/b7c14771-226c-4d05-8860-134711653041", "version": "W/\"3694e05e9dff591\"",
             "data": {"schemas": [USER], "id": "b7c14771-226c-4d05-8860-134711653041", "userName": "Bob"}},
            {"method": "PATCH", "path": "/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc", "version": "W/\"edac3253e2c0ef2\"",
             "data": {"Operations": [
                {"op": "remove", "path": "nickName"},
                {"op": "replace", "path": "userName", "value": "Dave"},
            ]}},
            {"method": "DELETE", "path": "/Users/e9025315-6bea-44e1-899c-1e07454e468b", "version": "W/\"0ee8add0a938e1a\""},
        ],
    }));
    assert_eq!(bulk.fail_on_errors, Some(1));
    let operations: Vec<_> = bulk.items.iter().map(|item| item.operation.as_ref().expect("well formed")).collect();
    let methods: Vec<Method> = operations.iter().map(|operation| operation.method).collect();
    assert_eq!(methods, Method::ALL);
    assert!(operations.iter().all(|operation| operation.endpoint == "/Users"));
    assert_eq!(operations[3].id.as_deref(), Some("e9025315-6bea-44e1-899c-1e07454e468b"));
    assert_eq!(operations[1].version.as_deref(), Some("W/\"3694e05e9dff591\""));
}

#[test]
fn the_bulk_response_of_section_3_7_3_is_written() {
    let done = |method: &str, bulk_id: Option<&str>, location: Option<&str>, status: u16| Done {
        method: method.to_owned(),
        bulk_id: bulk_id.map(str::to_owned),
        location: location.map(str::to_owned),
        version: None,
        status,
        response: None,
    };
    let alice = "https://example.com/v2/Users/92b725cd-9465-4e7d-8c16-01f8e146b87a";
    let dave = "https://example.com/v2/Users/5d8d29d3-342c-4b5f-8683-a3cb6763ffcc";
    let failed = Done {
        response: Some(json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
            "scimType": "invalidSyntax",
            "detail": "Request is unparsable, syntactically incorrect, or violates schema.",
            "status": "400",
        })),
        ..done("POST", Some("qwerty"), None, 400)
    };
    let gone = Done { version: Some("W/\"huJj29dMNgu3WXPD\"".to_owned()), ..done("PATCH", None, Some(dave), 200) };
    assert_eq!(
        response([done("POST", Some("qwerty"), Some(alice), 201), failed, gone, done("DELETE", None, None, 204)]),
        json!({
            "schemas": [BULK_RESPONSE],
            "Operations": [
                {"location": alice, "method": "POST", "bulkId": "qwerty", "status": "201"},
                {"method": "POST", "bulkId": "qwerty", "status": "400", "response": {
                    "schemas": ["urn:ietf:params:scim:api:messages:2.0:Error"],
                    "scimType": "invalidSyntax",
                    "detail": "Request is unparsable, syntactically incorrect, or violates schema.",
                    "status": "400",
                }},
                {"location": dave, "method": "PATCH", "version": "W/\"huJj29dMNgu3WXPD\"", "status": "200"},
                {"method": "DELETE", "status": "204"},
            ],
        })
    );
}
