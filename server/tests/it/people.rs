//! People in the console: added, shown, changed, and given a password by a link.

use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{Answer, Console, PASSWORD, TestApp, fields, last_part, to};

const NEW_PASSWORD: &str = "four words in a row";

impl Console {
    async fn id_of(&self, user_name: &str) -> String {
        let found = self.app.get(format!("/scim2/Users?filter=userName%20eq%20%22{user_name}%22"));
        let found = found.token(&self.app.tokens.scim_read).send().await.json();
        found["Resources"][0]["id"].as_str().unwrap_or_default().to_owned()
    }

    /// Walks the wizard; answers what its last step did.
    async fn add(&self, user_name: &str, by: &[(&str, &str)]) -> Value {
        let begun = self.post("users/begin", &[("user_name", user_name), ("email", "new@example.org")]).await;
        let draft = last_part(to(&begun));
        let chosen = self.post("users/choose-password", &[&[("draft", draft)], by].concat()).await;
        assert_eq!(to(&chosen), format!("/console/users/new/{draft}/summary"));
        self.post("users/create", &[("draft", draft)]).await
    }

    /// A link by which this user sets a password.
    async fn link(&self, user_name: &str) -> String {
        let id = self.id_of(user_name).await;
        let handed = self.post("users/reset-password", &[("id", &id), ("by", "link")]).await;
        self.handed(to(&handed)).await
    }

    /// The link that a page hands over, the once that it does.
    async fn handed(&self, page: &str) -> String {
        let html = self.get(page).await.text();
        let from = html.find("/set-password/").unwrap_or_else(|| panic!("no link on {page}: {html}"));
        html[from..].chars().take_while(|c| c.is_ascii_alphanumeric() || "/-_".contains(*c)).collect()
    }
}

async fn set_password(app: &TestApp, link: &str, password: &str) -> Answer {
    let form = fields(&[("token", last_part(link)), ("password", password), ("again", password)]);
    app.call("session/set-password", form).send().await
}

#[tokio::test]
async fn somebody_added_with_a_link_sets_a_password_and_signs_in() {
    let console = Console::start().await;
    let done = console.add("ada", &[("by", "link")]).await;
    let link = console.handed(to(&done)).await;
    assert!(console.get(to(&done)).await.text().contains("shown once"), "it is handed over once");

    let page = console.app.get(&link).send().await;
    assert_eq!(page.status, 200);
    assert!(page.text().contains("Set your password"), "{}", page.text());
    assert_eq!(page.header("referrer-policy"), "same-origin");
    assert_eq!(page.header("cache-control"), "no-store");
    let set = set_password(&console.app, &link, NEW_PASSWORD).await;
    assert_eq!(to(&set.json()), link);
    let signed_in = console.app.try_sign_in("ada", NEW_PASSWORD).send().await;
    assert!(signed_in.cookie("usher").is_some(), "{}", signed_in.text());

    let again = console.app.get(&link).send().await.text();
    assert!(again.contains("was used already"), "{again}");
    let refused = set_password(&console.app, &link, "another password here").await;
    assert!(refused.text().contains("was used already"), "{}", refused.text());
    assert!(console.app.try_sign_in("ada", NEW_PASSWORD).send().await.cookie("usher").is_some());
}

#[tokio::test]
async fn somebody_added_with_a_password_signs_in_with_it() {
    let console = Console::start().await;
    let done = console.add("ada", &[("by", "password"), ("password", NEW_PASSWORD)]).await;
    let page = console.get(to(&done)).await.text();
    assert!(page.contains(NEW_PASSWORD) && page.contains("User name: ada"), "{page}");
    assert!(!console.get(to(&done)).await.text().contains(NEW_PASSWORD), "it is handed over once");
    assert!(console.app.try_sign_in("ada", NEW_PASSWORD).send().await.cookie("usher").is_some());
}

#[tokio::test]
async fn a_link_that_is_late_unknown_or_replaced_says_so() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let first = console.link("ada").await;
    let second = console.link("ada").await;
    for dead in [first.as_str(), "/set-password/none", "/set-password/%00"] {
        let page = console.app.get(dead).send().await;
        assert_eq!(page.status, 200);
        assert!(page.text().contains("This link does not work"), "{dead}: {}", page.text());
        assert!(set_password(&console.app, dead, NEW_PASSWORD).await.text().contains("does not work"), "{dead}");
    }
    console.app.clock.advance(Duration::from_hours(72));
    assert!(console.app.get(&second).send().await.text().contains("has expired"));
    assert!(set_password(&console.app, &second, NEW_PASSWORD).await.text().contains("has expired"));
    assert!(console.app.try_sign_in("ada", NEW_PASSWORD).send().await.cookie("usher").is_none());
}

