//! OAuth2 alone: no ID token, and a number for a subject.

use auth::oidc::{Problem, Protocol, Provider};
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::support::*;

fn github(elsewhere: &Elsewhere) -> Provider {
    let mut endpoints = elsewhere.endpoints();
    endpoints.jwks = None;
    endpoints.userinfo = Some(elsewhere.url("/user"));
    endpoints.emails = Some(elsewhere.url("/user/emails"));
    let scopes = vec!["read:user".to_owned(), "user:email".to_owned()];
    Provider {
        protocol: Protocol::OAuth2,
        issuer: Some("https://github.com".to_owned()),
        endpoints: Some(endpoints),
        scopes,
        ..elsewhere.provider()
    }
}

async fn serve_octocat(elsewhere: &Elsewhere) {
    elsewhere
        .serve("/token", json!({"access_token": "gho_1", "scope": "read:user,user:email", "token_type": "bearer"}))
        .await;
    elsewhere.serve("/user", json!({"login": "octocat", "id": 583_231, "name": "Octo Cat", "email": null})).await;
    let emails = json!([
        {"email": "cat@users.example", "primary": false, "verified": true, "visibility": null},
        {"email": "octocat@github.example", "primary": true, "verified": true, "visibility": "public"},
    ]);
    elsewhere.serve("/user/emails", emails).await;
}

#[tokio::test]
async fn github_tells_who_somebody_is_by_its_user_and_their_addresses() {
    let elsewhere = Elsewhere::start().await;
    serve_octocat(&elsewhere).await;
    let provider = github(&elsewhere);
    let begun = elsewhere.begin(&provider).await.unwrap();
    assert!(!begun.url.as_str().contains("nonce") && !begun.url.as_str().contains("openid"), "{}", begun.url);
    let identity = elsewhere.finish(&provider).await.unwrap();
    assert_eq!((identity.issuer.as_str(), identity.subject.as_str()), ("https://github.com", "583231"));
    let expected = json!({
        "login": "octocat", "id": 583_231, "name": "Octo Cat",
        "email": "octocat@github.example", "email_verified": true,
    });
    assert_eq!(Value::Object(identity.claims), expected);
    assert!(identity.id_token.is_none());
}

#[tokio::test]
async fn github_refuses_a_used_code_with_status_200() {
    let elsewhere = Elsewhere::start().await;
    let refusal = json!({"error": "bad_verification_code", "error_description": "The code passed is incorrect."});
    elsewhere.serve("/token", refusal).await;
    let problem = elsewhere.finish(&github(&elsewhere)).await.unwrap_err();
    assert_eq!(problem, Problem::Code("The code passed is incorrect.".to_owned()));
}

#[tokio::test]
async fn addresses_that_may_not_be_read_sign_nobody_in() {
    let elsewhere = Elsewhere::start().await;
    serve_octocat(&elsewhere).await;
    elsewhere.answer("/user/emails", ResponseTemplate::new(404)).await;
    assert!(matches!(elsewhere.finish(&github(&elsewhere)).await, Err(Problem::Status { status: 404, .. })));
}

#[tokio::test]
async fn another_claim_may_be_the_subject_and_none_is_no_subject() {
    let elsewhere = Elsewhere::start().await;
    serve_octocat(&elsewhere).await;
    let mut provider = github(&elsewhere);
    provider.subject_claim = Some("login".to_owned());
    assert_eq!(elsewhere.finish(&provider).await.unwrap().subject, "octocat");
    provider.subject_claim = Some("node_id".to_owned());
    assert!(matches!(elsewhere.finish(&provider).await, Err(Problem::UserInfo(_))));
    provider.endpoints = Some(elsewhere.endpoints());
    assert!(matches!(elsewhere.finish(&provider).await, Err(Problem::Settings(_))));
}
