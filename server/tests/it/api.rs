//! The management API, as the contract says.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

const USERS: &str = "https://acme.example/scim/v2/Users";

impl TestApp {
    async fn api_post(&self, path: &str, body: Value) -> Answer {
        self.post(format!("/api/v1{path}")).token(&self.tokens.admin).json(&body).await
    }

    async fn api_get(&self, path: &str) -> Answer {
        self.get(format!("/api/v1{path}")).token(&self.tokens.admin).send().await
    }

    async fn api_patch(&self, path: &str, body: Value) -> Answer {
        self.patch(format!("/api/v1{path}"))
            .token(&self.tokens.admin)
            .body("application/merge-patch+json", body.to_string())
            .send()
            .await
    }

    async fn api_delete(&self, path: &str) -> Answer {
        self.delete(format!("/api/v1{path}")).token(&self.tokens.admin).send().await
    }

    /// `/connections/{id}` and `/connectors/{id}` of a fresh pair.
    async fn connected(&self, name: &str, enabled: bool) -> (Value, Value) {
        let connection = self.api_post("/connections", json!({"name": name, "template": "custom-connector"})).await;
        assert_eq!(connection.status, 201, "{}", connection.text());
        let connection = connection.json();
        let connector = self
            .api_post(
                &format!("/connections/{}/connectors", text(&connection["id"])),
                json!({"kind": "scim2", "enabled": enabled, "properties": {
                    "authentication_mode": "bearer", "access_token": "s3cret", "user_endpoint": USERS,
                }}),
            )
            .await;
        assert_eq!(connector.status, 201, "{}", connector.text());
        (connection, connector.json())
    }
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

#[tokio::test]
async fn a_connection_is_made_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let made = app
        .api_post("/connections", json!({"name": " Acme ", "description": "", "template": "custom-connector"}))
        .await;
    assert_eq!(made.status, 201);
    let connection = made.json();
    assert_eq!(connection["name"], "Acme");
    assert_eq!((&connection["enabled"], &connection["state"]), (&json!(true), &json!("active")));
    assert_eq!(connection["created_at"], "2026-03-12T09:00:00Z");
    let path = format!("/connections/{}", text(&connection["id"]));
    assert!(made.header("location").ends_with(&format!("/api/v1{path}")));
    assert_eq!(app.api_get(&path).await.json(), connection);

    let changed = app.api_patch(&path, json!({"description": "Ours", "enabled": false})).await;
    assert_eq!((changed.status, &changed.json()["description"]), (200, &json!("Ours")));
    assert_eq!(changed.json()["enabled"], false);
    let emptied =
        app.patch(format!("/api/v1{path}")).token(&app.tokens.admin).json(&json!({"description": null})).await;
    assert_eq!((emptied.status, &emptied.json()["description"]), (200, &json!("")));
    assert!(app.api_patch(&path, json!({"name": null})).await.json()["errors"]["name"].is_string());

    assert_eq!(app.api_delete(&path).await.status, 204);
    assert_eq!(app.api_get(&path).await.status, 404);
    assert_eq!(app.api_patch(&path, json!({"name": "Late"})).await.status, 404);
}

#[tokio::test]
async fn the_second_of_two_administrators_is_told() {
    let app = TestApp::start().await;
    let made = app.api_post("/connections", json!({"name": "Acme"})).await;
    let path = format!("/api/v1/connections/{}", text(&made.json()["id"]));
    let edit = async |name: &str| {
        app.patch(&path)
            .token(&app.tokens.admin)
            .header("if-match", made.header("etag"))
            .json(&json!({"name": name}))
            .await
    };
    assert_eq!(edit("First").await.status, 200);
    let second = edit("Second").await;
    assert_eq!((second.status, &second.json()["type"]), (412, &json!("urn:usher:problem:stale")));
    assert_eq!(app.get(&path).token(&app.tokens.admin).send().await.json()["name"], "First");
}

