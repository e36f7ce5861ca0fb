//! Settings: tokens, one's own sessions, appearance, and what runs here.

use crate::support::{Answer, Setting, TestApp, token};
use domain::permission::Scope;

async fn post(app: &TestApp, cookie: &str, function: &str, form: &str) -> Answer {
    app.call(function, form).header("cookie", cookie).send().await
}

async fn get(app: &TestApp, cookie: &str, path: &str) -> Answer {
    app.get(path).header("accept", "application/json").header("cookie", cookie).send().await
}

/// The page that a form leads to.
fn next(answer: &Answer) -> String {
    answer.json()["done"]["to"].as_str().unwrap_or_else(|| panic!("{}", answer.text())).to_owned()
}

/// The ids of the signed-in person's sessions, with whether each is the present one.
async fn sessions(app: &TestApp, cookie: &str) -> Vec<(String, bool)> {
    let list = get(app, cookie, "/console/-/my-sessions/list").await.json();
    let read = |one: &serde_json::Value| (one["id"].as_str().unwrap().to_owned(), one["present"].as_bool().unwrap());
    list.as_array().unwrap().iter().map(read).collect()
}

/// The clear text of a token on the page that shows it.
fn shown_token(page: &str) -> Option<&str> {
    let rest = &page[page.find("usher_")?..];
    Some(&rest[..rest.find(|c: char| !c.is_ascii_alphanumeric() && !matches!(c, '_' | '-'))?])
}

#[tokio::test]
async fn a_token_made_in_the_console_is_shown_once_works_and_is_revoked() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let made = post(&app, &cookie, "tokens/create", "name=HR+import&scim=true&expires=30").await;
    let page = get(&app, &cookie, &next(&made)).await.text();
    let clear = shown_token(&page).expect("the token is on its page").to_owned();
    let users = async || app.get("/scim2/Users").token(&clear).send().await.status;
    assert_eq!(users().await, 200);
    assert_eq!(app.get("/api/v1/connections").token(&clear).send().await.status, 403, "its scope is scim alone");

    let again = get(&app, &cookie, &next(&made)).await.text();
    assert!(again.contains("cannot be shown again") && !again.contains(&clear), "{again}");
    let list = get(&app, &cookie, "/console/-/tokens/list").await;
    assert!(!list.text().contains(&clear));
    let row = list.json()["items"].as_array().unwrap().iter().find(|row| row["name"] == "HR import").unwrap().clone();
    assert_eq!(row["state"], "active", "{row}");
    assert!(row["last_used"].is_object(), "{row}");

    let revoked = post(&app, &cookie, "tokens/revoke", &format!("id={}", row["id"].as_str().unwrap())).await;
    assert!(revoked.text().contains("was revoked"), "{}", revoked.text());
    assert_eq!(users().await, 401, "its next request is refused");
    assert!(get(&app, &cookie, "/console/settings").await.text().contains("Revoked 20"), "it stays listed");
}

#[tokio::test]
async fn a_new_token_is_somebody_elses_secret_for_everybody_else() {
    let app = TestApp::start().await;
    for name in ["root", "eve"] {
        app.administrator(name).await;
    }
    let (root, eve) = (app.sign_in("root").await, app.sign_in("eve").await);
    let made = next(&post(&app, &root, "tokens/create", "name=hr&scim=true").await);
    assert!(get(&app, &eve, &made).await.text().contains("cannot be shown again"));
    assert!(shown_token(&get(&app, &root, &made).await.text()).is_some(), "she took nothing away");
}

#[tokio::test]
async fn a_token_that_cannot_be_says_why_beside_each_field() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let errors = async |form: &str| post(&app, &cookie, "tokens/create", form).await.json()["invalid"].clone();
    let nothing = errors("expires=365").await;
    assert!(nothing["name"].is_string() && nothing["scope"].is_string(), "{nothing}");
    for (day, says) in [("2001-01-01", "over"), ("soon", "Enter a day"), ("2999-01-01", "3650 days")] {
        let wrong = errors(&format!("name=hr&admin=true&expires=date&expires_on={day}")).await;
        assert!(wrong["expires_on"].as_str().is_some_and(|why| why.contains(says)), "{wrong}");
        assert!(wrong["expires"].is_null(), "{wrong}");
    }
}

#[tokio::test]
async fn an_auditor_sees_tokens_and_makes_none() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    let page = get(&app, &cookie, "/console/settings").await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Your role reads only."), "{}", page.text());
    assert_eq!(post(&app, &cookie, "tokens/create", "name=mine&admin=true").await.status, 403);
    let list = get(&app, &cookie, "/console/-/tokens/list").await.json();
    let id = list["items"][0]["id"].as_str().unwrap();
    assert_eq!(post(&app, &cookie, "tokens/revoke", &format!("id={id}")).await.status, 403);
}

#[tokio::test]
async fn a_session_that_was_ended_is_refused_at_once() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let (here, there) = (app.sign_in("root").await, app.sign_in("root").await);
    let list = sessions(&app, &here).await;
    assert_eq!(list.len(), 2);
    let (other, _) = list.iter().find(|(_, present)| !present).unwrap();
    let ended = post(&app, &here, "my-sessions/end", &format!("id={other}")).await;
    assert!(ended.text().contains("The session was ended."), "{}", ended.text());
    assert_eq!(get(&app, &there, "/console/-/my-sessions/list").await.status, 401);
    assert_eq!(get(&app, &there, "/console/settings/sessions").await.status, 303, "a page leads to signing in");
    assert_eq!(sessions(&app, &here).await.len(), 1);
    let twice = post(&app, &here, "my-sessions/end", &format!("id={other}")).await;
    assert_eq!(twice.status, 404, "{}", twice.text());
}

