use std::time::Duration;

use egress::Trouble;
use http::Method;
use rehearsal::acme::ALWAYS;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::{Client, open, patch, user};

/// Longer than any test takes.
const FOR_EVER: Duration = Duration::from_hours(1);

/// A create that goes on while the test does something else.
fn creating(client: &Client, user_name: &'static str) -> tokio::task::JoinHandle<Result<u16, Trouble>> {
    let client = client.with("x-test", user_name);
    tokio::spawn(async move {
        client.try_scim(Method::POST, "/Users", &user(user_name)).await.map(|answer| answer.status.as_u16())
    })
}

#[tokio::test]
async fn a_held_answer_leaves_the_change_made() {
    let client = open().await;
    client.acme.hold_answers();
    let create = creating(&client, "ada");
    client.acme.wait_for_request(|request| request.is("POST", "/scim/v2/Users") && request.status.is_some()).await;
    assert!(client.acme.account("ada").is_some());
    assert!(!create.is_finished());
    client.acme.release();
    assert_eq!(create.await.unwrap().unwrap(), 201);
}

#[tokio::test]
async fn what_is_held_before_is_done_once_released_though_the_client_hung_up() {
    let client = open().await;
    client.acme.hold_before();
    let create = creating(&client, "ada");
    let held = client.acme.wait_for_request(|request| request.method == "POST").await;
    assert_eq!((held.status, client.acme.accounts().len()), (None, 0));
    create.abort();
    client.acme.release();
    client.acme.wait_until(|acme| acme.account("ada").is_some()).await;
}

#[tokio::test]
async fn what_is_held_can_be_dropped_instead() {
    let client = open().await;
    client.acme.hold_before();
    let create = creating(&client, "ada");
    client.acme.wait_for_request(|request| request.method == "POST").await;
    client.acme.drop_held();
    let trouble = create.await.unwrap().unwrap_err();
    assert!(matches!(trouble, Trouble::Broken { .. }), "{trouble}");
    client.acme.release();
    assert_eq!(client.acme.accounts(), []);
}

#[tokio::test]
async fn a_lost_answer_looks_like_a_crash_after_the_change() {
    let client = open().await;
    client.acme.lose_answers(1);
    let trouble = client.try_scim(Method::POST, "/Users", &user("ada")).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Broken { .. }), "{trouble}");
    assert_eq!(client.find("userName eq \"ada\"").await, ["ada"]);
    client.create("grace").await;
}

#[tokio::test]
async fn failures_come_as_often_as_asked_and_change_nothing() {
    let client = open().await;
    client.acme.fail_next(2, 500);
    for _ in 0..2 {
        assert_eq!(client.scim(Method::POST, "/Users", user("ada")).await.0, 500);
    }
    assert_eq!(client.acme.accounts(), []);
    client.create("ada").await;

    client.acme.fail_next(ALWAYS, 502);
    assert_eq!(client.get("/Users").await.0, 502);
    client.acme.switch_off(true);
    assert_eq!(client.get("/Users").await.0, 503);
    client.acme.behave();
    assert_eq!(client.get("/Users").await.0, 200);
}

