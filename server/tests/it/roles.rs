//! Console roles over HTTP: who cannot be reached by whom, and what each sees.

use auth::Caller;
use domain::{UserId, permission::Role};
use serde_json::{Value, json};

use crate::support::{Answer, PASSWORD, TestApp, USER_SCHEMA, user};

const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";

fn patch(operations: &Value) -> Value {
    json!({"schemas": [PATCH_OP], "Operations": operations})
}

/// An administrator who came in over SCIM, beside another: not the last one.
async fn administrator(app: &TestApp) -> (String, Value) {
    app.administrator("root").await;
    let mut document = user("boss");
    document["password"] = json!(PASSWORD);
    let made = app.post("/scim2/Users").token(&app.tokens.scim).scim(&document).await.json();
    let id = made["id"].as_str().unwrap().to_owned();
    let who = Caller::system().authorise().unwrap();
    let user: UserId = id.parse().unwrap();
    app.usher.directory().set_role(&who, user, Some(Role::Administrator)).await.unwrap();
    let document = app.get(format!("/scim2/Users/{id}")).token(&app.tokens.scim).send().await.json();
    (id, document)
}

async fn post(app: &TestApp, cookie: &str, function: &str, form: &str) -> Answer {
    app.call(function, form).header("cookie", cookie).send().await
}

async fn status(app: &TestApp, cookie: &str, path: &str) -> u16 {
    app.get(path).header("cookie", cookie).send().await.status
}

#[tokio::test]
async fn a_scim_token_that_tries_to_take_over_an_administrator_gets_nowhere() {
    let app = TestApp::start().await;
    let (id, before) = administrator(&app).await;
    let (path, token) = (format!("/scim2/Users/{id}"), &app.tokens.scim);
    let session = app.sign_in("boss").await;

    let with = |change: Value| {
        let mut document = user("boss");
        document.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        document
    };
    let mine = json!([{"value": "thief@example.org", "type": "work", "primary": true}]);
    for change in [
        json!({"userName": "mine"}),
        json!({"active": false}),
        json!({"emails": mine}),
        json!({"emails": []}),
        json!({"password": "a password of mine"}),
    ] {
        let refused = app.put(&path).token(token).scim(&with(change.clone())).await;
        assert_eq!(refused.status, 403, "PUT {change}: {}", refused.text());
    }

    let operations = [
        json!({"op": "replace", "path": "active", "value": false}),
        json!({"op": "Replace", "path": "active", "value": "False"}),
        json!({"op": "replace", "value": {"active": "False"}}),
        json!({"op": "replace", "path": "userName", "value": "mine"}),
        json!({"op": "replace", "path": format!("{USER_SCHEMA}:userName"), "value": "mine"}),
        json!({"op": "add", "value": {"userName": "mine", "title": "Boss"}}),
        json!({"op": "replace", "path": "emails", "value": mine}),
        json!({"op": "replace", "path": "emails[type eq \"work\"].value", "value": "thief@example.org"}),
        json!({"op": "add", "path": "emails[type eq \"home\"].value", "value": "thief@example.org"}),
        json!({"op": "add", "path": "emails", "value": mine}),
        json!({"op": "replace", "value": {"emails[type eq \"work\"].value": "thief@example.org"}}),
        json!({"op": "replace", "value": {(format!("{USER_SCHEMA}:emails")): mine}}),
        json!({"op": "remove", "path": "emails"}),
        json!({"op": "remove", "path": "emails[type eq \"work\"]"}),
        json!({"op": "replace", "path": "password", "value": "a password of mine"}),
        json!({"op": "add", "value": {"password": "a password of mine"}}),
    ];
    for operation in &operations {
        let refused = app.patch(&path).token(token).scim(&patch(&json!([operation]))).await;
        assert_eq!(refused.status, 403, "PATCH {operation}: {}", refused.text());
        // Hidden among what does no harm, it takes that down with it.
        let mixed = json!([{"op": "replace", "path": "title", "value": "Boss"}, operation]);
        assert_eq!(app.patch(&path).token(token).scim(&patch(&mixed)).await.status, 403, "{operation}");
    }

    let bulk: Vec<Value> = operations
        .iter()
        .map(|operation| json!({"method": "PATCH", "path": format!("/Users/{id}"), "data": patch(&json!([operation]))}))
        .chain([
            json!({"method": "PUT", "path": format!("/Users/{id}"), "data": with(json!({"userName": "mine"}))}),
            json!({"method": "DELETE", "path": format!("/Users/{id}")}),
        ])
        .collect();
    let many = bulk.len();
    let done = app.post("/scim2/Bulk").token(token).scim(&json!({"schemas": [BULK_REQUEST], "Operations": bulk})).await;
    let answers = done.json()["Operations"].as_array().unwrap().clone();
    assert_eq!(answers.len(), many, "{}", done.text());
    assert!(answers.iter().all(|answer| answer["status"] == "403"), "{}", done.text());

    assert_eq!(app.delete(&path).token(token).send().await.status, 403);
    assert_eq!(app.post("/scim2/Users").token(token).scim(&user("BOSS")).await.status, 409);

    let after = app.get(&path).token(token).send().await.json();
    assert_eq!(after, before, "nothing of it was done");
    assert_eq!(status(&app, &session, "/console/users").await, 200, "still signed in, still an administrator");
    app.sign_in("boss").await;
}

