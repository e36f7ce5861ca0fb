//! Attributes that an administrator here defined, at targets that know them and at targets that do not.

use std::time::Duration;

use connectors::Failure;
use domain::{attempt::Operation, user::Account};
use serde_json::{Value, json};
use wiremock::{
    Match, Mock, MockServer, Request, ResponseTemplate,
    matchers::{any, method, path},
};

use crate::bench::{Bench, OUR_ID, account};

const STAFF: &str = "urn:example:Staff";
const TEAM: &str = "urn:example:Team";

fn ada(values: Value) -> Account {
    let mut ada = account("ada");
    ada.profile.extensions.insert(STAFF.to_owned(), values);
    ada
}

/// With a team, too.
fn ada_of_a_team(values: Value) -> Account {
    let mut ada = ada(values);
    ada.profile.extensions.insert(TEAM.to_owned(), json!({"name": "Engines"}));
    ada
}

/// A request that speaks of the extension.
struct Extended;

impl Match for Extended {
    fn matches(&self, request: &Request) -> bool {
        String::from_utf8_lossy(&request.body).contains(STAFF)
    }
}

/// A request that speaks of one extension or the other.
struct AnyExtension;

impl Match for AnyExtension {
    fn matches(&self, request: &Request) -> bool {
        String::from_utf8_lossy(&request.body).contains("urn:example:")
    }
}

async fn server() -> (MockServer, Bench) {
    let server = MockServer::start().await;
    let bench = Bench::scim2(&format!("{}/scim/Users", server.uri()), &[], &[]);
    (server, bench)
}

/// Makes, changes and shows whatever it is sent.
async fn takes_all(server: &MockServer) {
    let shown = json!({"id": "1", "externalId": OUR_ID, "userName": "ada", "active": true});
    let made = ResponseTemplate::new(201).set_body_json(&shown);
    Mock::given(method("POST")).respond_with(made).mount(server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(200).set_body_json(shown)).mount(server).await;
}

async fn publishes(server: &MockServer, answer: ResponseTemplate) {
    Mock::given(path("/scim/Schemas")).respond_with(answer).mount(server).await;
}

fn list(ids: &[&str]) -> ResponseTemplate {
    let schemas: Vec<Value> = ids.iter().map(|id| json!({"id": id, "name": "x"})).collect();
    ResponseTemplate::new(200).set_body_json(json!({"totalResults": ids.len(), "Resources": schemas}))
}

/// `POST Users`, and whether it spoke of the extension.
async fn calls(server: &MockServer) -> Vec<(String, bool)> {
    let requests = server.received_requests().await.unwrap();
    let last = |request: &Request| request.url.path_segments().unwrap().next_back().unwrap().to_owned();
    requests
        .iter()
        .map(|request| (format!("{} {}", request.method, last(request)), Extended.matches(request)))
        .collect()
}

fn call(name: &str, extended: bool) -> (String, bool) {
    (name.to_owned(), extended)
}

#[tokio::test]
async fn a_target_that_lists_the_schema_is_sent_it_and_its_refusals_are_about_the_value() {
    let (server, bench) = server().await;
    publishes(&server, list(&["urn:EXAMPLE:staff"])).await;
    takes_all(&server).await;
    let first = ada(json!({"badge": "B-1"}));
    let applied = bench.create(&first).await.unwrap();
    assert_eq!(applied.left_out, Vec::<String>::new());
    let sent = applied.sent(bench.render(&first));
    assert_eq!(sent, bench.render(&first));
    let second = bench.update(&ada(json!({"badge": "B-2"})), "1", Some(&sent)).await.unwrap();
    assert_eq!(second.operation, Operation::Update);
    assert_eq!(calls(&server).await, [call("GET Schemas", false), call("POST Users", true), call("PATCH 1", true)]);
    let requests = server.received_requests().await.unwrap();
    let patch: Value = serde_json::from_slice(&requests[2].body).unwrap();
    let replace = json!([{"op": "replace", "path": "urn:example:Staff:badge", "value": "B-2"}]);
    assert_eq!(patch["Operations"], replace, "by a path of its own");

    server.reset().await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "too long"}));
    Mock::given(any()).respond_with(no).mount(&server).await;
    let refused = bench.update(&ada(json!({"badge": "B-3"})), "1", Some(&sent)).await;
    assert!(matches!(refused, Err(Failure::Refused { status: 400, .. })), "{refused:?}");
    assert_eq!(calls(&server).await, [call("PATCH 1", true)]);
}

