//! A client that says what it is told to, byte by byte.

use egress::{Egress, Policy, Request, Response};
use http::{HeaderName, HeaderValue, Method};
use rehearsal::Inbox;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};
use url::Url;

pub(crate) async fn inbox() -> Inbox {
    Inbox::builder().start().await.unwrap()
}

pub(crate) struct Client(BufReader<TcpStream>);

impl Client {
    /// Has read the greeting.
    pub(crate) async fn new(inbox: &Inbox) -> Self {
        let stream = TcpStream::connect(inbox.address()).await.unwrap();
        stream.set_nodelay(true).unwrap();
        let mut client = Self(BufReader::new(stream));
        assert!(client.answer().await.starts_with("220 "));
        client
    }

    /// As a mail's sender that has said who it is.
    pub(crate) async fn greeted(inbox: &Inbox) -> Self {
        let mut client = Self::new(inbox).await;
        assert!(client.say("EHLO client.example").await.starts_with("250"));
        client
    }

    pub(crate) async fn send(&mut self, bytes: &[u8]) {
        self.0.get_mut().write_all(bytes).await.unwrap();
    }

    /// The last line of an answer; empty once nobody answers any more.
    pub(crate) async fn answer(&mut self) -> String {
        loop {
            let mut line = String::new();
            self.0.read_line(&mut line).await.unwrap_or_default();
            if line.as_bytes().get(3) != Some(&b'-') {
                return line.trim_end().to_owned();
            }
        }
    }

    pub(crate) async fn say(&mut self, line: &str) -> String {
        self.send(format!("{line}\r\n").as_bytes()).await;
        self.answer().await
    }

    /// The server has hung up.
    pub(crate) async fn is_over(&mut self) -> bool {
        let mut rest = Vec::new();
        self.0.read_to_end(&mut rest).await.is_err() || rest.is_empty()
    }

    /// Hands over a mail; the answer after the dot. Dots are doubled.
    pub(crate) async fn deliver(&mut self, to: &str, content: &str) -> String {
        assert!(self.say("MAIL FROM:<usher@example.org>").await.starts_with("250"));
        assert!(self.say(&format!("RCPT TO:<{to}>")).await.starts_with("250"));
        assert!(self.say("DATA").await.starts_with("354"));
        let lines: Vec<String> = content
            .lines()
            .map(|line| if line.starts_with('.') { format!(".{line}") } else { line.to_owned() })
            .collect();
        self.send(lines.join("\r\n").as_bytes()).await;
        self.say("\r\n.").await
    }
}

/// Asks for a page.
pub(crate) async fn page(inbox: &Inbox, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Response {
    let policy = Policy { allow_ports: vec![inbox.page_address()], ..Policy::default() };
    let url = Url::parse(&format!("{}{path}", inbox.page_url())).unwrap();
    let request = headers.iter().fold(Request::new(method, url), |request, (name, value)| {
        request.header(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap())
    });
    Egress::new(policy).unwrap().send(request).await.unwrap()
}

pub(crate) async fn html(inbox: &Inbox, path: &str) -> String {
    let answer = page(inbox, Method::GET, path, &[]).await;
    assert_eq!(answer.status, 200);
    String::from_utf8(answer.body.to_vec()).unwrap()
}
