//! What surrounds every endpoint.

use app::{error::ConsoleError, outcome::Outcome, pages::settings::theme::Theme};
use server::listen::{MAX_HEAD, MAX_HEADERS};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::support::{Console, Setting, TestApp};

/// The status of a request with these headers, over a real connection.
async fn status(app: &TestApp, headers: &str) -> String {
    let mut stream = TcpStream::connect(app.usher.address()).await.unwrap();
    let request = format!("GET /healthz HTTP/1.1\r\nHost: usher\r\nConnection: close\r\n{headers}\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test]
async fn heads_of_requests_are_bounded() {
    let app = TestApp::start().await;
    assert_eq!(status(&app, &format!("X-Long: {}\r\n", "a".repeat(MAX_HEAD / 2))).await, "HTTP/1.1 200");
    assert_eq!(status(&app, &format!("X-Long: {}\r\n", "a".repeat(2 * MAX_HEAD))).await, "HTTP/1.1 431");
    assert_eq!(status(&app, &"X-Many: a\r\n".repeat(MAX_HEADERS)).await, "HTTP/1.1 431");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let app = TestApp::start().await;
    for path in ["/healthz", "/sign-in", "/console", "/scim2/Users", "/api/v1/connections", "/nope", "/metrics"] {
        let answer = app.get(path).send().await;
        assert_eq!(answer.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(answer.header("referrer-policy"), "same-origin", "{path}");
        let policy = answer.header("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"), "{path}: {policy}");
        assert_eq!(answer.header("strict-transport-security"), "", "{path}");
        assert!(!answer.header("x-request-id").is_empty(), "{path}");
    }
    let page = app.get("/sign-in").send().await;
    assert!(page.header("content-security-policy").contains("script-src 'self' 'nonce-"));
}

#[tokio::test]
async fn over_https_browsers_are_told_to_stay_there() {
    let app = TestApp::with(Setting { public_url: Some("https://id.example.org"), ..Setting::default() }).await;
    assert!(app.get("/healthz").send().await.header("strict-transport-security").starts_with("max-age="));
    let made = app.post("/scim2/Users").token(&app.tokens.scim).scim(&crate::support::user("ada")).await;
    assert!(made.header("location").starts_with("https://id.example.org/scim2/Users/"));
}

#[tokio::test]
async fn a_sound_request_id_is_taken_over_and_another_replaced() {
    let app = TestApp::start().await;
    let answer = app.get("/healthz").header("x-request-id", "abc-123").send().await;
    assert_eq!(answer.header("x-request-id"), "abc-123");
    let answer = app.get("/healthz").header("x-request-id", "two words").send().await;
    assert_ne!(answer.header("x-request-id"), "two words");
}

#[tokio::test]
async fn health_and_readiness_are_for_everybody() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/healthz").send().await.status, 200);
    assert_eq!(app.get("/readyz").send().await.status, 200);
}

#[tokio::test]
async fn metrics_need_a_token_that_may_read_them() {
    let app = TestApp::start().await;
    assert_eq!(app.get("/metrics").send().await.status, 401);
    assert_eq!(app.get("/metrics").token(&app.tokens.scim).send().await.status, 403);
    let answer = app.get("/metrics").token(&app.tokens.admin_read).send().await;
    assert_eq!(answer.status, 200);
    assert!(answer.text().contains("usher_http_requests_total"), "{}", answer.text());
}

#[tokio::test]
async fn an_unknown_expired_or_revoked_token_is_nobody() {
    let app = TestApp::start().await;
    for token in ["usher_unknown", "x"] {
        let answer = app.get("/scim2/Users").token(token).send().await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (401, "Bearer realm=\"usher\""));
    }
    assert_eq!(app.get("/scim2/Users").token(&app.tokens.scim).send().await.status, 200);
    app.clock.advance(std::time::Duration::from_hours(25));
    assert_eq!(app.get("/scim2/Users").token(&app.tokens.scim).send().await.status, 401);
    let basic = app.get("/api/v1/connections").header("authorization", "Basic YTpi").send().await;
    assert_eq!((basic.status, basic.kind()), (401, "application/problem+json"));
}

#[tokio::test]
async fn a_page_comes_while_another_server_of_this_process_starts() {
    let console = Console::start().await;
    let starts = tokio::task::spawn_blocking(|| {
        for _ in 0..100 {
            app::ssr::start();
        }
    });
    for _ in 0..20 {
        assert_eq!(console.get("/console/settings/appearance").await.status, 200);
    }
    starts.await.unwrap();
}

#[tokio::test]
async fn a_page_that_is_alive_is_answered_in_what_it_reads() {
    let Console { app, cookie } = Console::start().await;
    let call = |function: &str, form: &str| app.call(function, form).for_page();

    let chosen = call("appearance/choose", "theme=dark").header("cookie", &cookie).send().await;
    assert_eq!(chosen.status, 200);
    assert!(matches!(chosen.travelled(), Outcome::Done { .. }));
    let kept = format!("{cookie}; {}", chosen.cookie("usher-theme").unwrap_or_default());
    let read = app.get("/console/-/appearance/show").for_page().header("cookie", &kept).send().await;
    assert_eq!((read.status, read.travelled()), (200, Theme::Dark));
    let invalid = call("groups/create", "name=").header("cookie", &cookie).send().await;
    assert!(matches!(invalid.travelled(), Outcome::Invalid(errors) if errors.get("name").is_some()));

    let nobody = call("groups/create", "name=Guides").send().await;
    assert_eq!((nobody.status, nobody.travelled()), (401, ConsoleError::SignedOut));
    // What is refused before a function is reached.
    let large =
        call("groups/create", &format!("name={}", "x".repeat(64 * 1024))).header("cookie", &cookie).send().await;
    let why = "A form has at most 64 kB.".to_owned();
    assert_eq!((large.status, large.travelled()), (413, ConsoleError::Unavailable { why }));
    let elsewhere = app.post("/console/-/groups/create").for_page().header("sec-fetch-site", "cross-site").send().await;
    assert_eq!(elsewhere.status, 403);
    assert!(matches!(elsewhere.travelled(), ConsoleError::Forbidden { why } if why.contains("public URL")));
}
