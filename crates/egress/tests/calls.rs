//! Calls against servers on this machine, and against names that lead wherever a test says.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up fails")]

use std::{
    io,
    net::{IpAddr, SocketAddr},
    time::Duration,
};

use egress::{AddressProblem, Egress, Lookup, Policy, Range, Request, Trouble};
use futures::future::BoxFuture;
use http::{HeaderName, HeaderValue, Method, StatusCode};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use url::Url;
use wiremock::{
    Mock, MockServer, ResponseTemplate,
    matchers::{body_string, header, method, path},
};

/// Long enough for a slow machine, where a test does not wait for the limit itself.
const AMPLE: Duration = Duration::from_secs(30);
/// For tests that wait until the limit is over.
const BRIEF: Duration = Duration::from_millis(150);

/// Every name leads to these addresses.
struct Leads(Vec<IpAddr>);

impl Lookup for Leads {
    fn lookup(&self, _host: &str) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let found = self.0.clone();
        Box::pin(async move { if found.is_empty() { Err(io::Error::other("no such name")) } else { Ok(found) } })
    }
}

fn loopback_open() -> Policy {
    Policy {
        allow: vec!["127.0.0.0/8".parse().unwrap()],
        connect_timeout: AMPLE,
        total_timeout: AMPLE,
        ..Policy::default()
    }
}

fn egress(policy: Policy) -> Egress {
    Egress::new(policy).unwrap()
}

fn leading_to(policy: Policy, addresses: &[&str]) -> Egress {
    let addresses = addresses.iter().map(|address| address.parse().unwrap()).collect();
    Egress::with_lookup(policy, Leads(addresses)).unwrap()
}

fn get(url: &str) -> Request {
    Request::new(Method::GET, Url::parse(url).unwrap())
}

/// A server that reads one request, sends these bytes and then holds the connection until the test ends.
async fn raw(answer: &'static [u8]) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let mut held: Vec<TcpStream> = Vec::new();
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut request = [0; 4096];
            let _ = stream.read(&mut request).await;
            let _ = stream.write_all(answer).await;
            held.push(stream);
        }
    });
    address
}

