//! Every way of signing in, and every way in which it goes wrong.

use std::time::Duration;

use connectors::Failure;
use rehearsal::AcmeCloud;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, ResponseTemplate,
    matchers::{body_string_contains, header, method, path},
};

use crate::bench::{Bench, OUR_ID, account};

async fn gets_in(bench: &Bench) {
    assert_eq!(bench.find(OUR_ID, Some("ada")).await, Ok(None));
    assert!(bench.create(&account("ada")).await.is_ok());
}

async fn stays_out(bench: &Bench) {
    let failure = bench.find(OUR_ID, Some("ada")).await.unwrap_err();
    assert!(matches!(failure, Failure::Unauthorised { .. }), "{failure:?}");
}

#[tokio::test]
async fn none() {
    let cloud = AcmeCloud::builder().start().await.unwrap();
    gets_in(&Bench::scim2(&cloud.users_endpoint(), &[], &[])).await;
    assert!(cloud.requests().iter().all(|logged| !logged.headers.contains_key("authorization")));
}

#[tokio::test]
async fn basic() {
    let cloud = AcmeCloud::builder().basic("usher", "pässword").start().await.unwrap();
    let with = |password| {
        let properties = [("authentication_mode", "basic"), ("username", "usher")];
        Bench::scim2(&cloud.users_endpoint(), &properties, &[("password", password)])
    };
    gets_in(&with("pässword")).await;
    stays_out(&with("password")).await;
}

#[tokio::test]
async fn bearer() {
    let cloud = AcmeCloud::builder().token("t0ken").start().await.unwrap();
    let with =
        |token| Bench::scim2(&cloud.users_endpoint(), &[("authentication_mode", "bearer")], &[("access_token", token)]);
    gets_in(&with("t0ken")).await;
    stays_out(&with("other")).await;
}

#[tokio::test]
async fn api_key() {
    let cloud = AcmeCloud::builder().api_key("X-Acme-Key", "k3y").start().await.unwrap();
    let with = |name, key| {
        let properties = [("authentication_mode", "api_key"), ("api_key_header", name)];
        Bench::scim2(&cloud.users_endpoint(), &properties, &[("api_key_value", key)])
    };
    gets_in(&with("X-Acme-Key", "k3y")).await;
    stays_out(&with("X-Acme-Key", "other")).await;
    stays_out(&with("X-Other", "k3y")).await;
}

#[tokio::test]
async fn a_credential_that_no_header_can_carry_is_a_mistake_in_the_configuration() {
    let cloud = AcmeCloud::builder().start().await.unwrap();
    let secrets = [("access_token", "tok\u{7f}en")];
    let bench = Bench::scim2(&cloud.users_endpoint(), &[("authentication_mode", "bearer")], &secrets);
    assert!(matches!(bench.find(OUR_ID, None).await, Err(Failure::Misconfigured { status: None, .. })));
    assert!(cloud.requests().is_empty());
}

fn acme_with_tokens(cloud: &AcmeCloud, secret: &str) -> Bench {
    let properties = [
        ("authentication_mode", "client_credentials"),
        ("client_id", "usher"),
        ("token_endpoint", &cloud.token_endpoint()),
    ];
    Bench::scim2(&cloud.users_endpoint(), &properties, &[("client_secret", secret)])
}

fn token_requests(cloud: &AcmeCloud) -> usize {
    cloud.requests().iter().filter(|logged| logged.path == "/oauth/token").count()
}

#[tokio::test]
async fn client_credentials_with_one_token_for_many_calls() {
    let cloud = AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap();
    let bench = acme_with_tokens(&cloud, "s3cret");
    gets_in(&bench).await;
    assert_eq!(token_requests(&cloud), 1);
    assert!(!bench.record().contains("acme-access-token"), "{}", bench.record());
    bench.clock.advance(Duration::from_secs(3600 - 61));
    bench.find(OUR_ID, None).await.unwrap();
    assert_eq!(token_requests(&cloud), 1, "a minute before it expires it is still used");
    bench.clock.advance(Duration::from_secs(1));
    bench.find(OUR_ID, None).await.unwrap();
    assert_eq!(token_requests(&cloud), 2, "in the last minute it is not");
}

#[tokio::test]
async fn a_token_that_was_revoked_is_replaced_and_the_call_repeated() {
    let cloud = AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap();
    let bench = acme_with_tokens(&cloud, "s3cret");
    bench.find(OUR_ID, None).await.unwrap();
    cloud.expire_tokens();
    bench.create(&account("ada")).await.unwrap();
    assert_eq!(token_requests(&cloud), 2);
    assert_eq!(cloud.accounts().len(), 1);
}

