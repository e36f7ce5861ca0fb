use http::Method;
use rehearsal::{Persona, Provider};

use crate::support::{app, ask, but, challenge, encoded, text};

fn form<'a>(user_name: &'a str, department: &'a str) -> Vec<(&'static str, &'a str)> {
    vec![
        ("user_name", user_name),
        ("display_name", "Some <b>Body</b>"),
        ("email", "new@globex.example"),
        ("email_verified", "true"),
        ("department", department),
        ("groups", " Sales ,, On Call,"),
    ]
}

#[tokio::test]
async fn it_shows_who_can_sign_in_to_what() {
    let app = app().await;
    assert!(!app.provider.was_opened());
    let html = text(&app.get("/").await);
    assert!(app.provider.was_opened());
    for shown in ["Globex ID", "Freya Lindqvist", "dmitri@globex.example", "not verified", "s:e c+r%et", "Nowhere"] {
        assert!(html.contains(shown), "{shown} is shown in {html}");
    }
    app.tokens_of("freya").await;
    let html = text(&app.get("/").await);
    assert!(html.contains("freya signed in to app") && html.contains("1 session<"), "{html}");
    let named = Provider::builder().name("Initech <&>").start().await.unwrap();
    assert_eq!(named.name(), "Initech <&>");
}

#[tokio::test]
async fn a_person_is_changed_by_a_form() {
    let app = app().await;
    let freya = app.provider.persona("freya").unwrap();
    let path = format!("/personas/{}", freya.sub);
    let sheet = text(&app.get(&path).await);
    assert!(sheet.contains("value=\"Engineering, On Call\"") && sheet.contains(" checked"), "{sheet}");
    assert_eq!(app.press(&path, &form("freya", "Sales")).await.status, 303);
    let changed = app.provider.persona("freya").unwrap();
    let expected = Persona {
        sub: freya.sub,
        user_name: "freya".to_owned(),
        display_name: "Some <b>Body</b>".to_owned(),
        email: "new@globex.example".to_owned(),
        email_verified: true,
        department: "Sales".to_owned(),
        groups: vec!["Sales".to_owned(), "On Call".to_owned()],
        ..Persona::default()
    };
    assert_eq!(changed, expected);
    let challenge = challenge();
    for path in ["/".to_owned(), path, format!("/authorize?{}", encoded(&ask(&challenge)))] {
        let html = text(&app.get(&path).await);
        assert!(html.contains("Some &lt;b&gt;Body&lt;/b&gt;") && !html.contains("<b>"), "{html}");
    }
}

#[tokio::test]
async fn somebody_comes_by_a_form() {
    let app = app().await;
    assert_eq!(app.get("/personas").await.status, 200);
    assert_eq!(app.press("/personas", &form("nadia", "Sales")).await.status, 303);
    assert_eq!(app.provider.personas().len(), 6);
    app.tokens_of("nadia").await;

    let long = "x".repeat(201);
    for (user_name, department) in [("nadia", "Sales"), (" ", "Sales"), ("new", &long)] {
        let answer = app.press("/personas", &form(user_name, department)).await;
        assert_eq!(answer.status, 422);
        assert!(text(&answer).contains("role=\"alert\"") && text(&answer).contains(department));
    }
    assert_eq!(app.press("/personas/nobody", &form("new", "Sales")).await.status, 404);
    assert_eq!(app.get("/personas/nobody").await.status, 404);
    assert_eq!(app.press("/personas/nobody/sign-out", &[]).await.status, 404);
    assert_eq!(app.provider.personas().len(), 6);
}

#[tokio::test]
async fn an_application_comes_by_a_form() {
    let app = app().await;
    assert_eq!(app.get("/applications").await.status, 200);
    let uri = "http://127.0.0.1:8080/by-hand?<b>";
    assert_eq!(app.press("/applications", &[("redirect_uri", uri), ("post_logout_uri", "")]).await.status, 303);
    let html = text(&app.get("/").await);
    assert!(html.contains("by-hand?&lt;b&gt;"), "{html}");
    let id = html.split("<ul class=\"list items\"><li><code>").nth(1).unwrap().split('<').next().unwrap();
    let challenge = challenge();
    let request = but(&but(&ask(&challenge), "client_id", Some(id)), "redirect_uri", Some(uri));
    assert_eq!(app.get(&format!("/authorize?{}", encoded(&request))).await.status, 200);

    let refused = app.press("/applications", &[("redirect_uri", "javascript:x"), ("back_channel", "kept")]).await;
    assert!(refused.status == 422 && text(&refused).contains("value=\"kept\""));
    for _ in 2..50 {
        assert_eq!(app.press("/applications", &[("redirect_uri", uri)]).await.status, 303);
    }
    assert_eq!(app.press("/applications", &[("redirect_uri", uri)]).await.status, 422);
}

#[tokio::test]
async fn it_allows_nothing_from_elsewhere() {
    let app = app().await;
    for path in ["/", "/jwks", "/.well-known/openid-configuration", "/authorize", "/page.css"] {
        let answer = app.send(Method::GET, path, &[("host", "evil.example")], None).await;
        assert_eq!(answer.status, 403, "{path}");
    }
    assert!(app.get("/").await.headers["content-security-policy"].to_str().unwrap().contains("form-action 'self';"));
    let issuer = app.provider.issuer();
    for path in ["/personas", "/sign-in", "/sign-out", "/personas/48201", "/personas/48201/sign-out", "/applications"] {
        for headers in [
            &[] as &[(&'static str, &str)],
            &[("origin", "http://evil.example")],
            &[("origin", "null")],
            &[("origin", &issuer), ("sec-fetch-site", "same-site")],
        ] {
            let answer = app.send(Method::POST, path, headers, Some(&form("new", "Sales"))).await;
            assert_eq!(answer.status, 403, "{path} {headers:?}");
        }
    }
    assert_eq!(app.provider.personas().len(), 5);
}

#[tokio::test]
async fn a_form_has_an_end() {
    let app = app().await;
    let large = "x".repeat(70_000);
    assert_eq!(app.press("/personas", &form("new", &large)).await.status, 413);
}
