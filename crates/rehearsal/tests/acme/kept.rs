//! What a file remembers between two starts.

use std::{os::unix::fs::PermissionsExt as _, path::Path};

use http::Method;
use rehearsal::AcmeCloud;
use serde_json::{Value, json};

use crate::support::{Client, client, user};

async fn started(file: &Path, token: &str) -> Client {
    let builder = AcmeCloud::builder().token(token).unlicensed(["alan"]).kept_in(file.to_owned());
    client(builder.start().await.unwrap())
}

/// Ended, with everything written.
async fn ended(client: Client) {
    client.acme.keep().await;
}

#[tokio::test]
async fn accounts_ids_switches_and_the_token_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.json");
    let first = started(&file, "first").await.with("authorization", "Bearer first");
    let (ada, grace) = (first.create("ada").await, first.create("grace").await);
    first.scim(Method::DELETE, &format!("/Users/{ada}"), Value::Null).await;
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Research", "members": [{"value": grace}],
    });
    assert_eq!(first.scim(Method::POST, "/Groups", group).await.0, 201);
    let (before, groups) = (first.acme.account("grace").unwrap(), first.acme.groups().len());
    first.acme.slow(std::time::Duration::from_secs(1));
    ended(first).await;
    let mode = std::fs::metadata(&file).unwrap().permissions().mode();
    assert_eq!(mode & 0o077, 0, "others may not read the token");

    let again = started(&file, "second").await;
    assert_eq!(again.acme.token(), Some("first"));
    let after = again.acme.account("grace").unwrap();
    assert_eq!((&after.id, &after.external_id, after.created), (&before.id, &before.external_id, before.created));
    assert_eq!((again.acme.accounts().len(), again.acme.groups().len()), (1, groups));
    let page = again.page(Method::GET, "/", None).await.unwrap();
    let html = String::from_utf8(page.body.to_vec()).unwrap();
    for on in ["Slow", "Out of licences"] {
        assert!(html.contains(&format!("aria-checked=\"true\" aria-label=\"{on}\"")), "{on}: {html}");
    }
    again.acme.behave();
    let again = again.with("authorization", "Bearer first");
    assert_ne!(again.create("ada").await, ada, "an id is never used again");
    assert_eq!(again.scim(Method::POST, "/Users", user("grace")).await.0, 409);
}

#[tokio::test]
async fn one_that_was_switched_off_stays_off() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.json");
    let first = started(&file, "t").await;
    first.acme.stop().await;
    ended(first).await;
    let again = started(&file, "t").await;
    assert!(again.acme.is_off());
    assert!(again.try_scim(Method::GET, "/Users", &Value::Null).await.unwrap_err().unreachable());
    again.acme.restart().await.unwrap();
    assert_eq!(again.with("authorization", "Bearer t").get("/Users").await.0, 200);
}

#[tokio::test]
async fn a_damaged_file_is_named_and_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("acme.json");
    std::fs::write(&file, "{").unwrap();
    let error = AcmeCloud::builder().kept_in(file.clone()).start().await.unwrap_err();
    assert!(error.to_string().contains("acme.json is damaged"), "{error}");
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "{");
}