#[tokio::test]
async fn a_weak_password_leaves_the_link_open() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let link = console.link("ada").await;
    let weak = set_password(&console.app, &link, "short").await.json();
    assert!(weak["invalid"]["password"].as_str().is_some_and(|why| why.contains("12")), "{weak}");
    let form = fields(&[("token", last_part(&link)), ("password", NEW_PASSWORD), ("again", "other words in a row")]);
    let differing = console.app.call("session/set-password", form).send().await.json();
    assert!(differing["invalid"]["again"].is_string(), "{differing}");
    assert!(console.app.get(&link).send().await.text().contains("Set your password"));
}

#[tokio::test]
async fn a_link_sets_no_password_for_whoever_is_disabled_and_none_after_another_was_set() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let id = console.id_of("ada").await;
    let link = console.link("ada").await;
    to(&console.post("users/disable", &[("id", &id)]).await);
    assert!(set_password(&console.app, &link, NEW_PASSWORD).await.text().contains("does not work"));
    to(&console.post("users/enable", &[("id", &id)]).await);
    to(&console.post("users/reset-password", &[("id", &id), ("by", "password"), ("password", NEW_PASSWORD)]).await);
    assert!(set_password(&console.app, &link, "another password here").await.text().contains("was used already"));
}

#[tokio::test]
async fn links_are_tried_as_rarely_as_sign_ins() {
    let console = Console::start().await;
    let mut statuses = Vec::new();
    for _ in 0..12 {
        statuses.push(set_password(&console.app, "/set-password/guess", NEW_PASSWORD).await.status);
    }
    assert_eq!(statuses[0], 200);
    assert_eq!(statuses[11], 429, "{statuses:?}");
}

#[tokio::test]
async fn sessions_end_when_a_password_is_set() {
    let console = Console::start().await;
    console.app.administrator("grace").await;
    let theirs = console.app.sign_in("grace").await;
    let link = console.link("grace").await;
    assert_eq!(console.app.get("/console").header("cookie", &theirs).send().await.status, 200);
    to(&set_password(&console.app, &link, NEW_PASSWORD).await.json());
    assert_eq!(console.app.get("/console").header("cookie", &theirs).send().await.status, 303);
    assert!(console.app.try_sign_in("grace", PASSWORD).send().await.cookie("usher").is_none());
}

#[tokio::test]
async fn what_is_wrong_with_the_basic_details_is_said_beside_them() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let missing = console.post("users/begin", &[("user_name", " ")]).await;
    assert!(missing["invalid"]["user_name"].is_string(), "{missing}");
    let taken = console.post("users/begin", &[("user_name", "ADA"), ("email", "no address")]).await;
    assert_eq!(taken["invalid"]["email"], json!("Enter an address such as ada@example.org."), "{taken}");
    let taken = console.post("users/begin", &[("user_name", "ADA")]).await;
    assert_eq!(taken["invalid"]["user_name"], json!("This user name is taken."), "{taken}");
    let long = console.post("users/begin", &[("user_name", &"a".repeat(300))]).await;
    assert!(long["invalid"]["user_name"].is_string(), "{long}");
}

#[tokio::test]
async fn a_name_that_was_taken_meanwhile_leaves_the_draft() {
    let console = Console::start().await;
    let begun = console.post("users/begin", &[("user_name", "ada"), ("given_name", "Ada")]).await;
    let draft = last_part(to(&begun)).to_owned();
    to(&console.post("users/choose-password", &[("draft", &draft), ("by", "link")]).await);
    console.app.user("ada").await;
    let refused = console.post("users/create", &[("draft", &draft)]).await;
    assert_eq!(refused["invalid"][""], json!("This user name is taken."), "{refused}");
    let back = console.get(&format!("/console/users/new?draft={draft}")).await.text();
    assert!(back.contains("value=\"Ada\""), "nothing of what was typed is lost: {back}");
}

#[tokio::test]
async fn an_auditor_sees_the_forms_that_add_and_can_send_none() {
    const SENDS: &str = "type=\"submit\" class=\"button button-primary\"";
    let console = Console::start().await;
    console.app.auditor("auditor").await;
    let auditor = console.app.sign_in("auditor").await;
    for path in ["users/new", "users/imports/new", "groups/new", "attributes/new"] {
        let path = format!("/console/{path}");
        assert!(console.get(&path).await.text().contains(SENDS), "{path}");
        let seen = console.app.get(path.clone()).header("cookie", &auditor).send().await;
        assert_eq!(seen.status, 200, "{path}");
        assert!(seen.text().contains("Your role reads only.") && !seen.text().contains(SENDS), "{path}");
    }
}

