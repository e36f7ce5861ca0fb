//! Random requests, for as long as there is time: each is answered, and what is wrong is answered as a SCIM error that
//! is the client's.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

#[derive(Clone, Debug)]
enum Request {
    List { endpoint: &'static str, filter: String, sort: String },
    Search { endpoint: &'static str, filter: String },
    Patch { endpoint: &'static str, operations: Value },
    Bulk(Value),
    Bytes { endpoint: &'static str, bytes: Vec<u8> },
}

fn filters() -> impl Strategy<Value = String> {
    let tokens = prop::sample::select(
        &[
            "userName",
            "emails",
            "emails.value",
            "name.givenName",
            "active",
            "meta.created",
            "meta.version",
            "groups",
            "groups.display",
            "members",
            "members.value",
            "displayName",
            "externalId",
            "id",
            "password",
            "schemas",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "title",
            "eq",
            "eq",
            "ne",
            "co",
            "sw",
            "ew",
            "pr",
            "pr",
            "gt",
            "le",
            "and",
            "or",
            "not",
            "(",
            ")",
            "emails[",
            "members[value eq",
            "]",
            "\"a\"",
            "\"\"",
            "\"2026-03-12T09:00:00Z\"",
            "\"é%_'\\u0000\"",
            "true",
            "null",
            "1",
        ][..],
    );
    let comparison = (
        prop::sample::select(
            &["userName", "emails.type", "active", "meta.lastModified", "id", "displayName", "members", "title", "x"][..],
        ),
        prop::sample::select(&["eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"][..]),
        prop_oneof![
            Just("null".to_owned()),
            Just("true".to_owned()),
            Just("-1.5".to_owned()),
            ".{0,6}".prop_map(|text| json!(text).to_string()),
        ],
    );
    let comparison = comparison.prop_map(|(path, operator, value)| format!("{path} {operator} {value}"));
    prop_oneof![
        4 => prop::collection::vec(comparison, 1..5).prop_map(|parts| parts.join(" and ")),
        4 => prop::collection::vec(tokens, 0..16).prop_map(|tokens| tokens.join(" ")),
        1 => ".{0,80}",
    ]
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,8}".prop_map(Value::from),
        Just(json!("bulkId:a")),
        Just(json!("0199aaaa-0000-7000-8000-000000000000")),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        let key = prop::sample::select(
            &["value", "type", "primary", "members", "emails", "userName", "displayName", "active", "name", "path"][..],
        );
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key.prop_map(str::to_owned), inner), 0..4)
                .prop_map(|fields| Value::Object(fields.into_iter().collect())),
        ]
    })
}

fn operations() -> impl Strategy<Value = Value> {
    let paths = prop_oneof![
        8 => prop::sample::select(
            &[
                "userName", "displayName", "active", "name.givenName", "emails", "emails[type eq \"work\"].value",
                "members", "members[value eq \"0199aaaa-0000-7000-8000-000000000000\"]", "members[display sw \"a\"]",
                "title", "externalId", "password", "id", "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User",
            ][..],
        )
        .prop_map(str::to_owned),
        1 => ".{0,20}",
    ];
    let names = prop::sample::select(&["add", "Replace", "remove"][..]);
    let operation = (names, prop::option::weighted(0.9, paths), values())
        .prop_map(|(op, path, value)| json!({"op": op, "path": path, "value": value}));
    prop::collection::vec(operation, 1..4).prop_map(Value::from)
}

fn bulk() -> impl Strategy<Value = Value> {
    let methods = prop::sample::select(&["POST", "PUT", "PATCH", "DELETE"][..]);
    let paths =
        prop::sample::select(&["/Users", "/Groups", "/Users/x", "/Groups/bulkId:a", "/Bulk", "/.search", "/%"][..]);
    let names = prop::sample::select(&["a", "b", "c"][..]);
    let version = prop::option::of(prop::sample::select(&["W/\"1\"", "*", "\n", "é"][..]));
    let operation = (methods, paths, names, values(), version).prop_map(|(method, path, bulk_id, data, version)| {
        json!({"method": method, "path": path, "bulkId": bulk_id, "data": data, "version": version})
    });
    prop::collection::vec(operation, 0..6).prop_map(Value::from)
}

