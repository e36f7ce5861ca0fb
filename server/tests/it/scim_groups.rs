//! Groups over SCIM.

use serde_json::{Value, json};

use crate::support::{Answer, TestApp, user};

pub(crate) const GROUP_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

pub(crate) fn group(display_name: &str, members: &[&str]) -> Value {
    let members: Vec<Value> = members.iter().map(|id| json!({"value": id})).collect();
    json!({"schemas": [GROUP_SCHEMA], "displayName": display_name, "members": members})
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

impl TestApp {
    pub(crate) async fn group(&self, display_name: &str, members: &[&str]) -> Value {
        let answer = self.post("/scim2/Groups").token(&self.tokens.scim).scim(&group(display_name, members)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    pub(crate) async fn patch_group(&self, path: &str, operations: Value) -> Answer {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        self.patch(path).token(&self.tokens.scim).scim(&body).await
    }

    pub(crate) async fn read(&self, path: &str) -> Value {
        let answer = self.get(path).token(&self.tokens.scim_read).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.json()
    }

    /// So many users, made at once.
    async fn crowd(&self, size: usize) -> Vec<String> {
        let mut ids = Vec::new();
        for batch in (0..size).collect::<Vec<_>>().chunks(64) {
            let made = batch.iter().map(|number| async move { self.user(&format!("user{number}")).await });
            ids.extend(futures::future::join_all(made).await.iter().map(|user| id(user).to_owned()));
        }
        ids
    }
}

/// The ids of the members, sorted.
fn shown(group: &Value) -> Vec<&str> {
    let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
    sorted(members.iter().map(|member| member["value"].as_str().unwrap()).collect())
}

fn sorted(mut ids: Vec<&str>) -> Vec<&str> {
    ids.sort_unstable();
    ids
}

#[tokio::test]
async fn a_group_is_created_read_replaced_patched_and_deleted() {
    let app = TestApp::start().await;
    let mut ada = user("ada");
    ada["displayName"] = json!("Ada Lovelace");
    let ada = app.post("/scim2/Users").token(&app.tokens.scim).scim(&ada).await.json();
    let bea = app.user("bea").await;
    let (ada, bea) = (id(&ada), id(&bea));

    let created = app.post("/scim2/Groups").token(&app.tokens.scim).scim(&group("Guides", &[ada])).await;
    let document = created.json();
    let path = format!("/scim2/Groups/{}", id(&document));
    assert_eq!((created.status, created.kind(), created.header("etag")), (201, "application/scim+json", "W/\"1\""));
    assert!(created.header("location").ends_with(&path));
    assert_eq!(
        document["members"],
        json!([{
            "value": ada, "$ref": document["members"][0]["$ref"], "type": "User",
        }])
    );
    assert!(document["members"][0]["$ref"].as_str().unwrap().ends_with(&format!("/scim2/Users/{ada}")));
    assert_eq!(app.read(&path).await, document);
    let named = app.read(&format!("{path}?attributes=members.display")).await;
    assert_eq!(named["members"], json!([{"display": "Ada Lovelace"}]), "names are told on request");

    let replaced = app.put(&path).token(&app.tokens.scim).scim(&group("Tour Guides", &[ada, bea])).await;
    assert_eq!((replaced.status, replaced.header("etag")), (200, "W/\"2\""));
    assert_eq!(shown(&replaced.json()), sorted(vec![ada, bea]));

    let patched = app
        .patch_group(
            &path,
            json!([
                {"op": "Remove", "path": format!("members[value eq \"{ada}\"]")},
                {"op": "replace", "value": {"displayName": "Guides"}},
            ]),
        )
        .await;
    assert_eq!(patched.status, 200, "{}", patched.text());
    assert_eq!((shown(&patched.json()), &patched.json()["displayName"]), (vec![bea], &json!("Guides")));

    assert_eq!(app.delete(&path).token(&app.tokens.scim).send().await.status, 204);
    assert_eq!(app.get(&path).token(&app.tokens.scim).send().await.status, 404);
    assert_eq!(app.read(&format!("/scim2/Users/{bea}")).await.get("groups"), None, "who was in it stays");
}

#[tokio::test]
async fn members_are_patched_in_every_way() {
    let app = TestApp::start().await;
    let (ada, bea, cy) = (app.user("ada").await, app.user("bea").await, app.user("cy").await);
    let (ada, bea, cy) = (id(&ada), id(&bea), id(&cy));
    let path = format!("/scim2/Groups/{}", id(&app.group("Guides", &[]).await));
    for (operations, expected) in [
        (json!([{"op": "Add", "path": "members", "value": [{"value": ada}]}]), vec![ada]),
        (json!([{"op": "add", "value": {"members": [{"value": bea}, {"value": ada}]}}]), vec![ada, bea]),
        (json!([{"op": "add", "path": format!("members[value eq \"{cy}\"]"), "value": {}}]), vec![ada, bea, cy]),
        (json!([{"op": "remove", "path": "members", "value": [{"value": bea}]}]), vec![ada, cy]),
        (json!([{"op": "remove", "path": "members[display sw \"A\"]"}]), vec![cy]),
        (
            json!([{"op": "remove", "path": format!("members[value eq \"{ada}\"]")},
                   {"op": "add", "path": "members", "value": {"value": bea}}]),
            vec![bea, cy],
        ),
        (
            json!([{"op": "replace", "path": format!("members[value eq \"{cy}\"]"), "value": {"value": cy}}]),
            vec![bea, cy],
        ),
        (json!([{"op": "replace", "path": "members", "value": [{"value": ada}]}]), vec![ada]),
        (json!([{"op": "remove", "path": "members"}]), vec![]),
    ] {
        let answer = app.patch_group(&path, operations.clone()).await;
        assert_eq!(answer.status, 200, "{operations}: {}", answer.text());
        assert_eq!(shown(&answer.json()), sorted(expected), "{operations}");
    }
    let version = app.read(&path).await["meta"]["version"].clone();
    let unchanged =
        app.patch_group(&path, json!([{"op": "remove", "path": "members", "value": [{"value": ada}]}])).await;
    assert_eq!(unchanged.json()["meta"]["version"], version, "what changes nothing leaves the version");
}

#[tokio::test]
async fn what_a_group_cannot_have_is_refused_and_changes_nothing() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let guides = app.group("Guides", &[id(&ada)]).await;
    let (path, nobody) = (format!("/scim2/Groups/{}", id(&guides)), "0199aaaa-0000-7000-8000-000000000000");
    for (operation, kind) in [
        (json!({"op": "add", "path": "members", "value": [{"value": nobody}]}), "invalidValue"),
        (json!({"op": "add", "path": "members", "value": [{"value": "x"}]}), "invalidValue"),
        (json!({"op": "add", "path": "members", "value": [{"value": id(&guides), "type": "Group"}]}), "invalidValue"),
        (json!({"op": "replace", "path": format!("members[value eq \"{nobody}\"]"), "value": {}}), "noTarget"),
        (json!({"op": "remove", "path": "displayName"}), "mutability"),
        (json!({"op": "replace", "path": "displayName", "value": " "}), "invalidValue"),
        (json!({"op": "add", "path": "shoeSize", "value": 1}), "invalidPath"),
    ] {
        let both = json!([{"op": "remove", "path": "members"}, operation]);
        let answer = app.patch_group(&path, both).await;
        assert_eq!((answer.status, &answer.json()["scimType"]), (400, &json!(kind)), "{operation}: {}", answer.text());
    }
    assert_eq!(app.read(&path).await, guides);
    let taken = app.post("/scim2/Groups").token(&app.tokens.scim).scim(&group("GUIDES", &[])).await;
    assert_eq!((taken.status, &taken.json()["scimType"]), (409, &json!("uniqueness")));
}

#[tokio::test]
async fn groups_and_users_tell_of_one_another() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let guides = app.group("Guides", &[id(&ada)]).await;
    app.group("Admins", &[]).await;
    let path = format!("/scim2/Users/{}", id(&ada));
    let person = app.read(&path).await;
    assert_eq!(person["groups"][0]["value"], guides["id"]);
    assert_eq!((&person["groups"][0]["display"], &person["groups"][0]["type"]), (&json!("Guides"), &json!("direct")));
    let list = app.read("/scim2/Users?filter=groups.display+eq+%22guides%22").await;
    assert_eq!(list["Resources"], json!([person]));
    let repeated = json!({"schemas": [PATCH_OP], "Operations": [
        {"op": "replace", "path": "groups", "value": person["groups"]}, {"op": "add", "path": "title", "value": "Lady"},
    ]});
    let patched = app.patch(&path).token(&app.tokens.scim).scim(&repeated).await;
    assert_eq!((patched.status, &patched.json()["title"]), (200, &json!("Lady")), "{}", patched.text());
    let joined =
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "groups", "value": [{"value": "x"}]}]});
    let refused = app.patch(&path).token(&app.tokens.scim).scim(&joined).await;
    assert_eq!((refused.status, &refused.json()["scimType"]), (400, &json!("mutability")));
    let without = app.read(&format!("{path}?excludedAttributes=groups")).await;
    assert_eq!(without.get("groups"), None);

    app.delete(&path).token(&app.tokens.scim).send().await;
    assert_eq!(app.read(&format!("/scim2/Groups/{}", id(&guides))).await.get("members"), None);
}

