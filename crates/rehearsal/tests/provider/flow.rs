use std::time::Duration;

use http::Method;
use rehearsal::{Persona, Provider};
use serde_json::json;

use crate::support::{BACK, VERIFIER, app, app_with, ask, but, challenge, encoded, grant, target, text};

#[tokio::test]
async fn it_describes_itself() {
    let app = app().await;
    let metadata = app.json("/.well-known/openid-configuration").await;
    let issuer = app.provider.issuer();
    assert_eq!(metadata["issuer"], issuer);
    for (name, path) in [
        ("authorization_endpoint", "/authorize"),
        ("token_endpoint", "/token"),
        ("userinfo_endpoint", "/userinfo"),
        ("jwks_uri", "/jwks"),
        ("end_session_endpoint", "/sign-out"),
    ] {
        assert_eq!(metadata[name], format!("{issuer}{path}"));
    }
    assert_eq!(metadata["id_token_signing_alg_values_supported"], json!(["EdDSA"]));
    assert_eq!(metadata["code_challenge_methods_supported"], json!(["S256"]));
    assert_eq!(metadata["authorization_response_iss_parameter_supported"], true);
}

#[tokio::test]
async fn somebody_signs_in() {
    let app = app().await;
    let challenge = challenge();
    let page = app.get(&format!("/authorize?{}", encoded(&ask(&challenge)))).await;
    assert_eq!(page.status, 200);
    let policy = page.headers["content-security-policy"].to_str().unwrap().to_owned();
    assert!(policy.contains("form-action 'self' http://127.0.0.1:8080;"), "{policy}");
    let html = text(&page);
    for shown in ["Freya Lindqvist", "freya@globex.example", "Engineering, On Call", "not verified", "the &amp; state"]
    {
        assert!(html.contains(shown), "{shown} is shown in {html}");
    }

    let sub = app.provider.persona("freya").unwrap().sub;
    let mut form = ask(&challenge);
    form.push(("persona", &sub));
    let (path, parameters) = target(&app.press("/sign-in", &form).await);
    assert_eq!(path, "http://127.0.0.1:8080/back");
    assert_eq!((parameters["app"].as_str(), parameters["state"].as_str()), ("1", "the & state"));
    assert_eq!(parameters["iss"], app.provider.issuer());

    let (status, tokens) = app.exchange(&grant(&parameters["code"])).await;
    assert_eq!((status, tokens["token_type"].as_str()), (200, Some("Bearer")), "{tokens}");
    let claims = app.claims(&tokens, Some("the nonce")).await;
    assert_eq!((claims["sub"].as_str(), claims["aud"][0].as_str()), (Some(sub.as_str()), Some("app")));
    let told = json!({
        "sub": sub, "preferred_username": "freya", "name": "Freya Lindqvist", "given_name": "Freya",
        "family_name": "Lindqvist", "email": "freya@globex.example", "email_verified": true,
        "title": "Engineer", "department": "Engineering", "groups": ["Engineering", "On Call"],
    });
    for (name, value) in told.as_object().unwrap() {
        assert_eq!(claims[name], *value, "{name}");
    }
    assert!(claims["sid"].is_string() && claims["at_hash"].is_string());
    assert_eq!(app.user_info(&tokens).await, (200, told));
    assert_eq!(app.provider.sessions("freya"), 1);
}

#[tokio::test]
async fn scopes_decide_what_is_told() {
    let app = app().await;
    let sub = app.provider.persona("dmitri").unwrap().sub;
    let challenge = challenge();
    for (scope, told) in [
        ("openid", json!({"sub": sub})),
        ("openid email", json!({"sub": sub, "email": "dmitri@globex.example", "email_verified": false})),
        ("openid groups", json!({"sub": sub, "groups": []})),
    ] {
        let mut form = but(&ask(&challenge), "scope", Some(scope));
        form.push(("persona", &sub));
        let code = target(&app.press("/sign-in", &form).await).1["code"].clone();
        let (_, tokens) = app.exchange(&grant(&code)).await;
        assert_eq!(app.user_info(&tokens).await, (200, told));
    }
}

#[tokio::test]
async fn claims_can_be_told_at_userinfo_alone() {
    let app = app_with(|builder| builder.claims_in_id_token(false)).await;
    let tokens = app.tokens_of("omar").await;
    let claims = app.claims(&tokens, Some("the nonce")).await;
    for name in ["email", "name", "groups", "department", "preferred_username"] {
        assert!(claims.get(name).is_none(), "{name} in {claims}");
    }
    assert!(claims["sid"].is_string());
    assert_eq!(app.user_info(&tokens).await.1["email"], "omar@globex.example");
}

