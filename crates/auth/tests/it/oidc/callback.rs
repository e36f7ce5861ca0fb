//! What comes back with the browser, and the code for the tokens.

use auth::oidc::{Callback, Fault, Part, Problem};
use secrecy::SecretString;
use serde_json::json;
use wiremock::ResponseTemplate;

use super::support::*;

async fn coming_from(elsewhere: &Elsewhere, iss: Option<&str>) -> Problem {
    elsewhere.issue(&elsewhere.key.token(&elsewhere.claims())).await;
    let callback = Callback { code: SecretString::from("c0de"), iss: iss.map(str::to_owned) };
    elsewhere.oidc.finish(&elsewhere.provider(), &redirect_uri(), &callback, &kept()).await.unwrap_err()
}

#[tokio::test]
async fn an_answer_of_another_issuer_is_refused_before_its_code_is_shown_to_anybody() {
    let elsewhere = Elsewhere::start().await;
    let found = Some("https://evil.example".to_owned());
    let refused = Problem::Answered { expected: elsewhere.issuer(), found };
    assert_eq!(coming_from(&elsewhere, Some("https://evil.example")).await, refused);
    assert_eq!(elsewhere.calls("/token").await, 0);
}

#[tokio::test]
async fn a_provider_that_names_itself_always_does() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"authorization_response_iss_parameter_supported": true})).await;
    let refused = Problem::Answered { expected: elsewhere.issuer(), found: None };
    assert_eq!(coming_from(&elsewhere, None).await, refused);
}

#[tokio::test]
async fn a_code_is_good_once() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.sign_in(&elsewhere.key.token(&elsewhere.claims())).await.unwrap();
    let refusal = json!({"error": "invalid_grant", "error_description": "code was used"});
    elsewhere.answer("/token", ResponseTemplate::new(400).set_body_json(refusal)).await;
    let problem = elsewhere.finish(&elsewhere.provider()).await.unwrap_err();
    assert_eq!(problem, Problem::Code("code was used".to_owned()));
    assert!(problem.for_visitors().contains("Start again"));
}

#[tokio::test]
async fn a_refusal_is_told_by_its_code() {
    let elsewhere = Elsewhere::start().await;
    let refusal = json!({"error": "invalid_client"});
    elsewhere.answer("/token", ResponseTemplate::new(401).set_body_json(refusal)).await;
    let problem = elsewhere.finish(&elsewhere.provider()).await.unwrap_err();
    assert_eq!(problem, Problem::Refused { code: "invalid_client".to_owned(), said: String::new() });
}

#[tokio::test]
async fn a_token_endpoint_that_answers_nonsense_is_told_apart() {
    let elsewhere = Elsewhere::start().await;
    for body in ["<html>", "{}", "", "[]"] {
        elsewhere.answer("/token", ResponseTemplate::new(200).set_body_string(body)).await;
        let problem = elsewhere.finish(&elsewhere.provider()).await.unwrap_err();
        assert!(matches!(problem, Problem::Unreadable { part: Part::Token, .. }), "{problem}");
    }
    for (body, said) in [("<html>", ""), (r#"{"error":"invalid_grant"}"#, "invalid_grant")] {
        elsewhere.answer("/token", ResponseTemplate::new(502).set_body_string(body)).await;
        let problem = elsewhere.finish(&elsewhere.provider()).await.unwrap_err();
        assert_eq!(problem, Problem::Status { part: Part::Token, status: 502, said: said.to_owned() });
        assert!(problem.is_temporary());
    }
}

#[tokio::test]
async fn an_answer_without_an_id_token_signs_nobody_in() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.serve("/token", json!({"access_token": "at-1", "token_type": "Bearer"})).await;
    assert_eq!(elsewhere.finish(&elsewhere.provider()).await.unwrap_err(), Problem::NoIdToken);
}

#[tokio::test]
async fn user_info_of_another_subject_is_refused() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"userinfo_endpoint": elsewhere.url("/me")})).await;
    let token = elsewhere.key.token(&elsewhere.claims());
    elsewhere.serve("/me", json!({"sub": "somebody else", "email": "eve@acme.example"})).await;
    assert_eq!(elsewhere.sign_in(&token).await.unwrap_err(), Problem::OtherSubject);
    let missing = Fault::Claim { claim: "sub".to_owned(), why: "is missing" };
    elsewhere.serve("/me", json!({"email": "eve@acme.example"})).await;
    assert_eq!(elsewhere.sign_in(&token).await.unwrap_err(), Problem::UserInfo(missing));
}

#[tokio::test]
async fn user_info_that_fails_signs_nobody_in() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"userinfo_endpoint": elsewhere.url("/me")})).await;
    let token = elsewhere.key.token(&elsewhere.claims());
    elsewhere.answer("/me", ResponseTemplate::new(500)).await;
    let problem = elsewhere.sign_in(&token).await.unwrap_err();
    assert_eq!(problem, Problem::Status { part: Part::UserInfo, status: 500, said: String::new() });
    for body in ["eyJhbGciOiJub25lIn0.e30.", "[]", ""] {
        elsewhere.answer("/me", ResponseTemplate::new(200).set_body_string(body)).await;
        let problem = elsewhere.sign_in(&token).await.unwrap_err();
        assert!(matches!(problem, Problem::Unreadable { part: Part::UserInfo, .. }), "{problem}");
    }
    elsewhere.serve("/me", json!({"sub": "248289761001", "more": "x".repeat(65 * 1024)})).await;
    let problem = elsewhere.sign_in(&token).await.unwrap_err();
    assert!(matches!(problem, Problem::Unreachable { part: Part::UserInfo, .. }), "{problem}");
}
