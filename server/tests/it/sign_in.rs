//! Sessions of the console, and who may change something with one.

use std::time::Duration;

use futures::future::join_all;

use crate::support::{PASSWORD, Setting, TestApp};

#[tokio::test]
async fn whoever_signs_in_sees_the_console_until_they_sign_out() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let turned_away = app.get("/console").send().await;
    assert_eq!((turned_away.status, turned_away.header("location")), (303, "/sign-in?return_to=/console"));
    let cookie = app.sign_in("root").await;
    assert_eq!(app.get("/console").header("cookie", &cookie).send().await.status, 200);
    let out = app
        .post("/console/-/session/sign-out")
        .header("cookie", &cookie)
        .header("sec-fetch-site", "same-origin")
        .body("application/x-www-form-urlencoded", "")
        .send()
        .await;
    assert_eq!(out.status, 200, "{}", out.text());
    assert_eq!(app.get("/console").header("cookie", &cookie).send().await.status, 303);
}

#[tokio::test]
async fn a_session_ends_when_it_is_not_used() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let status = async || app.get("/console").header("cookie", &cookie).send().await.status;
    app.clock.advance(Duration::from_hours(11));
    assert_eq!(status().await, 200);
    app.clock.advance(Duration::from_hours(11));
    assert_eq!(status().await, 200, "use keeps it");
    app.clock.advance(Duration::from_hours(13));
    assert_eq!(status().await, 303);
}

#[tokio::test]
async fn the_cookie_is_kept_from_scripts_and_over_https_bound_to_the_host() {
    let app = TestApp::with(Setting { public_url: Some("https://id.example.org"), ..Setting::default() }).await;
    app.administrator("root").await;
    let answer = app.try_sign_in("root", PASSWORD).send().await;
    let cookie = answer.header("set-cookie");
    for part in ["__Host-usher=", "HttpOnly", "SameSite=Lax", "Secure", "Path=/"] {
        assert!(cookie.contains(part), "{part}: {cookie}");
    }
}

#[tokio::test]
async fn the_eleventh_try_has_to_wait() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    for _ in 0..10 {
        let answer = app.try_sign_in("root", "wrong").send().await;
        assert_eq!(answer.status, 200);
        assert!(answer.text().contains("not right"), "{}", answer.text());
    }
    let answer = app.try_sign_in("root", PASSWORD).send().await;
    assert_eq!(answer.status, 429, "{}", answer.text());
    let wait: u64 = answer.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait));
    let other = app.try_sign_in("somebody", "wrong").send().await;
    assert_eq!(other.status, 200, "others are not kept waiting");
}

#[tokio::test]
async fn the_sixty_first_try_from_an_address_has_to_wait_whatever_it_claims_to_be() {
    let app = TestApp::start().await;
    let attempt = |n: u8| {
        let ask = app.try_sign_in(&format!("user{n}"), "wrong");
        ask.header("x-forwarded-for", &format!("198.51.100.{n}")).send()
    };
    // At once: a place comes free every second.
    let statuses: Vec<u16> = join_all((0..64).map(attempt)).await.iter().map(|answer| answer.status).collect();
    assert!(statuses[..60].iter().all(|status| *status == 200), "{statuses:?}");
    assert!(statuses[60..].contains(&429), "{statuses:?}");
    let elsewhere = app.try_sign_in("user61", "wrong").from([192, 0, 2, 8]).send().await;
    assert_eq!(elsewhere.status, 200, "another address is not kept waiting");
}

#[tokio::test]
async fn other_sites_cannot_make_a_browser_change_something() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let own = app.usher.state().public_url().origin().ascii_serialization();
    let create = || {
        app.post("/console/-/connections/create")
            .header("cookie", &cookie)
            .body("application/x-www-form-urlencoded", "name=Acme")
    };
    let refused = [
        create(),
        create().header("sec-fetch-site", "cross-site"),
        create().header("sec-fetch-site", "same-site").header("origin", &own),
        create().header("origin", "https://evil.example"),
        create().header("origin", "null"),
    ];
    for ask in refused {
        assert_eq!(ask.send().await.status, 403);
    }
    let list = app.get("/api/v1/connections").token(&app.tokens.admin).send().await.json();
    assert_eq!(list["items"].as_array().unwrap().len(), 0);
    assert_eq!(create().header("origin", &own).send().await.status, 200);
}

#[tokio::test]
async fn a_session_is_nobody_to_the_doors_for_programs() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    for path in ["/api/v1/connections", "/api/v1/openapi.json", "/scim2/Users", "/scim2/Schemas", "/metrics"] {
        assert_eq!(app.get(path).header("cookie", &cookie).send().await.status, 401, "{path}");
    }
}
