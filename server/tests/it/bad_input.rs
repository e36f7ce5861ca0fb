//! What is wrong gets a clear answer and changes nothing.

use serde_json::{Value, json};

use crate::support::{TestApp, USER_SCHEMA, user};

async fn nobody_was_made(app: &TestApp) {
    let list = app.get("/scim2/Users?count=0").token(&app.tokens.scim).send().await.json();
    assert_eq!(list["totalResults"], 0);
}

#[tokio::test]
async fn scim_bodies_that_cannot_be_read() {
    let app = TestApp::start().await;
    let deep = format!("{}{}", "[".repeat(500), "]".repeat(500));
    let cases: [(&str, &str); 9] = [
        ("{\"schemas\": [", "invalidSyntax"),
        ("", "invalidSyntax"),
        ("[]", "invalidSyntax"),
        (&deep, "invalidSyntax"),
        ("{\"userName\": \"ada\"}", "invalidSyntax"),
        ("{\"schemas\": [\"urn:unknown\"], \"userName\": \"ada\"}", "invalidValue"),
        (&format!("{{\"schemas\": [\"{USER_SCHEMA}\"]}}"), "invalidValue"),
        (&format!("{{\"schemas\": [\"{USER_SCHEMA}\"], \"userName\": 7}}"), "invalidValue"),
        (
            &format!("{{\"schemas\": [\"{USER_SCHEMA}\"], \"userName\": \"a\", \"active\": \"perhaps\"}}"),
            "invalidValue",
        ),
    ];
    for (body, keyword) in cases {
        let answer = app.post("/scim2/Users").token(&app.tokens.scim).body("application/scim+json", body).send().await;
        let error = answer.json();
        assert_eq!((answer.status, answer.kind()), (400, "application/scim+json"), "{body}");
        assert_eq!(error["scimType"], keyword, "{body}: {error}");
        assert!(error["detail"].as_str().unwrap().ends_with('.'), "{error}");
    }
    nobody_was_made(&app).await;
}

#[tokio::test]
async fn bodies_of_the_wrong_type_or_size() {
    let app = TestApp::start().await;
    let big = json!({"schemas": [USER_SCHEMA], "userName": "a".repeat(1024 * 1024)}).to_string();
    let answer =
        app.post("/scim2/Users").token(&app.tokens.scim).body("application/scim+json", big.clone()).send().await;
    assert_eq!((answer.status, &answer.json()["status"]), (413, &json!("413")));
    let answer =
        app.post("/scim2/Users").token(&app.tokens.scim).body("text/plain", user("ada").to_string()).send().await;
    assert_eq!((answer.status, &answer.json()["status"]), (415, &json!("415")));
    let kind = "application/json; charset=utf-8";
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).body(kind, user("ada").to_string()).send().await;
    assert_eq!(answer.status, 201);

    let answer = app.post("/api/v1/connections").token(&app.tokens.admin).body("application/json", big).send().await;
    assert_eq!((answer.status, answer.kind()), (413, "application/problem+json"));
    let answer = app.post("/api/v1/connections").token(&app.tokens.admin).body("text/plain", "{}").send().await;
    assert_eq!((answer.status, answer.kind()), (415, "application/problem+json"));
}

#[tokio::test]
async fn a_user_name_is_taken_in_any_case() {
    let app = TestApp::start().await;
    app.user("Ada").await;
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).scim(&user("aDA")).await;
    assert_eq!((answer.status, &answer.json()["scimType"]), (409, &json!("uniqueness")));
    let grace = app.user("grace").await;
    let path = format!("/scim2/Users/{}", grace["id"].as_str().unwrap());
    assert_eq!(app.put(&path).token(&app.tokens.scim).scim(&user("ADA")).await.status, 409);
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json()["userName"], "grace");
}

#[tokio::test]
async fn a_patch_is_applied_whole_or_not_at_all() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Users/{}", ada["id"].as_str().unwrap());
    for (second, keyword) in [
        (json!({"op": "replace", "path": "id", "value": "7"}), "mutability"),
        (json!({"op": "replace", "path": "shoeSize", "value": 41}), "invalidPath"),
        (json!({"op": "remove"}), "noTarget"),
        (json!({"op": "replace", "path": "userName", "value": 7}), "invalidValue"),
    ] {
        let body = json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [{"op": "replace", "path": "title", "value": "Changed"}, second],
        });
        let answer = app.patch(&path).token(&app.tokens.scim).scim(&body).await;
        assert_eq!((answer.status, &answer.json()["scimType"]), (400, &json!(keyword)), "{body}");
    }
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.json(), ada);
}

