//! The audit trail, as it is read, exported and verified.

use std::{path::Path, time::Duration};

use auth::{Authorised, Caller, grants::UsersWrite};
use domain::Timestamp;
use secrecy::SecretString;
use serde_json::{Value, json};
use server::process::Usher;
use sqlx::{Connection as _, SqliteConnection, sqlite::SqliteConnectOptions};
use testkit::HandClock;
use tokio::{
    io::{AsyncBufReadExt as _, BufReader},
    process::Child,
};

use crate::{
    commands::{error, output, terminate, usher},
    support::{PASSWORD, TestApp, config, surroundings},
};

/// A server that is ready and, where so asked, has trimmed the audit trail.
async fn serving(folder: &str, retention: &str, trims: bool) -> Child {
    let serve = ["serve", "--listen", "127.0.0.1:0", "--data-dir", folder];
    let mut child = usher(&serve).env("USHER_AUDIT_RETENTION", retention).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines();
    let mut waited_for = vec!["Usher is ready"];
    waited_for.extend(trims.then_some("Old events were trimmed"));
    while !waited_for.is_empty() {
        let line = lines.next_line().await.unwrap().expect("it says so");
        waited_for.retain(|wanted| !line.contains(wanted));
    }
    // A full pipe would stop it.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    child
}

async fn stop(mut server: Child) {
    terminate(&server).await;
    assert!(server.wait().await.unwrap().success());
}

async fn verify(folder: &str, more: &[&str]) -> Result<String, String> {
    let found = output(&[&["audit", "verify", "--data-dir", folder], more].concat(), "").await;
    match found.status.code() {
        Some(0) => Ok(String::from_utf8(found.stdout).unwrap()),
        Some(1) => Err(error(&found)),
        other => panic!("{other:?}"),
    }
}

async fn new_token(folder: &str) {
    let token = ["token", "create", "--name", "hr", "--scope", "scim", "--data-dir", folder];
    assert!(output(&token, "").await.status.success());
}

fn copied(from: &Path, to: &Path) -> String {
    std::fs::create_dir(to).unwrap();
    for file in ["usher.db", "master.key"] {
        std::fs::copy(from.join(file), to.join(file)).unwrap();
    }
    to.to_str().unwrap().to_owned()
}

/// What somebody does who has the file and not the key.
async fn spoil(folder: &str, sql: &'static str) {
    let options = SqliteConnectOptions::new().filename(Path::new(folder).join("usher.db"));
    let mut conn = SqliteConnection::connect_with(&options).await.unwrap();
    assert_eq!(sqlx::query(sql).execute(&mut conn).await.unwrap().rows_affected(), 1, "{sql}");
    conn.close().await.unwrap();
}

#[tokio::test]
async fn the_chain_survives_a_restart_and_a_trim_and_a_row_altered_removed_or_cut_off_is_found() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(&temporary);
    let path = config.data_dir.clone();
    let folder = path.to_str().unwrap();

    // Long ago.
    let clock = HandClock::at(Timestamp::parse_rfc3339("2020-03-12T09:00:00Z").unwrap());
    let early = Usher::start(&config, surroundings(&clock, 1)).await.unwrap();
    let who: Authorised<UsersWrite> = Caller::system().authorise().unwrap();
    for name in ["root", "second"] {
        early.directory().create_administrator(&who, name, &SecretString::from(PASSWORD)).await.unwrap();
    }
    early.stop().await;
    let whole = verify(folder, &[]).await.unwrap();
    assert!(whole.starts_with("The audit trail is whole: 2 events, from 2020-03-12T09:00:00Z to 2020"), "{whole}");

    // Today: what is old goes, what comes is chained, also after a restart.
    let server = serving(folder, "30d", true).await;
    new_token(folder).await;
    let beside = verify(folder, &[]).await.unwrap();
    assert!(beside.contains("2 events") && beside.contains("Trimmed: events up to 2."), "{beside}");
    stop(server).await;
    let older = copied(&path, &temporary.path().join("older"));
    let server = serving(folder, "30d", false).await;
    new_token(folder).await;
    new_token(folder).await;
    stop(server).await;
    let whole = verify(folder, &[]).await.unwrap();
    assert!(whole.contains("4 events") && whole.contains("Trimmed: events up to 2."), "{whole}");

    for (number, (spoilt, found)) in [
        ("UPDATE audit SET actor_label = 'grace' WHERE seq = 4", "audit event 4 was altered"),
        ("UPDATE audit SET details = '{}' WHERE seq = 6", "audit event 6 was altered"),
        ("DELETE FROM audit WHERE seq = 3", "audit event 4 was altered, or one before it removed"),
        ("DELETE FROM audit WHERE seq = 5", "audit event 6 was altered, or one before it removed"),
        ("DELETE FROM audit WHERE seq = 6", "the audit trail ends at event 5, but 6 were recorded"),
        ("UPDATE audit_head SET seq = 5", "the head of the audit trail was altered"),
        ("DELETE FROM audit_start", "audit event 3 was altered, or one before it removed"),
    ]
    .into_iter()
    .enumerate()
    {
        let copy = copied(&path, &temporary.path().join(format!("copy{number}")));
        spoil(&copy, spoilt).await;
        let broken = verify(&copy, &[]).await.unwrap_err();
        assert!(broken.starts_with("usher: The audit trail is broken: "), "{broken}");
        assert!(broken.contains(found) && broken.trim_end().lines().count() == 1, "{spoilt}: {broken}");
        // A server on it goes on, and does not hide it.
        new_token(&copy).await;
        assert!(verify(&copy, &[]).await.is_err(), "{spoilt}");
    }

    // An older file is whole in itself; only what was written down elsewhere tells.
    let head = whole.lines().last().unwrap().strip_prefix("Head: ").unwrap();
    assert!(verify(folder, &["--head", head]).await.is_ok());
    assert!(verify(&older, &[]).await.is_ok());
    let replayed = verify(&older, &["--head", head]).await.unwrap_err();
    assert!(replayed.contains(&format!("before {head}: an older file was put in its place")), "{replayed}");
}

