//! What is too deep, too large, too many or no text at all; and writers who meet.

use std::fmt::Write as _;

use serde_json::{Value, json};

use crate::support::{Ask, TestApp, USER_SCHEMA, user};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const LIMITS: &str = "urn:ietf:params:scim:schemas:extension:usher:2.0:Limits";

async fn refused(ask: Ask<'_>, status: u16, kind: Option<&str>) -> String {
    let answer = ask.send().await;
    assert_eq!((answer.status, answer.kind()), (status, "application/scim+json"), "{}", answer.text());
    let error = answer.json();
    assert_eq!(error["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(error["scimType"].as_str(), kind, "{error}");
    error["detail"].as_str().unwrap().to_owned()
}

impl TestApp {
    fn body<'a>(&'a self, ask: Ask<'a>, body: impl Into<Vec<u8>>) -> Ask<'a> {
        ask.token(&self.tokens.scim).body("application/scim+json", body)
    }
}

fn title(title: &str) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "title", "value": title}]})
}

#[tokio::test]
async fn what_the_service_says_of_its_limits_holds() {
    let app = TestApp::start().await;
    let get = async |path: String| app.get(path).token(&app.tokens.scim_read).send().await.json();
    let plain = get("/scim2/ServiceProviderConfig".to_owned()).await;
    assert_eq!(plain["schemas"], json!(["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"]));
    assert_eq!(plain.get(LIMITS), None, "only who asks is told: there are clients that would refuse the rest");
    let config = get(format!("/scim2/ServiceProviderConfig?attributes={LIMITS}")).await;
    let told = &config[LIMITS];
    let limit = |name: &str| usize::try_from(told[name].as_u64().unwrap()).unwrap();
    assert_eq!(config["bulk"], plain["bulk"]);

    let search = |filter: String| {
        let body = json!({"schemas": [SEARCH_REQUEST], "filter": filter});
        app.body(app.post("/scim2/Users/.search"), body.to_string())
    };
    let long = |length: usize| format!("title eq \"{}\"", "x".repeat(length - r#"title eq """#.len()));
    assert_eq!(search(long(limit("filterLength"))).send().await.status, 200);
    let detail = refused(search(long(limit("filterLength") + 1)), 400, Some("invalidFilter")).await;
    assert!(detail.contains("2000"), "{detail}");
    let nested = |depth: usize| format!("{}title pr{}", "(".repeat(depth), ")".repeat(depth));
    assert_eq!(search(nested(limit("filterDepth"))).send().await.status, 200);
    let detail = refused(search(nested(limit("filterDepth") + 1)), 400, Some("invalidFilter")).await;
    assert!(detail.contains("16"), "{detail}");

    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    let many = |count: usize| {
        let operations = vec![json!({"op": "replace", "path": "title", "value": "Dr"}); count];
        app.body(app.patch(&path), json!({"schemas": [PATCH_OP], "Operations": operations}).to_string())
    };
    assert_eq!(many(limit("patchOperations")).send().await.status, 200);
    refused(many(limit("patchOperations") + 1), 413, None).await;
    // Of members: `directory::groups`, where a group of that size need not be made.
    assert_eq!((limit("groupMembers"), limit("groupMembersAnswered")), (200_000, 1_000));
}

#[tokio::test]
async fn a_page_has_no_more_than_the_service_says() {
    let app = TestApp::start().await;
    let operations: Vec<Value> = (0..205)
        .map(|number| {
            let data = user(&format!("user{number}"));
            json!({"method": "POST", "path": "/Users", "bulkId": number.to_string(), "data": data})
        })
        .collect();
    let body = json!({"schemas": [BULK_REQUEST], "Operations": operations}).to_string();
    assert_eq!(app.body(app.post("/scim2/Bulk"), body).send().await.status, 200);
    let config = app.get("/scim2/ServiceProviderConfig").token(&app.tokens.scim).send().await.json();
    let most = &config["pagination"]["maxPageSize"];
    assert_eq!(most, &config["filter"]["maxResults"]);
    for (query, expected) in [
        ("count=5000", most),
        ("count=5000&cursor=", most),
        ("count=5000&filter=userName+sw+%22user%22", most),
        ("", &config["pagination"]["defaultPageSize"]),
    ] {
        let list = app.get(format!("/scim2/Users?{query}")).token(&app.tokens.scim).send().await.json();
        assert_eq!((&list["itemsPerPage"], &list["totalResults"]), (expected, &json!(205)), "{query}");
        assert_eq!(list["Resources"].as_array().map(Vec::len).map(Value::from).as_ref(), Some(expected), "{query}");
    }
}

#[tokio::test]
async fn filters_and_documents_are_nested_so_deep_and_no_deeper() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    for depth in [17, 500, 100_000] {
        for (open, close) in [("(", ")"), ("not (", ")"), ("emails[not (", ")]")] {
            let filter = format!("{}title pr{}", open.repeat(depth), close.repeat(depth));
            let body = json!({"schemas": [SEARCH_REQUEST], "filter": filter}).to_string();
            let too_large = body.len() > 1024 * 1024;
            let (status, kind) = if too_large { (413, None) } else { (400, Some("invalidFilter")) };
            refused(app.body(app.post("/scim2/.search"), body), status, kind).await;
            let operations = json!([{"op": "remove", "path": format!("emails[{filter}]")}]);
            let body = json!({"schemas": [PATCH_OP], "Operations": operations}).to_string();
            refused(app.body(app.patch(&path), body), status, kind).await;
        }
        let value = format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let body = format!(
            r#"{{"schemas": ["{PATCH_OP}"], "Operations": [{{"op": "add", "path": "emails", "value": {value}}}]}}"#
        );
        let kind = if depth == 17 { "invalidValue" } else { "invalidSyntax" };
        refused(app.body(app.patch(&path), body), 400, Some(kind)).await;
    }
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json(), ada);
}

