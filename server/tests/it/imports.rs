//! Imports through the console's doors: the upload and its bounds, the preview, the run, and the file of the result.

use std::time::Duration;

use serde_json::Value;

use crate::support::{Answer, Console, TestApp};

/// Far longer than carrying out the longest list of these takes, on a machine that does other things too.
const WAIT: Duration = Duration::from_mins(4);
const BOUNDARY: &str = "----usher-test";
const LIST: &str = "username,givenname,familyname,email,groups\nada,Ada,Lovelace,ada@example.org,Guides\n,Nobody,,,\n";

/// One part of a multipart form: its name, its file's name if it is one, and what it holds.
type Part<'p> = (&'p str, Option<&'p str>, &'p [u8]);

fn multipart(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (name, file, value) in parts {
        let file = file.map(|file| format!("; filename=\"{file}\"\r\nContent-Type: text/csv")).unwrap_or_default();
        let head = format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"{file}\r\n\r\n");
        body.extend(head.as_bytes());
        body.extend(*value);
        body.extend(b"\r\n");
    }
    body.extend(format!("--{BOUNDARY}--\r\n").as_bytes());
    body
}

/// A browser's own form, with what stands around its fields.
fn form<'p>(parts: &[Part<'p>]) -> Vec<u8> {
    let around: [Part<'p>; 2] = [("_form", None, b"import"), ("_page", None, b"/console/users/imports/new")];
    multipart(&[&around, parts].concat())
}

impl Console {
    async fn upload(&self, body: Vec<u8>) -> Answer {
        upload(&self.app, Some(&self.cookie), body).await
    }

    /// The path of the import that was made of it.
    async fn uploaded(&self, parts: &[Part<'_>]) -> String {
        let answer = self.upload(form(parts)).await;
        let to = answer.header("location").to_owned();
        assert!(answer.status == 303 && to.starts_with("/console/users/imports/0"), "{} {to}", answer.status);
        to
    }

    /// What the form says when it comes back.
    async fn refused(&self, parts: &[Part<'_>]) -> String {
        let answer = self.upload(form(parts)).await;
        assert_eq!((answer.status, answer.header("location")), (303, "/console/users/imports/new"));
        self.page("/console/users/imports/new").await
    }

    async fn page(&self, path: &str) -> String {
        self.get(path).await.text()
    }

    /// Starts it and waits until its page says that it is over.
    async fn carried_out(&self, import: &str, fields: &[(&str, &str)]) -> String {
        let id = import.rsplit('/').next().unwrap();
        let started = self.post("imports/start", &[&[("id", id)], fields].concat()).await;
        assert_eq!(started["done"]["to"], import);
        let over = async {
            loop {
                let page = self.page(import).await;
                if page.contains("Download the result") {
                    return page;
                }
                // Drawing the page again and again would keep the import from its work.
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        };
        let page = tokio::time::timeout(WAIT, over).await;
        page.unwrap_or_else(|_| panic!("no result of {import} is offered within {WAIT:?}"))
    }

    async fn users_there(&self, user_name: &str) -> Value {
        let found = self.app.get(format!("/scim2/Users?filter=userName%20eq%20%22{user_name}%22"));
        found.token(&self.app.tokens.scim_read).send().await.json()["totalResults"].clone()
    }
}

async fn upload(app: &TestApp, cookie: Option<&str>, body: Vec<u8>) -> Answer {
    let ask = app
        .post("/console/-/imports/read")
        .header("accept", "text/html,application/xhtml+xml")
        .header("sec-fetch-site", "same-origin")
        .body(&format!("multipart/form-data; boundary={BOUNDARY}"), body);
    match cookie {
        Some(cookie) => ask.header("cookie", cookie).send().await,
        None => ask.send().await,
    }
}

#[tokio::test]
async fn a_file_is_previewed_started_and_told_of() {
    let console = Console::start().await;
    let import = console.uploaded(&[("text", None, b""), ("file", Some("people.csv"), LIST.as_bytes())]).await;
    let preview = console.page(&import).await;
    for said in ["people.csv", "A user name is required.", "gives nobody a password", "Create the groups"] {
        assert!(preview.contains(said), "{said}: {preview}");
    }
    assert_eq!(console.users_there("ada").await, 0, "nothing was made so far");

    let page = console.carried_out(&import, &[("create_groups", "true")]).await;
    assert!(page.contains("Created"), "{page}");
    assert_eq!(console.users_there("ada").await, 1);
    let result = console.app.get(format!("{import}/result.csv")).header("cookie", &console.cookie).send().await;
    assert_eq!((result.status, result.kind()), (200, "text/csv; charset=utf-8"));
    assert!(result.header("content-disposition").starts_with("attachment; filename=\"import-"));
    assert_eq!(result.header("cache-control"), "no-store");
    let text = result.text();
    let lines: Vec<&str> = text.trim_start_matches('\u{feff}').lines().collect();
    assert_eq!(lines[0], "line,username,outcome,reason,id");
    assert!(lines[1].starts_with("2,ada,created,,0"), "{text}");
    assert_eq!(lines[2], "3,,left out,A user name is required.,");
}

#[tokio::test]
async fn what_was_pasted_is_read_like_a_file() {
    let console = Console::start().await;
    let import = console.uploaded(&[("text", None, LIST.as_bytes()), ("file", Some(""), b"")]).await;
    assert!(console.page(&import).await.contains("Pasted list"));
    // As a program sends it, without a file at all.
    let read = console.post("imports/read", &[("text", LIST)]).await;
    assert!(read["done"]["to"].as_str().is_some_and(|to| to.starts_with("/console/users/imports/")), "{read}");
}

#[tokio::test]
async fn what_cannot_be_read_comes_back_beside_where_it_was_given() {
    let console = Console::start().await;
    let page = console.refused(&[("text", None, b"name,phone\n<ada>,1")]).await;
    assert!(page.contains("the first line has to name the columns"), "{page}");
    assert!(page.contains("name,phone\n&lt;ada&gt;,1</textarea>"), "what was typed stays: {page}");
    let page = console.refused(&[("text", None, b""), ("file", Some("a.csv"), b"\xff\xfeu\0")]).await;
    assert!(page.contains("written in UTF-16"), "{page}");
    let page = console.refused(&[("text", None, b" "), ("file", Some(""), b"")]).await;
    assert!(page.contains("Paste a list, or choose a file."), "{page}");
    let page = console.refused(&[("text", None, b"username\nada"), ("file", Some("a.csv"), LIST.as_bytes())]).await;
    assert!(page.contains("not both"), "{page}");
    let listed = console.page("/console/users/imports").await;
    assert!(listed.contains("Nothing here"), "{listed}");
}

#[tokio::test]
async fn bytes_that_are_no_text_spoil_their_line_alone() {
    let console = Console::start().await;
    let list = b"username,familyname\nada,Lovelace\nclara,M\xfcller\n";
    let import = console.uploaded(&[("file", Some("old.csv"), list)]).await;
    let page = console.page(&import).await;
    assert!(page.contains("It is not written in UTF-8"), "{page}");
    console.carried_out(&import, &[]).await;
    assert_eq!((console.users_there("ada").await, console.users_there("clara").await), (1.into(), 0.into()));
}

#[tokio::test]
async fn an_upload_is_bounded() {
    let console = Console::start().await;
    let large = vec![b'a'; domain::limits::IMPORT_FILE + 1];
    let page = console.refused(&[("text", None, b""), ("file", Some("a.csv"), &large)]).await;
    assert!(page.contains("larger than 5 MB"), "{page}");
    let page = console.refused(&[("text", None, &large[..70_000])]).await;
    assert!(page.contains("at most 64 kB"), "{page}");
    // Through every other door of the console nothing of this size comes in.
    let elsewhere = console.app.post("/console/-/users/begin").header("cookie", &console.cookie);
    let elsewhere = elsewhere.header("sec-fetch-site", "same-origin");
    let kind = format!("multipart/form-data; boundary={BOUNDARY}");
    let refused = elsewhere.body(&kind, form(&[("user_name", None, &large)])).send().await;
    assert_eq!(refused.status, 413);
}

#[tokio::test]
async fn a_form_that_breaks_off_is_refused() {
    let console = Console::start().await;
    let mut body = form(&[("file", Some("a.csv"), LIST.as_bytes())]);
    body.truncate(body.len() - 30);
    assert_eq!(console.upload(body).await.status, 400);
    assert_eq!(console.upload(b"no parts at all".to_vec()).await.status, 400);
}

#[tokio::test]
async fn an_upload_needs_the_same_origin_and_the_right_to_write() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    let body = || form(&[("file", Some("a.csv"), LIST.as_bytes())]);
    let nobody = upload(&app, None, body()).await;
    assert_eq!(nobody.status, 303);
    assert!(nobody.header("location").starts_with("/sign-in?"), "{}", nobody.header("location"));
    let reader = app
        .post("/console/-/imports/read")
        .header("accept", "application/json")
        .header("sec-fetch-site", "same-origin")
        .header("cookie", &cookie)
        .body(&format!("multipart/form-data; boundary={BOUNDARY}"), body())
        .send()
        .await;
    assert_eq!(reader.status, 403);
    assert!(reader.text().contains("Your role does not include this"), "{}", reader.text());
    let foreign = app
        .post("/console/-/imports/read")
        .header("sec-fetch-site", "cross-site")
        .header("cookie", &cookie)
        .body(&format!("multipart/form-data; boundary={BOUNDARY}"), body());
    assert_eq!(foreign.send().await.status, 403);
}

#[tokio::test]
async fn a_result_is_for_those_who_may_write_users() {
    let console = Console::start().await;
    let import = console.uploaded(&[("text", None, LIST.as_bytes())]).await;
    console.app.auditor("auditor").await;
    let reader = console.app.sign_in("auditor").await;
    let result = format!("{import}/result.csv");
    let nobody = console.app.get(&result).send().await;
    assert_eq!(nobody.status, 303);
    assert!(nobody.header("location").starts_with("/sign-in?"));
    for (path, status) in [(result.as_str(), 403), (import.as_str(), 403), ("/console/users/imports", 403)] {
        assert_eq!(console.app.get(path).header("cookie", &reader).send().await.status, status, "{path}");
    }
    for unknown in ["0199aaaa-0000-7000-8000-000000000000", "nonsense"] {
        let path = format!("/console/users/imports/{unknown}/result.csv");
        assert_eq!(console.app.get(path).header("cookie", &console.cookie).send().await.status, 404);
    }
    let pending = console.app.get(&result).header("cookie", &console.cookie).send().await.text();
    assert!(pending.contains("2,ada,pending,There is no group “Guides”.,"), "{pending}");
}

#[tokio::test]
async fn a_preview_that_is_cancelled_is_gone() {
    let console = Console::start().await;
    let import = console.uploaded(&[("text", None, LIST.as_bytes())]).await;
    let id = import.rsplit('/').next().unwrap();
    assert_eq!(console.post("imports/cancel", &[("id", id)]).await["done"]["to"], "/console/users");
    assert_eq!(console.app.get(&import).header("cookie", &console.cookie).send().await.status, 404);
}

#[tokio::test]
async fn a_long_list_is_shown_page_by_page_and_told_whole() {
    let console = Console::start().await;
    let names: Vec<String> = (0..1_100).map(|number| format!("user{number}")).collect();
    let list = format!("username\n{}\n", names.join("\n"));
    let import = console.uploaded(&[("file", Some("=cmd.csv"), list.as_bytes())]).await;
    let page = console.page(&import).await;
    assert!(page.contains("user49<") && !page.contains("user50<"), "{page}");
    assert!(page.contains("?part=all&amp;after=50") || page.contains("?part=all&after=50"), "{page}");
    let second = console.page(&format!("{import}?part=all&after=1050")).await;
    assert!(second.contains("user1099<") && !second.contains("Next page"), "{second}");
    console.carried_out(&import, &[]).await;
    let result = console.app.get(format!("{import}/result.csv")).header("cookie", &console.cookie).send().await.text();
    assert_eq!(result.lines().filter(|line| line.contains(",created,")).count(), 1_100);
}
