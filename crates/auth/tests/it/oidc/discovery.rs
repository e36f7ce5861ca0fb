//! Providers that are down, slow, or somebody else.

use std::time::Duration;

use auth::oidc::{Part, Problem};
use egress::Trouble;
use serde_json::{Value, json};
use wiremock::ResponseTemplate;

use super::support::*;

#[tokio::test]
async fn a_document_that_follows_the_host_header_is_not_the_issuers() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    let asked = elsewhere.issuer();
    // It was asked under one name, and answers with the name that it was asked under; the connection has another.
    elsewhere.discoverable(json!({"issuer": asked})).await;
    provider.issuer = Some(format!("{asked}/"));
    let problem = elsewhere.begin(&provider).await.unwrap_err();
    assert_eq!(problem, Problem::Discovered { expected: format!("{asked}/"), found: asked.clone() });

    elsewhere.discoverable(json!({"issuer": "https://evil.example"})).await;
    let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
    assert_eq!(problem, Problem::Discovered { expected: asked, found: "https://evil.example".to_owned() });
    assert!(!problem.is_temporary());
}

#[tokio::test]
async fn a_good_document_of_one_connection_is_none_for_another() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.begin(&elsewhere.provider()).await.unwrap();
    let mut provider = elsewhere.provider();
    provider.issuer = Some(format!("{}/", elsewhere.issuer()));
    assert!(matches!(elsewhere.begin(&provider).await, Err(Problem::Discovered { .. })));
}

#[tokio::test]
async fn a_provider_that_is_down_is_told_apart_and_asked_again() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    let closed = { tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap() };
    let policy = egress::Policy { allow_ports: vec![closed], ..egress::Policy::default() };
    let oidc = auth::oidc::Oidc::new(egress::Egress::new(policy).unwrap(), testkit::ids());
    provider.issuer = Some(format!("http://{closed}"));
    let problem = oidc.begin(&provider, &redirect_uri(), &auth::oidc::Ask::default()).await.unwrap_err();
    assert!(matches!(&problem, Problem::Unreachable { trouble: Trouble::Connect { .. }, .. }), "{problem}");
    assert!(problem.is_temporary() && problem.for_visitors().contains("Try again"));

    elsewhere.answer(DISCOVERY, ResponseTemplate::new(503)).await;
    let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
    assert_eq!(problem, Problem::Status { part: Part::Discovery, status: 503, said: String::new() });
    elsewhere.discoverable(json!({})).await;
    elsewhere.begin(&elsewhere.provider()).await.unwrap();
}

#[tokio::test]
async fn an_address_that_is_not_open_is_not_called() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    provider.issuer = Some("http://127.0.0.1:9".to_owned());
    let problem = elsewhere.begin(&provider).await.unwrap_err();
    assert!(matches!(&problem, Problem::Unreachable { trouble: Trouble::Blocked(_), .. }), "{problem}");
    assert!(!problem.is_temporary());
}

#[tokio::test]
async fn a_provider_that_is_slow_is_not_waited_for() {
    let elsewhere = Elsewhere::impatient().await;
    let slow = || ResponseTemplate::new(200).set_delay(Duration::from_mins(1)).set_body_json(json!({}));
    elsewhere.begin(&elsewhere.provider()).await.unwrap();
    elsewhere.answer("/token", slow()).await;
    let problem = elsewhere.finish(&elsewhere.provider()).await.unwrap_err();
    let late = |problem: &Problem| match problem {
        Problem::Unreachable { part, trouble: Trouble::TimedOut { .. } } => Some(*part),
        _ => None,
    };
    assert_eq!(late(&problem), Some(Part::Token), "{problem}");
    elsewhere.clock.advance(Duration::from_hours(1));
    elsewhere.answer(DISCOVERY, slow()).await;
    let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
    assert_eq!(late(&problem), Some(Part::Discovery), "{problem}");
}

#[tokio::test]
async fn an_answer_that_is_too_large_or_no_document_is_refused() {
    let elsewhere = Elsewhere::start().await;
    elsewhere.discoverable(json!({"more": "x".repeat(65 * 1024)})).await;
    let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
    assert!(matches!(&problem, Problem::Unreachable { trouble: Trouble::TooLarge { .. }, .. }), "{problem}");

    let mut nested = Value::Null;
    for _ in 0..200 {
        nested = json!([nested]);
    }
    for body in ["", "<html>", "[]", "{}", "null", &nested.to_string()] {
        elsewhere.answer(DISCOVERY, ResponseTemplate::new(200).set_body_string(body)).await;
        let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
        assert!(matches!(problem, Problem::Unreadable { part: Part::Discovery, .. }), "{body}: {problem}");
    }
    elsewhere.discoverable(json!({"token_endpoint": null})).await;
    assert!(matches!(elsewhere.begin(&elsewhere.provider()).await, Err(Problem::Unreadable { .. })));
}

#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Elsewhere::start().await;
    let elsewhere_again = elsewhere.url("/other");
    elsewhere.answer(DISCOVERY, ResponseTemplate::new(302).insert_header("location", elsewhere_again.as_str())).await;
    let problem = elsewhere.begin(&elsewhere.provider()).await.unwrap_err();
    assert!(matches!(problem, Problem::Status { status: 302, .. }), "{problem}");
    assert_eq!(elsewhere.calls("/other").await, 0);
}

#[tokio::test]
async fn the_document_is_kept_for_an_hour_and_fetched_once_for_all() {
    let elsewhere = Elsewhere::start().await;
    let provider = elsewhere.provider();
    let all = (0..8).map(|_| {
        let (oidc, provider) = (elsewhere.oidc.clone(), provider.clone());
        tokio::spawn(async move { oidc.begin(&provider, &redirect_uri(), &auth::oidc::Ask::default()).await })
    });
    for one in all.collect::<Vec<_>>() {
        one.await.unwrap().unwrap();
    }
    assert_eq!(elsewhere.calls(DISCOVERY).await, 1);
    elsewhere.clock.advance(Duration::from_secs(3_599));
    elsewhere.begin(&provider).await.unwrap();
    assert_eq!(elsewhere.calls(DISCOVERY).await, 1);
    elsewhere.clock.advance(Duration::from_secs(1));
    elsewhere.begin(&provider).await.unwrap();
    assert_eq!(elsewhere.calls(DISCOVERY).await, 2);
}

#[tokio::test]
async fn a_connection_without_an_issuer_says_so() {
    let elsewhere = Elsewhere::start().await;
    let mut provider = elsewhere.provider();
    for issuer in [None, Some(String::new()), Some("id.example".to_owned())] {
        provider.issuer = issuer;
        assert!(matches!(elsewhere.begin(&provider).await, Err(Problem::Settings(_))));
    }
    provider.issuer = None;
    provider.endpoints = Some(elsewhere.endpoints());
    assert!(matches!(elsewhere.begin(&provider).await, Err(Problem::Settings(_))));
}