fn requests() -> impl Strategy<Value = Request> {
    let lists = prop::sample::select(&["/Users", "/Groups"][..]);
    let searches = prop::sample::select(&["/Users/.search", "/Groups/.search", "/.search"][..]);
    let bodies = prop::sample::select(&["/Users", "/Groups", "/Bulk", "/.search", "/Users/.search"][..]);
    let sorts = prop::sample::select(&["", "userName", "emails", "meta.created", "active", "displayName", "x y"][..]);
    let bytes = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..100),
        values().prop_map(|body| body.to_string().into_bytes()),
        Just(vec![b'['; 5_000]),
    ];
    prop_oneof![
        (lists.clone(), filters(), sorts).prop_map(|(endpoint, filter, sort)| Request::List {
            endpoint,
            filter,
            sort: sort.to_owned()
        }),
        (searches, filters()).prop_map(|(endpoint, filter)| Request::Search { endpoint, filter }),
        (lists, operations()).prop_map(|(endpoint, operations)| Request::Patch { endpoint, operations }),
        bulk().prop_map(Request::Bulk),
        (bodies, bytes).prop_map(|(endpoint, bytes)| Request::Bytes { endpoint, bytes }),
    ]
}

struct Service {
    app: TestApp,
    /// The ids of one user and one group, whom each PATCH is for.
    user: String,
    group: String,
}

impl Service {
    async fn start() -> Self {
        let app = TestApp::start().await;
        let user = app.user("ada").await["id"].as_str().unwrap().to_owned();
        let guides = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Guides",
            "members": [{"value": user}],
        });
        let group = app.post("/scim2/Groups").token(&app.tokens.scim).scim(&guides).await.json();
        let group = group["id"].as_str().unwrap().to_owned();
        Self { app, user, group }
    }

    async fn answer(&self, request: Request) -> Answer {
        let app = &self.app;
        let token = &app.tokens.scim;
        match request {
            Request::List { endpoint, filter, sort } => {
                let query = url::form_urlencoded::Serializer::new(String::new())
                    .extend_pairs([("filter", filter.as_str()), ("sortBy", sort.as_str())])
                    .finish();
                app.get(format!("/scim2{endpoint}?{query}")).token(token).send().await
            }
            Request::Search { endpoint, filter } => {
                let body = json!({"schemas": [SEARCH_REQUEST], "filter": filter});
                app.post(format!("/scim2{endpoint}")).token(token).scim(&body).await
            }
            Request::Patch { endpoint, operations } => {
                let id = if endpoint == "/Users" { &self.user } else { &self.group };
                let body = json!({"schemas": [PATCH_OP], "Operations": operations});
                app.patch(format!("/scim2{endpoint}/{id}")).token(token).scim(&body).await
            }
            Request::Bulk(operations) => {
                let body = json!({"schemas": [BULK_REQUEST], "Operations": operations});
                app.post("/scim2/Bulk").token(token).scim(&body).await
            }
            Request::Bytes { endpoint, bytes } => {
                app.post(format!("/scim2{endpoint}")).token(token).body("application/scim+json", bytes).send().await
            }
        }
    }
}

#[test]
fn whatever_is_sent_is_answered_as_scim() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let service = runtime.block_on(Service::start());
    testkit::fuzz(&requests(), |request| {
        let answer = runtime.block_on(service.answer(request));
        prop_assert!(answer.status < 500, "{} {}", answer.status, answer.text());
        if answer.status >= 400 {
            prop_assert_eq!(answer.kind(), "application/scim+json");
            let error = answer.json();
            prop_assert_eq!(&error["schemas"], &json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
            prop_assert_eq!(&error["status"], &json!(answer.status.to_string()));
            prop_assert!(answer.status != 400 || error["scimType"].is_string(), "{}", error);
        }
        for operation in answer_operations(&answer) {
            let status: u16 = operation["status"].as_str().and_then(|status| status.parse().ok()).unwrap_or_default();
            prop_assert!((200..500).contains(&status), "{}", operation);
            prop_assert_eq!(status >= 400, operation["response"]["schemas"].is_array(), "{}", operation);
        }
        Ok(())
    });
}

/// Of a bulk request.
fn answer_operations(answer: &Answer) -> Vec<Value> {
    if answer.status != 200 {
        return Vec::new();
    }
    answer.json()["Operations"].as_array().cloned().unwrap_or_default()
}
