//! Signatures, and keys that come and go.

use std::time::Duration;

use auth::oidc::{Fault, Part, Problem};
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::*;

#[tokio::test]
async fn a_wrong_signature_is_refused() {
    let elsewhere = Elsewhere::start().await;
    let forged = Key::rsa("one", ANOTHER_RSA).token(&elsewhere.claims());
    assert_eq!(elsewhere.fault_of(&forged).await, Fault::Signature);
    let good = elsewhere.key.token(&elsewhere.claims());
    let mut parts: Vec<&str> = good.split('.').collect();
    let others = unsigned(&json!({}), &with(elsewhere.claims(), json!({"sub": "somebody else"})));
    parts[1] = others.split('.').nth(1).unwrap();
    assert_eq!(elsewhere.fault_of(&parts.join(".")).await, Fault::Signature);
    parts[2] = "";
    assert_eq!(elsewhere.fault_of(&parts.join(".")).await, Fault::Signature);
}

#[tokio::test]
async fn no_signature_at_all_is_refused_in_every_spelling() {
    let elsewhere = Elsewhere::start().await;
    for none in ["none", "None", "NONE", ""] {
        let token = format!("{}.", unsigned(&json!({ "alg": none }), &elsewhere.claims()));
        assert_eq!(elsewhere.fault_of(&token).await, Fault::Algorithm(none.to_owned()));
    }
}

#[tokio::test]
async fn an_hmac_is_refused_by_whatever_key() {
    let elsewhere = Elsewhere::start().await;
    let public = elsewhere.key.public();
    let modulus = public["n"].as_str().unwrap().to_owned();
    for secret in [public.to_string().as_bytes(), modulus.as_bytes(), RSA.as_bytes(), b"s3cret"] {
        let token = Key::hmac("one", secret).token(&elsewhere.claims());
        assert_eq!(elsewhere.fault_of(&token).await, Fault::Algorithm("HS256".to_owned()));
    }
    // The same under a name that is allowed.
    let header = json!({"alg": "RS256", "kid": "one"});
    let token = Key::hmac("one", modulus.as_bytes()).token_with(&header, &elsewhere.claims());
    assert_eq!(elsewhere.fault_of(&token).await, Fault::Signature);
    // Nor does a symmetric key in the set help.
    let key = json!({"kty": "oct", "kid": "one", "k": "czNjcmV0"});
    elsewhere.clock.advance(Duration::from_hours(2));
    elsewhere.serve("/keys", json!({ "keys": [key] })).await;
    let token = Key::hmac("one", b"s3cret").token(&elsewhere.claims());
    assert_eq!(elsewhere.fault_of(&token).await, Fault::Algorithm("HS256".to_owned()));
}

#[tokio::test]
async fn an_unknown_key_is_refused_after_one_look() {
    let elsewhere = Elsewhere::start().await;
    let unknown = Key::rsa("two", ANOTHER_RSA);
    let refused = Fault::UnknownKey(Some("two".to_owned()));
    assert_eq!(elsewhere.fault_of(&unknown.token(&elsewhere.claims())).await, refused);
    assert_eq!(elsewhere.calls("/keys").await, 2);
    // Within a minute nobody looks again, and then once.
    for _ in 0..3 {
        assert_eq!(elsewhere.fault_of(&unknown.token(&elsewhere.claims())).await, refused);
    }
    assert_eq!(elsewhere.calls("/keys").await, 2);
    elsewhere.clock.advance(Duration::from_mins(1));
    assert_eq!(elsewhere.fault_of(&unknown.token(&elsewhere.claims())).await, refused);
    assert_eq!(elsewhere.calls("/keys").await, 3);
}

#[tokio::test]
async fn rotated_keys_work_at_once() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
    let next = Key::rsa("two", ANOTHER_RSA);
    elsewhere.serve_keys(&[&elsewhere.key, &next]).await;
    elsewhere.sign_in(&next.token(&elsewhere.claims())).await.unwrap();
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
    assert_eq!(elsewhere.calls("/keys").await, 2);
}

