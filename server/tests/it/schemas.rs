//! Attributes that an administrator defines: over the management API, over SCIM, and on the console's pages.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Console, TestApp, USER_SCHEMA, user};

const STAFF: &str = "urn:example:scim:2.0:Staff";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn staff() -> Value {
    json!({
        "urn": STAFF,
        "name": "Staff",
        "description": "People who work here.",
        "attributes": [
            {"name": "badge", "label": "Badge number", "unique": true},
            {"name": "floor", "type": "integer"},
            {"name": "since", "type": "dateTime"},
            {"name": "remote", "type": "boolean"},
            {"name": "tags", "multi_valued": true},
            {"name": "team", "canonical_values": ["Red", "Green"]},
            {"name": "payroll", "mutability": "immutable"},
            {"name": "note", "returned": "request"},
            {"name": "kind", "returned": "always"},
        ],
    })
}

fn ada(values: &Value) -> Value {
    let mut ada = user("ada");
    ada["schemas"] = json!([USER_SCHEMA, STAFF]);
    ada[STAFF] = values.clone();
    ada
}

impl TestApp {
    async fn define(&self, schema: &Value) -> Value {
        let made = self.post("/api/v1/schemas").token(&self.tokens.admin).json(schema).await;
        assert_eq!(made.status, 201, "{}", made.text());
        made.json()
    }

    async fn create_over_scim(&self, document: &Value) -> Answer {
        self.post("/scim2/Users").token(&self.tokens.scim).scim(document).await
    }

