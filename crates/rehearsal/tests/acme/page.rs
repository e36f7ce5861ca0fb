use http::Method;
use rehearsal::AcmeCloud;
use serde_json::Value;

use crate::support::{Client, client, open, user};

async fn page(client: &Client) -> String {
    let answer = client.page(Method::GET, "/", None).await.unwrap();
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Presses a switch's button; the status of the answer.
async fn press(client: &Client, switch: &str, on: bool) -> u16 {
    let form = ("application/x-www-form-urlencoded", format!("switch={switch}&on={on}"));
    client.page(Method::POST, "/switches", Some(form)).await.unwrap().status.as_u16()
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
    for shown in ["1 account", "ada", "Ada Lovelace", "ada@example.org", "Analysis", "Disabled", "u1001", "ext-ada"] {
        assert!(html.contains(&format!(">{shown}<")), "{shown} is shown in {html}");
    }
    assert!(html.contains("POST /scim/v2/Users") && html.contains(egress::USER_AGENT), "{html}");
}

#[tokio::test]
async fn it_says_what_whoever_connects_it_by_hand_has_to_know() {
    let guarded = client(AcmeCloud::builder().token("<secret>").start().await.unwrap());
    let html = page(&guarded).await;
    let address = format!("<code>{}/scim/v2</code>", guarded.acme.url());
    assert!(html.contains(&address) && html.contains("bearer token <code>&lt;secret&gt;</code>"), "{html}");
    assert!(!page(&open().await).await.contains("bearer token"), "it asks for none");
}

#[tokio::test]
async fn switched_off_nothing_answers_but_the_page_and_its_switch() {
    let client = open().await;
    client.create("ada").await;
    let from_here = client.with("origin", &client.acme.page_url());
    assert!(client.acme.outages().is_empty());
    for _ in 0..2 {
        assert_eq!(press(&from_here, "switched-off", true).await, 303);
        let trouble = client.try_scim(Method::GET, "/Users", &Value::Null).await.unwrap_err();
        assert!(trouble.unreachable(), "{trouble}");
        assert!(client.acme.is_off() && client.acme.outages()[0].until.is_none());
        assert!(page(&client).await.contains("Switched off</span></h1>"));
    }
    for _ in 0..2 {
        assert_eq!(press(&from_here, "switched-off", false).await, 303);
        assert_eq!(client.get("/Users").await.1["totalResults"], 1);
    }
    assert_eq!(client.acme.outages().len(), 1);
    assert!(!client.acme.is_off() && client.acme.outages()[0].until.is_some());
}

#[tokio::test]
async fn licences_run_out_for_some_where_there_are_some() {
    let none = open().await;
    assert!(!page(&none).await.contains("Out of licences"));

    let client = client(AcmeCloud::builder().name("Sales").unlicensed(["Ada"]).start().await.unwrap());
    assert!(page(&client).await.contains("<title>Sales</title>"));
    let (status, body) = client.scim(Method::POST, "/Users", user("ada")).await;
    assert_eq!((status, body["detail"].as_str()), (400, Some("no licence left for profile “Standard”")));
    client.create("grace").await;
    let from_here = client.with("origin", &client.acme.page_url());
    assert_eq!(press(&from_here, "out-of-licences", false).await, 303);
    client.create("ada").await;
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
    let answer = client.page(Method::GET, "/", None).await.unwrap();
    let policy = answer.headers["content-security-policy"].to_str().unwrap();
    assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{policy}");

    let port = client.acme.page_address().port();
    for (host, status) in [
        (format!("127.0.0.1:{port}"), 200),
        (format!("localhost:{port}"), 200),
        (format!("evil.example:{port}"), 403),
        ("127.0.0.1".to_owned(), 403),
    ] {
        let answer = client.with("host", &host).page(Method::GET, "/", None).await.unwrap();
        assert_eq!(answer.status, status, "{host}");
    }
}

#[tokio::test]
async fn only_its_own_buttons_switch() {
    let client = open().await;
    let here = client.acme.page_url();
    assert_eq!(press(&client, "failing", true).await, 403);
    assert_eq!(press(&client.with("origin", "http://evil.example"), "failing", true).await, 403);
    assert_eq!(press(&client.with("origin", "null"), "failing", true).await, 403);
    let from_here = client.with("origin", &here);
    assert_eq!(press(&from_here.with("sec-fetch-site", "cross-site"), "failing", true).await, 403);
    assert_eq!(client.get("/Users").await.0, 200);

    assert_eq!(press(&from_here, "failing", true).await, 303);
    assert_eq!(client.get("/Users").await.0, 500);
    assert!(page(&client).await.contains("aria-checked=\"true\" aria-label=\"Failing\""));
    assert_eq!(press(&from_here, "failing", false).await, 303);
    assert_eq!(client.get("/Users").await.0, 200);
    assert!(page(&client).await.contains("aria-checked=\"false\" aria-label=\"Failing\""));
    assert_eq!(press(&from_here, "exploding", true).await, 422);
}

#[tokio::test]
async fn its_script_is_told_of_a_change() {
    let client = open().await;
    let html = page(&client).await;
    let version = html.split("data-version=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let asking = {
        let client = client.with("x-test", "changes");
        tokio::spawn(async move { client.page(Method::GET, &format!("/changes?after={version}"), None).await })
    };
    client.create("ada").await;
    assert_eq!(asking.await.unwrap().unwrap().status, 200);
}
