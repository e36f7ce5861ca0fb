//! Bulk (RFC 7644 section 3.7): its bodies, and the order of operations that refer to one another.

use std::collections::HashMap;

use proptest::prelude::*;
use scim::{
    bulk::{Bulk, Done, Method, response},
    urn,
};
use serde_json::{Value, json};

use crate::{any_json, is_a_clients_fault};

const NAMES: &[&str] = &["a", "b", "c", "d", "ab", "é"];

fn references() -> impl Strategy<Value = Value> {
    (prop::sample::select(NAMES), 0..5_u8).prop_map(|(name, kind)| match kind {
        0 => json!({"members": [{"value": format!("bulkId:{name}")}]}),
        1 => json!({"$ref": format!("https://example.org/Users/bulkId:{name}")}),
        2 => json!({"Operations": [{"op": "remove", "path": format!("members[value eq \"bulkId:{name}\"]")}]}),
        3 => json!({"title": format!("no bulkId:{name} at its beginning")}),
        _ => json!({"userName": name}),
    })
}

fn operations() -> impl Strategy<Value = Value> {
    let methods = prop::sample::select(&["POST", "post", "PUT", "Patch", "DELETE", "GET", ""][..]);
    let paths = prop_oneof![
        prop::sample::select(&["/Users", "/Groups", "/Users/1", "/Users/bulkId:a", "/Groups/bulkId:b/x", "Users"][..])
            .prop_map(str::to_owned),
        ".{0,12}",
    ];
    let data = prop_oneof![3 => references(), 1 => any_json()];
    let names = prop::option::weighted(0.8, prop::sample::select(NAMES));
    let operation = (methods, paths, names, data).prop_map(
        |(method, path, bulk_id, data)| json!({"method": method, "path": path, "bulkId": bulk_id, "data": data}),
    );
    prop_oneof![9 => operation, 1 => any_json()]
}

fn bodies() -> impl Strategy<Value = Value> {
    let operations = prop::collection::vec(operations(), 0..12);
    let most = prop_oneof![4 => Just(Value::Null), 1 => any::<i8>().prop_map(Value::from), 1 => any_json()];
    let request = (operations, most).prop_map(
        |(operations, most)| json!({"schemas": [urn::BULK_REQUEST], "failOnErrors": most, "Operations": operations}),
    );
    prop_oneof![12 => request, 1 => any_json()]
}

#[test]
fn any_request_is_read_or_refused_and_ordered() {
    testkit::fuzz(&bodies(), |body| {
        let bulk = match Bulk::parse(&body) {
            Ok(bulk) => bulk,
            Err(error) => return is_a_clients_fault(&error),
        };
        let order = bulk.order();
        let mut places: Vec<usize> = order.iter().map(|(place, _)| *place).collect();
        let mut made: HashMap<String, String> = HashMap::new();
        for (place, error) in &order {
            let item = &bulk.items[*place];
            let operation = match (error, &item.operation) {
                (Some(error), _) | (None, Err(error)) => {
                    is_a_clients_fault(error)?;
                    continue;
                }
                (None, Ok(operation)) => operation,
            };
            match operation.resolved(&made) {
                Ok(resolved) => prop_assert_eq!(resolved.references(), Vec::<String>::new(), "{:?}", resolved),
                // Whoever made what it refers to could not be done.
                Err(error) => {
                    is_a_clients_fault(&error)?;
                    continue;
                }
            }
            if let (Method::Post, Some(name)) = (operation.method, &operation.bulk_id) {
                made.insert(name.clone(), format!("made-{place}"));
            }
        }
        places.sort_unstable();
        prop_assert_eq!(places, (0..bulk.items.len()).collect::<Vec<_>>(), "each is done once");
        let done = bulk.items.iter().map(|item| Done {
            method: item.method.clone(),
            bulk_id: item.bulk_id.clone(),
            location: None,
            version: None,
            status: 200,
            response: None,
        });
        let told = response(done);
        prop_assert_eq!(told["Operations"].as_array().map(Vec::len), Some(bulk.items.len()));
        Ok(())
    });
}

#[test]
fn bytes_that_are_no_json_are_no_request() {
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..200),
        (bodies(), any::<prop::sample::Index>(), any::<u8>()).prop_map(|(body, place, byte)| {
            let mut bytes = body.to_string().into_bytes();
            let place = place.index(bytes.len());
            bytes[place] = byte;
            bytes
        }),
    ];
    testkit::fuzz(&bytes, |bytes| {
        let Ok(body) = serde_json::from_slice::<Value>(&bytes) else { return Ok(()) };
        match Bulk::parse(&body) {
            Ok(bulk) => prop_assert_eq!(bulk.order().len(), bulk.items.len()),
            Err(error) => is_a_clients_fault(&error)?,
        }
        Ok(())
    });
}
