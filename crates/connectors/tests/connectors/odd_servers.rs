//! What real servers do beside the standard, each as it goes over the wire.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use connectors::{Failure, MatchedBy};
use domain::attempt::Operation;
use serde_json::{Value, json};
use wiremock::{
    Mock, MockServer, Request, Respond, ResponseTemplate,
    matchers::{any, method, path, query_param, query_param_contains},
};

use crate::bench::{Bench, OUR_ID, account};

async fn server() -> (MockServer, Bench) {
    let server = MockServer::start().await;
    let bench = Bench::scim2(&format!("{}/Users", server.uri()), &[], &[]);
    (server, bench)
}

async fn answering(answer: ResponseTemplate) -> (MockServer, Bench) {
    let (server, bench) = server().await;
    Mock::given(any()).respond_with(answer).mount(&server).await;
    (server, bench)
}

fn ok(body: impl serde::Serialize) -> ResponseTemplate {
    ResponseTemplate::new(200).set_body_json(body)
}

fn scim_error(status: u16, scim_type: &str, detail: &str) -> ResponseTemplate {
    let mut body = json!({"detail": detail, "status": status.to_string()});
    if !scim_type.is_empty() {
        body["scimType"] = scim_type.into();
    }
    ResponseTemplate::new(status).set_body_json(body)
}

async fn requests(server: &MockServer) -> Vec<Request> {
    server.received_requests().await.unwrap()
}

async fn methods(server: &MockServer) -> Vec<String> {
    requests(server).await.iter().map(|request| request.method.to_string()).collect()
}

fn body(request: &Request) -> Value {
    serde_json::from_slice(&request.body).unwrap()
}

// Looking up

