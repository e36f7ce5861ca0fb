use http::Method;
use serde_json::Value;

use crate::support::{Client, open, user};

async fn page(client: &Client) -> String {
    let answer = client.try_send(Method::GET, "/", None).await.unwrap();
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Presses a switch's button; the status of the answer.
async fn press(client: &Client, switch: &str, on: bool) -> u16 {
    let form = ("application/x-www-form-urlencoded", format!("switch={switch}&on={on}"));
    client.try_send(Method::POST, "/switches", Some(form)).await.unwrap().status.as_u16()
}

#[tokio::test]
async fn it_lists_who_has_an_account() {
    let client = open().await;
    assert!(page(&client).await.contains("No accounts yet"));
    let mut ada = user("ada");
    ada["urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"] = serde_json::json!({"department": "Analysis"});
    ada["active"] = false.into();
    client.scim(Method::POST, "/Users", ada).await;
    let html = page(&client).await;
    for shown in ["1 account", "ada", "Ada Lovelace", "ada@example.org", "Analysis", "Disabled", "ext-ada"] {
        assert!(html.contains(&format!(">{shown}<")), "{shown} is shown in {html}");
    }
    assert!(html.contains("POST /scim/v2/Users"));
}

#[tokio::test]
async fn a_hostile_user_name_stays_text() {
    let client = open().await;
    client.create("<script>alert('x')</script>\"&").await;
    let html = page(&client).await;
    assert!(html.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;"), "{html}");
    assert!(!html.contains("<script>alert"));
    client.try_scim(Method::GET, "/<b>bold</b>", &Value::Null).await.unwrap();
    assert!(!page(&client).await.contains("<b>"));
}

#[tokio::test]
async fn it_allows_nothing_from_elsewhere() {
    let client = open().await;
    let answer = client.try_send(Method::GET, "/", None).await.unwrap();
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");

    let port = client.acme.address().port();
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("evil.example:{port}"), 403),
        ("127.0.0.1".to_owned(), 403),
    ] {
        let answer = client.with("host", &host).try_send(Method::GET, "/", None).await.unwrap();
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn only_its_own_buttons_switch() {
    let client = open().await;
    let here = client.acme.url();
    assert_eq!(press(&client, "failing", true).await, 403);
    assert_eq!(press(&client.with("origin", "http://evil.example"), "failing", true).await, 403);
    assert_eq!(press(&client.with("origin", "null"), "failing", true).await, 403);
    let from_here = client.with("origin", &here);
    assert_eq!(press(&from_here.with("sec-fetch-site", "cross-site"), "failing", true).await, 403);
    assert_eq!(client.get("/Users").await.0, 200);

    assert_eq!(press(&from_here, "failing", true).await, 303);
    assert_eq!(client.get("/Users").await.0, 500);
    assert!(page(&client).await.contains("Turn off: Failing"));
    assert_eq!(press(&from_here, "failing", false).await, 303);
    assert_eq!(client.get("/Users").await.0, 200);
    assert!(page(&client).await.contains("Turn on: Failing"));
    assert_eq!(press(&from_here, "exploding", true).await, 422);
}

#[tokio::test]
async fn its_script_is_told_of_a_change() {
    let client = open().await;
    let html = page(&client).await;
    let version = html.split("data-version=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asking = {
        let client = client.with("x-test", "changes");
        tokio::spawn(async move { client.try_send(Method::GET, &format!("/changes?after={version}"), None).await })
    };
    client.create("ada").await;
    assert_eq!(asking.await.unwrap().unwrap().status, 200);
}
