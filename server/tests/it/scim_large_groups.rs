//! A group of a hundred thousand over SCIM, and one that is full.

use std::time::Duration;

use domain::limits;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{scim_groups::GROUP_SCHEMA, support::TestApp};

const MANY: usize = 100_000;

/// Each by a number, which their id is too.
fn id(number: usize) -> String {
    Uuid::from_u128(number as u128).to_string()
}

async fn write(app: &TestApp, sql: String) {
    let written = app.usher.directory().db().write::<(), storage::Error, _>(move |conn| {
        let sql = sqlx::AssertSqlSafe(sql.clone());
        Box::pin(async move { Ok(sqlx::query(sql).execute(&mut *conn).await.map(drop)?) })
    });
    written.await.unwrap();
}

/// One more than a group can have.
async fn crowd(app: &TestApp) {
    let numbers = format!(
        "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n <= {}) ",
        limits::GROUP_MEMBERS
    );
    let users = "INSERT INTO users (id, user_name, user_name_key, staged, active, locked, excluded, origin, profile, \
                 version, created_at, updated_at) SELECT UNHEX(PRINTF('%032x', n)), 'user' || n, 'user' || n, FALSE, \
                 TRUE, FALSE, FALSE, 'api', '{}', 1, 0, 0 FROM numbers";
    write(app, numbers + users).await;
}

/// Users from one number to before another become members.
async fn join(app: &TestApp, group: &str, from: usize, to: usize) {
    let group = group.replace('-', "");
    let sql = format!(
        "INSERT INTO group_members (group_id, user_id) SELECT UNHEX('{group}'), id FROM users WHERE id >= \
         UNHEX(PRINTF('%032x', {from})) AND id < UNHEX(PRINTF('%032x', {to}))"
    );
    write(app, sql).await;
}

fn members(group: &Value) -> usize {
    group["members"].as_array().unwrap().len()
}

#[tokio::test]
async fn a_group_of_a_hundred_thousand_is_changed_and_read_and_a_full_one_takes_nobody() {
    let app = TestApp::start().await;
    crowd(&app).await;
    let all = app.group("All", &[]).await["id"].as_str().unwrap().to_owned();
    // So that it is listed behind.
    app.clock.advance(Duration::from_secs(1));
    let few = app.group("Few", &[&id(1)]).await["id"].as_str().unwrap().to_owned();
    join(&app, &all, 1, MANY + 1).await;
    let path = format!("/scim2/Groups/{all}");
    let add = |number: usize| json!([{"op": "add", "path": "members", "value": [{"value": id(number)}]}]);

    let joined = app.patch_group(&path, add(MANY + 1)).await;
    assert_eq!((joined.status, joined.is_empty()), (204, true), "{}", joined.text());
    let asked = app.get(format!("{path}?excludedAttributes=members")).token(&app.tokens.scim_read).send().await;
    assert!(asked.status == 200 && asked.text().len() < 1_000, "{}", asked.text());
    assert_eq!(asked.json()["schemas"], json!([GROUP_SCHEMA]));

    // A page of groups has 50,000 members together, or one group.
    let page = app.read("/scim2/Groups").await;
    assert_eq!((&page["totalResults"], &page["itemsPerPage"]), (&json!(2), &json!(1)));
    assert_eq!((&page["Resources"][0]["id"], members(&page["Resources"][0])), (&json!(all), MANY + 1));
    let rest = app.read("/scim2/Groups?startIndex=2").await;
    assert_eq!((&rest["Resources"][0]["id"], members(&rest["Resources"][0])), (&json!(few), 1));

    let those_of =
        |number| format!("/scim2/Groups?excludedAttributes=members&filter=members.value+eq+%22{}%22", id(number));
    assert_eq!(app.read(&those_of(1)).await["totalResults"], 2);
    let left = json!([{"op": "remove", "path": format!("members[value eq \"{}\"]", id(1))}]);
    assert_eq!(app.patch_group(&path, left).await.status, 204);
    assert_eq!(app.read(&those_of(1)).await["totalResults"], 1);

    join(&app, &all, MANY + 2, limits::GROUP_MEMBERS + 1).await;
    assert_eq!(app.patch_group(&path, add(1)).await.status, 204, "the last one who fits");
    let full = app.patch_group(&path, add(limits::GROUP_MEMBERS + 1)).await;
    assert_eq!((full.status, &full.json()["scimType"]), (400, &json!("invalidValue")), "{}", full.text());
    assert!(full.text().contains("A group has at most 200000 members."), "{}", full.text());
    assert_eq!(app.read(&those_of(limits::GROUP_MEMBERS + 1)).await["totalResults"], 0);
}
