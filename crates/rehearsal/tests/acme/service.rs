use std::{sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use http::Method;
use rehearsal::AcmeCloud;
use serde_json::{Value, json};
use testkit::HandClock;

use crate::support::{client, open, patch, user};

#[tokio::test]
async fn an_account_is_made_found_changed_and_deleted() {
    let client = open().await;
    let answer = client.try_scim(Method::POST, "/Users", &user("ada")).await.unwrap();
    assert_eq!(answer.status, 201);
    let made: Value = answer.json().unwrap();
    let id = made["id"].as_str().unwrap();
    let address = format!("{}/{id}", client.acme.users_endpoint());
    assert_eq!(answer.headers["location"], address);
    assert_eq!(answer.headers["content-type"], "application/scim+json");
    assert_eq!(made["meta"]["location"], address);
    assert_eq!(client.acme.account("ADA").unwrap().email(), Some("ada@example.org"));

    assert_eq!(client.find("userName eq \"ADA\"").await, ["ada"]);
    assert_eq!(client.find("externalId eq \"ext-ada\"").await, ["ada"]);
    assert_eq!(client.find("externalId eq \"other\"").await, [""; 0]);

    let disable = patch(&json!({"op": "replace", "path": "active", "value": false}));
    let (status, patched) = client.scim(Method::PATCH, &format!("/Users/{id}"), disable).await;
    assert_eq!((status, &patched["active"]), (200, &json!(false)));
    assert_eq!(patched["name"]["familyName"], "Lovelace");

    let (status, replaced) = client
        .scim(Method::PUT, &format!("/Users/{id}"), json!({"schemas": made["schemas"], "userName": "ada.lovelace"}))
        .await;
    assert_eq!((status, &replaced["userName"], &replaced["id"]), (200, &json!("ada.lovelace"), &json!(id)));
    assert_eq!(replaced.get("name"), None, "PUT replaces the whole");

    assert_eq!(client.scim(Method::DELETE, &format!("/Users/{id}"), Value::Null).await.0, 204);
    assert_eq!(client.get(&format!("/Users/{id}")).await.0, 404);
    assert_eq!(client.acme.accounts(), []);
}

#[tokio::test]
async fn a_user_name_is_taken_in_any_case_and_free_again_after_a_rename() {
    let client = open().await;
    let id = client.create("ada").await;
    let (status, body) = client.scim(Method::POST, "/Users", user("ADA")).await;
    assert_eq!((status, &body["scimType"]), (409, &json!("uniqueness")));
    assert_eq!(client.acme.accounts().len(), 1);

    let (status, _) = client.scim(Method::PUT, &format!("/Users/{id}"), user("Ada")).await;
    assert_eq!(status, 200, "an account may change the case of its own name");
    client.scim(Method::PUT, &format!("/Users/{id}"), user("grace")).await;
    client.create("ada").await;
    assert_eq!(client.scim(Method::PUT, &format!("/Users/{id}"), user("ada")).await.0, 409);
    assert_eq!(client.acme.account("grace").unwrap().id, id);
}

#[tokio::test]
async fn a_password_is_kept_but_never_read_back() {
    let client = open().await;
    let mut ada = user("ada");
    ada["password"] = json!("correct horse");
    let (_, made) = client.scim(Method::POST, "/Users", ada).await;
    assert_eq!(made.get("password"), None);
    let path = format!("/Users/{}", made["id"].as_str().unwrap());
    assert_eq!(client.get(&path).await.1.get("password"), None);
    client.scim(Method::PUT, &path, user("ada")).await;
    assert_eq!(client.acme.account("ada").unwrap().password.as_deref(), Some("correct horse"));
}

#[tokio::test]
async fn it_knows_when_an_account_was_made_and_changed() {
    let clock = HandClock::new();
    let client = client(AcmeCloud::builder().clock(Arc::new(clock.clone())).start().await.unwrap());
    let id = client.create("ada").await;
    clock.advance(Duration::from_mins(1));
    let (_, changed) = client.scim(Method::PUT, &format!("/Users/{id}"), user("ada")).await;
    assert_eq!(changed["meta"]["created"], "2026-03-12T09:00:00Z");
    assert_eq!(changed["meta"]["lastModified"], "2026-03-12T09:01:00Z");
    assert_eq!(client.acme.requests()[0].at, HandClock::START);
}

#[tokio::test]
async fn lists_have_pages() {
    let client = open().await;
    for name in ["ada", "grace", "alan", "edsger", "barbara"] {
        client.create(name).await;
    }
    let (_, page) = client.get("/Users?startIndex=2&count=2").await;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]), (&json!(5), &json!(2), &json!(2)));
    assert_eq!(page["Resources"][0]["userName"], "grace");
    assert_eq!(client.get("/Users?startIndex=6").await.1["Resources"], json!([]));
    assert_eq!(client.get("/Users?count=0").await.1["totalResults"], 5);
    assert_eq!(client.get("/Users?count=many").await.0, 400);
}