#[tokio::test]
async fn groups_are_listed_filtered_and_sorted() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    app.group("Guides", &[id(&ada)]).await;
    app.group("admins", &[]).await;
    let names = |list: &Value| -> Vec<String> {
        let groups = list["Resources"].as_array().unwrap().iter();
        groups.map(|group| group["displayName"].as_str().unwrap().to_owned()).collect()
    };
    let member = format!("members.value+eq+%22{}%22", id(&ada));
    for (query, expected) in [
        ("sortBy=displayName".to_owned(), vec!["admins", "Guides"]),
        ("filter=displayName+eq+%22GUIDES%22".to_owned(), vec!["Guides"]),
        (format!("filter={member}"), vec!["Guides"]),
        ("filter=not+(members+pr)".to_owned(), vec!["admins"]),
        ("sortBy=displayName&sortOrder=descending&count=1".to_owned(), vec!["Guides"]),
        ("sortBy=displayName&count=1&cursor=".to_owned(), vec!["admins"]),
    ] {
        assert_eq!(names(&app.read(&format!("/scim2/Groups?{query}")).await), expected, "{query}");
    }
    let bare = app.read("/scim2/Groups?excludedAttributes=members").await;
    assert!(bare["Resources"].as_array().unwrap().iter().all(|group| group.get("members").is_none()));
    let parts = app.read("/scim2/Groups?attributes=members.value&filter=members+pr").await;
    assert_eq!(parts["Resources"][0]["members"], json!([{"value": id(&ada)}]));
    assert_eq!(parts["Resources"][0].get("displayName"), None);

    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName sw \"a\" or userName eq \"ada\"", "attributes": ["displayName", "userName"]});
    let both = app.post("/scim2/.search").token(&app.tokens.scim_read).scim(&search).await.json();
    assert_eq!((&both["totalResults"], &both["itemsPerPage"]), (&json!(2), &json!(2)));
    assert_eq!(
        (&both["Resources"][0]["userName"], &both["Resources"][1]["displayName"]),
        (&json!("ada"), &json!("admins"))
    );
    let mut second = search.clone();
    second["startIndex"] = json!(2);
    let second = app.post("/scim2/.search").token(&app.tokens.scim_read).scim(&second).await.json();
    assert_eq!((names(&second), &second["totalResults"]), (vec!["admins".to_owned()], &json!(2)));
    let request = json!({
        "schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"], "filter": "displayName pr", "count": 1,
    });
    let only = app.post("/scim2/Groups/.search").token(&app.tokens.scim_read).scim(&request).await;
    assert_eq!(only.json()["totalResults"], 2);
}