#[tokio::test]
async fn a_client_that_is_not_known_stays_out() {
    let cloud = AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap();
    let bench = acme_with_tokens(&cloud, "wrong");
    let failure = bench.find(OUR_ID, None).await.unwrap_err();
    let text = "Token Endpoint: did not accept the client: 401 invalid_client".to_owned();
    assert_eq!(failure, Failure::Unauthorised { text });
}

#[tokio::test]
async fn a_new_version_or_other_credentials_get_a_token_of_their_own() {
    let cloud = AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap();
    let mut bench = acme_with_tokens(&cloud, "s3cret");
    bench.find(OUR_ID, None).await.unwrap();
    bench.target.version += 1;
    bench.find(OUR_ID, None).await.unwrap();
    assert_eq!(token_requests(&cloud), 2);
    bench.target.secrets.0.insert("client_secret".to_owned(), "wrong".into());
    stays_out(&bench).await;
}

/// A token endpoint and users at one address.
struct Issuer {
    server: MockServer,
}

impl Issuer {
    async fn answering(answer: ResponseTemplate) -> Self {
        let server = MockServer::start().await;
        Mock::given(path("/token")).respond_with(answer).mount(&server).await;
        Mock::given(path("/Users")).respond_with(empty_list()).mount(&server).await;
        Self { server }
    }

    fn bench(&self) -> Bench {
        let (users, tokens) = (format!("{}/Users", self.server.uri()), format!("{}/token", self.server.uri()));
        let properties = [
            ("authentication_mode", "client_credentials"),
            ("client_id", "us:her"),
            ("token_endpoint", tokens.as_str()),
            ("scopes", "users.read users.write"),
        ];
        Bench::scim2(&users, &properties, &[("client_secret", "s3 cret")])
    }

    async fn requests(&self, at: &str) -> Vec<Request> {
        let all = self.server.received_requests().await.unwrap();
        all.into_iter().filter(|request| request.url.path() == at).collect()
    }
}

fn empty_list() -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(json!({"totalResults": 0, "Resources": []}))
}

fn issued(expires_in: &Value) -> ResponseTemplate {
    ResponseTemplate::new(200)
        .set_body_json(json!({"access_token": "tok-1", "token_type": "bearer", "expires_in": expires_in}))
}

#[tokio::test]
async fn the_token_request_is_as_rfc_6749_writes_it() {
    let issuer = Issuer::answering(issued(&json!("3600"))).await;
    issuer.bench().find(OUR_ID, None).await.unwrap();
    let request = &issuer.requests("/token").await[0];
    // us%3Aher:s3+cret
    assert_eq!(request.headers["authorization"], "Basic dXMlM0FoZXI6czMrY3JldA==");
    assert_eq!(request.headers["content-type"], "application/x-www-form-urlencoded");
    let body = String::from_utf8(request.body.clone()).unwrap();
    assert_eq!(body, "grant_type=client_credentials&scope=users.read+users.write");
    assert_eq!(issuer.requests("/Users").await[0].headers["authorization"], "Bearer tok-1");
}

#[tokio::test]
async fn calls_at_the_same_time_share_one_token_request() {
    let issuer = Issuer::answering(issued(&json!(3600)).set_delay(Duration::from_millis(50))).await;
    let bench = issuer.bench();
    let find = || bench.find(OUR_ID, None);
    let (a, b, c, d) = tokio::join!(find(), find(), find(), find());
    assert!([a, b, c, d].iter().all(|found| *found == Ok(None)));
    assert_eq!(issuer.requests("/token").await.len(), 1);
}

#[tokio::test]
async fn calls_at_the_same_time_share_a_failure_too() {
    let issuer = Issuer::answering(ResponseTemplate::new(500).set_delay(Duration::from_millis(50))).await;
    let bench = issuer.bench();
    let find = || bench.find(OUR_ID, None);
    let (a, b, c) = tokio::join!(find(), find(), find());
    assert!([a, b, c].iter().all(|found| matches!(found, Err(Failure::Down { .. }))));
    assert_eq!(issuer.requests("/token").await.len(), 1);
    assert!(bench.find(OUR_ID, None).await.is_err());
    assert_eq!(issuer.requests("/token").await.len(), 2, "the next call tries again");
}

#[tokio::test]
async fn a_short_life_is_used_to_its_half_and_an_unstated_one_for_four_minutes() {
    for (expires_in, fresh) in [(json!(30), 15), (json!(null), 240)] {
        let issuer = Issuer::answering(issued(&expires_in)).await;
        let bench = issuer.bench();
        bench.find(OUR_ID, None).await.unwrap();
        bench.clock.advance(Duration::from_secs(fresh - 1));
        bench.find(OUR_ID, None).await.unwrap();
        assert_eq!(issuer.requests("/token").await.len(), 1, "{expires_in}");
        bench.clock.advance(Duration::from_secs(1));
        bench.find(OUR_ID, None).await.unwrap();
        assert_eq!(issuer.requests("/token").await.len(), 2, "{expires_in}");
    }
}