#[tokio::test]
async fn secrets_are_shown_as_set_and_never_returned() {
    let app = TestApp::start().await;
    let (_, connector) = app.connected("Acme", false).await;
    let path = format!("/connectors/{}", text(&connector["id"]));
    let shown = app.api_get(&path).await;
    assert!(!shown.text().contains("s3cret"), "{}", shown.text());
    assert_eq!(shown.json()["secrets"], json!({"access_token": {"set": true, "set_at": "2026-03-12T09:00:00Z"}}));
    assert_eq!(shown.json()["properties"]["user_endpoint"], USERS);
    assert_eq!(shown.json()["properties"].get("access_token"), None);
    assert_eq!(shown.json()["enabled"], false);

    let taken = app.api_patch(&path, json!({"properties": {"access_token": null}})).await;
    assert!(taken.json()["errors"]["access_token"].is_string(), "{}", taken.text());
}

#[tokio::test]
async fn a_connectors_properties_merge_key_by_key() {
    let app = TestApp::start().await;
    let (_, connector) = app.connected("Acme", true).await;
    let path = format!("/connectors/{}", text(&connector["id"]));
    let groups = "https://acme.example/scim/v2/Groups";
    let changed = app.api_patch(&path, json!({"properties": {"group_endpoint": groups}})).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_eq!(changed.json()["properties"]["group_endpoint"], groups);
    assert_eq!(changed.json()["properties"]["user_endpoint"], USERS);
    assert_eq!(changed.json()["enabled"], true);
    let cleared = app.api_patch(&path, json!({"properties": {"group_endpoint": null}})).await;
    assert_eq!(cleared.json()["properties"].get("group_endpoint"), None, "{}", cleared.text());
    // A switch is not an edit: an open form stays good.
    let tag = app.api_get(&path).await.header("etag").to_owned();
    let off = app.api_patch(&path, json!({"enabled": false})).await;
    assert_eq!(off.header("etag"), tag);
}

#[tokio::test]
async fn stored_secrets_go_nowhere_new() {
    let app = TestApp::start().await;
    let (_, connector) = app.connected("Acme", false).await;
    let path = format!("/connectors/{}", text(&connector["id"]));
    let elsewhere = "https://evil.example/scim/v2/Users";
    let moved = app.api_patch(&path, json!({"properties": {"user_endpoint": elsewhere}})).await;
    assert_eq!(moved.status, 400);
    assert!(moved.json()["errors"]["access_token"].is_string(), "{}", moved.text());
    let tested = app.api_post(&format!("{path}/test"), json!({"properties": {"user_endpoint": elsewhere}})).await;
    assert_eq!(tested.status, 400, "{}", tested.text());
    let again = app.api_patch(&path, json!({"properties": {"user_endpoint": elsewhere, "access_token": "new"}})).await;
    assert_eq!(again.status, 200, "{}", again.text());
}

#[tokio::test]
async fn one_connector_of_a_kind_and_one_provisioner_for_each() {
    let app = TestApp::start().await;
    let (connection, connector) = app.connected("Acme", true).await;
    let second = app
        .api_post(
            &format!("/connections/{}/connectors", text(&connection["id"])),
            json!({"kind": "scim2", "properties": {"authentication_mode": "none", "user_endpoint": USERS}}),
        )
        .await;
    assert_eq!((second.status, second.json()["errors"]["kind"].is_string()), (409, true), "{}", second.text());

    let new = json!({"connection_id": connection["id"], "connector_id": connector["id"]});
    let made = app.api_post("/provisioners", new.clone()).await;
    assert_eq!(made.status, 201, "{}", made.text());
    let provisioner = made.json();
    for (field, default) in [
        ("blocking", json!(false)),
        ("jit_outbound", json!(false)),
        ("on_blocking_failure", json!("refuse")),
        ("time_limit_ms", json!(10_000)),
        ("on_delete", json!("delete")),
        ("on_leave", json!("delete")),
        ("state", json!("active")),
    ] {
        assert_eq!(provisioner[field], default, "{field}");
    }
    let again = app.api_post("/provisioners", new).await;
    assert_eq!((again.status, again.json()["errors"]["connector_id"].is_string()), (409, true));
}