#[tokio::test]
async fn throttling_says_how_long_to_wait() {
    let client = open().await;
    client.acme.throttle_next(1, Duration::from_secs(7));
    let answer = client.try_scim(Method::GET, "/Users", &Value::Null).await.unwrap();
    assert_eq!((answer.status.as_u16(), &answer.headers["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(client.get("/Users").await.0, 200);
}

#[tokio::test]
async fn one_account_can_be_refused() {
    let client = open().await;
    client.acme.refuse("Ada", 422, "No licence is left.");
    let (status, body) = client.scim(Method::POST, "/Users", user("ada")).await;
    assert_eq!((status, &body["detail"]), (422, &json!("No licence is left.")));
    client.create("grace").await;
    client.acme.accept("ada");
    client.create("ada").await;
}

#[tokio::test]
async fn a_slow_answer_comes_after_the_change() {
    let client = open().await;
    client.acme.slow(FOR_EVER);
    let create = creating(&client, "ada");
    client.acme.wait_until(|acme| acme.account("ada").is_some()).await;
    assert!(!create.is_finished());
    client.acme.stop().await;
    assert!(create.await.unwrap().unwrap_err().may_have_arrived());
}

#[tokio::test]
async fn look_ups_can_ignore_the_filter_miss_an_account_or_hide_it() {
    let client = open().await;
    client.create("ada").await;
    client.acme.ignore_filters(true);
    assert_eq!(client.find("userName eq \"grace\"").await, ["ada"]);
    client.acme.ignore_filters(false);

    client.acme.eventually_consistent(2);
    client.create("grace").await;
    for expected in [&[][..], &[], &["grace"]] {
        assert_eq!(client.find("userName eq \"grace\"").await, expected);
    }

    client.acme.hide_from_filter("Ada");
    assert_eq!(client.find("userName eq \"ada\"").await, [""; 0]);
    assert_eq!(client.scim(Method::POST, "/Users", user("ada")).await.0, 409);
}

#[tokio::test]
async fn patch_can_be_silent_broken_or_missing() {
    let client = open().await;
    let path = format!("/Users/{}", client.create("ada").await);
    let title = |title: &str| patch(&json!({"op": "replace", "path": "title", "value": title}));
    let promised = async || client.get("/ServiceProviderConfig").await.1["patch"]["supported"].clone();

    client.acme.answer_patch_with_204(true);
    let (status, body) = client.scim(Method::PATCH, &path, title("Countess")).await;
    assert_eq!((status, body), (204, Value::Null));
    assert_eq!(client.acme.account("ada").unwrap().document["title"], "Countess");

    client.acme.no_patch(true);
    assert_eq!(client.scim(Method::PATCH, &path, title("Analyst")).await.0, 501);
    assert_eq!(promised().await, true);

    client.acme.put_only(true);
    assert_eq!(client.scim(Method::PATCH, &path, title("Analyst")).await.0, 405);
    assert_eq!(promised().await, false);
    assert_eq!(client.acme.account("ada").unwrap().document["title"], "Countess");
}

#[tokio::test]
async fn a_user_agent_can_be_required() {
    let client = open().await;
    client.acme.require_user_agent(true);
    assert_eq!(client.get("/Users").await.0, 200);
    let mut stream = TcpStream::connect(client.acme.address()).await.unwrap();
    stream.write_all(b"GET /scim/v2/Users HTTP/1.1\r\nhost: acme\r\nconnection: close\r\n\r\n").await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    assert!(answer.starts_with("HTTP/1.1 403"), "{answer}");
}

#[tokio::test]
async fn after_a_stop_nothing_answers_and_a_restart_brings_all_back() {
    let client = open().await;
    let id = client.create("ada").await;
    client.acme.hold_before();
    let held = creating(&client, "grace");
    client.acme.wait_for_request(|request| request.status.is_none()).await;

    client.acme.stop().await;
    assert!(held.await.unwrap().is_err());
    let trouble = client.try_scim(Method::GET, "/Users", &Value::Null).await.unwrap_err();
    assert!(trouble.unreachable(), "{trouble}");

    client.acme.release();
    client.acme.restart().await.unwrap();
    assert_eq!(client.get(&format!("/Users/{id}")).await.1["userName"], "ada");
    assert_eq!(client.acme.accounts().len(), 1);
}

#[tokio::test]
async fn accounts_can_be_there_already_and_vanish() {
    let client = open().await;
    let ada = client.acme.seed(&user("ada"));
    assert_eq!(client.find("userName eq \"ada\"").await, ["ada"]);
    assert!(client.acme.remove(&ada.id));
    assert!(!client.acme.remove(&ada.id));
    assert_eq!(client.get(&format!("/Users/{}", ada.id)).await.0, 404);
}
