//! The good ways.

use std::collections::HashMap;

use auth::oidc::{Ask, Callback, ClientAuthentication, Kept};
use openidconnect::core::CoreJwsSigningAlgorithm as Algorithm;
use secrecy::{ExposeSecret, SecretString};
use serde_json::json;
use sha2::{Digest, Sha256};
use std::time::Duration;

use super::support::*;

#[tokio::test]
async fn somebody_goes_there_and_comes_back_as_who_they_are() {
    let elsewhere = Elsewhere::start().await;
    let provider = elsewhere.provider();
    let ask = Ask { prompt: Some("login".to_owned()), max_age: Some(Duration::from_mins(5)), login_hint: None };
    let begun = elsewhere.oidc.begin(&provider, &redirect_uri(), &ask).await.unwrap();

    let query: HashMap<String, String> = begun.url.query_pairs().into_owned().collect();
    let verifier = begun.verifier.clone().unwrap();
    let challenge = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE_NO_PAD,
        Sha256::digest(verifier.expose_secret().as_bytes()),
    );
    assert_eq!(begun.url.path(), "/auth");
    for (name, value) in [
        ("response_type", "code"),
        ("client_id", CLIENT),
        ("redirect_uri", redirect_uri().as_str()),
        ("scope", "openid email"),
        ("state", begun.state.expose_secret()),
        ("nonce", begun.nonce.expose_secret()),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
        ("prompt", "login"),
        ("max_age", "300"),
    ] {
        assert_eq!(query.get(name).map(String::as_str), Some(value), "{name}");
    }

    let claims = json!({
        "nonce": begun.nonce.expose_secret(), "auth_time": elsewhere.now() - 10, "sid": "s1", "groups": ["a", "b"],
    });
    elsewhere.issue(&elsewhere.key.token(&with(elsewhere.claims(), claims))).await;
    let kept = Kept { nonce: begun.nonce, verifier: begun.verifier, max_age: ask.max_age };
    let identity = elsewhere.oidc.finish(&provider, &redirect_uri(), &callback(), &kept).await.unwrap();

    assert_eq!((identity.issuer, identity.subject.as_str()), (elsewhere.issuer(), "248289761001"));
    assert_eq!(identity.claims["email"], "ada@acme.example");
    assert_eq!(identity.claims["groups"], json!(["a", "b"]));
    assert_eq!(identity.session_id.as_deref(), Some("s1"));
    assert!(identity.id_token.is_some());

    let requests = elsewhere.server.received_requests().await.unwrap();
    let asked = requests.iter().find(|request| request.url.path() == "/token").unwrap();
    let form: HashMap<String, String> = url::form_urlencoded::parse(&asked.body).into_owned().collect();
    assert_eq!(asked.headers["authorization"], "Basic dXNoZXI6czNjcmV0");
    for (name, value) in [
        ("grant_type", "authorization_code"),
        ("code", "c0de"),
        ("redirect_uri", redirect_uri().as_str()),
        ("code_verifier", verifier.expose_secret()),
    ] {
        assert_eq!(form.get(name).map(String::as_str), Some(value), "{name}");
    }
}

#[tokio::test]
async fn each_sign_in_has_secrets_of_its_own() {
    let elsewhere = Elsewhere::start().await;
    let one = elsewhere.begin(&elsewhere.provider()).await.unwrap();
    let other = elsewhere.begin(&elsewhere.provider()).await.unwrap();
    assert_ne!(one.state.expose_secret(), other.state.expose_secret());
    assert_ne!(one.nonce.expose_secret(), other.nonce.expose_secret());
    assert_ne!(one.state.expose_secret(), one.nonce.expose_secret());
}

#[tokio::test]
async fn without_pkce_and_with_the_secret_in_the_body() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    provider.pkce = false;
    provider.client_authentication = ClientAuthentication::Post;
    let begun = elsewhere.begin(&provider).await.unwrap();
    assert!(begun.verifier.is_none() && !begun.url.as_str().contains("code_challenge"));

    elsewhere.issue(&elsewhere.key.token(&elsewhere.claims())).await;
    let kept = Kept { verifier: None, ..kept() };
    elsewhere.oidc.finish(&provider, &redirect_uri(), &callback(), &kept).await.unwrap();
    let requests = elsewhere.server.received_requests().await.unwrap();
    let asked = requests.iter().find(|request| request.url.path() == "/token").unwrap();
    let body = String::from_utf8(asked.body.clone()).unwrap();
    assert!(body.contains("client_id=usher&client_secret=s3cret") && !asked.headers.contains_key("authorization"));
}