#[tokio::test]
async fn the_command_line_exports_what_is_asked_for() {
    let temporary = tempfile::tempdir().unwrap();
    let config = config(&temporary);
    let folder = config.data_dir.to_str().unwrap().to_owned();
    let clock = HandClock::new();
    let usher = Usher::start(&config, surroundings(&clock, 1)).await.unwrap();
    let who: Authorised<UsersWrite> = Caller::system().authorise().unwrap();
    for name in ["root", "second"] {
        usher.directory().create_administrator(&who, name, &SecretString::from(PASSWORD)).await.unwrap();
        clock.advance(Duration::from_hours(24));
    }
    usher.stop().await;
    let export = async |more: &[&str]| {
        let found = output(&[&["audit", "export", "--data-dir", &folder], more].concat(), "").await;
        assert!(found.status.success(), "{}", String::from_utf8_lossy(&found.stderr));
        String::from_utf8(found.stdout).unwrap()
    };
    let lines = export(&["--format", "jsonl", "--to", "2026-03-12"]).await;
    let event: Value = serde_json::from_str(&lines).unwrap();
    assert_eq!((&event["subject"]["name"], &event["at"]), (&json!("root"), &json!("2026-03-12T09:00:00Z")));
    let csv = export(&["--format", "csv", "--from", "2026-03-13"]).await;
    assert_eq!((csv.lines().count(), csv.contains(",second,"), csv.contains(",root,")), (2, true, false), "{csv}");
    let wrong = output(&["audit", "export", "--format", "csv", "--from", "yesterday"], "").await;
    assert!(error(&wrong).contains("2026-03-12T14:05:00Z"));
}

