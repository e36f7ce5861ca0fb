//! `usher demo`, as it is started by hand.

use std::{path::Path, time::Duration};

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader, Lines},
    net::TcpStream,
    process::{Child, ChildStdout},
};

use crate::commands::{terminate, usher};

/// People who come in, of whom Sales refuses three and eight come when Northwind HR is down.
const PEOPLE: u64 = 48;

/// A demo that has said where it is.
struct Demo {
    child: Child,
    printed: Vec<String>,
    /// Held on to: what goes on printing into a closed pipe ends.
    _stdout: Lines<BufReader<ChildStdout>>,
}

impl Demo {
    async fn start(arguments: &[&str]) -> Self {
        let mut child = usher(&[&["demo"], arguments].concat()).spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut printed = Vec::new();
        while !printed.last().is_some_and(|line: &String| line.trim().starts_with("-d ")) {
            printed.push(lines.next_line().await.unwrap().expect("it starts"));
        }
        Self { child, printed, _stdout: lines }
    }

    /// What the demo printed after a word.
    fn said(&self, word: &str) -> &str {
        let line = self.printed.iter().find_map(|line| line.trim().strip_prefix(word));
        line.unwrap_or_else(|| panic!("no {word} in {:#?}", self.printed)).trim()
    }

    async fn get(&self, path: &str) -> Value {
        let console = self.said("Console").trim_end_matches("/console");
        let answer = get(console, path, self.said("API token")).await;
        serde_json::from_str(&answer).unwrap()
    }

    /// Ids and user names.
    async fn people(&self) -> Vec<(Value, Value)> {
        let mut people = self.get("/scim2/Users?count=60").await;
        let people = people["Resources"].as_array_mut().unwrap();
        people.iter_mut().map(|one| (one["id"].take(), one["userName"].take())).collect()
    }

    async fn page_of(&self, system: &str) -> String {
        get(self.said(system), "/", "").await
    }

    /// Asks until what comes is as it should be.
    async fn until(&self, path: &str, is_so: impl Fn(&Value) -> bool) -> Value {
        let asked = async {
            loop {
                let answer = self.get(path).await;
                if is_so(&answer) {
                    return answer;
                }
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), asked).await.unwrap_or_else(|_| panic!("{path} never becomes so"))
    }

    /// The connector of a connection.
    async fn connector(&self, connection: &str) -> String {
        let connections = self.get("/api/v1/connections").await;
        let named = connections["items"].as_array().unwrap().iter().find(|one| one["name"] == connection).unwrap();
        let connectors = self.get(&format!("/api/v1/connections/{}/connectors", named["id"].as_str().unwrap())).await;
        connectors["items"][0]["id"].as_str().unwrap().to_owned()
    }

    async fn everybody_is_where_they_belong(&self) {
        self.until("/scim2/Users?count=0", |people| people["totalResults"] == PEOPLE + 1).await;
        let deliveries = async |system: &str, state: &str, count: usize| {
            let connector = self.connector(system).await;
            let path = format!("/api/v1/deliveries?connector_id={connector}&state={state}&limit=200");
            self.until(&path, |found| found["items"].as_array().unwrap().len() == count).await
        };
        deliveries("Acme Cloud", "done", 48).await;
        deliveries("Sales", "done", 45).await;
        let held = deliveries("Sales", "held", 3).await;
        let reason = &held["items"][0]["reason"];
        assert_eq!(reason["kind"], "refused");
        assert!(reason["text"].as_str().unwrap().contains("no licence left for profile “Standard”"), "{reason}");
        // Eight who came in since, two on leave, one with a new task.
        let waiting = deliveries("Northwind HR", "waiting", 11).await;
        assert_eq!(waiting["items"][0]["reason"]["kind"], "target_down");
    }

    async fn stop(mut self) {
        terminate(&self.child).await;
        assert_eq!(self.child.wait().await.unwrap().code(), Some(0));
    }
}

async fn get(base: &str, path: &str, token: &str) -> String {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    body.to_owned()
}

#[tokio::test]
async fn it_starts_connected_and_fills_with_people_whom_the_systems_treat_differently() {
    let demo = Demo::start(&[]).await;
    for system in ["Acme Cloud", "Northwind HR", "Sales"] {
        assert!(demo.said(system).starts_with("http://127.0.0.1:"));
    }
    assert_eq!(demo.said("User name"), "admin");
    assert!(demo.said("Password").len() >= 12);
    demo.everybody_is_where_they_belong().await;
    assert!(demo.page_of("Acme Cloud").await.contains("48 accounts"));
    assert!(demo.page_of("Northwind HR").await.contains("Switched off</span></h1>"));
    assert!(demo.page_of("Sales").await.contains("45 accounts"));
    demo.stop().await;
}

async fn filled(folder: &Path) {
    let marked = async {
        while !std::fs::read_to_string(folder.join("usher-demo")).is_ok_and(|marker| marker.contains("filled")) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(1), marked).await.expect("everybody comes in");
}

#[tokio::test]
async fn in_a_folder_of_its_own_everybody_stays_linked_to_the_account_they_had() {
    let temporary = tempfile::tempdir().unwrap();
    let folder = temporary.path().join("demo");
    let arguments = ["--data-dir", folder.to_str().unwrap()];
    let first = Demo::start(&arguments).await;
    filled(&folder).await;
    first.everybody_is_where_they_belong().await;
    let (people, password) = (first.people().await, first.said("Password").to_owned());
    let deliveries =
        first.get(&format!("/api/v1/deliveries?connector_id={}", first.connector("Acme Cloud").await)).await;
    first.stop().await;

    let again = Demo::start(&arguments).await;
    assert_ne!(again.said("Password"), password);
    assert_eq!(again.people().await, people);
    again.everybody_is_where_they_belong().await;
    let path = format!("/api/v1/deliveries?connector_id={}", again.connector("Acme Cloud").await);
    assert_eq!(again.get(&path).await["items"], deliveries["items"], "nothing was sent again");
    let account = deliveries["items"][0]["remote_id"].as_str().unwrap();
    assert!(again.page_of("Acme Cloud").await.contains(&format!("<code>{account}</code>")));
    again.stop().await;
}

#[tokio::test]
async fn it_is_for_this_machine_alone_and_for_folders_of_its_own() {
    let refused = usher(&["demo", "--listen", "0.0.0.0:0"]).output().await.unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("loopback"));

    let theirs = tempfile::tempdir().unwrap();
    std::fs::write(theirs.path().join("usher.db"), "precious").unwrap();
    let refused = usher(&["demo", "--data-dir", theirs.path().to_str().unwrap()]).output().await.unwrap();
    assert!(!refused.status.success());
    assert!(String::from_utf8_lossy(&refused.stderr).contains("was not made by a demo"));
}
