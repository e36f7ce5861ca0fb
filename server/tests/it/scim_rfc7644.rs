//! The exchanges that RFC 7644 shows, in its order, with the whole service behind them. Ids are ours, and so are
//! versions; what differs on purpose is said where it is asserted. `crates/scim/tests/rfc7644` has the same examples
//! without a service.

use serde_json::{Value, json};

use crate::{
    scim_groups::GROUP_SCHEMA,
    support::{Answer, TestApp, USER_SCHEMA},
};

const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
const LIST_RESPONSE: &str = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const SEARCH_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";
const PATCH_OP: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ERROR: &str = "urn:ietf:params:scim:api:messages:2.0:Error";

/// Section 3.3.
fn bjensen() -> Value {
    json!({
        "schemas": [USER_SCHEMA],
        "userName": "bjensen",
        "externalId": "bjensen",
        "name": {"formatted": "Ms. Barbara J Jensen III", "familyName": "Jensen", "givenName": "Barbara"},
    })
}

fn path_of(document: &Value) -> String {
    let location = document["meta"]["location"].as_str().unwrap();
    location[location.find("/scim2").unwrap()..].to_owned()
}

fn id(document: &Value) -> &str {
    document["id"].as_str().unwrap()
}

impl TestApp {
    async fn made(&self, endpoint: &str, document: &Value) -> Value {
        let answer = self.post(format!("/scim2{endpoint}")).token(&self.tokens.scim).scim(document).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }

    async fn shown(&self, path: &str) -> Answer {
        self.get(path).token(&self.tokens.scim_read).send().await
    }

    /// A PATCH that is answered with the whole resource.
    async fn patched(&self, path: &str, operations: Value) -> Value {
        let body = json!({"schemas": [PATCH_OP], "Operations": operations});
        let answer = self.patch(path).token(&self.tokens.scim).scim(&body).await;
        assert_eq!((answer.status, answer.kind()), (200, "application/scim+json"), "{body}: {}", answer.text());
        answer.json()
    }

    /// Babs Jensen, Mandy Pepperidge and James Smith; the first two are the Tour Guides of section 3.5.2.
    async fn tour_guides(&self) -> ([String; 3], String) {
        let mut ids = Vec::new();
        for (user_name, display_name) in
            [("bjensen", "Babs Jensen"), ("mpepperidge", "Mandy Pepperidge"), ("jsmith", "James Smith")]
        {
            let user = json!({"schemas": [USER_SCHEMA], "userName": user_name, "displayName": display_name});
            ids.push(id(&self.made("/Users", &user).await).to_owned());
        }
        let members = json!([{"value": ids[0], "display": "Babs Jensen"}, {"value": ids[1]}]);
        let group = json!({"schemas": [GROUP_SCHEMA], "displayName": "Tour Guides", "members": members});
        let group = self.made("/Groups", &group).await;
        (ids.try_into().unwrap(), path_of(&group))
    }

    /// The names of the members, in their order.
    async fn guides(&self, path: &str) -> Vec<String> {
        let group = self.shown(&format!("{path}?attributes=members.display")).await.json();
        let members = group["members"].as_array().map(Vec::as_slice).unwrap_or_default();
        let mut names: Vec<String> =
            members.iter().map(|member| member["display"].as_str().unwrap().to_owned()).collect();
        names.sort();
        names
    }
}

#[tokio::test]
async fn section_3_3_a_user_is_created() {
    let app = TestApp::start().await;
    let answer = app.post("/scim2/Users").token(&app.tokens.scim).scim(&bjensen()).await;
    let user = answer.json();
    assert_eq!((answer.status, answer.kind()), (201, "application/scim+json"));
    assert_eq!(answer.header("location"), user["meta"]["location"]);
    assert_eq!(answer.header("etag"), user["meta"]["version"]);
    assert_eq!(user["meta"]["resourceType"], "User");
    assert_eq!(user["meta"]["created"], user["meta"]["lastModified"]);
    for name in ["schemas", "userName", "externalId", "name"] {
        assert_eq!(user[name], bjensen()[name], "{name}");
    }
    // "the service provider MUST return a 409 with a scimType of uniqueness"
    let again = app.post("/scim2/Users").token(&app.tokens.scim).scim(&bjensen()).await;
    assert_eq!((again.status, &again.json()["scimType"]), (409, &json!("uniqueness")));
}