impl TestApp {
    async fn audit(&self, query: &str) -> Value {
        let answer = self.get(format!("/api/v1/audit?{query}")).token(&self.tokens.admin_read).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// A read of the console, as a hydrated page makes it.
    async fn console(&self, cookie: &str, function: &str) -> Value {
        let answer = self.get(format!("/console/-/{function}")).header("cookie", cookie).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }
}

fn numbers(list: &Value) -> Vec<i64> {
    list["items"].as_array().unwrap().iter().map(|event| event["number"].as_i64().unwrap()).collect()
}

fn user_id(user: &Value) -> &str {
    user["id"].as_str().unwrap()
}

#[tokio::test]
async fn the_management_api_lists_events_page_by_page_and_narrowed() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.user("bea").await;
    let patch = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "title", "value": "Guide"}, {"op": "replace", "path": "password", "value": "a password of hers"}],
    });
    let changed = app.patch(format!("/scim2/Users/{}", user_id(&ada))).token(&app.tokens.scim).scim(&patch).await;
    assert_eq!(changed.status, 200, "{}", changed.text());

    let all = app.audit("").await;
    let last = &all["items"][0];
    assert_eq!(
        (&last["action"], &last["actor"]["kind"], &last["actor"]["address"], &last["subject"]["name"]),
        (&json!("user.update"), &json!("token"), &json!("192.0.2.7"), &json!("ada"))
    );
    assert_eq!(last["details"], json!({"title": {"after": "Guide"}, "password": "changed"}));
    let created = &app.audit("subject=ada&action=user.create").await["items"][0];
    assert_eq!(created["details"]["userName"], json!({"after": "ada"}));
    assert_eq!(created["details"]["origin"], "api");
    assert!(!all.to_string().contains("a password of hers"));

    let number = last["number"].as_i64().unwrap();
    assert_eq!(numbers(&app.audit("limit=2").await), [number, number - 1]);
    let next = app.audit("limit=2").await["next"].as_str().unwrap().to_owned();
    assert_eq!(numbers(&app.audit(&format!("limit=2&cursor={next}")).await), [number - 2, number - 3]);
    assert_eq!(numbers(&app.audit(&format!("subject_id={}", user_id(&ada))).await), [number, number - 2]);
    assert_eq!(numbers(&app.audit("actor=TES&subject=be").await), [number - 1]);
    assert_eq!(app.audit("until=2026-03-11").await, json!({"items": [], "next": null}));
    let one = app.get(format!("/api/v1/audit/{number}")).token(&app.tokens.admin_read).send().await;
    assert_eq!(one.json(), *last);
    for (query, field) in [("from=yesterday", "from"), ("limit=0", "limit"), ("cursor=x", "cursor"), ("who=x", "who")] {
        let refused = app.get(format!("/api/v1/audit?{query}")).token(&app.tokens.admin_read).send().await;
        assert_eq!(refused.status, 400);
        assert!(refused.json()["errors"][field].is_string(), "{}", refused.text());
    }
    let never = app.get("/api/v1/audit/999").token(&app.tokens.admin_read).send().await;
    assert_eq!(never.status, 404);
}

#[tokio::test]
async fn an_auditor_reads_the_trail_in_the_console() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    app.user("adam").await;
    let ada = app.user("ada").await;
    let list = app.console(&cookie, "audit/list?filter[about]=ada").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "names that begin so");
    let item = &list["items"][0];
    assert_eq!(
        (&item["what"], &item["who"], &item["address"]),
        (&json!("User created"), &json!("test"), &json!("192.0.2.7"))
    );
    let event = app.console(&cookie, &format!("audit/show?number={}", item["number"])).await;
    let line = |name: &str, text: &str, more: &str| json!({"name": name, "text": text, "more": more});
    assert_eq!(event["facts"][0], line("Who", "test (an API token, 192.0.2.7)", ""));
    assert_eq!(event["facts"][1], line("About", "ada (user)", &format!("/console/users/{}", user_id(&ada))));
    let about = format!("/console/logs?about={}", user_id(&ada));
    assert_eq!(event["alike"][1], line("Everything about it", "", &about));
    let list = app.console(&cookie, &format!("audit/list?filter[about]={}", user_id(&ada))).await;
    assert_eq!(list["items"].as_array().unwrap().len(), 1, "nothing about another whose name begins alike");
    let changes = event["changes"].as_array().unwrap();
    let emails = changes.iter().find(|change| change["name"] == "Email addresses").unwrap();
    assert_eq!(*emails, line("Email addresses", "", "ada@example.org (work, primary)"));
    let history = app.console(&cookie, &format!("audit/list?filter[user]={}", user_id(&ada))).await;
    assert_eq!(history["items"].as_array().unwrap().len(), 1);

    app.delete(format!("/scim2/Users/{}", user_id(&ada))).token(&app.tokens.scim).send().await;
    let event = app.console(&cookie, &format!("audit/show?number={}", item["number"])).await;
    assert_eq!(event["facts"][1], line("About", "ada (user)", ""), "there is no such page any more");
    let history = app.get(format!("/console/-/audit/list?filter[user]={}", user_id(&ada)));
    assert_eq!(history.header("cookie", &cookie).send().await.status, 404);
    let wrong = app.console(&cookie, "audit/list?filter[from]=12.03.2026").await;
    assert_eq!(
        (wrong["items"].as_array().unwrap().len(), wrong["note"].as_str().unwrap().contains("12.03.2026")),
        (0, true)
    );
    let page = app.get("/console/logs").header("cookie", &cookie).send().await;
    assert!(page.text().contains("Audit Logs") && page.text().contains("/console/logs/export?format=csv"));
}