#[tokio::test]
async fn connections_with_bad_names_are_refused_by_field() {
    let app = TestApp::start().await;
    let post = async |body: Value| app.post("/api/v1/connections").token(&app.tokens.admin).json(&body).await;
    assert_eq!(post(json!({"name": "Acme"})).await.status, 201);
    for (body, status, field) in [
        (json!({}), 400, "name"),
        (json!({"name": "ab"}), 400, "name"),
        (json!({"name": "a".repeat(121)}), 400, "name"),
        (json!({"name": 7}), 400, "name"),
        (json!({"name": "Other", "description": "d".repeat(301)}), 400, "description"),
        (json!({"name": "Other", "template": "ldap"}), 400, "template"),
        (json!({"name": "Other", "colour": "red"}), 400, "colour"),
        (json!({"name": "ACME"}), 409, "name"),
    ] {
        let answer = post(body.clone()).await;
        let problem = answer.json();
        assert_eq!((answer.status, answer.kind()), (status, "application/problem+json"), "{body}");
        assert_eq!(problem["status"], status, "{problem}");
        assert!(problem["errors"][field].is_string(), "{body}: {problem}");
        assert_eq!(problem["request_id"], answer.header("x-request-id"), "{problem}");
    }
    let list = app.get("/api/v1/connections").token(&app.tokens.admin).send().await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn connector_addresses_that_must_not_be_called_are_refused() {
    let app = TestApp::start().await;
    let made = app.post("/api/v1/connections").token(&app.tokens.admin).json(&json!({"name": "Acme"})).await.json();
    let path = format!("/api/v1/connections/{}/connectors", made["id"].as_str().unwrap());
    let own = app.usher.state().link("/scim2/Users");
    for address in [
        "not a url",
        "ftp://acme.example/Users",
        "http://127.0.0.1:7001/Users",
        "http://10.0.0.7/Users",
        "http://[::1]/Users",
        "http://169.254.169.254/latest",
        "https://user:pass@acme.example/Users",
        &own,
    ] {
        let body = json!({"kind": "scim2", "properties": {"authentication_mode": "none", "user_endpoint": address}});
        let answer = app.post(&path).token(&app.tokens.admin).json(&body).await;
        assert_eq!(answer.status, 400, "{address}: {}", answer.text());
        assert!(answer.json()["errors"]["user_endpoint"].is_string(), "{address}: {}", answer.text());
    }
    for (properties, field) in [
        (json!({"authentication_mode": "none"}), "user_endpoint"),
        (json!({"authentication_mode": "magic", "user_endpoint": "https://acme.example/Users"}), "authentication_mode"),
        (json!({"authentication_mode": "bearer", "user_endpoint": "https://acme.example/Users"}), "access_token"),
        (json!({"authentication_mode": "none", "user_endpoint": "https://acme.example/Users", "x": "y"}), "x"),
        (json!({"authentication_mode": 7, "user_endpoint": "https://acme.example/Users"}), "authentication_mode"),
    ] {
        let answer =
            app.post(&path).token(&app.tokens.admin).json(&json!({"kind": "scim2", "properties": properties})).await;
        assert_eq!(answer.status, 400, "{properties}");
        assert!(answer.json()["errors"][field].is_string(), "{properties}: {}", answer.text());
    }
    let unknown = app.post(&path).token(&app.tokens.admin).json(&json!({"kind": "ldap"})).await;
    assert!(unknown.json()["errors"]["kind"].is_string(), "{}", unknown.text());
    let list = app.get(&path).token(&app.tokens.admin).send().await.json();
    assert_eq!(list["items"], json!([]));
}

#[tokio::test]
async fn ids_that_name_nothing_are_not_found() {
    let app = TestApp::start().await;
    let unknown = "0199aaaa-0000-7000-8000-000000000000";
    for noun in ["connections", "connectors", "provisioners", "deliveries"] {
        for id in [unknown, "not-an-id", "%FF"] {
            let answer = app.get(format!("/api/v1/{noun}/{id}")).token(&app.tokens.admin).send().await;
            assert_eq!((answer.status, answer.kind()), (404, "application/problem+json"), "{noun}/{id}");
        }
    }
    let answer = app.get(format!("/api/v1/users/{unknown}/deliveries")).token(&app.tokens.admin).send().await;
    assert_eq!(answer.status, 404);
    for id in [unknown, "not-an-id"] {
        let answer = app.get(format!("/scim2/Users/{id}")).token(&app.tokens.scim).send().await;
        assert_eq!((answer.status, answer.kind()), (404, "application/scim+json"), "{id}");
    }
}

#[tokio::test]
async fn parameters_that_make_no_sense_are_refused_by_name() {
    let app = TestApp::start().await;
    for (query, field) in [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=ten", "limit"),
        ("cursor=abc", "cursor"),
        ("state=lost", "state"),
        ("user_id=7", "user_id"),
        ("colour=red", "colour"),
    ] {
        let answer = app.get(format!("/api/v1/deliveries?{query}")).token(&app.tokens.admin).send().await;
        assert_eq!(answer.status, 400, "{query}");
        assert!(answer.json()["errors"][field].is_string(), "{query}: {}", answer.text());
    }
}

#[tokio::test]
async fn files_of_the_working_folder_are_not_served() {
    let app = TestApp::start().await;
    for path in ["/usher-data/usher.db", "/Cargo.toml", "/assets/../Cargo.toml", "/assets/Cargo.toml", "/.git/config"] {
        assert_eq!(app.get(path).send().await.status, 404, "{path}");
    }
}
