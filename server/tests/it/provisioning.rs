//! From the doors to an account in an external system, and back.

use rehearsal::AcmeCloud;
use serde_json::{Value, json};

use crate::support::{Setting, TestApp, user};

/// Usher with Acme Cloud connected.
pub(crate) struct Pair {
    pub app: TestApp,
    pub acme: AcmeCloud,
    pub connector: String,
    provisioner: String,
}

impl Pair {
    /// Blocking, so that every answer comes after Acme Cloud's.
    pub(crate) async fn blocking(rules: Value) -> Self {
        let acme = AcmeCloud::builder().token("acme-token").start().await.unwrap();
        let app = TestApp::with(Setting { allow_ports: vec![acme.address()], ..Setting::default() }).await;
        let admin = app.tokens.admin.clone();
        let made = async |path: String, body: Value| {
            let answer = app.post(path).token(&admin).json(&body).await;
            assert_eq!(answer.status, 201, "{}", answer.text());
            answer.json()["id"].as_str().unwrap().to_owned()
        };
        let connection = made("/api/v1/connections".to_owned(), json!({"name": "Acme Cloud"})).await;
        let properties = json!({
            "authentication_mode": "bearer", "access_token": "acme-token", "user_endpoint": acme.users_endpoint(),
        });
        let connector = made(
            format!("/api/v1/connections/{connection}/connectors"),
            json!({"kind": "scim2", "enabled": true, "properties": properties}),
        )
        .await;
        let mut provisioner = json!({"connection_id": connection, "connector_id": connector, "blocking": true});
        provisioner.as_object_mut().unwrap().extend(rules.as_object().unwrap().clone());
        let provisioner = made("/api/v1/provisioners".to_owned(), provisioner).await;
        Self { app, acme, connector, provisioner }
    }

    async fn get(&self, path: &str) -> Value {
        let answer = self.app.get(format!("/api/v1{path}")).token(&self.app.tokens.admin).send().await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.text());
        answer.json()
    }
}

#[tokio::test]
async fn a_users_whole_life_is_followed() {
    let Pair { app, acme, .. } = &Pair::blocking(json!({})).await;
    let ada = app.user("ada").await;
    let id = ada["id"].as_str().unwrap();
    let account = acme.account("ada").expect("Acme Cloud has the account when the answer comes");
    assert_eq!(account.external_id.as_deref(), Some(id));

    let mut changed = user("ada");
    changed["name"] = json!({"familyName": "Lovelace"});
    let path = format!("/scim2/Users/{id}");
    let answer = app.put(&path).token(&app.tokens.scim).scim(&changed).await;
    assert_eq!((answer.status, answer.header("usher-pending")), (200, ""));
    let account = acme.account("ada").unwrap();
    assert_eq!(account.document["name"]["familyName"], "Lovelace");

    let answer = app.delete(&path).token(&app.tokens.scim).send().await;
    assert_eq!((answer.status, answer.header("usher-pending")), (204, ""));
    assert!(acme.accounts().is_empty());
}

#[tokio::test]
async fn deliveries_and_attempts_tell_what_happened_also_after_the_user_is_gone() {
    let pair = Pair::blocking(json!({})).await;
    let app = &pair.app;
    let ada = app.user("ada").await;
    let id = ada["id"].as_str().unwrap();
    let list = pair.get(&format!("/users/{id}/deliveries")).await;
    let delivery = &list["items"][0];
    assert_eq!(
        (&delivery["user_id"], &delivery["connector_id"], &delivery["wanted"], &delivery["state"]),
        (&ada["id"], &json!(pair.connector), &json!("present"), &json!("done"))
    );
    assert_eq!(delivery["remote_id"], json!(pair.acme.account("ada").unwrap().id));
    assert_eq!((&delivery["reason"], &delivery["until"]), (&Value::Null, &Value::Null));

    let delivery_id = delivery["id"].as_str().unwrap();
    let attempts = pair.get(&format!("/deliveries/{delivery_id}/attempts")).await;
    let attempt = &attempts["items"][0];
    assert_eq!((&attempt["operation"], &attempt["outcome"]), (&json!("create"), &json!("delivered")));
    assert_eq!((&attempt["trigger"], &attempt["status"]), (&json!("create"), &json!(201)));
    assert!(attempt["request"].as_str().unwrap().contains("ada"));
    assert!(!attempts.to_string().contains("acme-token"));
    let reader =
        app.get(format!("/api/v1/deliveries/{delivery_id}/attempts")).token(&app.tokens.admin_read).send().await;
    assert_eq!(reader.json()["items"][0]["request"], Value::Null, "bodies are not for readers");

    let again = app.post(format!("/api/v1/deliveries/{delivery_id}/retry")).token(&app.tokens.admin).send().await;
    assert_eq!(again.status, 202, "{}", again.text());

    app.delete(format!("/scim2/Users/{id}")).token(&app.tokens.scim).send().await;
    let list = pair.get(&format!("/users/{id}/deliveries")).await;
    assert_eq!((&list["items"][0]["wanted"], &list["items"][0]["state"]), (&json!("absent"), &json!("done")));
    assert_eq!(list["items"][0]["name"], "ada");
    let late = app.post(format!("/api/v1/deliveries/{delivery_id}/retry")).token(&app.tokens.admin).send().await;
    assert_eq!(late.status, 409, "what was let go is not tried again: {}", late.text());
    for (query, count) in [
        (format!("state=done&connector_id={}", pair.connector), 1),
        (format!("user_id={id}"), 1),
        ("state=held".to_owned(), 0),
    ] {
        let list = pair.get(&format!("/deliveries?{query}")).await;
        assert_eq!(list["items"].as_array().unwrap().len(), count, "{query}");
    }
}

