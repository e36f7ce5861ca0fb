//! Signing out there too, and being told that somebody signed out there.

use std::{collections::HashMap, time::Duration};

use auth::oidc::{Fault, Kind, LoggedOut, Problem};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;

use super::support::*;

const EVENT: &str = "http://schemas.openid.net/event/backchannel-logout";

fn logout_claims(elsewhere: &Elsewhere) -> Value {
    json!({
        "iss": elsewhere.issuer(),
        "sub": "248289761001",
        "sid": "s1",
        "aud": CLIENT,
        "iat": elsewhere.now(),
        "exp": elsewhere.now() + 120,
        "jti": "bWJq",
        "events": { EVENT: {} },
    })
}

async fn read(elsewhere: &Elsewhere, token: &str) -> Result<LoggedOut, Fault> {
    let read = elsewhere.oidc.read_logout_token(&elsewhere.provider(), token).await;
    read.map_err(|problem| match problem {
        Problem::Token { kind: Kind::LogoutToken, fault } => fault,
        other => panic!("{other}"),
    })
}

async fn read_with(elsewhere: &Elsewhere, other: Value) -> Result<LoggedOut, Fault> {
    let claims = with(logout_claims(elsewhere), other);
    read(elsewhere, &elsewhere.key.token_with(&json!({"alg": "RS256", "typ": "logout+jwt"}), &claims)).await
}

#[tokio::test]
async fn the_browser_is_sent_there_to_sign_out() {
    let elsewhere = Elsewhere::start().await;
    let back_to = Url::parse("https://usher.example/sign-in").unwrap();
    let provider = elsewhere.provider();
    let token = SecretString::from("t0ken");
    elsewhere.discoverable(json!({"end_session_endpoint": elsewhere.url("/end?tenant=a")})).await;
    let url = elsewhere.oidc.end_session_url(&provider, Some(&token), &back_to, Some("x y")).await.unwrap().unwrap();
    let query: HashMap<String, String> = url.query_pairs().into_owned().collect();
    assert_eq!(url.path(), "/end");
    for (name, value) in [
        ("tenant", "a"),
        ("client_id", CLIENT),
        ("post_logout_redirect_uri", back_to.as_str()),
        ("id_token_hint", "t0ken"),
        ("state", "x y"),
    ] {
        assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn a_provider_without_sign_out_has_no_address_for_it() {
    let elsewhere = Elsewhere::start().await;
    let back_to = Url::parse("https://usher.example/").unwrap();
    let url = elsewhere.oidc.end_session_url(&elsewhere.provider(), None, &back_to, None).await.unwrap();
    assert_eq!(url, None);
}

#[tokio::test]
async fn a_sign_out_token_says_who() {
    let elsewhere = Elsewhere::start().await;
    let subject = Some("248289761001".to_owned());
    let all = LoggedOut { subject, session_id: Some("s1".to_owned()), jti: "bWJq".to_owned() };
    assert_eq!(read_with(&elsewhere, json!({})).await.unwrap(), all);
    assert_eq!(read_with(&elsewhere, json!({"sid": null})).await.unwrap().session_id, None);
    assert_eq!(read_with(&elsewhere, json!({"sub": null})).await.unwrap().subject, None);
    read_with(&elsewhere, json!({"aud": [CLIENT, "other"]})).await.unwrap();
    // Many leave the type out or say no more than JWT.
    read(&elsewhere, &elsewhere.key.token(&logout_claims(&elsewhere))).await.unwrap();
    read(&elsewhere, &elsewhere.key.token_with(&json!({"alg": "RS256"}), &logout_claims(&elsewhere))).await.unwrap();
}

#[tokio::test]
async fn a_sign_out_token_without_an_end_counts_two_minutes() {
    let elsewhere = Elsewhere::start().await;
    read_with(&elsewhere, json!({"exp": null})).await.unwrap();
    let old = elsewhere.now() - 180;
    assert_eq!(read_with(&elsewhere, json!({"exp": null, "iat": old})).await.unwrap_err(), Fault::Expired);
}

#[tokio::test]
async fn anything_else_signs_nobody_out() {
    let elsewhere = Elsewhere::start().await;
    let now = elsewhere.now();
    let wrong = |name: &str, why| Fault::Claim { claim: name.to_owned(), why };
    let other_event = json!({"http://schemas.example/other": {}});
    for (other, fault) in [
        (
            json!({"iss": "https://evil.example"}),
            Fault::Issuer { expected: elsewhere.issuer(), found: "https://evil.example".to_owned() },
        ),
        (json!({"aud": "other"}), Fault::Audience("\"other\"".to_owned())),
        (json!({"aud": []}), Fault::Audience("[]".to_owned())),
        (json!({"exp": now - 60}), Fault::Expired),
        (json!({"iat": now + 61}), Fault::NotYet("iat")),
        (json!({"iat": null}), wrong("iat", "is missing")),
        (json!({"jti": null}), wrong("jti", "is missing")),
        (json!({"jti": ""}), wrong("jti", "is missing")),
        (json!({"events": null}), wrong("events", "is missing")),
        (json!({"events": other_event}), wrong("events", "does not say that somebody signed out")),
        (json!({"events": [EVENT]}), wrong("events", "does not say that somebody signed out")),
        (json!({"events": {EVENT: true}}), wrong("events", "does not say that somebody signed out")),
        (json!({"nonce": NONCE}), wrong("nonce", "is one of ID tokens alone")),
        (json!({"sub": null, "sid": null}), wrong("sub", "is missing, and “sid” too")),
        (json!({"sub": 7}), wrong("sub", "is no text")),
        (json!({"sid": 7}), wrong("sid", "is no text")),
    ] {
        assert_eq!(read_with(&elsewhere, other.clone()).await.unwrap_err(), fault, "{other}");
    }
}

#[tokio::test]
async fn an_id_token_signs_nobody_out() {
    let elsewhere = Elsewhere::start().await;
    let fault = read(&elsewhere, &elsewhere.key.token(&elsewhere.claims())).await.unwrap_err();
    assert!(matches!(fault, Fault::Claim { .. }), "{fault}");
    let typ = json!({"alg": "RS256", "typ": "at+jwt"});
    let fault = read(&elsewhere, &elsewhere.key.token_with(&typ, &logout_claims(&elsewhere))).await.unwrap_err();
    assert_eq!(fault, Fault::Type("at+jwt".to_owned()));
}

#[tokio::test]
async fn a_forged_sign_out_token_signs_nobody_out() {
    let elsewhere = Elsewhere::start().await;
    let claims = logout_claims(&elsewhere);
    let forged = Key::rsa("one", ANOTHER_RSA).token(&claims);
    assert_eq!(read(&elsewhere, &forged).await.unwrap_err(), Fault::Signature);
    let unsigned = format!("{}.", unsigned(&json!({"alg": "none"}), &claims));
    assert_eq!(read(&elsewhere, &unsigned).await.unwrap_err(), Fault::Algorithm("none".to_owned()));
    let hmac = Key::hmac("one", b"s3cret").token(&claims);
    assert_eq!(read(&elsewhere, &hmac).await.unwrap_err(), Fault::Algorithm("HS256".to_owned()));
    elsewhere.clock.advance(Duration::from_mins(5));
    let late = elsewhere.key.token(&claims);
    assert_eq!(read(&elsewhere, &late).await.unwrap_err(), Fault::Expired);
}