#[tokio::test]
async fn a_provisioner_is_changed_and_deleted() {
    let app = TestApp::start().await;
    let (connection, connector) = app.connected("Acme", true).await;
    let ids = json!({"connection_id": connection["id"], "connector_id": connector["id"]});
    let made = app.api_post("/provisioners", ids).await.json();
    let path = format!("/provisioners/{}", text(&made["id"]));
    let changed = app
        .api_patch(
            &path,
            json!({"blocking": true, "time_limit_ms": 500, "on_blocking_failure": "keep", "on_delete": "leave"}),
        )
        .await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    let reset = app.api_patch(&path, json!({"time_limit_ms": null})).await.json();
    assert_eq!(
        (&reset["blocking"], &reset["time_limit_ms"], &reset["on_delete"]),
        (&json!(true), &json!(10_000), &json!("leave"))
    );
    for (bad, field) in [
        (json!({"time_limit_ms": 99}), "time_limit_ms"),
        (json!({"time_limit_ms": "soon"}), "time_limit_ms"),
        (json!({"on_delete": "forget"}), "on_delete"),
        (json!({"connector_id": connector["id"]}), "connector_id"),
    ] {
        let answer = app.api_patch(&path, bad.clone()).await;
        assert_eq!(answer.status, 400, "{bad}");
        assert!(answer.json()["errors"][field].is_string(), "{bad}: {}", answer.text());
    }
    assert_eq!(app.api_get("/provisioners").await.json()["items"].as_array().unwrap().len(), 1);
    assert_eq!(app.api_delete(&path).await.status, 204);
    assert_eq!(app.api_get(&path).await.status, 404);
}

#[tokio::test]
async fn nothing_that_is_enabled_is_deleted() {
    let app = TestApp::start().await;
    let (connection, connector) = app.connected("Acme", true).await;
    let (connection, connector) =
        (format!("/connections/{}", text(&connection["id"])), format!("/connectors/{}", text(&connector["id"])));
    for path in [&connection, &connector] {
        let refused = app.api_delete(path).await;
        assert_eq!((refused.status, &refused.json()["type"]), (409, &json!("urn:usher:problem:conflict")), "{path}");
    }
    app.api_patch(&connector, json!({"enabled": false})).await;
    assert_eq!(app.api_delete(&connection).await.status, 204);
    assert_eq!(app.api_get(&connector).await.status, 404);
    assert_eq!(app.api_delete("/connectors/x?accounts=burn").await.status, 404);
    let (connection, _) = app.connected("Other", false).await;
    let refused = app.api_delete(&format!("/connections/{}?accounts=burn", text(&connection["id"]))).await;
    assert!(refused.json()["errors"]["accounts"].is_string(), "{}", refused.text());
}