#[tokio::test]
async fn members_of_a_group_are_told_by_name() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    let (ada, bea) = (app.user("ada").await, app.user("bea").await);
    let group = json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Group"],
        "displayName": "Guides",
        "members": [{"value": user_id(&ada)}, {"value": user_id(&bea)}],
    });
    assert_eq!(app.post("/scim2/Groups").token(&app.tokens.scim).scim(&group).await.status, 201);
    app.delete(format!("/scim2/Users/{}", user_id(&bea))).token(&app.tokens.scim).send().await;
    let list = app.console(&cookie, "audit/list?filter[what]=group.create").await;
    let event = app.console(&cookie, &format!("audit/show?number={}", list["items"][0]["number"])).await;
    let members = event["facts"].as_array().unwrap().iter().find(|fact| fact["name"] == "Members added").unwrap();
    assert_eq!(members["text"], format!("ada, {}", user_id(&bea)));
    let group = event["facts"][1]["more"].as_str().unwrap();
    assert_eq!(app.get(group).header("cookie", &cookie).send().await.status, 200, "its page: {group}");
}

#[tokio::test]
async fn what_is_listed_is_downloaded_as_csv_and_json_lines_by_whoever_may_read_it() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    for number in 0..600 {
        app.user(&format!("user{number:03}")).await;
    }
    app.user("=cmd|calc!A1").await;
    let get = async |query: &str, cookie: &str| {
        app.get(format!("/console/logs/export?{query}")).header("cookie", cookie).send().await
    };
    let csv = get("format=csv&about=user", &cookie).await;
    assert_eq!((csv.status, csv.kind(), csv.header("cache-control")), (200, "text/csv; charset=utf-8", "no-store"));
    assert_eq!(csv.header("content-disposition"), "attachment; filename=\"usher-audit-2026-03-12.csv\"");
    let rows = csv.text();
    assert_eq!(rows.lines().count(), 22, "its head, the first twenty names, and that there are more");
    assert!(rows.lines().last().unwrap().contains("More than 20 names begin so"), "{rows}");
    let csv = get("format=csv&what=user.create", &cookie).await.text();
    assert_eq!(csv.lines().count(), 602, "more than are read at once");
    assert!(csv.starts_with("number,time,") && csv.contains(",'=cmd|calc!A1,") && !csv.contains(",=cmd"), "{csv:.600}");
    let lines = get("format=jsonl&what=user.create", &cookie).await.text();
    let events: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!((events.len(), &events[0]["subject"]["name"]), (601, &json!("=cmd|calc!A1")));
    for (query, status) in [("format=xlsx", 400), ("", 400), ("format=csv&from=x", 400)] {
        assert_eq!(get(query, &cookie).await.status, status, "{query}");
    }

    let nobody = get("format=csv", "usher=nobody").await;
    assert_eq!((nobody.status, nobody.header("location").starts_with("/sign-in?")), (303, true));
    let who: Authorised<UsersWrite> = Caller::system().authorise().unwrap();
    app.usher.directory().reset_password(&who, "user000", &SecretString::from(PASSWORD)).await.unwrap();
    let plain = app.sign_in("user000").await;
    assert_eq!(get("format=csv", &plain).await.status, 403, "somebody without a role");
}

#[tokio::test]
async fn a_failed_sign_in_is_recorded_so_often_and_no_name_that_is_nobodys() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    for number in 0..12 {
        let address = [192, 0, 2, number];
        let wrong = app.try_sign_in("root", "wrong password").from(address).send().await;
        assert!(matches!(wrong.status, 200 | 429), "{}", wrong.text());
    }
    app.try_sign_in("my password, by mistake", "root").send().await;
    let failed = app.audit("action=session.refuse").await;
    let items = failed["items"].as_array().unwrap();
    assert_eq!(items.len(), 11, "ten of one account, and one of nobody's");
    assert_eq!((&items[0]["subject"]["name"], &items[0]["details"]), (&json!(""), &json!({"reason": "unknown"})));
    assert_eq!((&items[1]["subject"]["name"], &items[1]["details"]), (&json!("root"), &json!({"reason": "password"})));
    assert_eq!((&items[10]["actor"]["kind"], &items[10]["actor"]["address"]), (&json!("nobody"), &json!("192.0.2.0")));
}
