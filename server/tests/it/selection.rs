//! The list of users over HTTP: its columns, and what is done to several at once.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp};

struct Console {
    app: TestApp,
    cookie: String,
}

impl Console {
    async fn start() -> Self {
        let app = TestApp::start().await;
        app.administrator("root").await;
        for name in ["ada", "bea", "cleo"] {
            app.user(name).await;
        }
        let cookie = app.sign_in("root").await;
        Self { app, cookie }
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.get(path).header("cookie", &self.cookie).send().await
    }

    async fn list(&self, query: &str) -> Value {
        self.get(&format!("/console/-/users/list?{query}")).await.json()
    }

    async fn ids(&self) -> Vec<String> {
        let list = self.list("").await;
        list["items"].as_array().unwrap().iter().map(|user| user["id"].as_str().unwrap().to_owned()).collect()
    }

    /// As a hydrated page posts a form.
    async fn post(&self, function: &str, form: &str) -> Answer {
        self.app
            .post(format!("/console/-/users/{function}"))
            .header("accept", "application/json")
            .header("sec-fetch-site", "same-origin")
            .header("cookie", &self.cookie)
            .body("application/x-www-form-urlencoded", form)
            .send()
            .await
    }

    /// Selects, and answers the draft that keeps it.
    async fn select(&self, ids: &[String], act: &str) -> String {
        let ids: Vec<String> = ids.iter().map(|id| format!("ids[]={id}")).collect();
        let form = format!("{}&act={act}&filter[state]=active&after=x", ids.join("&"));
        let done = self.post("select", &form).await.json();
        let to = done["done"]["to"].as_str().unwrap_or_else(|| panic!("{done}")).to_owned();
        let (path, query) = to.split_once('?').unwrap();
        assert_eq!(query, "state=active&after=x", "the list behind stays as it is");
        path.rsplit('/').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn several_are_disabled_after_a_page_that_says_what_happens() {
    let console = Console::start().await;
    let ids = console.ids().await;
    let draft = console.select(&ids[..2], "disable").await;
    let page = console.get(&format!("/console/users/selected/{draft}?state=active")).await.text();
    assert!(page.contains("2 users: ada, bea.") && page.contains("Disable 2 users"), "{page}");
    let done = console.post("act", &format!("draft={draft}&filter[state]=active")).await.json();
    assert_eq!(done["done"], json!({"to": "/console/users?state=active", "message": "2 users were disabled."}));
    let list = console.list("filter[state]=disabled").await;
    assert_eq!(list["items"].as_array().unwrap().len(), 2, "{list}");
    let again = console.post("act", &format!("draft={draft}")).await;
    assert_eq!(again.status, 404, "once: {}", again.text());
}

#[tokio::test]
async fn who_is_left_out_is_told_with_the_reason() {
    let console = Console::start().await;
    let ids = console.ids().await;
    let draft = console.select(&ids, "delete").await;
    let gone = console.app.delete(format!("/scim2/Users/{}", ids[1])).token(&console.app.tokens.scim).send().await;
    assert_eq!(gone.status, 204);
    let done = console.post("act", &format!("draft={draft}")).await.json();
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
    let console = Console::start().await;
    let ids = console.ids().await;
    let none = console.post("select", "act=disable").await.json();
    assert_eq!(none["invalid"][""], "Select at least one user first.", "{none}");
    let many: Vec<String> = (0..101).map(|_| format!("ids[]={}", ids[0])).collect();
    let many = console.post("select", &format!("act=disable&{}", many.join("&"))).await.json();
    assert_eq!(many["invalid"][""], "Select at most 100 users at once.", "{many}");
    assert_eq!(console.post("select", &format!("ids[]={}&act=crown", ids[0])).await.status, 400);
    let draft = console.select(&ids[..1], "join").await;
    for (group, why) in [("", "Enter the name of a group."), ("nowhere", "There is no group of this name.")] {
        let refused = console.post("act", &format!("draft={draft}&group={group}")).await.json();
        assert_eq!(refused["invalid"]["group"], why, "{refused}");
    }
}

#[tokio::test]
async fn columns_are_kept_by_the_browser() {
    let console = Console::start().await;
    let usual = console.list("").await;
    assert_eq!(usual["columns"], json!([0, 1, 2, 3, 9]));
    let chosen = console.post("choose-columns", "columns[]=changed&columns[]=role&filter[search]=root").await;
    let kept = chosen.cookie("usher-columns").unwrap();
    assert_eq!(kept, "usher-columns=role.changed");
    assert_eq!(chosen.json()["done"]["to"], "/console/users?search=root");
    let console = Console { cookie: format!("{}; {kept}", console.cookie), ..console };
    let list = console.list("filter[search]=root").await;
    assert_eq!((&list["columns"], &list["items"][0]["cells"][0]), (&json!([4, 10]), &json!({"text": "Administrator"})));
    let page = console.get("/console/users").await.text();
    assert!(page.contains("scope=\"col\">Console role") && !page.contains("scope=\"col\">Came by"), "{page}");
}
