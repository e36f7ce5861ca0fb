//! `usher demo`, as it is started by hand.

use std::time::Duration;

use serde_json::Value;
use tokio::{
    io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader},
    net::TcpStream,
};

use crate::commands::{terminate, usher};

/// What the demo printed after a word.
fn said<'l>(lines: &'l [String], word: &str) -> &'l str {
    let line = lines.iter().find_map(|line| line.trim().strip_prefix(word));
    line.unwrap_or_else(|| panic!("no {word} in {lines:#?}")).trim()
}

async fn get(base: &str, path: &str, token: &str) -> Value {
    let host = base.trim_start_matches("http://");
    let mut stream = TcpStream::connect(host).await.unwrap();
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.1 200"), "{answer}");
    serde_json::from_str(body).unwrap()
}

#[tokio::test]
async fn it_starts_connected_and_everybody_arrives_at_acme_cloud() {
    let mut demo = usher(&["demo"]).spawn().unwrap();
    let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines();
    let mut printed = Vec::new();
    while !printed.last().is_some_and(|line: &String| line.trim().starts_with("curl")) {
        printed.push(lines.next_line().await.unwrap().expect("it starts"));
    }
    let console = said(&printed, "Console").trim_end_matches("/console").to_owned();
    let token = said(&printed, "API token").to_owned();
    assert!(said(&printed, "Acme Cloud").starts_with("http://127.0.0.1:"));
    assert_eq!(said(&printed, "User name"), "admin");
    assert!(said(&printed, "Password").len() >= 12);

    let people = get(&console, "/scim2/Users?count=0", &token).await;
    assert_eq!(people["totalResults"], 9, "eight people and the administrator");
    let arrived = async {
        loop {
            let done = get(&console, "/api/v1/deliveries?state=done", &token).await;
            if done["items"].as_array().unwrap().len() == 8 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), arrived).await.expect("everybody arrives");
    terminate(&demo).await;
    assert_eq!(demo.wait().await.unwrap().code(), Some(0));
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