#[tokio::test]
async fn section_3_4_1_a_known_resource_is_retrieved() {
    let app = TestApp::start().await;
    let mut user = bjensen();
    user["phoneNumbers"] = json!([{"value": "555-555-8377", "type": "work"}]);
    user["emails"] = json!([{"value": "bjensen@example.com", "type": "work"}]);
    let made = app.made("/Users", &user).await;
    let answer = app.shown(&path_of(&made)).await;
    assert_eq!((answer.status, answer.header("etag")), (200, "W/\"1\""));
    // RFC 7643 section 3.1: `meta.location` is the value of Content-Location.
    assert_eq!(answer.header("content-location"), made["meta"]["location"]);
    assert_eq!(answer.json(), made);
    assert_eq!(made["phoneNumbers"][0]["value"], "555-555-8377");
}

#[tokio::test]
async fn section_3_4_2_users_are_listed_with_one_attribute() {
    let app = TestApp::start().await;
    app.made("/Users", &bjensen()).await;
    app.made("/Users", &json!({"schemas": [USER_SCHEMA], "userName": "jsmith"})).await;
    let list = app.shown("/scim2/Users?attributes=userName&sortBy=userName").await.json();
    assert_eq!(
        (&list["schemas"], &list["totalResults"], &list["startIndex"], &list["itemsPerPage"]),
        (&json!([LIST_RESPONSE]), &json!(2), &json!(1), &json!(2))
    );
    let resources = list["Resources"].as_array().unwrap();
    let names: Vec<&Value> = resources.iter().map(|user| &user["userName"]).collect();
    assert_eq!(names, ["bjensen", "jsmith"]);
    for user in resources {
        let keys: Vec<&String> = user.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["id", "schemas", "userName"], "what is always returned, and what was asked for");
    }
}

