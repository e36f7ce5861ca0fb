//! SCIM 2.0 as clients use it.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{TestApp, USER_SCHEMA, user};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn patch_of(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

impl TestApp {
    async fn found(&self, query: &str) -> Value {
        let query: String = url::form_urlencoded::byte_serialize(query.as_bytes()).collect();
        let answer = self.get(format!("/scim2/Users?filter={query}")).token(&self.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn a_user_is_created_read_replaced_patched_and_deleted() {
    let app = TestApp::start().await;
    let mut ada = user("Ada");
    ada[ENTERPRISE] = json!({"department": "Research"});
    ada["externalId"] = json!("hr-1");
    let created = app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await;
    assert_eq!((created.status, created.kind()), (201, "application/scim+json"));
    let document = created.json();
    let path = format!("/scim2/Users/{}", document["id"].as_str().unwrap());
    assert!(created.header("location").ends_with(&path), "{}", created.header("location"));
    assert_eq!(document["meta"]["location"], created.header("location"));
    assert_eq!(created.header("etag"), "W/\"1\"");
    assert_eq!(document["schemas"], json!([USER_SCHEMA, ENTERPRISE]));
    assert_eq!(document[ENTERPRISE]["department"], "Research");
    assert_eq!(document["active"], true);

    let read = app.get(&path).token(&app.tokens.scim_read).send().await;
    assert_eq!(read.json(), document);

    let replaced = app.put(&path).token(&app.tokens.scim).scim(&user("ada")).await;
    assert_eq!((replaced.status, replaced.header("etag")), (200, "W/\"2\""));
    assert_eq!(replaced.json().get("externalId"), None, "PUT replaces the whole");

    let operations = json!([
        {"op": "Replace", "path": "name.familyName", "value": "Lovelace"},
        {"op": "replace", "value": {"active": "False"}},
    ]);
    let patched = app.patch(&path).token(&app.tokens.scim).scim(&patch_of(&operations)).await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    assert_eq!(patched.json()["name"]["familyName"], "Lovelace");
    assert_eq!(patched.json()["active"], false);

    let deleted = app.delete(&path).token(&app.tokens.scim).send().await;
    assert_eq!(deleted.status, 204);
    assert!(deleted.is_empty());
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.status, 404);
    assert_eq!(app.delete(&path).token(&app.tokens.scim).send().await.status, 404);
}

#[tokio::test]
async fn a_password_goes_in_and_never_comes_out() {
    let app = TestApp::start().await;
    let mut ada = user("ada");
    ada["password"] = json!("correct horse battery");
    let created = app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await;
    assert_eq!(created.status, 201);
    assert!(!created.text().contains("password"), "{}", created.text());
    ada["password"] = json!("short");
    ada["userName"] = json!("grace");
    let refused = app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("invalidValue")));
    assert!(refused.json()["detail"].as_str().unwrap().contains("12 to 256"));
}

#[tokio::test]
async fn clients_find_users_by_what_they_look_up() {
    let app = TestApp::start().await;
    let mut ada = user("Ada");
    ada["externalId"] = json!("HR-1");
    app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await;
    app.user("grace").await;
    for filter in [
        "userName eq \"aDA\"",
        "externalId eq \"HR-1\"",
        "emails.value eq \"ADA@example.org\"",
        "emails eq \"ada@example.org\"",
        "userName eq \"ada\" and active eq true",
        "userName eq \"ada\" and externalId eq \"HR-1\"",
    ] {
        let list = app.found(filter).await;
        assert_eq!(list["totalResults"], 1, "{filter}");
        assert_eq!(list["Resources"][0]["userName"], "Ada", "{filter}");
    }
    for filter in [
        "userName eq \"nobody\"",
        "externalId eq \"hr-1\"",
        "userName eq \"ada\" and userName eq \"grace\"",
        "userName eq \"ada\" and active eq false",
        "id eq \"not-an-id\"",
    ] {
        assert_eq!(app.found(filter).await["totalResults"], 0, "{filter}");
    }
}

