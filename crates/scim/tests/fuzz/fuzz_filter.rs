//! Filters (RFC 7644 section 3.4.2.2): the parser, the check against schemas, and matching.

use proptest::prelude::*;
use scim::{Filter, ScimType, schema};

use crate::{any_json, is_a_clients_fault, mangled};

const SOUND: &[&str] = &[
    r#"userName eq "bjensen""#,
    r#"name.familyName co "O'Malley" and not (title pr)"#,
    r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#,
    r#"meta.lastModified ge "2011-05-13T04:42:34Z" or active eq TRUE"#,
    r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#,
    r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#,
    r#"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq "a\"b\\c\u00e9""#,
    r#"members[value eq "a" or not (display sw "b")]"#,
    "id eq null and nickName ne null",
    "roles[primary eq \"True\"] and x509Certificates pr",
];

const TOKENS: &[&str] = &[
    "userName",
    "emails",
    "emails.value",
    "name",
    "active",
    "meta.created",
    "groups",
    "members",
    "password",
    "schemas",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "eq",
    "NE",
    "co",
    "sw",
    "ew",
    "pr",
    "gt",
    "ge",
    "lt",
    "le",
    "and",
    "OR",
    "not",
    "(",
    ")",
    "[",
    "]",
    "].",
    "\"x\"",
    "\"",
    "\\",
    "1",
    "-1.5e3",
    "true",
    "null",
];

fn filters() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => mangled(prop::sample::select(SOUND).prop_map(str::to_owned)),
        3 => prop::collection::vec(prop::sample::select(TOKENS), 0..40).prop_map(|tokens| tokens.join(" ")),
        1 => ".{0,400}",
        1 => (0..40_usize, 0..40_usize).prop_map(|(open, close)| "(".repeat(open) + "title pr" + &")".repeat(close)),
        1 => (0..40_usize).prop_map(|depth| "not (".repeat(depth) + "title pr" + &")".repeat(depth)),
        1 => (1_900..2_100_usize).prop_map(|length| format!("title eq \"{}\"", "x".repeat(length))),
    ]
}

#[test]
fn any_filter_is_read_or_refused_and_matches_or_does_not() {
    testkit::fuzz(&(filters(), any_json()), |(text, resource)| {
        let filter = match text.parse::<Filter>() {
            Ok(filter) => filter,
            Err(error) => {
                prop_assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
                return is_a_clients_fault(&error);
            }
        };
        let written = filter.to_string();
        // What is written may have grown beyond what is read: names and spaces are ours then.
        if written.chars().count() <= scim::filter::MAX_LENGTH {
            prop_assert_eq!(written.parse::<Filter>(), Ok(filter.clone()), "{}", written);
        }
        let schemas = [schema::user(), schema::served_group()];
        let mut checked = schemas.iter().map(|schema| filter.check(schema)).collect::<Vec<_>>();
        checked.push(filter.check_any(&schemas));
        for error in checked.into_iter().filter_map(Result::err) {
            prop_assert_eq!(error.scim_type, Some(ScimType::InvalidFilter));
            is_a_clients_fault(&error)?;
        }
        for schema in schemas {
            let matches = filter.matches(&resource, schema);
            prop_assert_ne!(matches, Filter::Not(Box::new(filter.clone())).matches(&resource, schema));
        }
        Ok(())
    });
}

#[test]
fn any_query_is_read_or_refused() {
    let names = prop::sample::select(
        &["filter", "sortBy", "SORTORDER", "startIndex", "count", "cursor", "attributes", "excludedAttributes", "x"][..],
    );
    let values = prop_oneof![
        3 => prop::sample::select(&["1", "-1", "0", "99999999999999999999", "ascending", "descending", "userName", ""][..])
            .prop_map(str::to_owned),
        2 => filters(),
        1 => ".{0,60}",
    ];
    testkit::fuzz(&(prop::collection::vec((names, values), 0..6), any_json()), |(parameters, body)| {
        let pairs = parameters.iter().map(|(name, value)| (*name, value.as_str()));
        for query in [scim::list::Query::from_parameters(pairs), scim::list::Query::from_search(&body)] {
            match query {
                Ok(query) => {
                    prop_assert!(query.page.start_index >= 1);
                    if let Err(error) = query.cursor_of("/Users") {
                        is_a_clients_fault(&error)?;
                    }
                    if let Some(Err(error)) = query.sort.as_ref().map(|sort| sort.check(schema::user()).map(drop)) {
                        is_a_clients_fault(&error)?;
                    }
                    let whole = query.projection.apply(body.clone(), schema::user());
                    prop_assert!(whole.get("password").is_none(), "{}", whole);
                }
                Err(error) => is_a_clients_fault(&error)?,
            }
        }
        Ok(())
    });
}