#[tokio::test]
async fn lists_come_in_pages_with_a_cursor() {
    let app = TestApp::start().await;
    for name in ["Charlie", "alpha", "Bravo"] {
        app.connected(name, false).await;
    }
    for noun in ["connections", "connectors"] {
        let mut seen = Vec::new();
        let mut cursor = String::new();
        loop {
            let page = app.api_get(&format!("/{noun}?limit=2&cursor={cursor}")).await.json();
            seen.extend(page["items"].as_array().unwrap().iter().map(|item| item["id"].clone()));
            match page["next"].as_str() {
                Some(next) => next.clone_into(&mut cursor),
                None => break,
            }
        }
        assert_eq!(seen.len(), 3, "{noun}");
    }
    let names = app.api_get("/connections").await.json();
    let names: Vec<&str> = names["items"].as_array().unwrap().iter().map(|item| text(&item["name"])).collect();
    assert_eq!(names, ["alpha", "Bravo", "Charlie"]);
    let found = app.api_get("/connections?search=RAV").await.json();
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_kinds_of_connectors_describe_themselves() {
    let app = TestApp::start().await;
    let kinds = app.api_get("/connector-kinds").await.json();
    let scim2 = kinds["items"].as_array().unwrap().iter().find(|kind| kind["kind"] == "scim2").unwrap();
    let property = |key: &str| {
        scim2["properties"].as_array().unwrap().iter().find(|property| property["key"] == key).unwrap().clone()
    };
    assert_eq!(property("access_token")["type"], "secret");
    assert_eq!(property("user_endpoint")["required"], true);
    assert_eq!(
        property("authentication_mode")["choices"],
        json!(["none", "basic", "bearer", "api_key", "client_credentials"])
    );
}

#[tokio::test]
async fn a_connection_that_signs_people_in_is_made_read_changed_and_deleted() {
    let app = TestApp::start().await;
    let made = app
        .api_post(
            "/connections",
            json!({"name": "Globex", "template": "standard-based-idp", "enabled": false, "sign_in": {
                "issuer": " https://id.globex.example/realm ", "client_id": "usher", "client_secret": "s3cret",
                "attributes": {"title": "job_title"}, "groups": [{"claim": "eng", "group": "Engineering"}],
            }}),
        )
        .await;
    assert_eq!(made.status, 201, "{}", made.text());
    let connection = made.json();
    assert_eq!((&connection["template"], &connection["enabled"]), (&json!("standard-based-idp"), &json!(false)));
    let path = format!("/connections/{}", text(&connection["id"]));
    let sign_in = format!("{path}/sign-in");
    let shown = app.api_get(&sign_in).await;
    assert!(!shown.text().contains("s3cret"), "{}", shown.text());
    let set = shown.json();
    for (field, expected) in [
        ("protocol", json!("openid_connect")),
        ("issuer", json!("https://id.globex.example/realm")),
        ("discovery", json!(true)),
        ("client_authentication", json!("client_secret_basic")),
        ("scopes", json!("openid profile email")),
        ("pkce", json!(true)),
        ("groups", json!([{"claim": "eng", "group": "Engineering"}])),
        ("group_sync", json!("merge")),
        ("attribute_sync", json!("preserve_local")),
        ("jit", json!(true)),
        ("secrets", json!({"client_secret": {"set": true, "set_at": "2026-03-12T09:00:00Z"}})),
    ] {
        assert_eq!(set[field], expected, "{field}");
    }
    assert_eq!(set["attributes"]["title"], "job_title");
    assert_eq!(set["attributes"]["user_name"], "preferred_username, email", "the template's");
    assert!(text(&set["callback_url"]).ends_with(&format!("/sign-in/callback/{}", text(&connection["id"]))));
    assert!(text(&set["back_channel_logout_url"]).contains("/sign-in/back-channel/"));

    let change = json!({
        "pkce": null, "client_authentication": "client_secret_post", "jit": false, "consent": true,
        "attribute_sync": "override_all", "link_verified_mail": true, "link_claim": "employee_number",
        "link_attribute": "external_id", "groups": null, "attributes": {"title": null, "department": "org, unit"},
    });
    let changed = app.api_patch(&sign_in, change.clone()).await;
    assert_eq!(changed.status, 200, "{}", changed.text());
    assert_ne!(changed.header("etag"), shown.header("etag"));
    let changed = changed.json();
    for (field, expected) in change.as_object().unwrap().iter().filter(|(_, value)| !value.is_null()) {
        if field != "attributes" {
            assert_eq!(changed[field], *expected, "{field}");
        }
    }
    assert_eq!((&changed["groups"], &changed["pkce"]), (&json!([]), &json!(true)));
    assert_eq!(changed["attributes"]["department"], "org, unit");
    assert_eq!(changed["attributes"].get("title"), None);
    assert_eq!(changed["secrets"], set["secrets"], "what is not given stays");
    assert_eq!(app.api_get(&path).await.header("etag"), made.header("etag"), "the connection is the same");

    let events = app.api_get("/audit?action=connection.sign_in").await;
    assert_eq!(events.json()["items"].as_array().unwrap().len(), 2, "{}", events.text());
    assert!(!events.text().contains("s3cret"));
    assert_eq!(app.api_delete(&path).await.status, 204);
    assert_eq!(app.api_get(&sign_in).await.status, 404);
    assert_eq!(app.api_patch(&sign_in, json!({"jit": true})).await.status, 404);
}

#[tokio::test]
async fn each_template_is_filled_in_and_says_what_it_lacks() {
    let app = TestApp::start().await;
    let create = async |template: &str, sign_in: Value| {
        let name = format!("By {template}");
        app.api_post("/connections", json!({"name": name, "template": template, "sign_in": sign_in})).await
    };
    for (template, lacks) in [
        ("standard-based-idp", vec!["sign_in.client_id", "sign_in.issuer"]),
        ("google", vec!["sign_in.client_id"]),
        ("microsoft", vec!["sign_in.client_id", "sign_in.issuer"]),
        ("github", vec!["sign_in.client_id"]),
    ] {
        let refused = create(template, json!({})).await;
        let errors = refused.json()["errors"].as_object().unwrap().clone();
        assert_eq!((refused.status, errors.keys().map(String::as_str).collect()), (400, lacks), "{template}");
    }
    assert!(app.api_get("/connections").await.json()["items"].as_array().unwrap().is_empty(), "nothing was made");

    let tenant = "https://login.microsoftonline.com/8f0f0000-0000-4000-8000-000000000000/v2.0";
    for (template, sign_in, issuer, user_name) in [
        ("google", json!({"client_id": "c"}), "https://accounts.google.com", "email"),
        ("microsoft", json!({"client_id": "c", "issuer": tenant}), tenant, "preferred_username, email"),
        ("github", json!({"client_id": "c"}), "https://github.com", "login"),
    ] {
        let made = create(template, sign_in).await;
        assert_eq!(made.status, 201, "{}", made.text());
        let set = app.api_get(&format!("/connections/{}/sign-in", text(&made.json()["id"]))).await.json();
        assert_eq!((&set["issuer"], &set["attributes"]["user_name"]), (&json!(issuer), &json!(user_name)));
        assert_eq!(set["secrets"], json!({}), "{template}");
        let github = template == "github";
        assert_eq!(set["protocol"], if github { "oauth2" } else { "openid_connect" });
        assert_eq!(set["back_channel_logout_url"].is_null(), github);
    }
    let without = create("standard-based-idp", json!({"client_secret": null})).await.json();
    assert!(without["errors"]["sign_in.client_id"].is_string(), "no secret is what a template has: {without}");
    assert!(without["errors"]["client_secret"].is_null(), "{without}");
    let none = create("custom-connector", json!({"client_id": "c"})).await;
    assert!(none.json()["errors"]["sign_in"].is_string(), "{}", none.text());
    let unknown = create("saml", json!(null)).await;
    assert!(text(&unknown.json()["errors"]["template"]).contains("github"), "{}", unknown.text());
    let custom = app.api_post("/connections", json!({"name": "Acme"})).await.json();
    assert_eq!(app.api_get(&format!("/connections/{}/sign-in", text(&custom["id"]))).await.status, 404);
}

#[tokio::test]
async fn settings_of_a_sign_in_that_cannot_be_change_nothing() {
    let app = TestApp::start().await;
    let sign_in = json!({"issuer": "https://id.globex.example", "client_id": "usher", "client_secret": "s3cret"});
    let new = json!({"name": "Globex", "template": "standard-based-idp", "sign_in": sign_in});
    let made = app.api_post("/connections", new.clone()).await;
    assert_eq!(app.api_post("/connections", new).await.status, 409, "the name is taken");
    let path = format!("/connections/{}/sign-in", text(&made.json()["id"]));
    let before = app.api_get(&path).await;
    for (bad, field) in [
        (json!({"issuer": "id.globex.example"}), "issuer"),
        (json!({"issuer": "http://169.254.169.254/"}), "issuer"),
        (json!({"issuer": "https://elsewhere.example"}), "client_secret"),
        (json!({"client_id": ""}), "client_id"),
        (json!({"client_id": "x".repeat(3_000)}), "client_id"),
        (json!({"client_secret": null}), "client_secret"),
        (json!({"client_secret": " "}), "client_secret"),
        (json!({"discovery": false}), "token_endpoint"),
        (json!({"pkce": "yes"}), "pkce"),
        (json!({"protocol": "oauth2"}), "protocol"),
        (json!({"attributes": {"user_name": null}}), "attributes.user_name"),
        (json!({"attributes": {"mail": "a\nb"}}), "attributes.mail"),
        (json!({"groups": [{"claim": "eng", "group": ""}]}), "groups"),
        (json!({"attribute_sync": "sometimes"}), "attribute_sync"),
        (json!({"callback_url": "https://elsewhere.example"}), "callback_url"),
    ] {
        let refused = app.api_patch(&path, bad.clone()).await;
        assert_eq!(refused.status, 400, "{bad}");
        assert!(refused.json()["errors"][field].is_string(), "{bad}: {}", refused.text());
    }
    let unknown = app.api_patch(&path, json!({"attributes": {"shoe_size": "shoe"}})).await;
    assert!(unknown.status == 400 && unknown.text().contains("shoe_size"), "{}", unknown.text());
    assert_eq!(app.api_get(&path).await.json(), before.json());
    assert_eq!(app.api_get(&path).await.header("etag"), before.header("etag"));

    let edit = async |tag: &str, change: Value| {
        let path = format!("/api/v1{path}");
        app.patch(path).token(&app.tokens.admin).header("if-match", tag).json(&change).await
    };
    let moved = json!({"issuer": "https://elsewhere.example", "client_secret": "another"});
    assert_eq!(edit(before.header("etag"), moved).await.status, 200);
    let stale = edit(before.header("etag"), json!({"jit": false})).await;
    assert_eq!((stale.status, &stale.json()["type"]), (412, &json!("urn:usher:problem:stale")));
    assert_eq!(app.api_get(&path).await.json()["jit"], true);
}

#[tokio::test]
async fn the_document_lists_every_endpoint_and_no_other() {
    let app = TestApp::start().await;
    let document = app.api_get("/openapi.json").await.json();
    let mut documented: Vec<(String, String)> = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            documented.push((method.to_uppercase(), path.clone()));
            assert!(operation["responses"]["default"].is_object(), "{method} {path}");
        }
    }
    let served = server::router::endpoints().into_iter().filter(|endpoint| endpoint.path.starts_with("/api/v1"));
    let mut served: Vec<(String, String)> =
        served.map(|endpoint| (endpoint.method.to_owned(), endpoint.path)).collect();
    documented.sort();
    served.sort();
    assert_eq!(documented, served);
    assert!(document["components"]["securitySchemes"]["token"].is_object());
    assert!(document["components"]["schemas"]["Problem"].is_object());
    let text = document.to_string();
    for reference in text.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(document["components"]["schemas"][name].is_object(), "{name} is not described");
    }
}

/// Of two types of one name, the document would keep one.
#[tokio::test]
async fn the_document_tells_types_that_are_called_alike_apart() {
    let app = TestApp::start().await;
    let document = app.api_get("/openapi.json").await.json();
    let schemas = &document["components"]["schemas"];
    for (owner, property, values) in [
        ("Property", "type", &["text", "url", "secret", "boolean", "choice"][..]),
        ("Attribute", "type", &["string", "boolean", "integer", "decimal", "dateTime", "reference"]),
    ] {
        let reference = &schemas[owner]["properties"][property]["$ref"];
        let name = reference.as_str().unwrap_or_else(|| panic!("{owner}: {}", schemas[owner]));
        assert_eq!(schemas[name.rsplit('/').next().unwrap()]["enum"], json!(values), "{owner}");
    }
}
