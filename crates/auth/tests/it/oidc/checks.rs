//! "Test sign-in".

use domain::config::Report;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::*;

async fn report(elsewhere: &Elsewhere) -> Report {
    elsewhere.oidc.check(&elsewhere.provider(), &redirect_uri()).await
}

fn names(report: &Report) -> Vec<(&str, bool)> {
    report.checks.iter().map(|check| (check.name.as_str(), check.ok)).collect()
}

#[tokio::test]
async fn a_good_provider_passes_each_check() {
    let elsewhere = Elsewhere::start().await;
    let offer = json!({
        "userinfo_endpoint": elsewhere.url("/me"),
        "id_token_signing_alg_values_supported": ["HS256", "RS256"],
        "code_challenge_methods_supported": ["S256"],
        "token_endpoint_auth_methods_supported": ["client_secret_basic"],
    });
    elsewhere.discoverable(offer).await;
    elsewhere.answer("/token", ResponseTemplate::new(400).set_body_json(json!({"error": "invalid_grant"}))).await;
    let report = report(&elsewhere).await;
    let expected = [
        "Discovery",
        "Issuer",
        "Endpoints",
        "Signatures",
        "PKCE",
        "Client authentication",
        "Keys",
        "User info",
        "Client id and secret",
    ];
    assert_eq!(names(&report), expected.map(|name| (name, true)), "{report:?}");
}

#[tokio::test]
async fn what_is_wrong_is_named() {
    let elsewhere = Elsewhere::start().await;
    let offer = json!({
        "id_token_signing_alg_values_supported": ["HS256"],
        "code_challenge_methods_supported": ["plain"],
        "token_endpoint_auth_methods_supported": ["private_key_jwt"],
    });
    elsewhere.discoverable(offer).await;
    elsewhere.serve("/keys", json!({"keys": []})).await;
    elsewhere.answer("/token", ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_client"}))).await;
    let report = report(&elsewhere).await;
    let failed: Vec<&str> = report.checks.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect();
    assert_eq!(failed, ["Signatures", "PKCE", "Client authentication", "Keys", "Client id and secret"], "{report:?}");
}

#[tokio::test]
async fn another_issuer_and_no_document_are_told_apart() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"issuer": "https://evil.example"})).await;
    assert_eq!(names(&report(&elsewhere).await), [("Discovery", true), ("Issuer", false)]);
    elsewhere.answer(DISCOVERY, ResponseTemplate::new(404)).await;
    assert_eq!(names(&report(&elsewhere).await), [("Discovery", false)]);
}

#[tokio::test]
async fn a_test_asks_anew() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.begin(&elsewhere.provider()).await.unwrap();
    report(&elsewhere).await;
    assert_eq!(elsewhere.calls(DISCOVERY).await, 2);
}
