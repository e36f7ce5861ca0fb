//! Many operations in one request.

use serde_json::{Value, json};

use crate::{
    scim_groups::group,
    support::{Answer, TestApp, user},
};

const BULK_REQUEST: &str = "urn:ietf:params:scim:api:messages:2.0:BulkRequest";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

fn post(endpoint: &str, bulk_id: &str, data: &Value) -> Value {
    json!({"method": "POST", "path": endpoint, "bulkId": bulk_id, "data": data})
}

impl TestApp {
    async fn bulk(&self, body: &Value) -> Answer {
        self.post("/scim2/Bulk").token(&self.tokens.scim).scim(body).await
    }

    async fn operations(&self, operations: Value) -> Vec<Value> {
        let answer = self.bulk(&json!({"schemas": [BULK_REQUEST], "Operations": operations})).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.json()["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:BulkResponse"]));
        answer.json()["Operations"].as_array().unwrap().clone()
    }

    async fn at(&self, location: &Value) -> Value {
        let path = location.as_str().unwrap();
        let path = &path[path.find("/scim2").unwrap()..];
        self.get(path).token(&self.tokens.scim_read).send().await.json()
    }
}

fn statuses(operations: &[Value]) -> Vec<&str> {
    operations.iter().map(|operation| operation["status"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn all_methods_are_done_and_answered_in_their_order() {
    let app = TestApp::start().await;
    let (ada, bea) = (app.user("ada").await, app.user("bea").await);
    let path = |user: &Value| format!("/Users/{}", user["id"].as_str().unwrap());
    let done = app
        .operations(json!([
            post("/Users", "qwerty", &user("cy")),
            {"method": "put", "path": path(&ada), "version": "W/\"1\"", "data": user("augusta")},
            {"method": "PATCH", "path": path(&bea), "data": {"Operations": [{"op": "add", "path": "title", "value": "Dr"}]}},
            {"method": "DELETE", "path": path(&bea), "version": "W/\"2\""},
        ]))
        .await;
    assert_eq!(statuses(&done), ["201", "200", "200", "204"], "{done:?}");
    assert_eq!((&done[0]["bulkId"], &done[0]["version"]), (&json!("qwerty"), &json!("W/\"1\"")));
    assert_eq!(app.at(&done[0]["location"]).await["userName"], "cy");
    assert_eq!((&done[1]["method"], &done[1]["location"]), (&json!("PUT"), &ada["meta"]["location"]));
    assert_eq!(app.at(&done[1]["location"]).await["userName"], "augusta");
    assert_eq!(done[3]["location"], bea["meta"]["location"]);
    assert!(done.iter().all(|operation| operation.get("response").is_none()), "{done:?}");
}

#[tokio::test]
async fn operations_refer_to_what_others_make_before_and_after_them() {
    let app = TestApp::start().await;
    let mut ada = user("ada");
    ada["schemas"] = json!([ada["schemas"][0], ENTERPRISE]);
    ada[ENTERPRISE] = json!({"manager": {"value": "bulkId:boss"}});
    let done = app
        .operations(json!([
            post("/Groups", "guides", &group("Guides", &["bulkId:ada", "bulkId:boss"])),
            post("/Users", "ada", &ada),
            post("/Users", "boss", &user("boss")),
            {"method": "PATCH", "path": "/Groups/bulkId:guides", "data": {"Operations": [
                {"op": "remove", "path": "members[value eq \"bulkId:ada\"]"},
            ]}},
        ]))
        .await;
    assert_eq!(statuses(&done), ["201", "201", "201", "200"], "{done:?}");
    let boss = app.at(&done[2]["location"]).await;
    assert_eq!(app.at(&done[1]["location"]).await[ENTERPRISE]["manager"]["value"], boss["id"]);
    let guides = app.at(&done[0]["location"]).await;
    assert_eq!(guides["members"].as_array().unwrap().len(), 1);
    assert_eq!(guides["members"][0]["value"], boss["id"]);
}

#[tokio::test]
async fn what_fails_is_told_and_takes_with_it_what_needs_it() {
    let app = TestApp::start().await;
    app.user("ada").await;
    let done = app
        .operations(json!([
            post("/Users", "taken", &user("ADA")),
            post("/Groups", "needs", &group("Needs", &["bulkId:taken"])),
            post("/Groups", "a", &group("A", &["bulkId:b"])),
            post("/Groups", "b", &group("B", &["bulkId:a"])),
            post("/Robots", "robot", &json!({})),
            post("/Bulk", "bulk", &json!({})),
            {"method": "DELETE", "path": "/Users/0199aaaa-0000-7000-8000-000000000000"},
            {"method": "GET", "path": "/Users"},
            post("/Users", "fine", &user("fine")),
        ]))
        .await;
    assert_eq!(statuses(&done), ["409", "409", "409", "409", "404", "404", "404", "400", "201"], "{done:?}");
    assert_eq!(done[0]["response"]["scimType"], "uniqueness");
    assert_eq!((done[0].get("location"), &done[0]["bulkId"]), (None, &json!("taken")));
    assert!(done[1]["response"]["detail"].as_str().unwrap().contains("\"taken\""));
    assert_eq!((&done[7]["method"], &done[7]["response"]["scimType"]), (&json!("GET"), &json!("invalidSyntax")));
    assert_eq!(app.get("/scim2/Groups").token(&app.tokens.scim).send().await.json()["totalResults"], 0);
}

#[tokio::test]
async fn it_stops_after_as_many_errors_as_are_borne() {
    let app = TestApp::start().await;
    let bad = |name: &str| post("/Users", name, &json!({"schemas": []}));
    let operations = json!([
        post("/Users", "a", &user("a")),
        bad("b"),
        post("/Users", "c", &user("c")),
        bad("d"),
        post("/Users", "e", &user("e")),
    ]);
    let mut body = json!({"schemas": [BULK_REQUEST], "failOnErrors": 1, "Operations": operations});
    let done = app.bulk(&body).await.json();
    assert_eq!(statuses(done["Operations"].as_array().unwrap()), ["201", "400"]);
    body["failOnErrors"] = json!(2);
    let done = app.bulk(&body).await.json();
    assert_eq!(statuses(done["Operations"].as_array().unwrap()), ["409", "400"], "the first is there already");
    body["failOnErrors"] = json!(3);
    let done = app.bulk(&body).await.json();
    assert_eq!(statuses(done["Operations"].as_array().unwrap()), ["409", "400", "201", "400"]);
}

#[tokio::test]
async fn a_request_beyond_its_bounds_is_refused_whole() {
    let app = TestApp::start().await;
    let many = vec![json!({"method": "DELETE", "path": "/Users/x"}); 1_001];
    let answer = app.bulk(&json!({"schemas": [BULK_REQUEST], "Operations": many})).await;
    assert_eq!((answer.status, &answer.json()["status"]), (413, &json!("413")));
    let mut large = user("large");
    large["title"] = json!("x".repeat(1_100_000));
    let answer = app.bulk(&json!({"schemas": [BULK_REQUEST], "Operations": [post("/Users", "a", &large)]})).await;
    assert_eq!(answer.status, 413);
    let twice = json!([post("/Users", "a", &user("a")), post("/Users", "a", &user("b"))]);
    let answer = app.bulk(&json!({"schemas": [BULK_REQUEST], "Operations": twice})).await;
    assert_eq!((answer.status, &answer.json()["scimType"]), (400, &json!("invalidValue")));
    assert_eq!(app.get("/scim2/Users").token(&app.tokens.scim).send().await.json()["totalResults"], 0);
}

#[tokio::test]
async fn no_operation_reaches_further_than_its_token() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let list = app.get("/scim2/Users?filter=userName+eq+%22root%22").token(&app.tokens.scim).send().await.json();
    let path = format!("/Users/{}", list["Resources"][0]["id"].as_str().unwrap());
    let done = app
        .operations(json!([
            {"method": "PATCH", "path": path, "data": {"Operations": [{"op": "replace", "path": "active", "value": false}]}},
            {"method": "PATCH", "path": path, "data": [{"op": "add", "path": "password", "value": "correct horse battery"}]},
            {"method": "DELETE", "path": path},
        ]))
        .await;
    assert_eq!(statuses(&done), ["403", "403", "403"], "{done:?}");
}