#[tokio::test]
async fn a_target_without_the_schema_is_not_sent_it_until_it_has_come_to_know_it() {
    let (server, bench) = server().await;
    publishes(&server, list(&["urn:ietf:params:scim:schemas:core:2.0:User"])).await;
    takes_all(&server).await;
    let first = ada(json!({"badge": "B-1"}));
    let applied = bench.create(&first).await.unwrap();
    assert_eq!(applied.left_out, [STAFF]);
    let sent = applied.sent(bench.render(&first));
    assert_eq!(sent.get(STAFF), None);
    // Nothing but the extension differs: nothing is sent.
    let second = bench.update(&ada(json!({"badge": "B-2"})), "1", Some(&sent)).await.unwrap();
    assert_eq!((second.operation, second.left_out), (Operation::Nothing, vec![STAFF.to_owned()]));
    assert_eq!(calls(&server).await, [call("GET Schemas", false), call("POST Users", false)]);

    server.reset().await;
    publishes(&server, list(&[STAFF])).await;
    takes_all(&server).await;
    bench.clock.advance(Duration::from_hours(25));
    let third = bench.update(&ada(json!({"badge": "B-2"})), "1", Some(&sent)).await.unwrap();
    assert_eq!((third.operation, third.left_out), (Operation::Update, Vec::new()));
    assert_eq!(calls(&server).await, [call("GET Schemas", false), call("PATCH 1", true)]);
}

#[tokio::test]
async fn a_target_that_publishes_nothing_and_refuses_is_taken_at_its_word() {
    for answer in [ResponseTemplate::new(404), list(&[]), ResponseTemplate::new(200).set_body_string("<html>")] {
        let (server, bench) = server().await;
        publishes(&server, answer).await;
        let no =
            ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "no such schema"}));
        Mock::given(Extended).respond_with(no).mount(&server).await;
        takes_all(&server).await;
        let first = ada(json!({"badge": "B-1"}));
        let applied = bench.create(&first).await.unwrap();
        assert_eq!((applied.operation, &applied.left_out[..]), (Operation::Create, &[STAFF.to_owned()][..]));
        assert_eq!(
            calls(&server).await,
            [call("GET Schemas", false), call("POST Users", true), call("POST Users", false)]
        );
        let sent = applied.sent(bench.render(&first));
        let mut changed = ada(json!({"badge": "B-2"}));
        changed.profile.title = Some("Countess".to_owned());
        bench.update(&changed, "1", Some(&sent)).await.unwrap();
        assert_eq!(calls(&server).await[3..], [call("PATCH 1", false)], "it is not tried again today");
    }
}

#[tokio::test]
async fn a_change_is_sent_without_what_the_target_does_not_take() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidPath", "detail": "what is that?"}));
    Mock::given(Extended).respond_with(no).mount(&server).await;
    takes_all(&server).await;
    let sent = bench.render(&account("ada"));
    let mut changed = ada(json!({"badge": "B-1"}));
    changed.profile.title = Some("Countess".to_owned());
    let applied = bench.update(&changed, "1", Some(&sent)).await.unwrap();
    assert_eq!((applied.operation, applied.left_out), (Operation::Update, vec![STAFF.to_owned()]));
    assert_eq!(calls(&server).await.last(), Some(&call("PATCH 1", false)));
    assert_eq!(bench.learned()["extensions"][STAFF]["takes"], "no");
}

#[tokio::test]
async fn a_refusal_that_stays_without_the_extension_is_not_about_it() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "no licence"}));
    Mock::given(any()).respond_with(no).mount(&server).await;
    let refused = bench.create(&ada(json!({"badge": "B-1"}))).await;
    assert!(matches!(&refused, Err(Failure::Refused { text, .. }) if text.contains("no licence")), "{refused:?}");
    assert_eq!(bench.learned()["extensions"][STAFF]["takes"], "perhaps");
}