#[tokio::test]
async fn ten_megabytes_are_too_many_for_an_attribute_or_a_body() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    let large = "x".repeat(10 * 1024 * 1024);
    let mut document = user("large");
    document["title"] = json!(large);
    let bulk = json!({"schemas": [BULK_REQUEST], "Operations": [
        {"method": "POST", "path": "/Users", "bulkId": "a", "data": document},
    ]});
    for (ask, body) in [
        (app.post("/scim2/Users"), document.to_string()),
        (app.put(&path), document.to_string()),
        (app.patch(&path), title(&large).to_string()),
        (app.post("/scim2/Bulk"), bulk.to_string()),
        (app.post("/scim2/Users/.search"), json!({"schemas": [SEARCH_REQUEST], "filter": large}).to_string()),
        (app.post("/scim2/Groups"), json!({"displayName": large}).to_string()),
    ] {
        refused(app.body(ask, body), 413, None).await;
    }
    // Within the bound of a body, those of attributes hold.
    for (name, value) in [
        ("title", json!("x".repeat(1_025))),
        ("userName", json!("x".repeat(257))),
        ("externalId", json!("x".repeat(900_000))),
        ("emails", json!(vec![json!({"value": "a@example.org"}); 101])),
    ] {
        let mut document = user("long");
        document[name] = value;
        let detail = refused(app.body(app.post("/scim2/Users"), document.to_string()), 400, Some("invalidValue")).await;
        assert!(detail.contains(|c: char| c.is_ascii_digit()), "{name}: {detail}");
    }
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json(), ada);
    let list = app.get("/scim2/Users").token(&app.tokens.scim).send().await.json();
    assert_eq!(list["totalResults"], 1);
}

