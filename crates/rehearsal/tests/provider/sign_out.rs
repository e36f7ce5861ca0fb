use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use serde_json::Value;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
};

use crate::support::{AFTER, app, encoded, target, text};

#[tokio::test]
async fn somebody_is_sent_here_to_sign_out() {
    let app = app().await;
    let tokens = app.tokens_of("freya").await;
    let hint = tokens["id_token"].as_str().unwrap();
    let form = [("id_token_hint", hint), ("post_logout_redirect_uri", AFTER), ("state", "s")];
    let page = app.get(&format!("/sign-out?{}", encoded(&form))).await;
    assert!(page.headers["content-security-policy"].to_str().unwrap().contains("'self' http://127.0.0.1:8080;"));
    assert!(text(&page).contains("signed in as Freya Lindqvist"));
    assert_eq!(app.provider.sessions("freya"), 1, "nothing ends by looking");

    let (path, parameters) = target(&app.press("/sign-out", &form).await);
    assert_eq!((path.as_str(), parameters["state"].as_str()), (AFTER, "s"));
    assert_eq!((app.provider.sessions("freya"), app.user_info(&tokens).await.0), (0, 401));
}

#[tokio::test]
async fn whoever_signed_out_goes_only_where_the_application_said() {
    let app = app().await;
    let tokens = app.tokens_of("freya").await;
    let hint = tokens["id_token"].as_str().unwrap();
    for form in [
        vec![("id_token_hint", hint), ("post_logout_redirect_uri", "http://evil.example/")],
        vec![("id_token_hint", "x.y.z"), ("post_logout_redirect_uri", AFTER)],
        vec![("post_logout_redirect_uri", AFTER)],
        vec![("client_id", "another"), ("post_logout_redirect_uri", AFTER)],
    ] {
        assert_eq!(app.get(&format!("/sign-out?{}", encoded(&form))).await.status, 400, "{form:?}");
        assert_eq!(app.press("/sign-out", &form).await.status, 400, "{form:?}");
    }
    assert_eq!(app.provider.sessions("freya"), 1);
    let by_id = [("client_id", "app"), ("post_logout_redirect_uri", AFTER)];
    assert_eq!(app.press("/sign-out", &by_id).await.status, 303);
    let answer = app.press("/sign-out", &[("id_token_hint", hint)]).await;
    assert!(answer.status == 200 && text(&answer).contains("Signed out"));
    assert_eq!(app.provider.sessions("freya"), 0);
}

/// A request with as much of a body as it says.
fn is_whole(asked: &[u8]) -> bool {
    let asked = String::from_utf8_lossy(asked);
    let Some((head, body)) = asked.split_once("\r\n\r\n") else { return false };
    let length = head.split("Content-Length: ").nth(1).and_then(|rest| rest.lines().next()?.parse().ok());
    length.is_some_and(|length: usize| body.len() >= length)
}

/// Answers one request with this, and returns it.
async fn listen(answer: &'static str) -> (u16, tokio::task::JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let listening = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut asked = Vec::new();
        while !is_whole(&asked) {
            stream.read_buf(&mut asked).await.unwrap();
        }
        stream.write_all(answer.as_bytes()).await.unwrap();
        String::from_utf8(asked).unwrap()
    });
    (port, listening)
}

#[tokio::test]
async fn applications_are_told_that_somebody_has_signed_out() {
    let app = app().await;
    let (port, listening) = listen("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").await;
    assert!(!app.provider.register_back_channel("another", "http://127.0.0.1/"));
    assert!(app.provider.register_back_channel("app", &format!("http://127.0.0.1:{port}/told?x=1")));
    let claims = app.claims(&app.tokens_of("freya").await, Some("the nonce")).await;
    app.tokens_of("omar").await;
    let path = format!("/personas/{}/sign-out", claims["sub"].as_str().unwrap());
    assert_eq!(app.press(&path, &[]).await.status, 303);
    assert_eq!((app.provider.sessions("freya"), app.provider.sessions("omar")), (0, 1));

    let asked = listening.await.unwrap();
    assert!(asked.starts_with("POST /told?x=1 HTTP/1.1\r\nHost: 127.0.0.1:"), "{asked}");
    let token = asked.split("logout_token=").nth(1).unwrap();
    let payload = BASE64_URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap()).unwrap();
    let told: Value = serde_json::from_slice(&payload).unwrap();
    assert_eq!((&told["sub"], &told["sid"], &told["iss"]), (&claims["sub"], &claims["sid"], &claims["iss"]));
    assert!(
        told["events"]["http://schemas.openid.net/event/backchannel-logout"].is_object() && told["jti"].is_string()
    );
    assert!(told.get("nonce").is_none());
    assert!(text(&app.get("/").await).contains("app was told that freya is signed out, and answered: 200"));
}

#[tokio::test]
async fn an_application_that_does_not_answer_well_is_named() {
    let app = app().await;
    let (port, _listening) = listen("what?\r\n").await;
    for uri in [format!("http://127.0.0.1:{port}/"), "http://127.0.0.1:1/".to_owned(), "http://example.org/".to_owned()]
    {
        app.provider.register_back_channel("app", &uri);
        app.tokens_of("freya").await;
        let told = app.provider.sign_out_everywhere("freya").await;
        assert!(told.len() == 1 && told[0].client_id == "app" && told[0].answer.is_err(), "{told:?}");
        assert_eq!(app.provider.sessions("freya"), 0);
    }
    assert!(app.provider.sign_out_everywhere("nobody").await.is_empty());
}
