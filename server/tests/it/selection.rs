//! The list of users over HTTP: its columns, and what is done to several at once.

use serde_json::{Value, json};

use crate::support::{Answer, Console};

/// With three people beside `root`.
async fn console() -> Console {
    let console = Console::start().await;
    for name in ["ada", "bea", "cleo"] {
        console.app.user(name).await;
    }
    console
}

impl Console {
    async fn users(&self, query: &str) -> Value {
        self.get(&format!("/console/-/users/list?{query}")).await.json()
    }

    async fn ids(&self) -> Vec<String> {
        let list = self.users("").await;
        list["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
    }

    async fn ask(&self, function: &str, form: &str) -> Answer {
        self.app.call(&format!("users/{function}"), form).header("cookie", &self.cookie).send().await
    }

    /// Selects, and answers the draft that keeps it.
    async fn select(&self, ids: &[String], act: &str) -> String {
        let ids: Vec<String> = ids.iter().map(|id| format!("ids[]={id}")).collect();
        let form = format!("{}&act={act}&filter[state]=active&after=x", ids.join("&"));
        let done = self.ask("select", &form).await.json();
        let to = done["done"]["to"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned();
        let (path, query) = to.split_once('?').unwrap();
        assert_eq!(query, "state=active&after=x", "the list behind stays as it is");
        path.rsplit('/').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn several_are_disabled_after_a_page_that_says_what_happens() {
    let console = console().await;
    let ids = console.ids().await;
    let draft = console.select(&ids[..2], "disable").await;
    let page = console.get(&format!("/console/users/selected/{draft}?state=active")).await.text();
    assert!(page.contains("2 users: ada, bea.") && page.contains("Disable 2 users"), "{page}");
    let done = console.ask("act", &format!("draft={draft}&filter[state]=active")).await.json();
    assert_eq!(done["done"], json!({"to": "/console/users?state=active", "message": "2 users were disabled."}));
    let list = console.users("filter[state]=disabled").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    let again = console.ask("act", &format!("draft={draft}")).await;
    assert_eq!(again.status, 404, "once: {}", again.text());
}

#[tokio::test]
async fn who_is_left_out_is_told_with_the_reason() {
    let console = console().await;
    let ids = console.ids().await;
    let draft = console.select(&ids, "delete").await;
    let gone = console.app.delete(format!("/scim2/Users/{}", ids[1])).token(&console.app.tokens.scim).send().await;
    assert_eq!(gone.status, 204);
    let done = console.ask("act", &format!("draft={draft}")).await.json();
    let to = done["done"]["to"].as_str().unwrap_or_else(|| panic!("{done}"));
    let page = console.get(to).await.text();
    assert!(page.contains("2 users were deleted. 2 were not:"), "{page}");
    assert!(
        page.contains("This is you: do it on your own page") && page.contains("They are no longer there."),
        "{page}"
    );
    assert_eq!(console.ids().await.len(), 1);
}

#[tokio::test]
async fn bad_selections_are_refused() {
    let console = console().await;
    let ids = console.ids().await;
    let none = console.ask("select", "act=disable").await.json();
    assert_eq!(none["invalid"][""], "Select at least one user first.", "{none}");
    let many: Vec<String> = (0..101).map(|_| format!("ids[]={}", ids[0])).collect();
    let many = console.ask("select", &format!("act=disable&{}", many.join("&"))).await.json();
    assert_eq!(many["invalid"][""], "Select at most 100 users at once.", "{many}");
    assert_eq!(console.ask("select", &format!("ids[]={}&act=crown", ids[0])).await.status, 400);
    let draft = console.select(&ids[..1], "join").await;
    for (group, why) in [("", "Enter the name of a group."), ("nowhere", "There is no group of this name.")] {
        let refused = console.ask("act", &format!("draft={draft}&group={group}")).await.json();
        assert_eq!(refused["invalid"]["group"], why, "{refused}");
    }
}

#[tokio::test]
async fn columns_are_kept_by_the_browser() {
    let console = Console::start().await;
    let usual = console.users("").await;
    assert_eq!(usual["columns"], json!([0, 1, 2, 3, 9]));
    let chosen = console.ask("choose-columns", "columns[]=changed&columns[]=role&filter[search]=root").await;
    let kept = chosen.cookie("usher-columns").unwrap();
    assert_eq!(kept, "usher-columns=role.changed");
    assert_eq!(chosen.json()["done"]["to"], "/console/users?search=root");
    let console = Console { cookie: format!("{}; {kept}", console.cookie), ..console };
    let list = console.users("filter[search]=root").await;
    let cell = &list["items"][0]["cells"][0]["text"];
    assert_eq!((&list["columns"], cell), (&json!([4, 10]), &json!("Administrator")));
    let page = console.get("/console/users").await.text();
    assert!(page.contains("scope=\"col\">Console role") && !page.contains("scope=\"col\">Came by"), "{page}");
}