#[tokio::test]
async fn section_3_4_2_2_each_filter_of_figure_2_is_answered() {
    let app = TestApp::start().await;
    let mut user = bjensen();
    user["schemas"] = json!([USER_SCHEMA, ENTERPRISE]);
    user["title"] = json!("Tour Guide");
    user["userType"] = json!("Employee");
    user["emails"] = json!([{"value": "bjensen@example.com", "type": "work"}, {"value": "babs@jensen.org"}]);
    user["ims"] = json!([{"value": "someaimhandle@foo.com", "type": "xmpp"}]);
    user[ENTERPRISE] = json!({"department": "Tour Operations"});
    app.made("/Users", &user).await;
    app.made("/Users", &json!({"schemas": [USER_SCHEMA], "userName": "jsmith", "userType": "Intern"})).await;
    let made = "2026-03-12T09:00:00Z";
    for (filter, expected) in [
        (r#"userName eq "bjensen""#.to_owned(), vec!["bjensen"]),
        (r#"name.familyName co "O'Malley""#.to_owned(), vec![]),
        (r#"userName sw "J""#.to_owned(), vec!["jsmith"]),
        (r#"urn:ietf:params:scim:schemas:core:2.0:User:userName sw "J""#.to_owned(), vec!["jsmith"]),
        ("title pr".to_owned(), vec!["bjensen"]),
        (format!(r#"meta.lastModified gt "{made}""#), vec![]),
        (format!(r#"meta.lastModified ge "{made}""#), vec!["bjensen", "jsmith"]),
        (format!(r#"meta.lastModified lt "{made}""#), vec![]),
        (format!(r#"meta.lastModified le "{made}""#), vec!["bjensen", "jsmith"]),
        (r#"title pr and userType eq "Employee""#.to_owned(), vec!["bjensen"]),
        (r#"title pr or userType eq "Intern""#.to_owned(), vec!["bjensen", "jsmith"]),
        (format!(r#"schemas eq "{ENTERPRISE}""#), vec!["bjensen"]),
        (
            r#"userType eq "Employee" and (emails co "example.com" or emails.value co "example.org")"#.to_owned(),
            vec!["bjensen"],
        ),
        (
            r#"userType ne "Employee" and not (emails co "example.com" or emails.value co "example.org")"#.to_owned(),
            vec!["jsmith"],
        ),
        (r#"userType eq "Employee" and (emails.type eq "work")"#.to_owned(), vec!["bjensen"]),
        (
            r#"userType eq "Employee" and emails[type eq "work" and value co "@example.com"]"#.to_owned(),
            vec!["bjensen"],
        ),
        (
            r#"emails[type eq "work" and value co "@example.com"] or ims[type eq "xmpp" and value co "@foo.com"]"#
                .to_owned(),
            vec!["bjensen"],
        ),
    ] {
        let escaped: String = url::form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        let list = app.shown(&format!("/scim2/Users?sortBy=userName&filter={escaped}")).await.json();
        let names: Vec<&str> = list["Resources"]
            .as_array()
            .unwrap_or_else(|| panic!("{filter}: {list}"))
            .iter()
            .map(|user| user["userName"].as_str().unwrap())
            .collect();
        assert_eq!(names, expected, "{filter}");
    }
}

#[tokio::test]
async fn section_3_4_2_4_a_page_says_where_it_is() {
    let app = TestApp::start().await;
    for number in 0..12 {
        app.user(&format!("user{number:02}")).await;
    }
    let list = app.shown("/scim2/Users?startIndex=1&count=10&sortBy=userName").await.json();
    assert_eq!(
        (&list["totalResults"], &list["itemsPerPage"], &list["startIndex"]),
        (&json!(12), &json!(10), &json!(1))
    );
    assert_eq!(list["Resources"].as_array().unwrap().len(), 10);
    let next = app.shown("/scim2/Users?startIndex=11&count=10&sortBy=userName").await.json();
    assert_eq!((&next["startIndex"], next["Resources"].as_array().unwrap().len()), (&json!(11), 2));
    assert_eq!(next["Resources"][0]["userName"], "user10");
}

#[tokio::test]
async fn section_3_4_3_users_and_groups_are_searched_by_post() {
    let app = TestApp::start().await;
    app.made("/Users", &json!({"schemas": [USER_SCHEMA], "userName": "jsmith", "displayName": "Smith, James"})).await;
    app.made("/Groups", &json!({"schemas": [GROUP_SCHEMA], "displayName": "Smith Family"})).await;
    app.made("/Users", &bjensen()).await;
    let search = json!({
        "schemas": [SEARCH_REQUEST],
        "attributes": ["displayName", "userName"],
        "filter": "displayName sw \"smith\"",
        "startIndex": 1,
        "count": 10,
    });
    let answer = app.post("/scim2/.search").token(&app.tokens.scim_read).scim(&search).await;
    let list = answer.json();
    assert_eq!((answer.status, answer.kind()), (200, "application/scim+json"));
    assert_eq!(
        (&list["schemas"], &list["totalResults"], &list["itemsPerPage"]),
        (&json!([LIST_RESPONSE]), &json!(2), &json!(2))
    );
    let names: Vec<&Value> = list["Resources"].as_array().unwrap().iter().map(|one| &one["displayName"]).collect();
    assert_eq!(names, ["Smith, James", "Smith Family"]);
    // "A filter expression using meta.resourceType MAY be used to restrict results"
    let groups = json!({"schemas": [SEARCH_REQUEST], "filter": "meta.resourceType eq \"Group\""});
    let groups = app.post("/scim2/.search").token(&app.tokens.scim_read).scim(&groups).await.json();
    assert_eq!((&groups["totalResults"], &groups["Resources"][0]["displayName"]), (&json!(1), &json!("Smith Family")));
}

#[tokio::test]
async fn section_3_5_1_a_user_is_replaced() {
    let app = TestApp::start().await;
    let mut before = bjensen();
    before["title"] = json!("Tour Guide");
    before["roles"] = json!([{"value": "guide"}]);
    let made = app.made("/Users", &before).await;
    let mut put = bjensen();
    put["id"] = made["id"].clone();
    put["name"]["middleName"] = json!("Jane");
    put["roles"] = json!([]);
    put["emails"] = json!([{"value": "bjensen@example.com"}, {"value": "babs@jensen.org"}]);
    let answer = app.put(path_of(&made)).token(&app.tokens.scim).scim(&put).await;
    let user = answer.json();
    assert_eq!((answer.status, answer.header("etag")), (200, "W/\"2\""), "{user}");
    assert_eq!((&user["id"], &user["meta"]["location"]), (&made["id"], &made["meta"]["location"]));
    assert_eq!((user.get("title"), user.get("roles")), (None, None), "what is left out is cleared");
    assert_eq!(user["name"]["middleName"], "Jane");
    assert_eq!(user["emails"][1]["value"], "babs@jensen.org");
    // Of readOnly attributes: "any values provided SHALL be ignored".
    put["id"] = json!("another");
    put["meta"] = json!({"resourceType": "Robot"});
    let user = app.put(path_of(&made)).token(&app.tokens.scim).scim(&put).await.json();
    assert_eq!((&user["id"], &user["meta"]["resourceType"]), (&made["id"], &json!("User")));
}

#[tokio::test]
async fn section_3_5_2_1_values_are_added() {
    let app = TestApp::start().await;
    let ([babs, _, james], group) = app.tour_guides().await;
    let added = json!([{"op": "add", "path": "members", "value": [{
        "display": "James Smith", "$ref": format!("https://example.com/v2/Users/{james}"), "value": james,
    }]}]);
    let version = app.patched(&group, added.clone()).await["meta"]["version"].clone();
    assert_eq!(app.guides(&group).await, ["Babs Jensen", "James Smith", "Mandy Pepperidge"]);
    // "If the value already exists, no changes SHOULD be made to the resource".
    assert_eq!(app.patched(&group, added).await["meta"]["version"], version);

    let path = format!("/scim2/Users/{babs}");
    app.patched(
        &path,
        json!([{"op": "add", "path": "emails", "value": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
        ]}]),
    )
    .await;
    let added = json!([{"op": "add", "value": {
        "emails": [{"value": "babs@jensen.org", "type": "home"}], "nickname": "Babs",
    }}]);
    let user = app.patched(&path, added).await;
    assert_eq!((&user["nickName"], &user["emails"][1]["value"]), (&json!("Babs"), &json!("babs@jensen.org")));
    // "the server SHALL set the value of the existing attribute to false"
    let user =
        app.patched(&path, json!([{"op": "add", "path": "emails[type eq \"home\"].primary", "value": true}])).await;
    assert_eq!((&user["emails"][0]["primary"], &user["emails"][1]["primary"]), (&json!(false), &json!(true)));
}

#[tokio::test]
async fn section_3_5_2_2_values_are_removed() {
    let app = TestApp::start().await;
    let ([babs, mandy, james], group) = app.tour_guides().await;
    app.patched(&group, json!([{"op": "remove", "path": format!("members[value eq \"{babs}\"]")}])).await;
    assert_eq!(app.guides(&group).await, ["Mandy Pepperidge"]);
    app.patched(
        &group,
        json!([
            {"op": "remove", "path": format!("members[value eq \"{mandy}\"]")},
            {"op": "add", "path": "members", "value": [{"display": "James Smith", "value": james}]},
        ]),
    )
    .await;
    assert_eq!(app.guides(&group).await, ["James Smith"]);
    // Replaces all members in two steps.
    app.patched(
        &group,
        json!([
            {"op": "remove", "path": "members"},
            {"op": "add", "path": "members", "value": [{"value": babs}, {"value": james}]},
        ]),
    )
    .await;
    assert_eq!(app.guides(&group).await, ["Babs Jensen", "James Smith"]);
    assert_eq!(app.patched(&group, json!([{"op": "remove", "path": "members"}])).await.get("members"), None);

    let path = format!("/scim2/Users/{babs}");
    app.patched(
        &path,
        json!([{"op": "add", "path": "emails", "value": [
            {"value": "bjensen@example.com", "type": "work"}, {"value": "babs@jensen.org", "type": "home"},
        ]}]),
    )
    .await;
    let removed = json!([{"op": "remove", "path": "emails[type eq \"work\" and value ew \"example.com\"]"}]);
    let emails = app.patched(&path, removed).await["emails"].clone();
    assert_eq!(emails, json!([{"value": "babs@jensen.org", "type": "home", "primary": false}]));
}

#[tokio::test]
async fn section_3_5_2_3_values_are_replaced() {
    let app = TestApp::start().await;
    let ([babs, _, james], group) = app.tour_guides().await;
    app.patched(
        &group,
        json!([{"op": "replace", "path": "members", "value": [
            {"display": "Babs Jensen", "value": babs}, {"display": "James Smith", "value": james},
        ]}]),
    )
    .await;
    assert_eq!(app.guides(&group).await, ["Babs Jensen", "James Smith"]);

    let path = format!("/scim2/Users/{babs}");
    app.patched(
        &path,
        json!([{"op": "add", "value": {"addresses": [
            {"type": "work", "streetAddress": "100 Universal City Plaza", "locality": "Hollywood"},
            {"type": "home", "streetAddress": "456 Hollywood Blvd"},
        ]}}]),
    )
    .await;
    let address = json!({
        "type": "work",
        "streetAddress": "911 Universal City Plaza",
        "locality": "Hollywood",
        "region": "CA",
        "postalCode": "91608",
        "country": "US",
        "formatted": "911 Universal City Plaza\nHollywood, CA 91608 US",
        "primary": true,
    });
    let replaced = json!([{"op": "replace", "path": "addresses[type eq \"work\"]", "value": address}]);
    assert_eq!(app.patched(&path, replaced).await["addresses"][0], address);
    let replaced =
        json!([{"op": "replace", "path": "addresses[type eq \"work\"].streetAddress", "value": "1010 Broadway Ave"}]);
    let user = app.patched(&path, replaced).await;
    assert_eq!(user["addresses"][0]["streetAddress"], "1010 Broadway Ave");
    assert_eq!(
        (&user["addresses"][0]["region"], &user["addresses"][1]["streetAddress"]),
        (&json!("CA"), &json!("456 Hollywood Blvd"))
    );
    let replaced = json!([{"op": "replace", "value": {
        "emails": [
            {"value": "bjensen@example.com", "type": "work", "primary": true},
            {"value": "babs@jensen.org", "type": "home"},
        ],
        "nickname": "Babs",
    }}]);
    let user = app.patched(&path, replaced).await;
    assert_eq!((&user["nickName"], user["emails"].as_array().map(Vec::len)), (&json!("Babs"), Some(2)));
}

#[tokio::test]
async fn section_3_6_what_is_deleted_is_not_found() {
    let app = TestApp::start().await;
    let made = app.made("/Users", &bjensen()).await;
    let path = path_of(&made);
    let deleted = app.delete(&path).token(&app.tokens.scim).header("if-match", "W/\"1\"").send().await;
    assert_eq!((deleted.status, deleted.is_empty()), (204, true));
    let gone = app.shown(&path).await;
    assert_eq!(
        (gone.status, gone.json()),
        (404, json!({"schemas": [ERROR], "detail": "There is no such user.", "status": "404"})),
    );
    // "a service provider MUST return a 404 for all operations associated with the previously deleted resource"
    assert_eq!(app.put(&path).token(&app.tokens.scim).scim(&bjensen()).await.status, 404);
    let rename = json!({"schemas": [PATCH_OP], "Operations": [{"op": "remove", "path": "title"}]});
    assert_eq!(app.patch(&path).token(&app.tokens.scim).scim(&rename).await.status, 404);
    assert_eq!(app.delete(&path).token(&app.tokens.scim).send().await.status, 404);
    // "and MUST omit the resource from future query results", and its name is free.
    assert_eq!(app.shown("/scim2/Users").await.json()["totalResults"], 0);
    app.made("/Users", &bjensen()).await;
}

#[tokio::test]
async fn section_3_7_1_groups_in_a_circle_are_a_conflict() {
    // "MAY stop after a failed attempt and instead return 409"; and groups are no members of groups here.
    let app = TestApp::start().await;
    let group = |name: &str, id: &str, other: &str| {
        let members = json!([{"type": "Group", "value": format!("bulkId:{other}")}]);
        let data = json!({"schemas": [GROUP_SCHEMA], "displayName": name, "members": members});
        json!({"method": "POST", "path": "/Groups", "bulkId": id, "data": data})
    };
    let body = json!({
        "schemas": [BULK_REQUEST],
        "Operations": [group("Group A", "qwerty", "ytrewq"), group("Group B", "ytrewq", "qwerty")],
    });
    let done = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await.json();
    for operation in done["Operations"].as_array().unwrap() {
        assert_eq!((&operation["status"], operation.get("location")), (&json!("409"), None), "{operation}");
    }
}

#[tokio::test]
async fn section_3_7_2_operations_refer_by_bulk_id() {
    let app = TestApp::start().await;
    let body = json!({
        "schemas": [BULK_REQUEST],
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [USER_SCHEMA], "userName": "Alice"}},
            {"method": "POST", "path": "/Groups", "bulkId": "ytrewq", "data": {
                "schemas": [GROUP_SCHEMA], "displayName": "Tour Guides",
                "members": [{"type": "User", "value": "bulkId:qwerty"}],
            }},
            {"method": "POST", "path": "/Users", "bulkId": "asdfgh", "data": {
                "schemas": [USER_SCHEMA, ENTERPRISE], "userName": "Carol",
                ENTERPRISE: {"employeeNumber": "11250", "manager": {"value": "bulkId:qwerty"}},
            }},
        ],
    });
    let done = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await.json();
    let operations = done["Operations"].as_array().unwrap();
    for (operation, bulk_id) in operations.iter().zip(["qwerty", "ytrewq", "asdfgh"]) {
        assert_eq!((&operation["status"], &operation["bulkId"]), (&json!("201"), &json!(bulk_id)), "{operation}");
        assert_eq!((&operation["method"], &operation["version"]), (&json!("POST"), &json!("W/\"1\"")));
    }
    let at = async |place: usize| {
        let location = operations[place]["location"].as_str().unwrap();
        app.shown(&location[location.find("/scim2").unwrap()..]).await.json()
    };
    let alice = at(0).await;
    assert_eq!(at(1).await["members"][0]["value"], alice["id"]);
    assert_eq!(at(2).await[ENTERPRISE]["manager"]["value"], alice["id"]);
}

#[tokio::test]
async fn section_3_7_3_one_error_is_borne_or_ends_the_rest() {
    let app = TestApp::start().await;
    let user = async |name: &str| app.made("/Users", &json!({"schemas": [USER_SCHEMA], "userName": name})).await;
    let (bob, dave, eve) = (user("Bob").await, user("Dave").await, user("Eve").await);
    let mut body = json!({
        "schemas": [BULK_REQUEST],
        "failOnErrors": 1,
        "Operations": [
            {"method": "POST", "path": "/Users", "bulkId": "qwerty", "data": {"schemas": [USER_SCHEMA], "userName": "Alice"}},
            {"method": "PUT", "path": format!("/Users/{}", id(&bob)), "version": "W/\"1\"", "data": {
                "schemas": [USER_SCHEMA], "id": id(&bob), "userName": "Bob", "title": "Guide",
            }},
            {"method": "PATCH", "path": format!("/Users/{}", id(&dave)), "version": "W/\"1\"", "data": {"Operations": [
                {"op": "remove", "path": "nickName"},
                {"op": "add", "path": "userName", "value": "Dave II"},
            ]}},
            {"method": "DELETE", "path": format!("/Users/{}", id(&eve)), "version": "W/\"1\""},
        ],
    });
    let done = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await;
    assert_eq!((done.status, done.kind()), (200, "application/scim+json"));
    let statuses = |done: &Value| -> Vec<String> {
        let operations = done["Operations"].as_array().unwrap().iter();
        operations.map(|operation| operation["status"].as_str().unwrap().to_owned()).collect()
    };
    let done = done.json();
    assert_eq!(statuses(&done), ["201", "200", "200", "204"], "{done}");
    assert_eq!(done["Operations"][1]["location"], bob["meta"]["location"]);
    assert_eq!(done["Operations"][1]["version"], "W/\"2\"");
    // The same again fails at its first operation, and the rest is left undone.
    let again = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await.json();
    assert_eq!(statuses(&again), ["409"]);
    assert_eq!(again["Operations"][0]["response"]["scimType"], "uniqueness");
    // Without the bound each is tried, and tells what was wrong as a request of its own would.
    body.as_object_mut().unwrap().remove("failOnErrors");
    let again = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await.json();
    assert_eq!(statuses(&again), ["409", "412", "412", "404"]);
    for operation in again["Operations"].as_array().unwrap() {
        assert_eq!(operation["response"]["schemas"], json!([ERROR]), "{operation}");
        assert_eq!(operation["response"]["status"], operation["status"]);
    }
}

#[tokio::test]
async fn section_3_7_4_more_operations_than_are_taken() {
    let app = TestApp::start().await;
    let many = vec![json!({"method": "DELETE", "path": "/Users/x"}); 1_001];
    let body = json!({"schemas": [BULK_REQUEST], "Operations": many});
    let answer = app.post("/scim2/Bulk").token(&app.tokens.scim).scim(&body).await;
    let error = answer.json();
    assert_eq!((answer.status, &error["schemas"], &error["status"]), (413, &json!([ERROR]), &json!("413")));
    assert!(error["detail"].as_str().unwrap().contains("1000"), "{error}");
}

#[tokio::test]
async fn section_3_9_attributes_are_chosen_in_every_answer() {
    let app = TestApp::start().await;
    let only = json!({"schemas": [USER_SCHEMA], "userName": "bjensen"});
    let without_id = |document: &Value| {
        let mut document = document.clone();
        assert!(document.as_object_mut().unwrap().remove("id").is_some(), "always returned: {document}");
        document
    };
    let made = app.post("/scim2/Users?attributes=userName").token(&app.tokens.scim).scim(&bjensen()).await;
    assert_eq!((made.status, without_id(&made.json())), (201, only.clone()));
    let path = format!("/scim2/Users/{}", id(&made.json()));
    let rename = json!({"schemas": [PATCH_OP], "Operations": [{"op": "add", "path": "title", "value": "Guide"}]});
    for ask in [
        app.get(format!("{path}?attributes=userName")),
        app.patch(format!("{path}?attributes=userName")).body("application/scim+json", rename.to_string()),
        app.put(format!("{path}?attributes=userName")).body("application/scim+json", bjensen().to_string()),
    ] {
        let answer = ask.token(&app.tokens.scim).send().await;
        assert_eq!((answer.status, without_id(&answer.json())), (200, only.clone()));
    }
    let without = app.shown(&format!("{path}?excludedAttributes=name,meta,externalId,active,id")).await.json();
    assert_eq!(without_id(&without), only, "what is always returned cannot be excluded");
    let search = json!({"schemas": [SEARCH_REQUEST], "excludedAttributes": ["name", "meta", "externalId", "active"]});
    let list = app.post("/scim2/Users/.search").token(&app.tokens.scim_read).scim(&search).await.json();
    assert_eq!(without_id(&list["Resources"][0]), only);
    let both = app.shown(&format!("{path}?attributes=userName&excludedAttributes=name")).await;
    assert_eq!((both.status, &both.json()["scimType"]), (400, &json!("invalidValue")));
}

#[tokio::test]
async fn section_3_10_attributes_are_named_with_their_urn() {
    let app = TestApp::start().await;
    let mut user = bjensen();
    user["schemas"] = json!([USER_SCHEMA, ENTERPRISE]);
    user[ENTERPRISE] = json!({"employeeNumber": "701984", "department": "Tour Operations"});
    let made = app.made("/Users", &user).await;
    let asked = format!("{USER_SCHEMA}:userName,{ENTERPRISE}:employeeNumber");
    let part = app.shown(&format!("{}?attributes={asked}", path_of(&made))).await.json();
    assert_eq!((&part["userName"], &part[ENTERPRISE]), (&json!("bjensen"), &json!({"employeeNumber": "701984"})));
    assert_eq!(part.get("name"), None);
    let filter =
        format!("{ENTERPRISE}:employeeNumber+eq+%22701984%22+and+{USER_SCHEMA}:name.familyName+eq+%22jensen%22");
    let found = app.shown(&format!("/scim2/Users?filter={filter}&sortBy={ENTERPRISE}:employeeNumber")).await.json();
    assert_eq!(found["totalResults"], 1);
}

#[tokio::test]
async fn section_3_11_nobody_is_me_here() {
    // "A service provider that does NOT support this feature SHOULD respond with HTTP status code 501".
    let app = TestApp::start().await;
    for ask in [app.get("/scim2/Me"), app.post("/scim2/Me"), app.put("/scim2/Me"), app.delete("/scim2/Me")] {
        let answer = ask.token(&app.tokens.scim).send().await;
        assert_eq!((answer.status, &answer.json()["schemas"]), (501, &json!([ERROR])));
    }
}

#[tokio::test]
async fn section_3_12_errors_say_what_is_wrong() {
    let app = TestApp::start().await;
    let made = app.made("/Users", &bjensen()).await;
    let body = json!({"schemas": [PATCH_OP], "Operations": [{"op": "replace", "path": "id", "value": "7"}]});
    let answer = app.patch(path_of(&made)).token(&app.tokens.scim).scim(&body).await;
    assert_eq!(
        (answer.status, answer.json()),
        (
            400,
            json!({
                "schemas": [ERROR], "scimType": "mutability",
                "detail": "The attribute \"id\" cannot be changed.", "status": "400",
            })
        ),
    );
    let nobody = app.get("/scim2/Users").send().await;
    assert_eq!((nobody.status, nobody.header("www-authenticate")), (401, "Bearer realm=\"usher\""));
    assert_eq!((&nobody.json()["schemas"], &nobody.json()["status"]), (&json!([ERROR]), &json!("401")));
    let reader = app.post("/scim2/Users").token(&app.tokens.scim_read).scim(&bjensen()).await;
    assert_eq!((reader.status, &reader.json()["schemas"]), (403, &json!([ERROR])));
}

#[tokio::test]
async fn section_3_14_versions_guard_reads_and_changes() {
    let app = TestApp::start().await;
    let made = app.made("/Users", &bjensen()).await;
    let path = path_of(&made);
    let version = made["meta"]["version"].as_str().unwrap();
    let same = app.get(&path).token(&app.tokens.scim).header("if-none-match", version).send().await;
    assert_eq!((same.status, same.is_empty(), same.header("etag")), (304, true, version));
    let any = app.put(&path).token(&app.tokens.scim).header("if-match", "*").scim(&bjensen()).await;
    assert_eq!(any.status, 200, "any version is one");
    let mut changed = bjensen();
    changed["title"] = json!("Guide");
    let put = app.put(&path).token(&app.tokens.scim).header("if-match", version).scim(&changed).await;
    assert_eq!((put.status, put.header("etag")), (200, "W/\"2\""));
    let stale = app.put(&path).token(&app.tokens.scim).header("if-match", version).scim(&bjensen()).await;
    assert_eq!((stale.status, &stale.json()["status"]), (412, &json!("412")));
    let other = app.get(&path).token(&app.tokens.scim).header("if-none-match", version).send().await;
    assert_eq!((other.status, &other.json()["title"]), (200, &json!("Guide")));
}