    async fn read_over_scim(&self, path: &str) -> Value {
        let answer = self.get(path).token(&self.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }

    async fn patch_over_scim(&self, id: &Value, operations: Value) -> Answer {
        let path = format!("/scim2/Users/{}", id.as_str().unwrap());
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        self.patch(path).token(&self.tokens.scim).scim(&body).await
    }

    /// The user names that a filter finds, sorted.
    async fn filtered(&self, filter: &str) -> Vec<String> {
        let filter: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let list = self.read_over_scim(&format!("/scim2/Users?filter={filter}")).await;
        let names =
            list["Resources"].as_array().unwrap().iter().map(|one| one["userName"].as_str().unwrap().to_owned());
        let mut names: Vec<String> = names.collect();
        names.sort();
        names
    }
}

fn refused(answer: &Answer, status: u16, kind: &str, detail: &str) {
    let json = answer.json();
    assert_eq!((answer.status, json["scimType"].as_str().unwrap_or_default()), (status, kind), "{json}");
    assert!(json["detail"].as_str().unwrap().contains(detail), "{json}");
}

#[tokio::test]
async fn a_schema_is_served_once_it_is_defined() {
    let app = TestApp::start().await;
    assert_eq!(app.get(format!("/scim2/Schemas/{STAFF}")).token(&app.tokens.scim).send().await.status, 404);
    app.define(&staff()).await;
    let schema = app.read_over_scim(&format!("/scim2/Schemas/{STAFF}")).await;
    assert_eq!((&schema["name"], &schema["description"]), (&json!("Staff"), &json!("People who work here.")));
    let badge = json!({
        "name": "badge", "type": "string", "multiValued": false, "description": "Badge number", "required": false,
        "caseExact": false, "mutability": "readWrite", "returned": "default", "uniqueness": "server",
    });
    assert_eq!(schema["attributes"][0], badge);
    assert_eq!(schema["attributes"][5]["canonicalValues"], json!(["Red", "Green"]));
    let all = app.read_over_scim("/scim2/Schemas").await;
    let ids: Vec<&Value> = all["Resources"].as_array().unwrap().iter().map(|schema| &schema["id"]).collect();
    assert_eq!(ids[..3], [USER_SCHEMA, ENTERPRISE, STAFF]);
    let types = app.read_over_scim("/scim2/ResourceTypes/User").await;
    let extensions = json!([{"schema": ENTERPRISE, "required": false}, {"schema": STAFF, "required": false}]);
    assert_eq!(types["schemaExtensions"], extensions);
}

#[tokio::test]
async fn values_are_written_and_read_back() {
    let app = TestApp::start().await;
    app.define(&staff()).await;
    let values = json!({
        "badge": "B-1", "FLOOR": 3, "since": "2026-03-12T15:05:00+01:00", "remote": "True", "tags": "a",
        "team": "red", "payroll": "7", "shoe": 41,
    });
    let made = app.create_over_scim(&ada(&values)).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let kept = json!({
        "badge": "B-1", "floor": 3, "since": "2026-03-12T14:05:00Z", "remote": true, "tags": ["a"], "team": "Red",
        "payroll": "7",
    });
    assert_eq!(made.json()[STAFF], kept);
    assert_eq!(made.json()["schemas"], json!([USER_SCHEMA, STAFF]));
    let id = made.json()["id"].clone();

    let replaced = app
        .put(format!("/scim2/Users/{}", id.as_str().unwrap()))
        .token(&app.tokens.scim)
        .scim(&ada(&json!({"floor": 4})))
        .await;
    assert_eq!(replaced.json()[STAFF], json!({"floor": 4, "payroll": "7"}), "what was set once stays");
    let bare = app.patch_over_scim(&id, json!([{"op": "remove", "path": format!("{STAFF}:floor")}])).await;
    assert_eq!(bare.json()[STAFF], json!({"payroll": "7"}));
}

#[tokio::test]
async fn a_patch_names_attributes_by_their_urn_or_the_whole_extension() {
    let app = TestApp::start().await;
    app.define(&staff()).await;
    let id = app.create_over_scim(&ada(&json!({"tags": ["a"]}))).await.json()["id"].clone();
    let patched = app
        .patch_over_scim(
            &id,
            json!([
                {"op": "add", "path": format!("{STAFF}:badge"), "value": "B-1"},
                {"op": "add", "path": format!("{STAFF}:tags"), "value": ["b", "a"]},
                {"op": "replace", "value": {STAFF: {"floor": 2}, format!("{STAFF}:team"): "Green"}},
                {"op": "add", "path": STAFF, "value": {"remote": true}},
            ]),
        )
        .await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    let all = json!({"badge": "B-1", "tags": ["a", "b"], "floor": 2, "team": "Green", "remote": true});
    assert_eq!(patched.json()[STAFF], all);
    let removed =
        app.patch_over_scim(&id, json!([{"op": "remove", "path": format!("{STAFF}:tags"), "value": ["a"]}])).await;
    assert_eq!(removed.json()[STAFF]["tags"], json!(["b"]));
    let gone = app.patch_over_scim(&id, json!([{"op": "remove", "path": STAFF}])).await;
    assert_eq!(gone.json().get(STAFF), None);
    assert_eq!(gone.json()["schemas"], json!([USER_SCHEMA]));
    refused(
        &app.patch_over_scim(&id, json!([{"op": "add", "path": format!("{STAFF}:shoe"), "value": 1}])).await,
        400,
        "invalidPath",
        "shoe",
    );
}

#[tokio::test]
async fn what_breaks_a_definition_is_refused_by_name_and_changes_nothing() {
    let app = TestApp::start().await;
    app.define(&staff()).await;
    for (values, name) in [
        (json!({"floor": "third"}), "floor"),
        (json!({"floor": 1.5}), "floor"),
        (json!({"since": "yesterday"}), "since"),
        (json!({"remote": 1}), "remote"),
        (json!({"team": "Blue"}), "team"),
        (json!({"badge": "x".repeat(2_000)}), "badge"),
        (json!({"tags": vec!["x"; 101]}), "tags"),
        (json!("Staff"), "Staff"),
    ] {
        refused(&app.create_over_scim(&ada(&values)).await, 400, "invalidValue", name);
    }
    assert!(app.filtered("userName eq \"ada\"").await.is_empty());
    let id = app.create_over_scim(&ada(&json!({"badge": "B-1", "payroll": "7"}))).await.json()["id"].clone();
    let path = |name: &str| format!("{STAFF}:{name}");
    let twice = json!([{"op": "replace", "path": path("payroll"), "value": "8"}]);
    refused(&app.patch_over_scim(&id, twice).await, 400, "mutability", "payroll");
    let mut other = ada(&json!({"payroll": "8"}));
    other["userName"] = json!("ada");
    let put = app.put(format!("/scim2/Users/{}", id.as_str().unwrap())).token(&app.tokens.scim).scim(&other).await;
    refused(&put, 400, "mutability", "payroll");
    let mut bea = ada(&json!({"badge": "b-1"}));
    bea["userName"] = json!("bea");
    refused(&app.create_over_scim(&bea).await, 409, "uniqueness", "badge");
    let unknown = json!({"schemas": [USER_SCHEMA, "urn:example:Other"], "userName": "cy"});
    refused(&app.create_over_scim(&unknown).await, 400, "invalidValue", "urn:example:Other");
    assert_eq!(app.filtered("userName pr").await, ["ada"]);
}

#[tokio::test]
async fn required_attributes_are_asked_of_those_who_have_the_extension() {
    let app = TestApp::start().await;
    app.define(&json!({
        "urn": STAFF, "name": "Staff", "attributes": [{"name": "badge", "required": true}, {"name": "floor"}],
    }))
    .await;
    app.user("cy").await;
    refused(&app.create_over_scim(&ada(&json!({"floor": "1"}))).await, 400, "invalidValue", "badge");
    let id = app.create_over_scim(&ada(&json!({"floor": "1", "badge": "B-1"}))).await.json()["id"].clone();
    let removal = json!([{"op": "remove", "path": format!("{STAFF}:badge")}]);
    refused(&app.patch_over_scim(&id, removal).await, 400, "mutability", "badge");
}

#[tokio::test]
async fn people_are_found_and_sorted_by_what_was_defined() {
    let app = TestApp::start().await;
    app.define(&staff()).await;
    for (name, values) in [
        ("ada", json!({"badge": "B-1", "floor": 3, "tags": ["chess"], "since": "2020-01-01T00:00:00Z"})),
        ("bea", json!({"badge": "B-2", "floor": 1, "remote": true})),
        ("cy", json!({"floor": 2, "tags": ["Chess", "go"]})),
    ] {
        let mut document = ada(&values);
        document["userName"] = json!(name);
        assert_eq!(app.create_over_scim(&document).await.status, 201);
    }
    app.user("dan").await;
    for (filter, found) in [
        (format!("{STAFF}:badge eq \"b-1\""), vec!["ada"]),
        (format!("{STAFF}:badge sw \"B\" and {STAFF}:floor lt 3"), vec!["bea"]),
        (format!("{STAFF}:floor ge 2"), vec!["ada", "cy"]),
        (format!("{STAFF}:tags eq \"chess\""), vec!["ada", "cy"]),
        (format!("{STAFF}:remote eq true"), vec!["bea"]),
        (format!("{STAFF}:since lt \"2021-01-01T00:00:00Z\""), vec!["ada"]),
        (format!("not ({STAFF}:floor pr)"), vec!["dan"]),
        (format!("schemas eq \"{STAFF}\""), vec!["ada", "bea", "cy"]),
    ] {
        assert_eq!(app.filtered(&filter).await, found, "{filter}");
    }
    let sorted = app.read_over_scim(&format!("/scim2/Users?sortBy={STAFF}:floor&count=3")).await;
    let names: Vec<&Value> = sorted["Resources"].as_array().unwrap().iter().map(|one| &one["userName"]).collect();
    assert_eq!(names, ["bea", "cy", "ada"]);
    for wrong in [format!("{STAFF}:shoe pr"), format!("{STAFF}:remote gt true"), "urn:example:None:a pr".to_owned()] {
        let filter: String = url::form_urlencoded::byte_serialize(wrong.as_bytes()).collect();
        let answer = app.get(format!("/scim2/Users?filter={filter}")).token(&app.tokens.scim).send().await;
        refused(&answer, 400, "invalidFilter", "");
    }
}

#[tokio::test]
async fn an_answer_holds_what_was_asked_for() {
    let app = TestApp::start().await;
    app.define(&staff()).await;
    let made =
        app.create_over_scim(&ada(&json!({"badge": "B-1", "note": "quiet", "kind": "x", "floor": 1}))).await.json();
    assert_eq!(made[STAFF], json!({"badge": "B-1", "kind": "x", "floor": 1}), "a note is told on request");
    let path = format!("/scim2/Users/{}", made["id"].as_str().unwrap());
    for (query, values) in [
        (format!("attributes={STAFF}:note"), json!({"note": "quiet", "kind": "x"})),
        ("attributes=userName".to_owned(), json!({"kind": "x"})),
        (format!("excludedAttributes={STAFF}:badge,{STAFF}:kind"), json!({"kind": "x", "floor": 1})),
        (format!("excludedAttributes={STAFF}"), json!({"kind": "x"})),
    ] {
        assert_eq!(app.read_over_scim(&format!("{path}?{query}")).await[STAFF], values, "{query}");
    }
}

#[tokio::test]
async fn a_schema_is_made_read_changed_and_deleted_over_the_api() {
    let app = TestApp::start().await;
    let made = app.post("/api/v1/schemas").token(&app.tokens.admin).json(&staff()).await;
    let schema = made.json();
    let path = format!("/api/v1/schemas/{}", schema["id"].as_str().unwrap());
    assert!(made.header("location").ends_with(&path));
    let read = app.get(&path).token(&app.tokens.admin_read).send().await;
    assert_eq!((read.json(), read.header("etag")), (schema.clone(), "\"1\""));
    let list = app.get("/api/v1/schemas").token(&app.tokens.admin_read).send().await.json();
    assert_eq!(list, json!({"items": [schema], "next": null}));

    let merge = async |body: Value| app.patch(&path).token(&app.tokens.admin).json(&body).await;
    let changed = merge(json!({"name": "Employees", "description": null})).await.json();
    assert_eq!((&changed["name"], &changed["description"]), (&json!("Employees"), &json!("")));
    assert_eq!(changed["attributes"], schema["attributes"]);
    let bad = merge(json!({"attributes": [{"name": "a"}, {"name": "2b", "type": "decimal"}]})).await;
    assert_eq!(bad.status, 400);
    assert!(bad.json()["errors"]["attributes.1.name"].is_string(), "{}", bad.text());
    let unknown = merge(json!({"attributes": [{"name": "a", "type": "complex"}]})).await;
    assert_eq!(unknown.status, 400, "{}", unknown.text());
    let stale = app.patch(&path).token(&app.tokens.admin).header("if-match", "\"1\"").json(&json!({"name": "X"})).await;
    assert_eq!(stale.status, 412);
    let again = app.post("/api/v1/schemas").token(&app.tokens.admin).json(&staff()).await;
    assert_eq!((again.status, again.json()["errors"]["urn"].is_string()), (409, true));

    let ada = app.create_over_scim(&ada(&json!({"floor": 1}))).await;
    assert_eq!(ada.status, 201);
    let mut attributes = schema["attributes"].clone();
    attributes[1]["type"] = json!("string");
    let fixed = merge(json!({"attributes": attributes})).await;
    assert!(fixed.json()["errors"]["attributes.1.type"].is_string(), "{}", fixed.text());

    assert_eq!(app.delete(&path).token(&app.tokens.admin).send().await.status, 202, "somebody had a value");
    assert_eq!(app.get(&path).token(&app.tokens.admin).send().await.status, 404);
    let ada = app.read_over_scim(&format!("/scim2/Users/{}", ada.json()["id"].as_str().unwrap())).await;
    assert_eq!((ada.get(STAFF), &ada["schemas"]), (None, &json!([USER_SCHEMA])), "gone from every answer at once");
}

#[tokio::test]
async fn the_engine_removes_the_values_of_what_was_deleted() {
    let app = TestApp::start().await;
    let schema = app.define(&staff()).await;
    let ada = app.create_over_scim(&ada(&json!({"floor": 1}))).await.json();
    let path = format!("/api/v1/schemas/{}", schema["id"].as_str().unwrap());
    assert_eq!(app.delete(&path).token(&app.tokens.admin).send().await.status, 202);
    let directory = app.usher.directory();
    for _ in 0..100_000 {
        if !directory.has_values_to_remove().await.unwrap() {
            break;
        }
        app.clock.advance(Duration::from_secs(1));
        tokio::task::yield_now().await;
    }
    let user = app.get(format!("/scim2/Users/{}", ada["id"].as_str().unwrap())).token(&app.tokens.scim).send().await;
    assert_eq!(user.header("etag"), "W/\"2\"");
    app.define(&staff()).await;
}

// The console

#[tokio::test]
async fn the_console_defines_and_fills_attributes_without_javascript() {
    let console = Console::start().await;
    let app = &console.app;
    let page = async |path: &str| {
        let answer = console.get(path).await;
        assert_eq!(answer.status, 200, "{path}");
        answer.text()
    };
    assert!(page("/console/attributes").await.contains("No schemas of your own"));
    let named = [("urn", STAFF), ("name", "Staff")];
    let made = console.submit("attributes/create", "/console/attributes/new", "new-schema", &named).await;
    assert_eq!(made.status, 303, "{}", made.text());
    let place = made.header("location").to_owned();
    let id = place.rsplit('/').next().unwrap().to_owned();
    let add = async |version: &str, fields: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> =
            [("id", id.as_str()), ("version", version)].into_iter().chain(fields.iter().copied()).collect();
        console.submit("attributes/add", &format!("/console/attributes/{id}/new"), "attribute", &all).await
    };
    let wrong = add("1", &[("name", "2fast"), ("kind", "string")]).await;
    assert_eq!(wrong.status, 303);
    let shown = page(&format!("/console/attributes/{id}/new")).await;
    assert!(shown.contains("A name begins with a letter"), "{shown}");
    add("1", &[("name", "badge"), ("label", "Badge number"), ("kind", "string"), ("unique", "true")]).await;
    add("2", &[("name", "floor"), ("kind", "integer")]).await;
    let shown = page(&format!("/console/attributes/{id}")).await;
    assert!(shown.contains("Badge number") && shown.contains("Whole number") && shown.contains("nobody"), "{shown}");