#[tokio::test]
async fn groups_give_a_scim_token_nothing_over_an_administrator() {
    let app = TestApp::start().await;
    let (id, before) = administrator(&app).await;
    let (token, session) = (&app.tokens.scim, app.sign_in("boss").await);
    app.user("ada").await;
    let group = json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"], "displayName": "administrator",
        "members": [{"value": id}]});
    let made = app.post("/scim2/Groups").token(token).scim(&group).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let path = format!("/scim2/Groups/{}", made.json()["id"].as_str().unwrap());
    for operation in [
        json!({"op": "remove", "path": format!("members[value eq \"{id}\"]")}),
        json!({"op": "add", "path": "members", "value": [{"value": id, "display": "mine"}]}),
        json!({"op": "replace", "path": "members", "value": []}),
    ] {
        let changed = app.patch(&path).token(token).scim(&patch(&json!([operation]))).await;
        assert_eq!(changed.status, 200, "{operation}: {}", changed.text());
    }
    assert_eq!(app.delete(&path).token(token).send().await.status, 204);
    let mut after = app.get(format!("/scim2/Users/{id}")).token(token).send().await.json();
    after["meta"] = before["meta"].clone();
    assert_eq!(after, before);
    assert_eq!(status(&app, &session, "/console/roles").await, 200);
}

#[tokio::test]
async fn a_role_is_given_and_taken_in_the_console() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    app.holder("ada", None).await;
    let root = app.sign_in("root").await;
    let found = app.get("/console/-/roles/candidates?search=ada").header("cookie", &root).send().await.json();
    let id = found["people"][0]["id"].as_str().unwrap().to_owned();
    assert_eq!(found["people"][0]["role"], Value::Null, "{found}");

    let theirs = app.sign_in("ada").await;
    assert_eq!(status(&app, &theirs, "/console/users").await, 403, "signed in, and sees nothing");
    assert_eq!(status(&app, &theirs, "/console/settings/sessions").await, 200);
    let given = post(&app, &root, "roles/give", &format!("id={id}&role=auditor")).await.json();
    assert_eq!(given["done"], json!({"to": "/console/roles", "message": "ada now holds the role Auditor."}));
    assert_eq!(status(&app, &theirs, "/console/users").await, 303, "signed out by it");
    let theirs = app.sign_in("ada").await;
    assert_eq!(status(&app, &theirs, "/console/users").await, 200);
    let page = app.get("/console/roles").header("cookie", &theirs).send().await.text();
    assert!(page.contains("Only administrators give and take roles."), "{page}");
    assert_eq!(post(&app, &theirs, "users/set-role", &format!("id={id}&role=administrator")).await.status, 403);

    let set = post(&app, &root, "users/set-role", &format!("id={id}&role=operator")).await.json();
    assert_eq!(set["done"]["to"], format!("/console/users/{id}/roles"), "{set}");
    for nonsense in ["role=", "role=king"] {
        assert_eq!(post(&app, &root, "users/set-role", &format!("id={id}&{nonsense}")).await.status, 400, "{nonsense}");
    }
    let taken = post(&app, &root, "roles/take", &format!("id={id}")).await.json();
    assert_eq!(taken["done"]["message"], "ada holds no console role any more.");
}

#[tokio::test]
async fn the_last_administrator_is_told_why_they_stay() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let root = app.sign_in("root").await;
    let list = app.get("/console/-/roles/list").header("cookie", &root).send().await.json();
    let id = list["roles"][0]["holders"][0]["id"].as_str().unwrap().to_owned();
    for (function, form) in [
        ("roles/take", String::new()),
        ("roles/give", "&role=auditor".to_owned()),
        ("users/set-role", "&role=none".to_owned()),
        ("users/lock", String::new()),
        ("users/disable", String::new()),
        ("users/delete", String::new()),
    ] {
        let refused = post(&app, &root, function, &format!("id={id}{form}")).await.json();
        let why = refused["invalid"][""].as_str().unwrap_or_default();
        assert!(why.starts_with("This is the last administrator."), "{function}: {refused}");
    }
    let page = app.get(format!("/console/users/{id}/roles")).header("cookie", &root).send().await.text();
    assert!(page.contains("This is the last administrator."), "{page}");
    assert_eq!(status(&app, &root, "/console/roles").await, 200, "still there");
}

#[tokio::test]
async fn whoever_changes_their_own_role_or_locks_themselves_is_at_the_door() {
    let app = TestApp::start().await;
    for name in ["root", "second", "third"] {
        app.administrator(name).await;
    }
    let id_of = async |name: &str, cookie: &str| {
        let list = app.get("/console/-/roles/list").header("cookie", cookie).send().await.json();
        let holders = list["roles"][0]["holders"].as_array().unwrap().clone();
        holders.iter().find(|holder| holder["user_name"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    for (name, function, form) in [("second", "users/set-role", "&role=auditor"), ("third", "users/lock", "")] {
        let cookie = app.sign_in(name).await;
        let id = id_of(name, &cookie).await;
        let done = post(&app, &cookie, function, &format!("id={id}{form}")).await.json();
        assert_eq!(done["done"]["to"], "/sign-in", "{done}");
        assert_eq!(status(&app, &cookie, "/console").await, 303, "{name}");
    }
    assert_eq!(app.try_sign_in("third", PASSWORD).send().await.cookie("usher"), None);
    let root = app.sign_in("root").await;
    let id = id_of("third", &root).await;
    let done = post(&app, &root, "users/unlock", &format!("id={id}")).await.json();
    assert_eq!(done["done"]["message"], "The user is unlocked.", "{done}");
    app.sign_in("third").await;
}