#[tokio::test]
async fn a_request_goes_out_whole_and_its_answer_comes_back_whole() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/scim/v2/Users"))
        .and(header("user-agent", concat!("Usher/", env!("CARGO_PKG_VERSION"))))
        .and(header("authorization", "Bearer s3cret"))
        .and(header("content-type", "application/scim+json"))
        .and(header("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"))
        .and(body_string(r#"{"userName":"ada"}"#))
        .respond_with(ResponseTemplate::new(201).set_body_json(serde_json::json!({"id": "1"})))
        .expect(1)
        .mount(&server)
        .await;

    let request = Request::new(Method::POST, Url::parse(&format!("{}/scim/v2/Users", server.uri())).unwrap())
        .bearer(&"s3cret".to_owned().into())
        .unwrap()
        .header(
            HeaderName::from_static("traceparent"),
            HeaderValue::from_static("00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
        )
        .body(HeaderValue::from_static("application/scim+json"), r#"{"userName":"ada"}"#);
    let answer = egress(loopback_open()).send(request).await.unwrap();

    assert_eq!(answer.status, StatusCode::CREATED);
    assert_eq!(answer.json::<serde_json::Value>().unwrap()["id"], "1");
}

#[tokio::test]
async fn loopback_is_not_called_unless_it_is_opened() {
    let server = MockServer::start().await;
    let closed = egress(Policy::default());
    let trouble = closed.send(get(&server.uri())).await.unwrap_err();
    let address = "127.0.0.1".parse().unwrap();
    assert_eq!(trouble, Trouble::Blocked(AddressProblem::Literal { address, range: Range::Loopback }));
    assert!(server.received_requests().await.unwrap().is_empty());

    let port_open = egress(Policy { allow_ports: vec![*server.address()], ..loopback_open_by_port() });
    assert_eq!(port_open.send(get(&server.uri())).await.unwrap().status, StatusCode::NOT_FOUND);
}

fn loopback_open_by_port() -> Policy {
    Policy { allow: Vec::new(), ..loopback_open() }
}

#[tokio::test]
async fn a_name_that_leads_to_a_closed_address_is_not_called() {
    let trouble = leading_to(Policy::default(), &["10.0.0.5"]).send(get("http://acme.example/")).await.unwrap_err();
    assert_eq!(
        trouble.to_string(),
        "acme.example leads to 10.0.0.5, a private address. Such addresses are called only if USHER_TARGET_ALLOW \
         names their network."
    );
    assert!(!trouble.may_have_arrived());
}

#[tokio::test]
async fn of_a_mixture_only_the_open_address_is_called() {
    let server = MockServer::start().await;
    let url = format!("http://acme.example:{}/", server.address().port());
    let only_this = Policy { allow: vec!["127.0.0.1/32".parse().unwrap()], ..loopback_open() };
    let answer = leading_to(only_this, &["127.0.0.2", "::1", "127.0.0.1"]).send(get(&url)).await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_port_is_opened_for_names_too_and_for_that_port_alone() {
    let server = MockServer::start().await;
    let policy = Policy { allow_ports: vec![*server.address()], ..loopback_open_by_port() };
    let egress = leading_to(policy, &["127.0.0.1"]);
    let url = |port| format!("http://acme.example:{port}/");
    assert!(egress.send(get(&url(server.address().port()))).await.is_ok());

    let other = MockServer::start().await;
    let trouble = egress.send(get(&url(other.address().port()))).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Blocked(AddressProblem::Name { .. })), "{trouble}");
}

#[tokio::test]
async fn addresses_are_tried_in_turn() {
    let listener = TcpListener::bind("127.0.0.2:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let server = MockServer::builder().listener(listener.into_std().unwrap()).start().await;
    let egress = leading_to(loopback_open(), &["127.0.0.1", "127.0.0.2"]);
    let answer = egress.send(get(&format!("http://acme.example:{port}/"))).await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn our_own_origin_is_not_called() {
    let own_origins = vec![Url::parse("https://usher.example").unwrap()];
    let egress = leading_to(Policy { own_origins, ..loopback_open() }, &["127.0.0.1"]);
    let trouble = egress.send(get("https://USHER.example:443/scim2/Users")).await.unwrap_err();
    assert_eq!(trouble, Trouble::Blocked(AddressProblem::OwnOrigin));
}

#[tokio::test]
async fn a_redirect_is_an_answer_and_is_not_followed() {
    let server = MockServer::start().await;
    let moved = ResponseTemplate::new(302).insert_header("location", format!("{}/elsewhere", server.uri()));
    Mock::given(path("/")).respond_with(moved).mount(&server).await;
    let answer = egress(loopback_open()).send(get(&server.uri())).await.unwrap();
    assert_eq!(answer.status, StatusCode::FOUND);
    assert_eq!(server.received_requests().await.unwrap().len(), 1);
}

#[tokio::test]
async fn an_answer_may_be_as_large_as_the_limit_and_no_larger() {
    let server = MockServer::start().await;
    Mock::given(path("/fits")).respond_with(ResponseTemplate::new(200).set_body_bytes([b'x'; 64])).mount(&server).await;
    Mock::given(path("/over")).respond_with(ResponseTemplate::new(200).set_body_bytes([b'x'; 65])).mount(&server).await;
    let egress = egress(Policy { max_response: 64, ..loopback_open() });
    assert_eq!(egress.send(get(&format!("{}/fits", server.uri()))).await.unwrap().body.len(), 64);
    let trouble = egress.send(get(&format!("{}/over", server.uri()))).await.unwrap_err();
    assert!(matches!(trouble, Trouble::TooLarge { limit: 64, .. }), "{trouble}");
}

#[tokio::test]
async fn an_answer_of_unannounced_length_is_cut_off_at_the_limit() {
    let answer =
        b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n28\r\n0123456789012345678901234567890123456789\r\n";
    let address = raw(answer).await;
    let egress = egress(Policy { max_response: 39, ..loopback_open() });
    let trouble = egress.send(get(&format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(trouble, Trouble::TooLarge { limit: 39, .. }), "{trouble}");
}

#[tokio::test]
async fn a_target_that_never_answers_is_given_up_and_may_have_acted() {
    let address = raw(b"").await;
    let trouble = egress(loopback_open()).send(get(&format!("http://{address}/")).timeout(BRIEF)).await.unwrap_err();
    assert_eq!(trouble.to_string(), format!("{address} did not answer within 0.15 s"));
    assert!(trouble.may_have_arrived() && !trouble.unreachable());
}

#[tokio::test]
async fn an_answer_that_stops_half_way_is_given_up_too() {
    let address = raw(b"HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf").await;
    let trouble = egress(loopback_open()).send(get(&format!("http://{address}/")).timeout(BRIEF)).await.unwrap_err();
    assert!(matches!(trouble, Trouble::TimedOut { sent: true, .. }), "{trouble}");
}

#[tokio::test]
async fn a_connection_that_never_comes_about_is_known_not_to_have_sent_anything() {
    // Accepts the connection and says nothing, so that the TLS handshake stays open.
    let address = raw(b"").await;
    let policy = Policy { connect_timeout: BRIEF, ..loopback_open() };
    let trouble = egress(policy).send(get(&format!("https://{address}/"))).await.unwrap_err();
    assert_eq!(trouble.to_string(), format!("{address} could not be reached within 0.15 s"));
    assert!(!trouble.may_have_arrived() && trouble.unreachable());
}

#[tokio::test]
async fn a_closed_port_a_missing_name_and_a_server_without_tls_are_told_apart() {
    let closed = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap();
    let trouble = egress(loopback_open()).send(get(&format!("http://{closed}/"))).await.unwrap_err();
    assert_eq!(trouble.to_string(), format!("{closed} could not be reached: nothing accepts connections there"));

    let trouble = leading_to(loopback_open(), &[]).send(get("https://acme.example/")).await.unwrap_err();
    assert_eq!(trouble.to_string(), "acme.example could not be found (DNS)");

    let plain = raw(b"HTTP/1.1 400 Bad Request\r\n\r\n").await;
    let trouble = egress(loopback_open()).send(get(&format!("https://{plain}/"))).await.unwrap_err();
    assert!(matches!(&trouble, Trouble::Tls { why, .. } if why.contains("does not speak TLS")), "{trouble}");
    assert!(trouble.unreachable() && !trouble.may_have_arrived());
}

#[tokio::test]
async fn a_connection_cut_before_the_answer_may_have_carried_the_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        let _ = stream.read(&mut request).await;
    });
    let trouble = egress(loopback_open()).send(get(&format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Broken { .. }), "{trouble}");
    assert!(trouble.may_have_arrived());
}

#[tokio::test]
async fn a_configured_proxy_is_used_and_resolves_the_names_itself() {
    let proxy = MockServer::start().await;
    let policy = Policy { proxy: Some(Url::parse(&proxy.uri()).unwrap()), ..Policy::default() };
    let answer = leading_to(policy.clone(), &[]).send(get("http://acme.example/")).await.unwrap();
    assert_eq!(answer.status, StatusCode::NOT_FOUND);
    assert_eq!(proxy.received_requests().await.unwrap()[0].headers["host"], "acme.example");

    let trouble = leading_to(policy, &[]).send(get("http://10.0.0.5/")).await.unwrap_err();
    assert!(matches!(trouble, Trouble::Blocked(AddressProblem::Literal { .. })), "{trouble}");
}
