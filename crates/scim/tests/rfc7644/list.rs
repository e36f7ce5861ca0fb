//! Sections 3.4.2 and 3.4.3, with the cursors of RFC 9865.

use scim::{
    cursor::{Cursor, Place},
    list::{CursorResponse, ListResponse, Query},
    projection::Projection,
    schema,
};
use serde_json::{Value, json};

fn query(parameters: &[(&str, &str)]) -> Query {
    Query::from_parameters(parameters.iter().copied()).expect("a query of the RFC is read")
}

#[test]
fn the_list_response_of_section_3_4_2_is_written() {
    let resources = vec![
        json!({"id": "2819c223-7f76-413861904646", "userName": "jsmith"}),
        json!({"id": "c8596b90-7539-4f20968d1908", "displayName": "Smith Family"}),
    ];
    assert_eq!(
        ListResponse::whole(resources).into_value(),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 2, "startIndex": 1, "itemsPerPage": 2,
            "Resources": [
                {"id": "2819c223-7f76-413861904646", "userName": "jsmith"},
                {"id": "c8596b90-7539-4f20968d1908", "displayName": "Smith Family"},
            ],
        })
    );
}

#[test]
fn a_query_for_some_attributes_in_an_order() {
    // GET ?filter=title pr and userType eq "Employee"&sortBy=title&sortOrder=ascending&attributes=title,username
    let query = query(&[
        ("filter", "title pr and userType eq \"Employee\""),
        ("sortBy", "title"),
        ("sortOrder", "ascending"),
        ("attributes", "title,username"),
    ]);
    let sort = query.sort.expect("an order");
    sort.check(schema::user()).expect("titles have an order");
    assert!(!sort.descending);
    assert!(query.projection.asks_for("userName"));
}

#[test]
fn a_page_by_index_is_clamped_as_table_6_says() {
    let page = query(&[("startIndex", "0"), ("count", "-1")]).page;
    assert_eq!((page.start_index, page.count), (1, Some(0)));
    let page = query(&[("startIndex", "1"), ("count", "10")]).page;
    assert_eq!((page.offset(), page.limit(100, 200)), (0, 10));
}

#[test]
fn the_attributes_of_section_3_9_are_returned() {
    let user = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "userName": "bjensen",
        "displayName": "Babs Jensen",
        "meta": {"resourceType": "User"},
    });
    let part = |attributes, excluded| {
        Projection::parse(attributes, excluded).expect("names").apply(user.clone(), schema::user())
    };
    let without = |names: &[&str]| {
        let mut user = user.clone();
        user.as_object_mut().expect("an object").retain(|name, _| !names.contains(&name.as_str()));
        user
    };
    assert_eq!(part(Some("userName"), None), without(&["displayName", "meta"]));
    assert_eq!(part(None, Some("meta,id")), without(&["meta"]), "what is always returned cannot be excluded");
}

#[test]
fn the_pages_of_rfc_9865_are_asked_for_and_told() {
    let first = query(&[("cursor", ""), ("count", "10")]);
    assert_eq!(first.cursor_of("/Users"), Ok(Some(Cursor::First)));
    let next = Cursor::After(Place { key: None, id: "1".to_owned() }).write(first.digest("/Users"));
    let page = CursorResponse {
        total_results: Some(5000),
        resources: vec![json!({"id": "1"})],
        next: Some(next.clone()),
        previous: Some("ze7L30kMiiLX6x".to_owned()),
    };
    let body: Value = page.into_value();
    assert_eq!(
        body,
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
            "totalResults": 5000, "itemsPerPage": 1, "Resources": [{"id": "1"}],
            "nextCursor": next, "previousCursor": "ze7L30kMiiLX6x",
        })
    );
    assert!(query(&[("cursor", &next), ("count", "10")]).cursor_of("/Users").is_ok());
}