#[tokio::test]
async fn a_change_of_a_group_can_insist_on_its_version() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let path = format!("/scim2/Groups/{}", id(&app.group("Guides", &[]).await));
    let join = json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "members", "value": [{"value": id(&ada)}]}]});
    let joined = app.patch(&path).token(&app.tokens.scim).header("if-match", "W/\"1\"").scim(&join).await;
    assert_eq!((joined.status, joined.header("etag")), (200, "W/\"2\""), "members are part of the version");
    for stale in ["W/\"1\"", "\"x\""] {
        assert_eq!(app.patch(&path).token(&app.tokens.scim).header("if-match", stale).scim(&join).await.status, 412);
        let replaced = app.put(&path).token(&app.tokens.scim).header("if-match", stale).scim(&group("B", &[])).await;
        assert_eq!(replaced.status, 412);
        assert_eq!(app.delete(&path).token(&app.tokens.scim).header("if-match", stale).send().await.status, 412);
    }
    let same = app.get(&path).token(&app.tokens.scim).header("if-none-match", "W/\"2\"").send().await;
    assert_eq!((same.status, same.is_empty()), (304, true));
}

#[tokio::test]
async fn a_large_group_answers_a_patch_with_nothing_but_what_is_asked_for() {
    let app = TestApp::start().await;
    let everybody = app.crowd(1_002).await;
    let ids: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let path = format!("/scim2/Groups/{}", id(&app.group("All", &ids[..1_000]).await));
    let add = |id: &str| json!([{"op": "add", "path": "members", "value": [{"value": id}]}]);
    let at_the_bound =
        app.patch_group(&path, json!([{"op": "replace", "path": "displayName", "value": "Everybody"}])).await;
    assert_eq!((at_the_bound.status, shown(&at_the_bound.json()).len()), (200, 1_000));
    let beyond = app.patch_group(&path, add(ids[1_000])).await;
    assert_eq!((beyond.status, beyond.is_empty(), beyond.header("etag")), (204, true, "W/\"3\""));
    let asked = app.patch_group(&format!("{path}?attributes=displayName"), add(ids[1_001])).await;
    assert_eq!((asked.status, &asked.json()["displayName"]), (200, &json!("Everybody")));
    assert_eq!(asked.json().get("members"), None);
    let whole = app.read(&path).await;
    assert_eq!(whole["members"].as_array().unwrap().len(), 1_002, "more than are read at once");
}