    let ada = app.user("ada").await;
    let user = ada["id"].as_str().unwrap();
    let schemas = app.usher.directory().schemas_now().await.unwrap();
    let field = |place: usize| format!("attributes[custom.{}]", schemas.extensions[0].attributes[place].id);
    assert!(page(&format!("/console/users/{user}")).await.contains("Badge number"));
    let save = async |version: &str, values: &[(&str, &str)]| {
        let all: Vec<(&str, &str)> =
            [("id", user), ("version", version)].into_iter().chain(values.iter().copied()).collect();
        console.submit("users/update", &format!("/console/users/{user}"), "profile", &all).await
    };
    let (badge, floor) = (field(0), field(1));
    save("1", &[(&badge, "B-1"), (&floor, "3")]).await;
    let kept = app.read_over_scim(&format!("/scim2/Users/{user}")).await;
    assert_eq!(kept[STAFF], json!({"badge": "B-1", "floor": 3}));
    assert_eq!(kept["emails"], ada["emails"], "what the form left out stays");
    save("2", &[(&floor, "third")]).await;
    assert_eq!(app.read_over_scim(&format!("/scim2/Users/{user}")).await[STAFF]["floor"], 3);
    assert!(page(&format!("/console/attributes/{id}")).await.contains("1 person"));
}
