//! Tokens that claim something else than they should.

use std::time::Duration;

use auth::oidc::{Fault, Kept, Kind, Problem};
use serde_json::{Value, json};

use super::support::*;

#[tokio::test]
async fn a_token_of_another_sign_in_is_refused() {
    let elsewhere = Elsewhere::start().await;
    assert_eq!(elsewhere.fault(json!({"nonce": "another"})).await, Fault::Nonce);
    assert_eq!(elsewhere.fault(json!({"nonce": null})).await, Fault::Nonce);
}

#[tokio::test]
async fn a_token_for_another_audience_is_refused() {
    let elsewhere = Elsewhere::start().await;
    for other in [json!("other"), json!([]), json!(["other"]), json!("ushers"), json!("")] {
        let fault = elsewhere.fault(json!({ "aud": other })).await;
        assert_eq!(fault, Fault::Audience(other.to_string()));
    }
    assert!(matches!(elsewhere.fault(json!({"aud": null})).await, Fault::Claim { .. }));
    for wrong in [json!(7), json!({"a": CLIENT}), json!([CLIENT, 7])] {
        assert!(matches!(elsewhere.fault(json!({ "aud": wrong })).await, Fault::Claim { .. }));
    }
}

#[tokio::test]
async fn a_token_for_several_that_was_not_issued_to_us_is_refused() {
    let elsewhere = Elsewhere::start().await;
    let several = json!([CLIENT, "other"]);
    assert_eq!(elsewhere.fault(json!({ "aud": several })).await, Fault::AuthorizedParty(None));
    let other = Fault::AuthorizedParty(Some("other".to_owned()));
    assert_eq!(elsewhere.fault(json!({"aud": several, "azp": "other"})).await, other);
    assert_eq!(elsewhere.fault(json!({"azp": "other"})).await, other);
}

#[tokio::test]
async fn a_token_of_another_issuer_is_refused() {
    let elsewhere = Elsewhere::start().await;
    let other = elsewhere.issuer().replace("127.0.0.1", "localhost");
    for found in [other, format!("{}/", elsewhere.issuer()), String::new()] {
        let fault = elsewhere.fault(json!({ "iss": found })).await;
        assert_eq!(fault, Fault::Issuer { expected: elsewhere.issuer(), found });
    }
    assert!(matches!(elsewhere.fault(json!({"iss": null})).await, Fault::Claim { .. }));
}

#[tokio::test]
async fn a_token_that_has_expired_is_refused() {
    let elsewhere = Elsewhere::start().await;
    assert_eq!(elsewhere.fault(json!({"exp": elsewhere.now() - 60})).await, Fault::Expired);
    let token = elsewhere.key.token(&elsewhere.claims());
    elsewhere.clock.advance(Duration::from_mins(6));
    assert_eq!(elsewhere.fault_of(&token).await, Fault::Expired);
}

#[tokio::test]
async fn a_token_that_is_not_valid_yet_is_refused() {
    let elsewhere = Elsewhere::start().await;
    let soon = elsewhere.now() + 61;
    assert_eq!(elsewhere.fault(json!({ "nbf": soon })).await, Fault::NotYet("nbf"));
    assert_eq!(elsewhere.fault(json!({ "iat": soon })).await, Fault::NotYet("iat"));
}

#[tokio::test]
async fn claims_that_are_missing_or_of_the_wrong_type_are_named() {
    let elsewhere = Elsewhere::start().await;
    let long = "x".repeat(256);
    for (name, value, words) in [
        ("sub", Value::Null, "is missing"),
        ("sub", json!(7), "is no text"),
        ("sub", json!(["7"]), "is no text"),
        ("sub", json!(""), "is empty"),
        ("sub", json!("  "), "is empty"),
        ("sub", json!("a\u{0}b"), "has control characters"),
        ("sub", json!(long), "has more than 255 characters"),
        ("exp", Value::Null, "is missing"),
        ("exp", json!("soon"), "is no time in seconds"),
        ("iat", Value::Null, "is missing"),
        ("iat", json!([1]), "is no time in seconds"),
        ("nbf", json!(true), "is no time in seconds"),
        ("iss", json!({}), "is no text"),
        ("nonce", json!(1), "is no text"),
        ("azp", json!(1), "is no text"),
        ("sid", json!(1), "is no text"),
    ] {
        let fault = elsewhere.fault(json!({ name: value })).await;
        assert_eq!(fault, Fault::Claim { claim: name.to_owned(), why: words }, "{value}");
    }
}

#[tokio::test]
async fn a_subject_of_255_characters_and_claims_that_nobody_needs_are_fine() {
    let elsewhere = Elsewhere::start().await;
    let odd = json!({"sub": "é".repeat(255), "email_verified": "yes", "updated_at": "yesterday", "address": 7});
    let identity = elsewhere.sign_in(&elsewhere.key.token(&with(elsewhere.claims(), odd))).await.unwrap();
    assert_eq!(identity.claims["email_verified"], "yes");
}

#[tokio::test]
async fn claims_that_are_no_object_are_refused() {
    let elsewhere = Elsewhere::start().await;
    for claims in [json!([]), json!("sub"), json!(null)] {
        assert!(matches!(elsewhere.fault_of(&elsewhere.key.token(&claims)).await, Fault::Form(_)));
    }
}

#[tokio::test]
async fn who_signed_in_there_too_long_ago_is_told_apart() {
    let elsewhere = Elsewhere::start().await;
    let kept = || Kept { max_age: Some(Duration::from_mins(5)), ..kept() };
    let fault = async |auth_time: Value| {
        let claims = with(elsewhere.claims(), json!({ "auth_time": auth_time }));
        elsewhere.issue(&elsewhere.key.token(&claims)).await;
        let found = elsewhere.oidc.finish(&elsewhere.provider(), &redirect_uri(), &callback(), &kept()).await;
        found.map(|_| ()).unwrap_err()
    };
    let refused = |fault| Problem::Token { kind: Kind::IdToken, fault };
    assert_eq!(fault(json!(elsewhere.now() - 361)).await, refused(Fault::TooLongAgo));
    let missing = Fault::Claim { claim: "auth_time".to_owned(), why: "is missing" };
    assert_eq!(fault(Value::Null).await, refused(missing));
}

#[tokio::test]
async fn a_token_goes_with_its_own_access_token() {
    let elsewhere = Elsewhere::start().await;
    // The left half of the SHA-256 of `at-1`.
    let hash = {
        use base64::Engine;
        use sha2::Digest;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(&sha2::Sha256::digest(b"at-1")[..16])
    };
    let good = with(elsewhere.claims(), json!({ "at_hash": hash }));
    elsewhere.sign_in(&elsewhere.key.token(&good)).await.unwrap();
    assert_eq!(elsewhere.fault(json!({"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"})).await, Fault::AccessToken);
}