#[tokio::test]
async fn what_the_target_knows_is_not_left_out_with_what_it_does_not() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "no such schema"}));
    Mock::given(Extended).respond_with(no).mount(&server).await;
    takes_all(&server).await;
    let first = ada_of_a_team(json!({"badge": "B-1"}));
    let applied = bench.create(&first).await.unwrap();
    assert_eq!(applied.left_out, [STAFF]);
    assert_eq!(bench.learned()["extensions"][TEAM]["takes"], "perhaps");

    let mut changed = ada_of_a_team(json!({"badge": "B-1"}));
    changed.profile.extensions.insert(TEAM.to_owned(), json!({"name": "Looms"}));
    let before = bench.render(&ada_of_a_team(json!({"badge": "B-0"})));
    let other = Bench::scim2(&format!("{}/scim/Users", server.uri()), &[], &[]);
    let applied = other.update(&changed, "1", Some(&before)).await.unwrap();
    assert_eq!((applied.operation, applied.left_out), (Operation::Update, vec![STAFF.to_owned()]));
    assert_eq!(other.learned()["extensions"][STAFF]["takes"], "no");
    assert_eq!(other.learned()["extensions"][TEAM]["takes"], "perhaps");
}

#[tokio::test]
async fn a_target_that_knows_none_of_several_takes_the_rest() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidSyntax", "detail": "no such schema"}));
    Mock::given(AnyExtension).respond_with(no).mount(&server).await;
    takes_all(&server).await;
    let applied = bench.create(&ada_of_a_team(json!({"badge": "B-1"}))).await.unwrap();
    assert_eq!(applied.left_out, [STAFF, TEAM]);
    // Schemas, all, without the one, without the other, without both.
    assert_eq!(calls(&server).await.len(), 5);
}

#[tokio::test]
async fn a_refused_change_of_an_extension_alone_is_a_refusal() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "too long"}));
    Mock::given(Extended).respond_with(no).mount(&server).await;
    takes_all(&server).await;
    let sent = bench.render(&ada(json!({"badge": "B-1"})));
    let refused = bench.update(&ada(json!({"badge": "B-2"})), "1", Some(&sent)).await;
    assert!(matches!(&refused, Err(Failure::Refused { text, .. }) if text.contains("too long")), "{refused:?}");
    assert_eq!(calls(&server).await, [call("GET Schemas", false), call("PATCH 1", true)]);
    assert_eq!(bench.learned()["extensions"][STAFF]["takes"], "perhaps", "the value may be at fault");
}

#[tokio::test]
async fn what_was_found_out_of_one_extension_is_not_forgotten_over_another() {
    let (server, bench) = server().await;
    publishes(&server, ResponseTemplate::new(404)).await;
    let no = ResponseTemplate::new(400).set_body_json(json!({"scimType": "invalidValue", "detail": "no such schema"}));
    Mock::given(Extended).respond_with(no).mount(&server).await;
    takes_all(&server).await;
    bench.create(&ada(json!({"badge": "B-1"}))).await.unwrap();
    let sent = bench.render(&account("ada"));
    let applied = bench.update(&ada_of_a_team(json!({"badge": "B-1"})), "1", Some(&sent)).await.unwrap();
    assert_eq!(applied.left_out, [STAFF]);
    assert_eq!(calls(&server).await[3..], [call("GET Schemas", false), call("PATCH 1", false)]);
}

#[tokio::test]
async fn whoever_has_no_such_values_costs_no_call_more() {
    let (server, bench) = server().await;
    takes_all(&server).await;
    bench.create(&account("ada")).await.unwrap();
    let sent = bench.render(&account("ada"));
    let mut changed = account("ada");
    changed.profile.title = Some("Countess".to_owned());
    bench.update(&changed, "1", Some(&sent)).await.unwrap();
    assert_eq!(calls(&server).await, [call("POST Users", false), call("PATCH 1", false)]);
}