#[tokio::test]
async fn the_list_is_searched_narrowed_and_turned() {
    let console = Console::start().await;
    for name in ["ada", "adele", "grace"] {
        console.app.user(name).await;
    }
    let id = console.id_of("adele").await;
    to(&console.post("users/disable", &[("id", &id)]).await);
    let names = async |query: &str| -> Vec<String> {
        let list = console.get(&format!("/console/-/users/list?{query}")).await.json();
        let items = list["items"].as_array().unwrap_or_else(|| panic!("{list}")).clone();
        items.iter().map(|user| user["title"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("").await, ["ada", "adele", "grace", "root"]);
    assert_eq!(names("filter[search]=AD").await, ["ada", "adele"]);
    assert_eq!(names("filter[search]=ad&filter[state]=active").await, ["ada"]);
    assert_eq!(names("filter[state]=disabled").await, ["adele"]);
    assert_eq!(names("filter[search]=nobody").await, [""; 0]);
    assert_eq!(names("filter[sort]=name-down&filter[origin]=api").await, ["grace", "adele", "ada"]);
    assert_eq!(names("filter[role]=administrator&filter[accounts]=none").await, ["root"]);
    assert_eq!(names("filter[group]=no+such+group").await, [""; 0]);
    assert_eq!(names("filter[state]=x&filter[sort]=y&filter[origin]=z&filter[role]=king").await.len(), 4);
    assert_eq!(names("after=nonsense").await.len(), 4, "what is no cursor begins at the start");
    for number in 0..50 {
        console.app.user(&format!("user{number:02}")).await;
    }
    let first = console.get("/console/-/users/list").await.json();
    let next = first["next"].as_str().unwrap();
    assert_eq!(names(&format!("after={next}")).await.len(), 4);
    assert!(console.get("/console/users").await.text().contains("Next page"));
}

#[tokio::test]
async fn the_second_of_two_edits_is_refused() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let id = console.id_of("ada").await;
    let edit = |name: &'static str| {
        let form = fields(&[("id", &id), ("version", "1"), ("attributes[displayName]", name)]);
        console.app.call("users/update", form).header("cookie", &console.cookie).send()
    };
    to(&edit("Ada").await.json());
    let stale = edit("Countess").await.json();
    assert!(stale["invalid"][""].as_str().is_some_and(|why| why.contains("Somebody else")), "{stale}");
    let mail = [("id", id.as_str()), ("version", "2"), ("attributes[emails.0.value]", "ada@new.example")];
    to(&console.post("users/update", &mail).await);
    let saved = console.app.get(format!("/scim2/Users/{id}")).token(&console.app.tokens.scim_read).send().await.json();
    assert_eq!(saved["displayName"], json!("Ada"));
    assert_eq!(saved["emails"][0]["value"], json!("ada@new.example"));
    let doubled = [("id", id.as_str()), ("version", "3"), ("attributes[userName]", "root")];
    let taken = console.post("users/update", &doubled).await;
    assert_eq!(taken["invalid"]["attributes[userName]"], json!("This user name is taken."), "{taken}");
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let console = Console::start().await;
    let id = console.id_of("root").await;
    for function in ["users/disable", "users/delete"] {
        let refused = console.post(function, &[("id", &id)]).await;
        assert!(refused["invalid"][""].as_str().is_some_and(|why| why.contains("last administrator")), "{refused}");
    }
    let page = console.get(&format!("/console/users/{id}")).await.text();
    assert!(page.contains("This is the last administrator."), "{page}");
    let page = console.get(&format!("/console/users/{id}/delete")).await.text();
    assert!(page.contains("This is the last administrator."), "{page}");
}

#[tokio::test]
async fn a_session_is_ended_by_an_administrator() {
    let console = Console::start().await;
    console.app.administrator("grace").await;
    let theirs = console.app.sign_in("grace").await;
    let id = console.id_of("grace").await;
    let sessions = console.get(&format!("/console/-/users/sessions?id={id}")).await.json();
    let session = sessions["sessions"][0]["id"].as_str().unwrap_or_default().to_owned();
    to(&console.post("users/end-session", &[("id", &id), ("session", &session)]).await);
    assert_eq!(console.app.get("/console").header("cookie", &theirs).send().await.status, 303);
    console.app.sign_in("grace").await;
    to(&console.post("users/end-sessions", &[("id", &id)]).await);
    let ended = console.get(&format!("/console/-/users/sessions?id={id}")).await.json();
    assert_eq!(ended, json!({ "sessions": [], "second_factors": "" }));
}

#[tokio::test]
async fn a_user_who_is_gone_is_said_to_be() {
    let console = Console::start().await;
    console.app.user("ada").await;
    let id = console.id_of("ada").await;
    to(&console.post("users/delete", &[("id", &id)]).await);
    for page in ["", "/sessions", "/provisioning", "/delete", "/disable", "/password"] {
        assert_eq!(console.get(&format!("/console/users/{id}{page}")).await.status, 404, "{page}");
    }
    let late = console.app.call("users/delete", format!("id={id}")).header("cookie", &console.cookie).send().await;
    assert_eq!(late.status, 404, "{}", late.text());
}