#[tokio::test]
async fn what_cannot_be_answered_elsewhere_is_said_here() {
    let app = app().await;
    let challenge = challenge();
    let good = ask(&challenge);
    for (name, value) in [
        ("client_id", Some("another")),
        ("client_id", None),
        ("redirect_uri", Some("http://127.0.0.1:8080/back")),
        ("redirect_uri", Some("http://127.0.0.1:8080/back?app=1&x")),
        ("redirect_uri", Some("http://evil.example/")),
        ("redirect_uri", None),
    ] {
        let wrong = but(&good, name, value);
        assert_eq!(app.get(&format!("/authorize?{}", encoded(&wrong))).await.status, 400, "{name} {value:?}");
        assert_eq!(app.press("/sign-in", &wrong).await.status, 400, "{name} {value:?}");
    }
    let nobody: Vec<_> = good.iter().copied().chain([("persona", "nobody")]).collect();
    assert_eq!(app.press("/sign-in", &nobody).await.status, 400);
    let twice = format!("/authorize?{0}&client_id=app", encoded(&good));
    assert_eq!(app.get(&twice).await.status, 400);
}

#[tokio::test]
async fn what_is_wrong_else_is_said_to_the_application() {
    let app = app().await;
    let challenge = challenge();
    let good = ask(&challenge);
    for (name, value, error) in [
        ("response_type", Some("token"), "unsupported_response_type"),
        ("scope", Some("profile"), "invalid_scope"),
        ("code_challenge_method", Some("plain"), "invalid_request"),
        ("code_challenge_method", None, "invalid_request"),
        ("prompt", Some("none"), "login_required"),
    ] {
        let wrong = but(&good, name, value);
        let answer = app.get(&format!("/authorize?{}", encoded(&wrong))).await;
        let (_, parameters) = target(&answer);
        assert_eq!((parameters["error"].as_str(), parameters["state"].as_str()), (error, "the & state"), "{name}");
        assert_eq!(parameters["iss"], app.provider.issuer());
    }
    let (_, parameters) = target(&app.press("/sign-in", &good).await);
    assert_eq!(parameters["error"], "access_denied");
}

#[tokio::test]
async fn an_application_shows_itself_in_one_way() {
    let app = app().await;
    let code = app.code_for("freya").await;
    let good = grant(&code);
    let mut wrong = good.clone();
    wrong.extend([("client_id", "app"), ("client_secret", "wrong")]);
    for form in [&good, &wrong, &but(&wrong, "client_id", Some("another")), &but(&wrong, "client_id", None)] {
        let answer = app.send(Method::POST, "/token", &[], Some(form)).await;
        assert_eq!((answer.status.as_u16(), text(&answer).as_str()), (401, "{\"error\":\"invalid_client\"}"));
        assert!(answer.headers.contains_key("www-authenticate"));
    }
    for header in ["Basic !", "Basic YXBw", "Bearer x", "Basic"] {
        let answer = app.send(Method::POST, "/token", &[("authorization", header)], Some(&good)).await;
        assert_eq!(answer.status, 401, "{header}");
    }
    let (status, error) = app.exchange(&wrong).await;
    assert_eq!((status, error["error"].as_str()), (400, Some("invalid_request")), "both ways at once");

    let by_form = but(&wrong, "client_secret", Some("s:e c+r%et"));
    let answer = app.send(Method::POST, "/token", &[], Some(&by_form)).await;
    assert_eq!(answer.status, 200, "{}", text(&answer));
}

#[tokio::test]
async fn a_code_is_good_once_for_whoever_asked_for_a_minute() {
    let app = app().await;
    for (name, value, error) in [
        ("code", Some("another"), "invalid_grant"),
        ("redirect_uri", Some("http://127.0.0.1:8080/back"), "invalid_grant"),
        ("code_verifier", Some("another-verifier-of-at-least-forty-three-chars"), "invalid_grant"),
        ("code_verifier", Some("short"), "invalid_grant"),
        ("code_verifier", None, "invalid_grant"),
        ("grant_type", Some("password"), "unsupported_grant_type"),
    ] {
        let code = app.code_for("freya").await;
        let (status, answer) = app.exchange(&but(&grant(&code), name, value)).await;
        assert_eq!((status, answer["error"].as_str()), (400, Some(error)), "{name} {value:?}");
    }

    let code = app.code_for("freya").await;
    let (_, tokens) = app.exchange(&grant(&code)).await;
    assert_eq!(app.user_info(&tokens).await.0, 200);
    assert_eq!(app.exchange(&grant(&code)).await.1["error"], "invalid_grant");
    assert_eq!(app.user_info(&tokens).await.0, 401, "what it was good for ended");

    let late = app.code_for("freya").await;
    app.clock.advance(Duration::from_secs(61));
    assert_eq!(app.exchange(&grant(&late)).await.1["error"], "invalid_grant");

    app.provider.register_client("other", "secret", [BACK], []);
    let mut stolen = grant("");
    let code = app.code_for("freya").await;
    stolen = but(&stolen, "code", Some(&code));
    stolen.extend([("client_id", "other"), ("client_secret", "secret")]);
    assert_eq!(app.send(Method::POST, "/token", &[], Some(&stolen)).await.status, 400);
}