#[tokio::test]
async fn with_the_target_out_of_reach_a_blocking_creation_is_refused_and_nobody_is_left() {
    let Pair { app, acme, .. } = &Pair::blocking(json!({})).await;
    acme.stop().await;
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).scim(&user("ada")).await;
    assert_eq!(answer.status, 503, "{}", answer.text());
    assert!(answer.header("retry-after").parse::<u64>().unwrap() > 0);
    let detail = answer.json()["detail"].as_str().unwrap().to_owned();
    assert!(detail.contains("Acme Cloud"), "{detail}");
    let list = app.get("/scim2/Users").token(&app.tokens.scim).send().await.json();
    assert_eq!(list["totalResults"], 0);
}

#[tokio::test]
async fn an_account_that_is_there_becomes_that_of_a_user_who_comes_over_the_api() {
    let Pair { app, acme, .. } = &Pair::blocking(json!({})).await;
    acme.seed(&json!({"userName": "grace", "externalId": "made-by-hand"}));
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).scim(&user("grace")).await;
    assert_eq!(answer.status, 201, "{}", answer.text());
    assert_eq!(acme.accounts().len(), 1);
}

#[tokio::test]
async fn under_keep_the_user_is_made_and_the_answer_says_what_is_pending() {
    let Pair { app, acme, connector, .. } = &Pair::blocking(json!({"on_blocking_failure": "keep"})).await;
    acme.stop().await;
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).scim(&user("ada")).await;
    assert_eq!((answer.status, answer.header("usher-pending")), (201, connector.as_str()));
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(app.get(format!("/scim2/Users/{id}")).token(&app.tokens.scim).send().await.status, 200);
}

#[tokio::test]
async fn a_removal_asks_what_becomes_of_the_accounts() {
    let pair = Pair::blocking(json!({})).await;
    let app = &pair.app;
    app.user("ada").await;
    let path = format!("/api/v1/provisioners/{}", pair.provisioner);
    let asked = app.delete(&path).token(&app.tokens.admin).send().await;
    assert_eq!((asked.status, &asked.json()["accounts"]), (409, &json!(1)), "{}", asked.text());
    let left = app.delete(format!("{path}?accounts=leave")).token(&app.tokens.admin).send().await;
    assert!(matches!(left.status, 202 | 204), "{}", left.text());
    assert_eq!(pair.acme.accounts().len(), 1, "left as it is");
}

#[tokio::test]
async fn the_connection_can_be_tested() {
    let pair = Pair::blocking(json!({})).await;
    let app = &pair.app;
    let path = format!("/api/v1/connectors/{}/test", pair.connector);
    let good = app.post(&path).token(&app.tokens.admin).send().await;
    assert_eq!((good.status, &good.json()["ok"]), (200, &json!(true)), "{}", good.text());
    let wrong = app.post(&path).token(&app.tokens.admin).json(&json!({"properties": {"access_token": "wrong"}})).await;
    assert_eq!((wrong.status, &wrong.json()["ok"]), (200, &json!(false)), "{}", wrong.text());
    assert!(!wrong.json()["checks"].as_array().unwrap().is_empty());
    let status = pair.get(&format!("/connectors/{}", pair.connector)).await;
    assert_eq!(status["pause"], Value::Null, "a test of something else changes nothing");
}