#[tokio::test]
async fn what_is_not_utf_8_is_no_json_and_no_name() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    for bad in [&b"\xff"[..], b"\xc3\x28", b"\xed\xa0\x80", b"\xf0\x28\x8c\x28"] {
        let text = |before: &str, after: &str| [before.as_bytes(), bad, after.as_bytes()].concat();
        let document = text(&format!(r#"{{"schemas": ["{USER_SCHEMA}"], "userName": ""#), r#""}"#);
        refused(app.body(app.post("/scim2/Users"), document.clone()), 400, Some("invalidSyntax")).await;
        refused(app.body(app.put(&path), document), 400, Some("invalidSyntax")).await;
        let search = text(&format!(r#"{{"schemas": ["{SEARCH_REQUEST}"], "filter": "title eq \""#), r#"\""}"#);
        refused(app.body(app.post("/scim2/.search"), search), 400, Some("invalidSyntax")).await;
        let escaped = bad.iter().fold(String::new(), |mut text, byte| {
            let _ = write!(text, "%{byte:02x}");
            text
        });
        let list =
            app.get(format!("/scim2/Users?filter=title+eq+%22{escaped}%22")).token(&app.tokens.scim).send().await;
        assert_eq!((list.status, &list.json()["totalResults"]), (200, &json!(0)), "nobody is called so");
        refused(app.get(format!("/scim2/Users?filter={escaped}")).token(&app.tokens.scim), 400, Some("invalidFilter"))
            .await;
        let nobody = app.get(format!("/scim2/Users/{escaped}")).token(&app.tokens.scim).send().await;
        assert!(matches!(nobody.status, 400 | 404), "{}", nobody.text());
    }
    // A lone surrogate is JSON's own way to write what is no text.
    let lone = format!(r#"{{"schemas": ["{USER_SCHEMA}"], "userName": "\ud800"}}"#);
    refused(app.body(app.post("/scim2/Users"), lone), 400, Some("invalidSyntax")).await;
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json(), ada);
}

#[tokio::test]
async fn of_two_writers_with_a_version_one_wins_and_without_none_is_lost() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    let with = |version: &str, body: &Value| {
        let ask = app.patch(&path).token(&app.tokens.scim).header("if-match", version);
        ask.body("application/scim+json", body.to_string()).send()
    };
    let (one, two) = futures::join!(with("W/\"1\"", &title("One")), with("W/\"1\"", &title("Two")));
    let mut statuses = [one.status, two.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412]);
    let winner = if one.status == 200 { "One" } else { "Two" };
    let now = app.get(&path).token(&app.tokens.scim).send().await;
    assert_eq!((&now.json()["title"], now.header("etag")), (&json!(winner), "W/\"2\""));
    let loser = if one.status == 200 { &two } else { &one };
    assert!(loser.json()["detail"].as_str().unwrap().contains("Read it again"), "{}", loser.text());

    // Without a version each builds on what the one before left: both are there.
    let add = |kind: &str| {
        json!({"schemas": [PATCH_OP], "Operations": [
            {"op": "add", "path": format!("phoneNumbers[type eq \"{kind}\"].value"), "value": "+1"},
        ]})
    };
    let kinds = ["work", "home", "mobile", "fax", "pager", "other"];
    let writers = kinds.map(|kind| {
        let body = add(kind).to_string();
        app.patch(&path).token(&app.tokens.scim).body("application/scim+json", body).send()
    });
    let answers = futures::future::join_all(writers).await;
    assert!(answers.iter().all(|answer| answer.status == 200));
    let now = app.get(&path).token(&app.tokens.scim).send().await.json();
    assert_eq!(now["phoneNumbers"].as_array().unwrap().len(), kinds.len());
    assert_eq!(now["meta"]["version"], format!("W/\"{}\"", 2 + kinds.len()));

    // And one who deletes meets one who writes: the writer finds nobody, or was before.
    let gone = app.delete(&path).token(&app.tokens.scim);
    let late = app.patch(&path).token(&app.tokens.scim).body("application/scim+json", title("Late").to_string());
    let (gone, late) = futures::join!(gone.send(), late.send());
    assert_eq!(gone.status, 204);
    assert!(matches!(late.status, 200 | 404), "{}", late.text());
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.status, 404);
}