#[tokio::test]
async fn a_client_that_must_show_itself_in_the_body_does_so_and_it_is_remembered() {
    let server = MockServer::start().await;
    Mock::given(path("/token"))
        .and(body_string_contains("client_secret=s3+cret"))
        .respond_with(issued(&json!(60)))
        .mount(&server)
        .await;
    let refusal = ResponseTemplate::new(401).set_body_json(json!({"error": "invalid_client"}));
    Mock::given(path("/token"))
        .and(wiremock::matchers::header_exists("authorization"))
        .respond_with(refusal)
        .mount(&server)
        .await;
    Mock::given(path("/Users")).respond_with(empty_list()).mount(&server).await;
    let issuer = Issuer { server };
    let bench = issuer.bench();
    bench.find(OUR_ID, None).await.unwrap();
    assert_eq!(issuer.requests("/token").await.len(), 2);
    assert_eq!(bench.learned()["token_authentication"], "client_secret_post");
    bench.clock.advance(Duration::from_mins(1));
    bench.find(OUR_ID, None).await.unwrap();
    let requests = issuer.requests("/token").await;
    assert_eq!(requests.len(), 3);
    assert!(!requests[2].headers.contains_key("authorization"));
    assert!(!bench.record().contains("s3"), "{}", bench.record());
}

#[tokio::test]
async fn a_target_that_takes_no_token_is_asked_twice_and_no_more() {
    let server = MockServer::start().await;
    Mock::given(path("/token")).respond_with(issued(&json!(3600))).mount(&server).await;
    Mock::given(path("/Users")).respond_with(ResponseTemplate::new(401)).mount(&server).await;
    let issuer = Issuer { server };
    stays_out(&issuer.bench()).await;
    assert_eq!(issuer.requests("/Users").await.len(), 2);
    assert_eq!(issuer.requests("/token").await.len(), 2);
}

#[tokio::test]
async fn a_token_endpoint_says_in_many_ways_that_it_issues_none() {
    let error = |status, error: &str| {
        ResponseTemplate::new(status).set_body_json(json!({"error": error, "error_description": "Sorry."}))
    };
    let cases = [
        (error(400, "invalid_client"), "unauthorised"),
        (error(400, "unauthorized_client"), "unauthorised"),
        (error(400, "invalid_scope"), "misconfigured"),
        (error(400, "unsupported_grant_type"), "misconfigured"),
        (ResponseTemplate::new(404), "misconfigured"),
        (ResponseTemplate::new(302).insert_header("location", "https://sso.example/"), "misconfigured"),
        (ResponseTemplate::new(200).set_body_string("<html>Sign in</html>"), "misconfigured"),
        (
            ResponseTemplate::new(200).set_body_json(json!({"access_token": "", "token_type": "Bearer"})),
            "misconfigured",
        ),
        (ResponseTemplate::new(200).set_body_json(json!({"access_token": "x", "token_type": "mac"})), "misconfigured"),
        (ResponseTemplate::new(429).insert_header("retry-after", "5"), "throttled"),
        (ResponseTemplate::new(503), "down"),
    ];
    for (number, (answer, kind)) in cases.into_iter().enumerate() {
        let issuer = Issuer::answering(answer).await;
        let failure = issuer.bench().find(OUR_ID, None).await.unwrap_err();
        assert_eq!(failure.kind(), kind, "case {number}: {failure}");
        assert!(issuer.requests("/Users").await.is_empty());
    }
}

#[tokio::test]
async fn a_token_endpoint_that_is_not_there_is_down() {
    let cloud = AcmeCloud::builder().client_credentials("usher", "s3cret").start().await.unwrap();
    let bench = acme_with_tokens(&cloud, "s3cret");
    cloud.stop().await;
    let failure = bench.find(OUR_ID, None).await.unwrap_err();
    assert!(matches!(&failure, Failure::Down { text } if text.starts_with("no access token: ")), "{failure:?}");
    let report = bench.test().await;
    let failed: Vec<&str> = report.checks.iter().filter(|check| !check.ok).map(|check| check.name.as_str()).collect();
    assert_eq!(failed, ["Sign in"]);
}

#[tokio::test]
async fn scim_is_asked_for_by_its_media_type() {
    let server = MockServer::start().await;
    Mock::given(method("GET"))
        .and(|request: &Request| request.headers["accept"] == "application/scim+json, application/json")
        .respond_with(empty_list())
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(method("POST"))
        .and(header("content-type", "application/scim+json"))
        .respond_with(ResponseTemplate::new(201).set_body_json(json!({"id": "1"})))
        .expect(1)
        .mount(&server)
        .await;
    let bench = Bench::scim2(&format!("{}/Users", server.uri()), &[], &[]);
    assert_eq!(bench.find(OUR_ID, None).await, Ok(None));
    bench.create(&account("ada")).await.unwrap();
}