#[tokio::test]
async fn what_happens_to_a_group_is_on_record_by_delta() {
    let app = TestApp::start().await;
    let ada = app.user("ada").await;
    let guides = app.group("Guides", &[]).await;
    let path = format!("/scim2/Groups/{}", id(&guides));
    app.patch_group(&path, json!([{"op": "add", "path": "members", "value": [{"value": id(&ada)}]}])).await;
    app.patch_group(&path, json!([{"op": "replace", "path": "displayName", "value": "Tour Guides"}])).await;
    app.delete(&path).token(&app.tokens.scim).send().await;
    let mut conn = app.usher.directory().db().read().await.unwrap();
    let events = storage::audit::page(&mut conn, None, 4).await.unwrap();
    let told: Vec<(&str, &Value)> = events.iter().map(|event| (event.action.as_str(), &event.details)).collect();
    assert_eq!(
        told,
        [
            ("group.delete", &json!({"displayName": {"before": "Tour Guides"}, "members": 1})),
            ("group.update", &json!({"displayName": {"before": "Guides", "after": "Tour Guides"}})),
            ("group.update", &json!({"membersAdded": {"count": 1, "ids": [id(&ada)]}})),
            ("group.create", &json!({"displayName": {"after": "Guides"}})),
        ]
    );
}

#[tokio::test]
async fn writers_of_one_group_lose_nothing_and_one_alone_wins_with_a_version() {
    let app = TestApp::start().await;
    let people = app.crowd(8).await;
    let path = format!("/scim2/Groups/{}", id(&app.group("Guides", &[]).await));
    let add = |id: &str| {
        let value = json!([{"value": id}]);
        json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "members", "value": value}]})
    };
    let path = path.as_str();
    let writers = people.iter().map(|id| {
        let body = add(id);
        let ask = app.patch(path).token(&app.tokens.scim);
        async move { ask.scim(&body).await.status }
    });
    assert!(futures::future::join_all(writers).await.iter().all(|status| *status == 200));
    assert_eq!(shown(&app.read(path).await).len(), people.len());

    let version = app.read(path).await["meta"]["version"].as_str().unwrap().to_owned();
    let rename = |name: String| json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "displayName", "value": name}]});
    let writers = (0..8).map(|number| {
        let body = rename(format!("Guides {number}"));
        let ask = app.patch(path).token(&app.tokens.scim).header("if-match", &version);
        async move { ask.scim(&body).await.status }
    });
    let mut statuses = futures::future::join_all(writers).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412, 412, 412, 412, 412, 412]);
}