#[tokio::test]
async fn what_cannot_be_filtered_by_is_said_with_what_can() {
    let app = TestApp::start().await;
    for filter in ["name+eq+%22a%22", "active+gt+true", "shoeSize+eq+41", "userName+eq", "%28", "emails%5Bsize+gt+3%5D"]
    {
        let answer = app.get(format!("/scim2/Users?filter={filter}")).token(&app.tokens.scim).send().await;
        assert_eq!(answer.status, 400, "{filter}: {}", answer.text());
        assert_eq!(answer.json()["scimType"], "invalidFilter", "{filter}");
    }
}

#[tokio::test]
async fn every_kind_of_filter_finds_people() {
    let app = TestApp::start().await;
    let mut ada = user("ada");
    ada["name"] = json!({"givenName": "Ada", "familyName": "Lovelace"});
    ada["title"] = json!("Countess");
    ada[ENTERPRISE] = json!({"department": "Engines", "manager": {"value": "26118915"}});
    app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await;
    app.user("grace").await;
    for filter in [
        "userName sw \"A\"",
        "name.familyName co \"LOVE\"",
        "title pr and not (title eq \"Lady\")",
        "emails[type eq \"work\" and value ew \"ada@example.org\"]",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department eq \"engines\"",
        "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.value eq \"26118915\"",
        "schemas eq \"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User\"",
        "(userName eq \"ada\" or userName eq \"nobody\") and meta.created gt \"2020-01-01T00:00:00Z\"",
    ] {
        let list = app.found(filter).await;
        assert_eq!(list["totalResults"], 1, "{filter}");
        assert_eq!(list["Resources"][0]["userName"], "ada", "{filter}");
    }
    assert_eq!(app.found("nickName eq null").await["totalResults"], 2);
    assert_eq!(app.found("password pr").await["totalResults"], 0, "nobody learns of passwords");
}