#[tokio::test]
async fn a_key_that_changes_without_its_name_works_too() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
    let next = Key::rsa("one", ANOTHER_RSA);
    elsewhere.serve_keys(&[&next]).await;
    elsewhere.sign_in(&next.token(&elsewhere.claims())).await.unwrap();
}

#[tokio::test]
async fn a_key_that_was_taken_back_counts_no_longer_than_an_hour() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
    elsewhere.serve_keys(&[&Key::rsa("two", ANOTHER_RSA)]).await;
    elsewhere.clock.advance(Duration::from_hours(1));
    let token = elsewhere.key.token(&elsewhere.claims());
    assert_eq!(elsewhere.fault_of(&token).await, Fault::UnknownKey(Some("one".to_owned())));
}

#[tokio::test]
async fn a_token_that_names_no_key_is_tried_with_all() {
    let elsewhere = Elsewhere::start().await;
    let (other, ed) = (Key::rsa("two", ANOTHER_RSA), Key::ed25519("three"));
    elsewhere.serve_keys(&[&ed, &other, &elsewhere.key]).await;
    let token = elsewhere.key.token_with(&json!({"alg": "RS256"}), &elsewhere.claims());
    elsewhere.sign_in(&token).await.unwrap();
}

#[tokio::test]
async fn a_key_for_something_else_is_not_used() {
    let elsewhere = Elsewhere::start().await;
    for other in [json!({"use": "enc"}), json!({"alg": "RS512"}), json!({"alg": "RSA-OAEP"})] {
        elsewhere.serve("/keys", json!({"keys": [with(elsewhere.key.public(), other)]})).await;
        elsewhere.clock.advance(Duration::from_hours(1));
        let token = elsewhere.key.token(&elsewhere.claims());
        assert_eq!(elsewhere.fault_of(&token).await, Fault::UnknownKey(Some("one".to_owned())));
    }
}

#[tokio::test]
async fn keys_that_nobody_understands_do_not_hide_the_others() {
    let elsewhere = Elsewhere::start().await;
    let odd = json!({"kty": "PQC", "kid": "x", "pub": "AA"});
    elsewhere.serve("/keys", json!({"keys": [odd, elsewhere.key.public()]})).await;
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
}

#[tokio::test]
async fn a_key_set_that_cannot_be_read_is_told_apart() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.answer("/keys", ResponseTemplate::new(200).set_body_string("<html>")).await;
    let problem = elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap_err();
    assert!(matches!(problem, Problem::Unreadable { part: Part::Keys, .. }), "{problem}");
}

#[tokio::test]
async fn tokens_of_another_kind_are_refused() {
    let elsewhere = Elsewhere::start().await;
    for typ in ["logout+jwt", "at+jwt", "application/at+jwt"] {
        let token = elsewhere.key.token_with(&json!({"alg": "RS256", "typ": typ}), &elsewhere.claims());
        assert_eq!(elsewhere.fault_of(&token).await, Fault::Type(typ.to_owned()));
    }
    for header in [json!({"alg": "RS256", "crit": ["b64"], "b64": false}), json!({"alg": "RS256", "cty": "JWT"})] {
        let token = elsewhere.key.token_with(&header, &elsewhere.claims());
        assert!(matches!(elsewhere.fault_of(&token).await, Fault::Form(_)));
    }
}

#[tokio::test]
async fn what_is_no_token_is_refused() {
    let elsewhere = Elsewhere::start().await;
    let good = elsewhere.key.token(&elsewhere.claims());
    for text in ["", "a", "a.b", "..", "a.b.c.d", "e30.e30.AA", &format!("{good}=="), &format!("{good}.{good}")] {
        assert!(matches!(elsewhere.fault_of(text).await, Fault::Form(_)), "{text}");
    }
}
