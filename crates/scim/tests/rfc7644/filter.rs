//! Sections 3.4.2.2 (figure 2) and 3.4.3.

use scim::{Filter, list::Query, schema};
use serde_json::{Value, json};

/// The full user of RFC 7643 section 8.2 with the enterprise extension of 8.3, as far as the examples look at it.
fn bjensen() -> Value {
    json!({
        "schemas": [
            "urn:ietf:params:scim:schemas:core:2.0:User",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
        ],
        "id": "2819c223-7f76-453a-919d-413861904646",
        "externalId": "701984",
        "userName": "bjensen@example.com",
        "name": {"formatted": "Ms. Barbara J Jensen, III", "familyName": "Jensen", "givenName": "Barbara"},
        "displayName": "Babs Jensen",
        "nickName": "Babs",
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"},
        ],
        "ims": [{"value": "someaimhandle@foo.com", "type": "xmpp"}],
        "userType": "Employee",
        "title": "Tour Guide",
        "active": true,
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": {
            "employeeNumber": "701984", "department": "Tour Operations", "manager": {"value": "26118915"},
        },
        "meta": {
            "resourceType": "User",
            "created": "2010-01-23T04:56:22Z",
            "lastModified": "2011-05-13T04:42:34Z",
            "version": "W/\"a330bc54f0671c9\"",
        },
    })
}

fn matches(filter: &str) -> bool {
    let filter: Filter = filter.parse().expect("a filter of the RFC is read");
    filter.check(schema::user()).expect("a filter of the RFC names attributes of a user");
    filter.matches(&bjensen(), schema::user())
}

#[test]
fn each_example_of_figure_2_is_evaluated() {
    for (filter, expected) in [
        (r#"userName eq "bjensen""#, false),
        (r#"name.familyName co "O'Malley""#, false),
        (r#"userName sw "J""#, false),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#, false),
        ("title pr", true),
        (r#"meta.lastModified gt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified ge "2011-05-13T04:42:34Z""#, true),
        (r#"meta.lastModified lt "2011-05-13T04:42:34Z""#, false),
        (r#"meta.lastModified le "2011-05-13T04:42:34Z""#, true),
        (r#"title pr and userType eq "Employee""#, true),
        (r#"title pr or userType eq "Intern""#, true),
        (r#"schemas eq "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User""#, true),
        (r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#, true),
        (r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#, false),
        (r#"userType eq "Employee" and (emails.type eq "work")"#, true),
        (r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#, true),
        (r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#, true),
    ] {
        assert_eq!(matches(filter), expected, "{filter}");
    }
}

#[test]
fn each_operator_of_table_3_finds_and_passes_over() {
    for (finds, passes) in [
        (r#"userName eq "BJENSEN@example.com""#, r#"userName eq "bjensen""#),
        (r#"userName ne "bjensen""#, r#"userName ne "Bjensen@example.com""#),
        (r#"displayName co "bs J""#, r#"displayName co "xyz""#),
        (r#"displayName sw "babs""#, r#"displayName sw "jensen""#),
        (r#"displayName ew "JENSEN""#, r#"displayName ew "babs""#),
        ("nickName pr", "profileUrl pr"),
        (r#"nickName gt "Alice""#, r#"nickName gt "Babs""#),
        (r#"nickName ge "Babs""#, r#"nickName ge "Carol""#),
        (r#"nickName lt "Carol""#, r#"nickName lt "Babs""#),
        (r#"nickName le "Babs""#, r#"nickName le "Alice""#),
        ("active eq true", "active ne true"),
    ] {
        assert!(matches(finds), "{finds}");
        assert!(!matches(passes), "{passes}");
    }
}

#[test]
fn a_filter_without_regard_to_the_case_of_names_and_operators() {
    // RFC 7644: "filter=userName Eq "john"" and "filter=Username eq "john"" are the same.
    assert!(matches(r#"Username Eq "bjensen@example.com""#));
}

#[test]
fn the_search_request_of_section_3_4_3_is_read() {
    let query = Query::from_search(&json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"",
        "startIndex": 1,
        "count": 10,
    }))
    .expect("a search request of the RFC is read");
    assert_eq!(query.filter.expect("a filter").to_string(), "displayName sw \"smith\"");
    assert_eq!((query.page.start_index, query.page.count), (1, Some(10)));
}