#[tokio::test]
async fn all_other_sessions_end_and_nobody_elses() {
    let app = TestApp::start().await;
    for name in ["root", "eve"] {
        app.administrator(name).await;
    }
    let (here, there, eve) = (app.sign_in("root").await, app.sign_in("root").await, app.sign_in("eve").await);
    let ended = post(&app, &here, "my-sessions/end-others", "").await;
    assert!(ended.text().contains("1 session was ended."), "{}", ended.text());
    assert_eq!(get(&app, &there, "/console/-/my-sessions/list").await.status, 401);
    let (session, _) = sessions(&app, &eve).await.remove(0);
    assert_eq!(post(&app, &here, "my-sessions/end", &format!("id={session}")).await.status, 404);
    assert_eq!(sessions(&app, &eve).await.len(), 1, "hers goes on");
}

#[tokio::test]
async fn sessions_are_told_apart_by_browser_and_address() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0";
    let signed_in = app.try_sign_in("root", crate::support::PASSWORD).header("user-agent", firefox).send().await;
    let cookie = signed_in.cookie("usher").unwrap();
    let page = get(&app, &cookie, "/console/settings/sessions").await.text();
    for part in ["Firefox on Linux", "192.0.2.7", "This session", "You are signed in nowhere else."] {
        assert!(page.contains(part), "{part}: {page}");
    }
}

#[tokio::test]
async fn a_theme_is_kept_by_the_browser_and_drawn_by_the_server() {
    let app = TestApp::with(Setting { public_url: Some("https://id.example.org"), ..Setting::default() }).await;
    app.administrator("root").await;
    let signed_in = app.try_sign_in("root", crate::support::PASSWORD).send().await;
    let cookie = signed_in.cookie("__Host-usher").unwrap();
    let plain = get(&app, &cookie, "/console/settings/appearance").await.text();
    assert!(plain.contains(r#"content="light dark""#) && !plain.contains("data-theme"), "{plain}");

    let chosen = post(&app, &cookie, "appearance/choose", "theme=dark").await;
    let given = chosen.header("set-cookie");
    for part in ["usher-theme=dark", "SameSite=Lax", "Max-Age=31536000", "Path=/", "Secure"] {
        assert!(given.contains(part), "{part}: {given}");
    }
    let dark = get(&app, &format!("{cookie}; usher-theme=dark"), "/console/settings/appearance").await.text();
    assert!(dark.contains(r#"data-theme="dark""#) && dark.contains(r#"content="dark""#), "{dark}");
    let door = app.get("/sign-in").header("cookie", "usher-theme=dark").send().await.text();
    assert!(door.contains(r#"data-theme="dark""#), "before signing in too");

    let back = post(&app, &cookie, "appearance/choose", "theme=system").await;
    assert!(back.header("set-cookie").contains("Max-Age=0"), "{}", back.header("set-cookie"));
    for odd in ["", "theme=pink", "theme=%22%3E%3Cscript%3E"] {
        let refused = post(&app, &cookie, "appearance/choose", odd).await;
        assert!(refused.json()["invalid"]["theme"].is_string(), "{}", refused.text());
        assert_eq!(refused.header("set-cookie"), "");
    }
}

#[tokio::test]
async fn what_runs_here_is_told_without_the_key() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    let about = get(&app, &cookie, "/console/-/about/show").await.json();
    assert_eq!(about["version"], env!("CARGO_PKG_VERSION"));
    assert!(about["database_bytes"].as_u64().is_some_and(|bytes| bytes > 4096), "{about}");
    assert!(about["schema_version"].as_i64().is_some_and(|version| version > 0), "{about}");
    assert_eq!(about["listens_at"], app.usher.address().to_string());
    let folder = about["folder"].as_str().unwrap();
    let key = std::fs::read_to_string(std::path::Path::new(folder).join("master.key")).unwrap();
    let page = get(&app, &cookie, "/console/settings/about").await.text();
    assert!(page.contains(folder) && page.contains("in the file master.key"), "{page}");
    assert!(!page.contains(key.trim()));
}

#[tokio::test]
async fn licences_are_listed_for_those_who_are_signed_in() {
    let app = TestApp::start().await;
    app.auditor("auditor").await;
    let path = app::pages::settings::LICENCES;
    let nobody = app.get(path).send().await;
    assert_eq!((nobody.status, nobody.header("location").starts_with("/sign-in")), (303, true));
    let cookie = app.sign_in("auditor").await;
    let list = get(&app, &cookie, path).await;
    assert_eq!(list.header("content-type"), "text/plain; charset=utf-8");
    assert!(list.text().lines().any(|line| line.starts_with("axum ")), "{}", list.text());
}

#[tokio::test]
async fn a_token_has_no_sessions_whatever_its_scope() {
    let app = TestApp::start().await;
    let admin = token(&app.usher, &[Scope::Admin]).await;
    for path in ["my-sessions/list", "appearance/show"] {
        let answer = app.get(format!("/console/-/{path}")).header("accept", "application/json").token(&admin);
        let status = answer.send().await.status;
        assert!(matches!(status, 401 | 403), "{path}: {status}");
    }
}
