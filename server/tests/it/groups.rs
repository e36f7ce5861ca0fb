//! Groups in the console: made, renamed, deleted, and filled with people.

use serde_json::{Value, json};

use crate::support::{Console, last_part, to};

impl Console {
    async fn user(&self, user_name: &str) -> String {
        self.app.user(user_name).await["id"].as_str().unwrap().to_owned()
    }

    /// Makes a group; answers its id.
    async fn new_group(&self, name: &str) -> String {
        let made = self.post("groups/create", &[("name", name)]).await;
        let members = to(&made).strip_suffix("/members/add").expect("it goes on with members");
        last_part(members).to_owned()
    }

    async fn list(&self, of: &str, search: &str) -> Value {
        let path = format!("/console/-/groups/list?{of}&asked%5Bsearch%5D={search}");
        let answer = self.get(&path).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    async fn members(&self, group: &str, search: &str) -> Vec<String> {
        titles(&self.list(&format!("of%5Bmembers%5D={group}"), search).await)
    }
}

fn titles(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["title"].as_str().unwrap().to_owned()).collect()
}

fn said(outcome: &Value) -> &str {
    outcome["done"]["message"].as_str().unwrap_or_else(|| panic!("nothing is said: {outcome}"))
}

#[tokio::test]
async fn a_group_is_made_renamed_and_deleted() {
    let console = Console::start().await;
    let ada = console.user("ada").await;
    let group = console.new_group(" Tour Guides ").await;
    let page = format!("/console/groups/{group}");
    let renamed = console.post("groups/rename", &[("id", &group), ("seen", "Tour Guides"), ("name", "Guides")]).await;
    assert_eq!(to(&renamed), page);
    let second = console.post("groups/rename", &[("id", &group), ("seen", "Tour Guides"), ("name", "Pilots")]).await;
    assert!(second["invalid"][""].as_str().unwrap().contains("Somebody else has changed this"), "{second}");
    let html = console.get(&page).await.text();
    assert!(html.contains("0 members") && html.contains("value=\"Guides\""), "{html}");

    console.post("groups/add-members", &[("id", &group), ("ids[]", &ada)]).await;
    let asked = console.get(&format!("{page}/delete")).await.text();
    assert!(asked.contains("It has 1 member.") && asked.contains("stay users"), "{asked}");
    assert_eq!(to(&console.post("groups/delete", &[("id", &group)]).await), "/console/groups");
    for gone in [page.clone(), format!("{page}/members"), format!("{page}/members/add"), format!("{page}/delete")] {
        let answer = console.get(&gone).await;
        assert_eq!(answer.status, 404, "{gone}");
        assert!(answer.text().contains("This group was not found"), "{gone}: {}", answer.text());
    }
    assert_eq!(console.get(&format!("/console/users/{ada}/groups")).await.status, 200, "who was in it stays");
}

#[tokio::test]
async fn what_is_wrong_with_a_name_is_said_beside_it() {
    let console = Console::start().await;
    let group = console.new_group("Guides").await;
    console.new_group("Ärzte").await;
    let long = "x".repeat(257);
    for (name, words) in [
        ("", "A name is required."),
        ("  ", "A name is required."),
        (long.as_str(), "at most 256 characters"),
        ("a\tb", "no control characters"),
        ("ÄRZTE", "exists already"),
    ] {
        for (function, fields) in [
            ("groups/create", vec![("name", name)]),
            ("groups/rename", vec![("id", group.as_str()), ("seen", "Guides"), ("name", name)]),
        ] {
            let refused = console.post(function, &fields).await;
            let why = refused["invalid"]["name"].as_str().unwrap_or_else(|| panic!("{function} {name}: {refused}"));
            assert!(why.contains(words), "{function} {name}: {why}");
        }
    }
    assert_eq!(titles(&console.list("of=groups", "").await), ["Guides", "Ärzte"], "nothing was changed");
}