#[tokio::test]
async fn a_request_without_a_challenge_needs_no_verifier_and_takes_none() {
    let app = app().await;
    let sub = app.provider.persona("keiko").unwrap().sub;
    for (verifier, status) in [(None, 200), (Some(VERIFIER), 400)] {
        let form = [
            ("client_id", "app"),
            ("redirect_uri", BACK),
            ("response_type", "code"),
            ("scope", "openid"),
            ("persona", &sub),
        ];
        let (_, parameters) = target(&app.press("/sign-in", &form).await);
        assert!(!parameters.contains_key("state"));
        let form = but(&grant(&parameters["code"]), "code_verifier", verifier);
        let (answered, tokens) = app.exchange(&form).await;
        assert_eq!(answered, status, "{tokens}");
        if status == 200 {
            app.claims(&tokens, None).await;
        }
    }
}

#[tokio::test]
async fn access_ends_after_an_hour() {
    let app = app().await;
    let tokens = app.tokens_of("freya").await;
    app.clock.advance(Duration::from_secs(3601));
    assert_eq!(app.user_info(&tokens).await.0, 401);
    assert_eq!(app.get("/userinfo").await.status, 401);
}

#[tokio::test]
async fn what_changes_is_told_from_then_on() {
    let app = app().await;
    let freya = app.provider.persona("freya").unwrap();
    let tokens = app.tokens_of("freya").await;
    let groups = vec!["Sales".to_owned()];
    app.provider.put(Persona { department: "Sales".to_owned(), groups, ..freya.clone() });
    assert_eq!(app.user_info(&tokens).await.1["department"], "Sales");
    let claims = app.claims(&app.tokens_of("freya").await, Some("the nonce")).await;
    assert_eq!((claims["sub"].as_str(), &claims["groups"]), (Some(freya.sub.as_str()), &json!(["Sales"])));
    app.provider.put(Persona { email: String::new(), ..freya });
    let claims = app.claims(&app.tokens_of("freya").await, Some("the nonce")).await;
    assert!(claims.get("email").is_none() && claims.get("email_verified").is_none(), "{claims}");
}

#[tokio::test]
async fn keys_rotate() {
    let app = app().await;
    let before = app.tokens_of("freya").await;
    let old = app.json("/jwks").await["keys"][0]["kid"].clone();
    app.provider.rotate_keys();
    let keys = app.json("/jwks").await;
    assert_eq!((keys["keys"].as_array().unwrap().len(), &keys["keys"][1]["kid"]), (2, &old));
    app.claims(&before, Some("the nonce")).await;
    app.claims(&app.tokens_of("freya").await, Some("the nonce")).await;
}

#[tokio::test]
async fn it_can_be_stopped_and_slow() {
    let app = app().await;
    let tokens = app.tokens_of("freya").await;
    app.provider.stop().await;
    assert!(tokio::net::TcpStream::connect(app.provider.address()).await.is_err());
    app.provider.restart().await.unwrap();
    assert_eq!(app.user_info(&tokens).await.0, 200);

    app.provider.slow(Duration::from_hours(1));
    assert_eq!(app.get("/").await.status, 200);
    let answer = tokio::time::timeout(Duration::from_millis(100), app.get("/jwks")).await;
    assert!(answer.is_err());
}

#[tokio::test]
async fn people_applications_and_the_address_outlive_the_process() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("globex.json");
    let first = app_with(|builder| builder.kept_in(file.clone())).await;
    let (issuer, freya) = (first.provider.issuer(), first.provider.persona("freya").unwrap());
    first.provider.put(Persona { title: "Director".to_owned(), ..freya });
    first.provider.register_back_channel("app", "http://127.0.0.1:1/");
    first.tokens_of("freya").await;
    first.provider.keep().await;
    first.provider.stop().await;
    drop(first);

    let again = Provider::builder().kept_in(file.clone()).start().await.unwrap();
    assert_eq!((again.issuer(), again.persona("freya").unwrap().title.as_str()), (issuer, "Director"));
    assert!(again.has_client("app") && !again.has_client("other") && again.sessions("freya") == 0);
    drop(again);

    std::fs::write(&file, "{").unwrap();
    let trouble = Provider::builder().kept_in(file).start().await.unwrap_err();
    assert!(trouble.to_string().contains("globex.json is damaged"), "{trouble}");
}