#[tokio::test]
async fn lists_are_sorted_and_turned_by_cursor() {
    let app = TestApp::start().await;
    for name in ["cy", "Ada", "bea", "Dora", "eve"] {
        app.user(name).await;
    }
    let list = async |query: String| {
        let answer = app.get(format!("/scim2/Users?{query}")).token(&app.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    };
    let names = |list: &Value| -> Vec<String> {
        let people = list["Resources"].as_array().unwrap().iter();
        people.map(|person| person["userName"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(names(&list("sortBy=userName".to_owned()).await), ["Ada", "bea", "cy", "Dora", "eve"]);
    assert_eq!(names(&list("sortBy=userName&sortOrder=descending&count=2".to_owned()).await), ["eve", "Dora"]);

    let first = list("sortBy=userName&count=2&cursor=".to_owned()).await;
    assert_eq!((names(&first), &first["totalResults"]), (vec!["Ada".to_owned(), "bea".to_owned()], &json!(5)));
    assert_eq!((first.get("startIndex"), first.get("previousCursor")), (None, None));
    let cursor = |list: &Value, name: &str| format!("sortBy=userName&count=2&cursor={}", list[name].as_str().unwrap());
    let second = list(cursor(&first, "nextCursor")).await;
    assert_eq!((names(&second), second.get("totalResults")), (vec!["cy".to_owned(), "Dora".to_owned()], None));
    // Whoever comes before does not move what comes after.
    app.user("aaron").await;
    let third = list(cursor(&second, "nextCursor")).await;
    assert_eq!((names(&third), third.get("nextCursor")), (vec!["eve".to_owned()], None));
    let back = list(cursor(&third, "previousCursor")).await;
    assert_eq!(names(&back), ["cy", "Dora"]);
    let front = list(cursor(&back, "previousCursor")).await;
    assert_eq!(names(&front), ["Ada", "bea"]);

    for (query, kind) in [
        ("cursor=x".to_owned(), "invalidCursor"),
        (format!("cursor={}", first["nextCursor"].as_str().unwrap()), "invalidCursor"),
        ("cursor=&count=many".to_owned(), "invalidCount"),
        ("cursor=&startIndex=1".to_owned(), "invalidValue"),
        ("sortBy=password".to_owned(), "invalidPath"),
    ] {
        let answer = app.get(format!("/scim2/Users?{query}")).token(&app.tokens.scim_read).send().await;
        assert_eq!((answer.status, &answer.json()["scimType"]), (400, &json!(kind)), "{query}");
    }
}

#[tokio::test]
async fn lists_come_in_pages() {
    let app = TestApp::start().await;
    for name in ["a", "b", "c"] {
        app.user(name).await;
        // In the order of their making, which ids keep to the millisecond.
        app.clock.advance(Duration::from_millis(1));
    }
    let list = async |query: &str| app.get(format!("/scim2/Users?{query}")).token(&app.tokens.scim).send().await.json();
    let second = list("startIndex=2&count=1").await;
    assert_eq!(
        (&second["totalResults"], &second["startIndex"], &second["itemsPerPage"]),
        (&json!(3), &json!(2), &json!(1))
    );
    assert_eq!(second["Resources"][0]["userName"], "b");
    let total = list("count=0").await;
    assert_eq!((&total["totalResults"], &total["Resources"]), (&json!(3), &json!([])));
    assert_eq!(list("startIndex=9").await["Resources"], json!([]));
    assert_eq!(list("startIndex=-1&count=1").await["Resources"][0]["userName"], "a");
    let refused = app.get("/scim2/Users?count=many").token(&app.tokens.scim).send().await;
    assert_eq!(refused.status, 400);
}

#[tokio::test]
async fn only_the_attributes_asked_for_are_returned() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let id = ada["id"].as_str().unwrap();
    let part = app.get(format!("/scim2/Users/{id}?attributes=userName")).token(&app.tokens.scim).send().await.json();
    assert_eq!(part, json!({"schemas": [USER_SCHEMA], "id": id, "userName": "ada"}));
    let without = app.get("/scim2/Users?excludedAttributes=emails,meta").token(&app.tokens.scim).send().await.json();
    assert_eq!(without["Resources"][0].get("emails"), None);
    assert_eq!(without["Resources"][0]["userName"], "ada");
}

#[tokio::test]
async fn a_search_by_body_finds_the_same() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let search = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "userName eq \"ada\"",
        "attributes": ["userName"],
    });
    for path in ["/scim2/Users/.search", "/scim2/.search"] {
        let list = app.post(path).token(&app.tokens.scim_read).scim(&search).await;
        assert_eq!((list.status, &list.json()["totalResults"]), (200, &json!(1)), "{path}");
    }
}

#[tokio::test]
async fn a_change_can_insist_on_the_version_it_builds_on() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    let rename = |title: &str| patch_of(&json!([{"op": "replace", "path": "title", "value": title}]));
    let first = app.patch(&path).token(&app.tokens.scim).header("if-match", "W/\"1\"").scim(&rename("One")).await;
    assert_eq!((first.status, first.header("etag")), (200, "W/\"2\""));
    for stale in ["W/\"1\"", "\"abc\"", "W/\"1\", W/\"7\""] {
        let second = app.patch(&path).token(&app.tokens.scim).header("if-match", stale).scim(&rename("Two")).await;
        assert_eq!(second.status, 412, "{stale}");
        let gone = app.delete(&path).token(&app.tokens.scim).header("if-match", stale).send().await;
        assert_eq!(gone.status, 412, "{stale}");
    }
    let both = app.put(&path).token(&app.tokens.scim).header("if-match", "W/\"1\", W/\"2\"").scim(&user("ada")).await;
    assert_eq!(both.status, 200);
    let unchanged = app.get(&path).token(&app.tokens.scim).header("if-none-match", both.header("etag")).send().await;
    assert_eq!((unchanged.status, unchanged.is_empty()), (304, true));
    assert_eq!(app.get(&path).token(&app.tokens.scim).header("if-none-match", "W/\"1\"").send().await.status, 200);
}