#[tokio::test]
async fn members_are_added_searched_and_removed() {
    let console = Console::start().await;
    let (ada, bea) = (console.user("ada").await, console.user("bea").await);
    let group = console.new_group("Guides").await;
    let nobody = "0199aaaa-0000-7000-8000-000000000000";
    let fields = [("id", group.as_str()), ("ids[]", &ada), ("ids[]", &bea), ("ids[]", nobody)];
    let added = console.post("groups/add-members", &fields).await;
    assert_eq!(to(&added), format!("/console/groups/{group}/members"));
    assert_eq!(said(&added), "2 people were added. 1 was deleted meanwhile.");
    let again = console.post("groups/add-members", &[("id", &group), ("ids[]", &ada)]).await;
    assert_eq!(said(&again), "Nobody was added. 1 was in the group already.");
    let none = console.post("groups/add-members", &[("id", &group)]).await;
    assert_eq!(none["invalid"][""], "Choose people first: tick them in the list.");

    assert_eq!(console.members(&group, "").await.len(), 2);
    assert_eq!(console.members(&group, "be").await, ["bea"]);
    assert!(console.members(&group, "zebra").await.is_empty());
    let candidates = console.list(&format!("of%5Bpeople%5D={group}"), "bea").await;
    assert_eq!(candidates["items"][0]["is_in"], true);

    let fields = [("id", group.as_str()), ("only", &bea), ("ids[]", &ada), ("asked[search]", "be")];
    let removed = console.post("groups/remove-members", &fields).await;
    assert_eq!(to(&removed), format!("/console/groups/{group}/members?search=be"), "back to where one was");
    assert_eq!(said(&removed), "1 person was removed from the group.");
    assert_eq!(console.members(&group, "").await, ["ada"], "the button's one alone, whoever is ticked");
    let gone = console.post("groups/remove-members", &[("id", &group), ("ids[]", &bea)]).await;
    assert_eq!(said(&gone), "Nobody was removed: they had left the group already.");
}

#[tokio::test]
async fn a_user_is_put_into_groups_and_taken_out() {
    let console = Console::start().await;
    let ada = console.user("ada").await;
    let (guides, night) = (console.new_group("Guides").await, console.new_group("Night Shift").await);
    let fields = [("id", ada.as_str()), ("ids[]", &guides), ("ids[]", &night)];
    let assigned = console.post("groups/assign", &fields).await;
    assert_eq!(to(&assigned), format!("/console/users/{ada}/groups"));
    assert_eq!(said(&assigned), "2 groups were assigned.");
    let of = format!("of%5Bgroups_of%5D={ada}");
    assert_eq!(titles(&console.list(&of, "").await), ["Guides", "Night Shift"]);
    assert_eq!(titles(&console.list(&of, "shift").await), ["Night Shift"]);
    let offered = console.list(&format!("of%5Bgroups_for%5D={ada}"), "").await;
    assert_eq!(offered["items"][0]["is_in"], true);
    let left = console.post("groups/leave", &[("id", &ada), ("only", &guides)]).await;
    assert_eq!(said(&left), "1 group was left.");
    let html = console.get(&format!("/console/users/{ada}/groups")).await.text();
    assert!(html.contains("Night Shift") && !html.contains("Guides"), "{html}");
    let none = console.post("groups/assign", &[("id", &ada)]).await;
    assert_eq!(none["invalid"][""], "Choose groups first: tick them in the list.");
}

#[tokio::test]
async fn without_javascript_a_selection_is_added_and_what_went_wrong_comes_back() {
    let console = Console::start().await;
    let ada = console.user("ada").await;
    let group = console.new_group("Guides").await;
    let dialog = format!("/console/groups/{group}/members/add?find=ada");
    let none = console.submit("groups/add-members", &dialog, "add", &[("id", &group)]).await;
    assert_eq!((none.status, none.header("location")), (303, dialog.as_str()));
    let html = console.get(&dialog).await.text();
    assert!(html.contains("Choose people first"), "{html}");
    let added = console.submit("groups/add-members", &dialog, "add", &[("id", &group), ("ids[]", &ada)]).await;
    let members = format!("/console/groups/{group}/members");
    assert_eq!((added.status, added.header("location")), (303, members.as_str()));
    let html = console.get(&members).await.text();
    assert!(html.contains("1 person was added.") && html.contains("1 member"), "{html}");

    to(&console.post("groups/delete", &[("id", &group)]).await);
    let late = console.submit("groups/add-members", &dialog, "add", &[("id", &group), ("ids[]", &ada)]).await;
    assert_eq!((late.status, late.header("location")), (303, dialog.as_str()));
    let html = console.get(&dialog).await;
    assert_eq!(html.status, 404);
    assert!(html.text().contains("This group was not found"), "{}", html.text());
}

#[tokio::test]
async fn groups_of_the_console_and_of_scim_are_the_same() {
    let console = Console::start().await;
    let ada = console.user("ada").await;
    let made = console.app.group("From HR", &[&ada]).await;
    assert_eq!(console.members(made["id"].as_str().unwrap(), "").await, ["ada"]);
    let group = console.new_group("Guides").await;
    console.post("groups/add-members", &[("id", &group), ("ids[]", &ada)]).await;
    let read = console.app.read(&format!("/scim2/Groups/{group}")).await;
    assert_eq!((&read["displayName"], &read["members"][0]["value"]), (&json!("Guides"), &json!(ada)));
}

#[tokio::test]
async fn a_search_finds_groups_too() {
    let console = Console::start().await;
    console.new_group("Tour Guides").await;
    let found = console.get("/console/-/search/find?q=gui").await.json();
    assert_eq!(found["groups"][0]["title"], "Tour Guides");
    assert_eq!(found["groups"][0]["text"], "0 members");
}