#[tokio::test]
async fn filters_are_quoted_and_encoded() {
    let (server, bench) = answering(ok(json!({"totalResults": 0}))).await;
    bench.find(r#"a"\b"#, Some(r#"o"b\c+d e%"#)).await.unwrap();
    let queries: Vec<String> =
        requests(&server).await.iter().map(|request| request.url.query().unwrap().to_owned()).collect();
    assert_eq!(
        queries,
        ["filter=externalId%20eq%20%22a%5C%22%5C%5Cb%22", "filter=userName%20eq%20%22o%5C%22b%5C%5Cc%2Bd%20e%25%22",]
    );
}

#[tokio::test]
async fn an_endpoint_keeps_its_own_query_and_may_end_with_a_slash() {
    let server = MockServer::start().await;
    Mock::given(method("DELETE")).respond_with(ResponseTemplate::new(204)).mount(&server).await;
    Mock::given(any()).respond_with(ok(json!({"totalResults": 0}))).mount(&server).await;
    let bench = Bench::scim2(&format!("{}/scim/Users/?tenant=7", server.uri()), &[], &[]);
    bench.find("x", None).await.unwrap();
    bench.remove("a/b c").await.unwrap();
    let urls: Vec<String> = requests(&server)
        .await
        .iter()
        .map(|request| format!("{}?{}", request.url.path(), request.url.query().unwrap()))
        .collect();
    assert_eq!(urls, ["/scim/Users/?tenant=7&filter=externalId%20eq%20%22x%22", "/scim/Users/a%2Fb%20c?tenant=7"]);
}

#[tokio::test]
async fn an_external_id_matches_exactly_and_a_first_result_is_not_believed() {
    let other = json!({"id": "1", "externalId": OUR_ID.to_uppercase(), "userName": "grace"});
    let (_server, bench) = answering(ok(json!({"totalResults": 1, "Resources": [other]}))).await;
    assert_eq!(bench.find(OUR_ID, Some("ada")).await, Ok(None));
}

#[tokio::test]
async fn little_is_needed_to_read_an_account() {
    let lists = [
        json!({"Resources": [{"id": 42, "username": "ADA", "active": "True"}]}),
        json!({"totalResults": "1", "resources": [{"id": "42", "userName": "ada", "active": true}]}),
        json!([{"id": "42", "userName": "Ada", "active": true}]),
    ];
    for list in lists {
        let (_server, bench) = answering(ok(list)).await;
        let found = bench.find(OUR_ID, Some("ada")).await.unwrap().unwrap();
        assert_eq!((found.remote.id.as_str(), found.remote.active), ("42", Some(true)));
    }
}

#[tokio::test]
async fn a_target_without_a_filter_by_external_id_is_not_asked_for_it_again() {
    for refusal in [scim_error(400, "invalidFilter", "no"), scim_error(400, "", "no"), scim_error(501, "", "no")] {
        let (server, bench) = server().await;
        Mock::given(query_param_contains("filter", "externalId")).respond_with(refusal).mount(&server).await;
        Mock::given(query_param("filter", r#"userName eq "ada""#))
            .respond_with(ok(json!({"Resources": [{"id": "1", "userName": "ada", "externalId": OUR_ID}]})))
            .mount(&server)
            .await;
        let found = bench.find(OUR_ID, Some("ada")).await.unwrap().unwrap();
        assert_eq!(found.by, MatchedBy::ExternalId, "it carries our id, however it was found");
        assert_eq!(bench.learned()["external_id_filter"], false);
        bench.find(OUR_ID, Some("ada")).await.unwrap();
        assert_eq!(requests(&server).await.len(), 3);
    }
}

#[tokio::test]
async fn a_refused_filter_by_name_is_a_refusal() {
    let (_server, bench) = answering(scim_error(400, "invalidFilter", "cannot parse")).await;
    let failure = bench.find(OUR_ID, Some("ada")).await.unwrap_err();
    assert_eq!(failure, Failure::Refused { text: "refused: 400 cannot parse".to_owned(), status: 400 });
}

/// Ignores filters, and serves its accounts in pages of at most `cap`.
struct Everything {
    accounts: usize,
    cap: usize,
    asked: Arc<AtomicUsize>,
}

impl Everything {
    fn of(accounts: usize, cap: usize) -> (Self, Arc<AtomicUsize>) {
        let asked = Arc::new(AtomicUsize::new(0));
        (Self { accounts, cap, asked: asked.clone() }, asked)
    }
}

impl Respond for Everything {
    fn respond(&self, request: &Request) -> ResponseTemplate {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let number = |name: &str| request.url.query_pairs().find(|(key, _)| key == name)?.1.parse::<usize>().ok();
        let start = number("startIndex").unwrap_or(1);
        let count = number("count").unwrap_or(self.cap).min(self.cap);
        let account = |number: usize| json!({"id": number, "userName": format!("user-{number}"), "externalId": format!("x{number}")});
        let page: Vec<Value> = (start..start + count).filter(|number| *number <= self.accounts).map(account).collect();
        // What it says of the whole is wrong, as it is with some.
        ok(json!({"totalResults": 3, "Resources": page}))
    }
}

#[tokio::test]
async fn a_target_that_ignores_filters_is_read_through_to_the_end() {
    for (external_id, user_name, id, by) in [
        ("x117", Some("nobody"), "117", MatchedBy::ExternalId),
        ("x117", None, "117", MatchedBy::ExternalId),
        ("none", Some("USER-118"), "118", MatchedBy::UserName),
    ] {
        let (server, bench) = server().await;
        Mock::given(any()).respond_with(Everything::of(120, 50).0).mount(&server).await;
        let found = bench.find(external_id, user_name).await.unwrap().unwrap();
        assert_eq!((found.remote.id.as_str(), found.by), (id, by));
    }
    let (server, bench) = server().await;
    let (everything, asked) = Everything::of(120, 50);
    Mock::given(any()).respond_with(everything).mount(&server).await;
    assert_eq!(bench.find("none", Some("nobody")).await, Ok(None));
    assert_eq!(asked.load(Ordering::SeqCst), 4, "three pages, an empty one, and no more");
}

#[tokio::test]
async fn a_target_that_ignores_filters_and_has_too_many_accounts_is_misconfigured() {
    let (server, bench) = server().await;
    let (everything, asked) = Everything::of(5000, 100);
    Mock::given(any()).respond_with(everything).mount(&server).await;
    let failure = bench.find("none", Some("nobody")).await.unwrap_err();
    assert!(matches!(&failure, Failure::Misconfigured { text, .. } if text.starts_with("ignores filters")));
    assert_eq!(asked.load(Ordering::SeqCst), 21, "twenty pages, and one look-up by name");
}

#[tokio::test]
async fn a_target_that_gives_the_same_page_again_is_read_once() {
    let (server, bench) = answering(ok(json!({"Resources": [{"id": "1", "userName": "grace"}]}))).await;
    assert_eq!(bench.find(OUR_ID, Some("ada")).await, Ok(None));
    assert_eq!(requests(&server).await.len(), 2);
}

#[tokio::test]
async fn several_accounts_of_one_name_are_for_a_person_to_sort_out() {
    let twins = json!([{"id": "1", "userName": "ada"}, {"id": "2", "userName": "Ada"}]);
    let (_server, bench) = answering(ok(json!({"Resources": twins}))).await;
    let failure = bench.find(OUR_ID, Some("ada")).await.unwrap_err();
    assert!(matches!(failure, Failure::Refused { .. }));
    assert_eq!(failure.to_string(), "has 2 accounts with the userName “ada”: remove all but one of them there");
}

#[tokio::test]
async fn an_address_that_is_no_scim_is_told_so() {
    let cases = [
        (ResponseTemplate::new(404), "Check the User Endpoint"),
        (ResponseTemplate::new(302).insert_header("location", "https://sso.example/in?x=1"), "https://sso.example/in:"),
        (ResponseTemplate::new(200).set_body_string("<!DOCTYPE html>"), "a web page"),
        (ok(json!({"message": "hello"})), "no list of users"),
        (ResponseTemplate::new(200), "nothing"),
    ];
    for (answer, words) in cases {
        let (_server, bench) = answering(answer).await;
        let failure = bench.find(OUR_ID, Some("ada")).await.unwrap_err();
        assert_eq!(failure.kind(), "misconfigured", "{failure}");
        assert!(failure.to_string().contains(words), "{failure}");
    }
}

// Creating

#[tokio::test]
async fn the_id_of_a_new_account_is_found_wherever_it_is() {
    let created = || ResponseTemplate::new(201);
    let cases = [
        (created().set_body_json(json!({"id": 42})), "42"),
        (ok(json!({"id": "42", "userName": "ada"})), "42"),
        (created().insert_header("location", "/Users/4%2F2"), "4/2"),
        (created().insert_header("location", "http://inside.example/Users/42").set_body_json(json!({})), "42"),
    ];
    for (answer, id) in cases {
        let (server, bench) = answering(answer).await;
        let applied = bench.create(&account("ada")).await.unwrap();
        assert_eq!((applied.remote_id.as_str(), applied.operation), (id, Operation::Create));
        assert_eq!(methods(&server).await, ["POST"]);
    }
}

#[tokio::test]
async fn an_account_whose_id_was_not_told_is_looked_up() {
    let (server, bench) = server().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    Mock::given(method("GET"))
        .respond_with(ok(json!({"Resources": [{"id": "42", "externalId": OUR_ID}]})))
        .mount(&server)
        .await;
    assert_eq!(bench.create(&account("ada")).await.unwrap().remote_id, "42");
}

#[tokio::test]
async fn an_account_that_was_made_but_is_not_there_is_faulty() {
    let (server, bench) = server().await;
    Mock::given(method("POST")).respond_with(ResponseTemplate::new(201)).mount(&server).await;
    Mock::given(method("GET")).respond_with(ok(json!({"totalResults": 0}))).mount(&server).await;
    let failure = bench.create(&account("ada")).await.unwrap_err();
    assert!(matches!(failure, Failure::Faulty { .. }), "{failure:?}");
}

#[tokio::test]
async fn a_taken_name_is_a_conflict_in_every_dialect() {
    let dialects = [
        scim_error(409, "uniqueness", "taken"),
        scim_error(409, "", "taken"),
        ResponseTemplate::new(409),
        scim_error(400, "uniqueness", "taken"),
    ];
    for answer in dialects {
        let (_server, bench) = answering(answer).await;
        assert!(matches!(bench.create(&account("ada")).await, Err(Failure::Conflict { .. })));
    }
}

// Changing

fn titled(title: &str) -> domain::user::Account {
    let mut want = account("ada");
    want.profile.title = Some(title.to_owned());
    want
}

#[tokio::test]
async fn a_patch_has_one_operation_for_each_attribute() {
    let (server, bench) = answering(ResponseTemplate::new(204)).await;
    let sent = bench.render(&account("ada"));
    let mut want = titled("Countess");
    want.active = false;
    want.profile.display_name = None;
    assert_eq!(bench.update(&want, "42", Some(&sent)).await.unwrap().operation, Operation::Disable);
    let requests = requests(&server).await;
    assert_eq!((requests[0].method.as_str(), requests[0].url.path()), ("PATCH", "/Users/42"));
    assert_eq!(
        body(&requests[0]),
        json!({
            "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
            "Operations": [
                {"op": "remove", "path": "displayName"},
                {"op": "replace", "path": "active", "value": false},
                {"op": "replace", "path": "title", "value": "Countess"},
            ],
        })
    );
}

#[tokio::test]
async fn the_ladder_goes_down_to_what_the_target_takes_and_is_remembered() {
    for refusal in
        [scim_error(400, "invalidPath", "no paths"), scim_error(400, "invalidSyntax", "?"), scim_error(400, "", "?")]
    {
        let (server, bench) = server().await;
        Mock::given(method("PATCH"))
            .and(|request: &Request| body(request)["Operations"][0].get("path").is_some())
            .respond_with(refusal)
            .mount(&server)
            .await;
        Mock::given(method("PATCH")).respond_with(ok(json!({"id": "42"}))).mount(&server).await;
        let sent = bench.render(&account("ada"));
        bench.update(&titled("Countess"), "42", Some(&sent)).await.unwrap();
        assert_eq!(bench.learned()["update"], "patch_without_path");
        bench.update(&titled("Queen"), "42", Some(&sent)).await.unwrap();
        let requests = requests(&server).await;
        assert_eq!(requests.len(), 3);
        assert_eq!(body(&requests[2])["Operations"], json!([{"op": "replace", "value": {"title": "Queen"}}]));
    }
}

#[tokio::test]
async fn a_put_keeps_what_it_does_not_know() {
    for no_patch in [405, 501, 404, 415] {
        let (server, bench) = server().await;
        let present = json!({
            "schemas": ["urn:ietf:params:scim:schemas:core:2.0:User", "urn:acme:badge"],
            "id": "42", "userName": "ada", "title": "Engineer", "nickName": "theirs",
            "urn:acme:badge": {"colour": "green"}, "meta": {"version": "W/1"},
        });
        Mock::given(method("PATCH")).respond_with(ResponseTemplate::new(no_patch)).mount(&server).await;
        Mock::given(method("GET")).and(path("/Users/42")).respond_with(ok(&present)).mount(&server).await;
        Mock::given(method("PUT")).respond_with(ResponseTemplate::new(200)).mount(&server).await;
        let sent = bench.render(&account("ada"));
        bench.update(&titled("Countess"), "42", Some(&sent)).await.unwrap();
        assert_eq!(methods(&server).await, ["PATCH", "GET", "PUT"]);
        let put = body(&requests(&server).await[2]);
        assert_eq!((&put["title"], &put["nickName"]), (&json!("Countess"), &json!("theirs")));
        assert_eq!(put["urn:acme:badge"], json!({"colour": "green"}));
        assert_eq!(put.get("meta"), None);
        assert_eq!(bench.learned()["update"], "put");
    }
}

#[tokio::test]
async fn a_refusal_of_what_was_said_is_not_said_again_in_other_ways() {
    for (answer, kind) in [
        (scim_error(400, "invalidValue", "no licence left"), "refused"),
        (scim_error(400, "mutability", "userName cannot change"), "refused"),
        (scim_error(409, "uniqueness", "taken"), "refused"),
        (ResponseTemplate::new(413), "refused"),
        (ResponseTemplate::new(500), "faulty"),
        (ResponseTemplate::new(401), "unauthorised"),
        (ResponseTemplate::new(403), "forbidden"),
        (ResponseTemplate::new(410), "missing"),
    ] {
        let (server, bench) = answering(answer).await;
        let sent = bench.render(&account("ada"));
        let failure = bench.update(&titled("Countess"), "42", Some(&sent)).await.unwrap_err();
        assert_eq!(failure.kind(), kind);
        assert_eq!(requests(&server).await.len(), 1, "{kind}");
    }
}

#[tokio::test]
async fn what_a_known_method_said_is_what_is_told() {
    let (server, bench) = server().await;
    Mock::given(method("PATCH")).respond_with(scim_error(400, "", "no licence left")).mount(&server).await;
    Mock::given(any()).respond_with(ResponseTemplate::new(405)).mount(&server).await;
    let sent = bench.render(&account("ada"));
    let failure = bench.update(&titled("Countess"), "42", Some(&sent)).await.unwrap_err();
    assert_eq!(failure.to_string(), "refused: 400 no licence left");
    assert_eq!(bench.learned().get("update"), None);
}

#[tokio::test]
async fn a_target_that_takes_no_changes_at_all_is_misconfigured() {
    let (_server, bench) = answering(ResponseTemplate::new(405)).await;
    let sent = bench.render(&account("ada"));
    let failure = bench.update(&titled("Countess"), "42", Some(&sent)).await.unwrap_err();
    assert_eq!(failure.kind(), "misconfigured");
}

#[tokio::test]
async fn an_account_that_was_left_active_does_not_count_as_disabled() {
    let (server, bench) = answering(ok(json!({"id": "42", "userName": "ada", "active": true}))).await;
    let sent = bench.render(&account("ada"));
    let mut want = account("ada");
    want.active = false;
    let failure = bench.update(&want, "42", Some(&sent)).await.unwrap_err();
    assert_eq!(failure.to_string(), "answered 200 but left the account active");
    assert_eq!(methods(&server).await, ["PATCH", "PATCH", "GET", "PUT"]);
}

// Removing

#[tokio::test]
async fn a_removal_is_done_however_it_is_answered() {
    for answer in [ResponseTemplate::new(204), ResponseTemplate::new(200), ResponseTemplate::new(202), ok(json!({}))] {
        let (_server, bench) = answering(answer).await;
        bench.remove("42").await.unwrap();
    }
}

#[tokio::test]
async fn a_removal_that_was_not_done_says_why() {
    for (status, kind) in
        [(404, "missing"), (410, "missing"), (405, "refused"), (500, "faulty"), (301, "misconfigured")]
    {
        let (_server, bench) = answering(ResponseTemplate::new(status)).await;
        assert_eq!(bench.remove("42").await.unwrap_err().kind(), kind);
    }
    let (_server, bench) = answering(ResponseTemplate::new(200).set_body_string("<html>Sign in</html>")).await;
    assert_eq!(bench.remove("42").await.unwrap_err().kind(), "misconfigured");
}

#[tokio::test]
async fn an_id_that_would_reach_the_whole_collection_is_never_called() {
    let (server, bench) = answering(ResponseTemplate::new(204)).await;
    for id in ["", ".", ".."] {
        assert_eq!(bench.remove(id).await.unwrap_err().kind(), "misconfigured");
    }
    assert!(requests(&server).await.is_empty());
}