#[tokio::test]
async fn clients_learn_what_the_service_can_do() {
    let app = TestApp::start().await;
    let get = async |path: &str| {
        let answer = app.get(path).token(&app.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{path}");
        answer.json()
    };
    let config = get("/scim2/ServiceProviderConfig").await;
    assert_eq!(config["patch"]["supported"], true);
    assert_eq!(config["bulk"], json!({"supported": true, "maxOperations": 1000, "maxPayloadSize": 1_048_576}));
    assert_eq!(config["filter"], json!({"supported": true, "maxResults": 200}));
    for one in ["sort", "etag", "changePassword"] {
        assert_eq!(config[one], json!({"supported": true}), "{one}");
    }
    assert_eq!(
        config["pagination"],
        json!({
            "cursor": true, "index": true, "defaultPaginationMethod": "index",
            "defaultPageSize": 100, "maxPageSize": 200,
        })
    );
    assert_eq!(get("/scim2/ResourceTypes").await["totalResults"], 2);
    assert_eq!(get("/scim2/ResourceTypes/User").await["endpoint"], "/Users");
    assert_eq!(get("/scim2/ResourceTypes/Group").await["endpoint"], "/Groups");
    assert_eq!(get("/scim2/Schemas").await["totalResults"], 3);
    let group = get("/scim2/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").await;
    assert_eq!(group["attributes"][0]["uniqueness"], "server");
    assert_eq!(get(&format!("/scim2/Schemas/{USER_SCHEMA}")).await["id"], USER_SCHEMA);
    for path in ["/scim2/Schemas/urn:none", "/scim2/ResourceTypes/Robot", "/scim2/Robots", "/scim2/nope"] {
        let answer = app.get(path).token(&app.tokens.scim).send().await;
        assert_eq!((answer.status, answer.kind()), (404, "application/scim+json"), "{path}");
    }
    assert_eq!(app.get("/scim2/Schemas?filter=id+pr").token(&app.tokens.scim).send().await.status, 403);
}

#[tokio::test]
async fn what_is_not_supported_says_so() {
    let app = TestApp::start().await;
    for ask in [app.get("/scim2/Me"), app.patch("/scim2/Me")] {
        let answer = ask.token(&app.tokens.scim).send().await;
        assert_eq!((answer.status, &answer.json()["status"]), (501, &json!("501")));
    }
    for path in ["/scim2/Bulk", "/scim2/.search", "/scim2/Users/.search", "/scim2/Groups/.search"] {
        let answer = app.put(path).token(&app.tokens.scim).scim(&json!({})).await;
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{path}");
    }
    let answer = app.put("/scim2/Users").token(&app.tokens.scim).scim(&json!({})).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD,POST"));
    let answer = app.post("/scim2/Schemas").token(&app.tokens.scim).scim(&json!({})).await;
    assert_eq!((answer.status, answer.header("allow")), (405, "GET,HEAD"));
    assert_eq!(answer.json()["status"], "405");
}

#[tokio::test]
async fn a_scim_token_cannot_touch_an_administrator() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let root = app.found("userName eq \"root\"").await["Resources"][0].clone();
    let path = format!("/scim2/Users/{}", root["id"].as_str().unwrap());
    let disable = patch_of(&json!([{"op": "replace", "path": "active", "value": false}]));
    let refused = app.patch(&path).token(&app.tokens.scim).scim(&disable).await;
    assert_eq!(refused.status, 403, "{}", refused.text());
    assert_eq!(app.delete(&path).token(&app.tokens.scim).send().await.status, 403);
    // And the last one is out of reach for everybody.
    assert_eq!(app.delete(&path).token(&app.tokens.admin).send().await.status, 403);
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json()["active"], true);
}