#[tokio::test]
async fn every_asymmetric_signature_is_read() {
    for key in [
        Key::rsa_with("k", RSA, "RS384", Algorithm::RsaSsaPkcs1V15Sha384),
        Key::rsa_with("k", RSA, "RS512", Algorithm::RsaSsaPkcs1V15Sha512),
        Key::rsa_with("k", RSA, "PS256", Algorithm::RsaSsaPssSha256),
        Key::ed25519("k"),
    ] {
        let elsewhere = Elsewhere::start().await;
        elsewhere.serve_keys(&[&key]).await;
        elsewhere.sign_in(&key.token(&elsewhere.claims())).await.unwrap();
    }
}

#[tokio::test]
async fn endpoints_that_were_typed_need_no_discovery() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    provider.issuer = Some("https://id.example/tenant".to_owned());
    provider.endpoints = Some(elsewhere.endpoints());
    assert_eq!(elsewhere.begin(&provider).await.unwrap().url.path(), "/auth");

    let claims = with(elsewhere.claims(), json!({"iss": "https://id.example/tenant"}));
    elsewhere.issue(&elsewhere.key.token(&claims)).await;
    assert_eq!(elsewhere.finish(&provider).await.unwrap().issuer, "https://id.example/tenant");
    assert_eq!(elsewhere.calls(DISCOVERY).await, 0);
}

#[tokio::test]
async fn claims_come_from_user_info_where_the_token_has_none() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"userinfo_endpoint": elsewhere.url("/me")})).await;
    let said = json!({"sub": "248289761001", "email": "ada@acme.example", "email_verified": true, "iss": "else"});
    elsewhere.serve("/me", said).await;
    let claims = with(elsewhere.claims(), json!({"email": null}));
    let identity = elsewhere.sign_in(&elsewhere.key.token(&claims)).await.unwrap();
    assert_eq!(identity.claims["email_verified"], true);
    assert_eq!(identity.claims["iss"], elsewhere.issuer());

    let requests = elsewhere.server.received_requests().await.unwrap();
    let asked = requests.iter().find(|request| request.url.path() == "/me").unwrap();
    assert_eq!(asked.headers["authorization"], "Bearer at-1");
}

#[tokio::test]
async fn several_audiences_are_fine_when_the_token_was_issued_to_us() {
    let elsewhere = Elsewhere::start().await;
    let claims = with(elsewhere.claims(), json!({"aud": [CLIENT, "other"], "azp": CLIENT}));
    elsewhere.sign_in(&elsewhere.key.token(&claims)).await.unwrap();
    let claims = with(elsewhere.claims(), json!({"aud": [CLIENT]}));
    elsewhere.sign_in(&elsewhere.key.token(&claims)).await.unwrap();
}

#[tokio::test]
async fn an_answer_that_names_its_issuer_is_taken() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"authorization_response_iss_parameter_supported": true})).await;
    elsewhere.issue(&elsewhere.key.token(&elsewhere.claims())).await;
    let callback = Callback { code: SecretString::from("c0de"), iss: Some(elsewhere.issuer()) };
    let provider = elsewhere.provider();
    elsewhere.oidc.finish(&provider, &redirect_uri(), &callback, &kept()).await.unwrap();
}

#[tokio::test]
async fn clocks_may_differ_by_a_minute() {
    let elsewhere = Elsewhere::start().await;
    let now = elsewhere.now();
    let ahead = with(elsewhere.claims(), json!({"iat": now + 59, "nbf": now + 59, "exp": now + 300}));
    elsewhere.sign_in(&elsewhere.key.token(&ahead)).await.unwrap();
    let behind = with(elsewhere.claims(), json!({"iat": now - 300, "exp": now - 59}));
    elsewhere.sign_in(&elsewhere.key.token(&behind)).await.unwrap();
}