#[tokio::test]
async fn a_group_holds_accounts_that_exist() {
    let client = open().await;
    let ada = client.create("ada").await;
    let group = |member: &str| {
        json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
            "displayName": "Research", "members": [{"value": member}],
        })
    };
    assert_eq!(client.scim(Method::POST, "/Groups", group("nobody")).await.0, 400);
    let (status, made) = client.scim(Method::POST, "/Groups", group(&ada)).await;
    assert_eq!((status, &made["meta"]["resourceType"]), (201, &json!("Group")));
    assert_eq!(client.acme.groups()[0].members, std::slice::from_ref(&ada));

    client.scim(Method::DELETE, &format!("/Users/{ada}"), Value::Null).await;
    assert_eq!(client.acme.groups()[0].members, [""; 0]);
}

#[tokio::test]
async fn it_describes_itself() {
    let client = open().await;
    let (_, configuration) = client.get("/ServiceProviderConfig").await;
    assert_eq!(configuration["patch"]["supported"], true);
    let (_, types) = client.get("/ResourceTypes").await;
    assert_eq!(types["Resources"][0]["endpoint"], "/Users");
    let (_, schema) = client.get("/Schemas/urn:ietf:params:scim:schemas:core:2.0:Group").await;
    assert_eq!(schema["name"], "Group");
    assert_eq!(client.scim(Method::POST, "/Schemas", json!({})).await.0, 405);
}

#[tokio::test]
async fn what_is_wrong_is_said_and_changes_nothing() {
    let client = open().await;
    let ada = user("ada");
    let without = |field: &str| {
        let mut user = ada.clone();
        user.as_object_mut().unwrap().remove(field);
        user
    };
    for (body, status, scim_type) in [
        (without("schemas"), 400, "invalidSyntax"),
        (without("userName"), 400, "invalidValue"),
        (json!([]), 400, "invalidSyntax"),
    ] {
        let (answered, error) = client.scim(Method::POST, "/Users", body).await;
        assert_eq!((answered, &error["scimType"]), (status, &json!(scim_type)), "{error}");
    }
    let post = |body: String| client.try_send(Method::POST, "/scim/v2/Users", Some(("application/json", body)));
    assert_eq!(post("{".to_owned()).await.unwrap().status, 400);
    assert_eq!(post(format!("\"{}\"", "x".repeat(1024 * 1024))).await.unwrap().status, 413);
    assert_eq!(client.get("/Users?filter=userName%20is%20ada").await.1["scimType"], "invalidFilter");
    assert_eq!(client.get("/Users/u1").await.0, 404);
    assert_eq!(client.get("/Printers").await.0, 404);
    assert_eq!(client.scim(Method::PUT, "/Users", ada).await.0, 405);
    assert_eq!(client.acme.accounts(), []);
}

#[tokio::test]
async fn each_way_to_authenticate_admits_the_right_client_only() {
    let basic = format!("Basic {}", BASE64_STANDARD.encode("usher:s3cret"));
    for (builder, header, right) in [
        (AcmeCloud::builder().token("s3cret"), "authorization", "Bearer s3cret"),
        (AcmeCloud::builder().basic("usher", "s3cret"), "authorization", basic.as_str()),
        (AcmeCloud::builder().api_key("X-Api-Key", "s3cret"), "x-api-key", "s3cret"),
    ] {
        let client = client(builder.start().await.unwrap());
        let nobody = client.try_scim(Method::GET, "/Users", &Value::Null).await.unwrap();
        assert_eq!(nobody.status, 401);
        assert!(nobody.headers.contains_key("www-authenticate"));
        assert_eq!(client.with(header, "Bearer wrong").get("/Users").await.0, 401);
        assert_eq!(client.with(header, right).get("/Users").await.0, 200);
        let logged = format!("{:?}", client.acme.requests());
        assert!(!logged.contains("s3cret"), "{logged}");
    }
}

#[tokio::test]
async fn client_credentials_become_a_token_until_it_expires() {
    let client = client(AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap());
    let token = |form: &str| {
        let form = form.to_owned();
        let client = &client;
        async move {
            let body = Some(("application/x-www-form-urlencoded", form));
            let answer = client.try_send(Method::POST, "/oauth/token", body).await.unwrap();
            (answer.status.as_u16(), answer.json::<Value>().unwrap())
        }
    };
    let form = "grant_type=client_credentials&client_id=usher&scope=scim&client_secret=";
    assert_eq!(token(&format!("{form}wrong")).await.0, 401);
    assert_eq!(token("grant_type=password").await.1["error"], "unsupported_grant_type");
    let (status, body) = token(&format!("{form}s3cret")).await;
    assert_eq!((status, &body["token_type"]), (200, &json!("Bearer")));
    let asked = client.acme.requests().pop().unwrap();
    assert_eq!(asked.body.unwrap()["scope"], "scim");

    let admitted = client.with("authorization", &format!("Bearer {}", body["access_token"].as_str().unwrap()));
    assert_eq!(admitted.get("/Users").await.0, 200);
    client.acme.expire_tokens();
    assert_eq!(admitted.get("/Users").await.0, 401);

    let basic = client.with("authorization", &format!("Basic {}", BASE64_STANDARD.encode("usher:s3cret")));
    let body = Some(("application/x-www-form-urlencoded", "grant_type=client_credentials".to_owned()));
    assert_eq!(basic.try_send(Method::POST, "/oauth/token", body).await.unwrap().status, 200);
}
