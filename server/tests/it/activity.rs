//! Activity and Home, as an administrator and an auditor meet them.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    provisioning::Pair,
    support::{Answer, TestApp, user},
};

async fn read(app: &TestApp, cookie: &str, function: &str) -> Value {
    let answer = page(app, cookie, &format!("/console/-/{function}")).await;
    assert_eq!(answer.status, 200, "{function}: {}", answer.text());
    answer.json()
}

async fn page(app: &TestApp, cookie: &str, path: &str) -> Answer {
    app.get(path).header("cookie", cookie).send().await
}

async fn post(app: &TestApp, cookie: &str, function: &str, form: &str) -> Answer {
    app.call(&format!("activity/{function}"), form).header("cookie", cookie).send().await
}

/// Users whose accounts Acme Cloud refuses, and who are kept all the same.
async fn refused(names: &[&str]) -> Pair {
    let pair = Pair::blocking(json!({"on_blocking_failure": "keep"})).await;
    for name in names {
        pair.acme.refuse(name, 400, "no licence left");
        pair.app.user(name).await;
    }
    pair.app.administrator("root").await;
    pair
}

/// Waits until everything that a user waits for is delivered: an update's answer comes after it.
async fn settle(app: &TestApp, delivery: &Value) {
    let id = delivery["subject"].as_str().unwrap();
    let mut changed = user(delivery["who"].as_str().unwrap());
    changed["title"] = json!("Countess");
    let answer = app.put(format!("/scim2/Users/{id}")).token(&app.tokens.scim).scim(&changed).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
}

#[tokio::test]
async fn an_empty_usher_says_what_to_do_first() {
    let app = TestApp::start().await;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let steps = read(&app, &cookie, "home/show").await["begin"].clone();
    let done: Vec<bool> = steps.as_array().unwrap().iter().map(|step| step["done"].as_bool().unwrap()).collect();
    assert_eq!(done, [false; 4], "{steps}");
    let home = page(&app, &cookie, "/console").await.text();
    assert!(home.contains("What to do first") && home.contains("/console/connections/templates"), "{home}");
    let activity = page(&app, &cookie, "/console/activity").await.text();
    assert!(activity.contains("Nothing was sent yet"), "{activity}");
}

#[tokio::test]
async fn what_is_held_is_on_home_and_in_activity_and_goes_out_once_mended() {
    let pair = refused(&["ada", "bea"]).await;
    let (app, cookie) = (&pair.app, &pair.app.sign_in("root").await);
    let home = read(app, cookie, "home/show").await["overview"].clone();
    assert_eq!(home["notes"][0]["head"], "Acme Cloud needs you.", "{home}");
    assert_eq!(home["notes"][0]["text"], "2 accounts are held: no licence left.");
    assert_eq!(
        (&home["systems"][0]["state"], &home["systems"][0]["hour"]),
        (&json!("2 held"), &json!("0 delivered, 2 held"))
    );
    assert_eq!(read(app, cookie, "activity/held").await, 2);

    let to = home["notes"][0]["to"].as_str().unwrap();
    let shown = page(app, cookie, to).await.text();
    assert!(shown.contains("Retry all 2") && shown.contains("Retry selected"), "{shown}");
    let filter = format!("filter[state]=held&filter[system]={}", pair.connector);
    let list = read(app, cookie, &format!("activity/list?{filter}")).await;
    let newest = list["newest"].as_str().unwrap().to_owned();
    assert_eq!(list["items"].as_array().unwrap().len(), 2);
    assert_eq!(list["items"][0]["stand"]["reason"], "Refused: 400 no licence left.");
    assert_eq!(read(app, cookie, &format!("activity/news?since={newest}")).await, 0);

    let ada = list["items"].as_array().unwrap().iter().find(|item| item["who"] == "ada").unwrap();
    let id = ada["id"].as_str().unwrap();
    let delivery = read(app, cookie, &format!("activity/show?id={id}")).await;
    assert_eq!((&delivery["who"], &delivery["held"]["others"]), (&json!("ada"), &json!(1)));
    pair.acme.behave();
    app.clock.advance(Duration::from_secs(1));
    let form = format!("connector={}&reason=refused&{filter}", pair.connector);
    let retried = post(app, cookie, "retry-held", &form).await.json();
    assert_eq!(retried["done"]["message"], "2 deliveries are tried again.", "{retried}");
    assert_eq!(retried["done"]["to"], to);
    settle(app, &delivery).await;
    let after = read(app, cookie, &format!("activity/show?id={id}")).await;
    assert_eq!((&after["stand"]["word"], &after["progress"]), (&json!("done"), &json!("Everything is delivered.")));
    assert_eq!(after["account"]["provenance"], "made by Usher");
    assert!(pair.acme.account("ada").is_some());
    assert_ne!(read(app, cookie, &format!("activity/news?since={newest}")).await, 0);
}

#[tokio::test]
async fn bodies_are_without_secrets_and_not_for_an_auditor_who_retries_nothing() {
    let pair = refused(&["ada"]).await;
    let app = &pair.app;
    let cookie = app.sign_in("root").await;
    let list = read(app, &cookie, "activity/list").await;
    let id = list["items"][0]["id"].as_str().unwrap().to_owned();
    let shown = page(app, &cookie, &format!("/console/activity/{id}")).await.text();
    assert!(shown.contains("Request and response") && shown.contains("no licence left"), "{shown}");
    assert!(!shown.contains("acme-token"), "{shown}");

    app.auditor("auditor").await;
    let cookie = app.sign_in("auditor").await;
    let shown = page(app, &cookie, &format!("/console/activity/{id}")).await.text();
    assert!(shown.contains("Requests and responses are for administrators and operators."), "{shown}");
    assert!(!shown.contains("externalId"), "{shown}");
    assert!(shown.contains("Your role reads only."), "a control that cannot be used says why: {shown}");
    let list = page(app, &cookie, "/console/activity?state=held").await.text();
    assert!(list.contains("Your role reads only.") && !list.contains("name=\"ids[]\""), "{list}");
    for (function, form) in [
        ("retry", format!("id={id}")),
        ("retry-selected", format!("ids[]={id}")),
        ("retry-held", format!("connector={}&reason=refused", pair.connector)),
    ] {
        assert_eq!(post(app, &cookie, function, &form).await.status, 403, "{function}");
    }
    // An operator sees them, and retries.
    app.holder("operator", Some(domain::permission::Role::Operator)).await;
    let cookie = app.sign_in("operator").await;
    let shown = page(app, &cookie, &format!("/console/activity/{id}")).await.text();
    assert!(shown.contains("Request and response") && shown.contains("externalId"), "{shown}");
    let retried = post(app, &cookie, "retry", &format!("id={id}")).await.json();
    assert_eq!(retried["done"]["message"], "It is tried again.", "{retried}");
}

#[tokio::test]
async fn one_and_a_selection_are_retried_and_bad_input_says_so() {
    let pair = refused(&["ada", "bea"]).await;
    let (app, cookie) = (&pair.app, &pair.app.sign_in("root").await);
    let list = read(app, cookie, "activity/list?filter[state]=held").await;
    let ids: Vec<&str> = list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap()).collect();
    let nothing = post(app, cookie, "retry-selected", "filter[state]=held").await.json();
    assert_eq!(nothing["invalid"][""], "Select at least one delivery, then retry.", "{nothing}");
    let wrong = post(app, cookie, "retry-held", &format!("connector={}&reason=whim", pair.connector)).await;
    assert_eq!(wrong.status, 400, "{}", wrong.text());

    let both = format!("ids[]={}&ids[]={}&filter[state]=held", ids[0], ids[1]);
    let selected = post(app, cookie, "retry-selected", &both).await.json();
    assert_eq!(selected["done"]["to"], "/console/activity?state=held", "{selected}");
    assert_eq!(selected["done"]["message"], "2 deliveries are tried again.");
    let one = post(app, cookie, "retry", &format!("id={}", ids[0])).await.json();
    assert_eq!(one["done"]["to"], format!("/console/activity/{}", ids[0]), "{one}");
    let from_list = post(app, cookie, "retry", &format!("id={}&filter[state]=", ids[0])).await.json();
    assert_eq!(from_list["done"]["to"], "/console/activity", "{from_list}");
    let unknown = page(app, cookie, "/console/activity/0199aaaa-0000-7000-8000-000000000000").await;
    assert_eq!(unknown.status, 404);
}

#[tokio::test]
async fn a_deleted_users_deliveries_are_found_by_name_and_stay_readable() {
    let pair = Pair::blocking(json!({})).await;
    let app = &pair.app;
    app.administrator("root").await;
    let cookie = app.sign_in("root").await;
    let ada = app.user("ada").await;
    app.user("bea").await;
    let id = ada["id"].as_str().unwrap();
    app.delete(format!("/scim2/Users/{id}")).token(&app.tokens.scim).send().await;
    let list = read(app, &cookie, "activity/list?filter[who]=AD").await;
    let [item] = list["items"].as_array().unwrap().as_slice() else { panic!("{list}") };
    assert_eq!(
        (&item["who"], &item["wanted"], &item["retriable"]),
        (&json!("ada"), &json!("No account"), &json!(false))
    );
    let only = read(app, &cookie, &format!("activity/list?filter[user]={id}")).await;
    assert_eq!((&only["user"], only["items"].as_array().unwrap().len()), (&json!("ada"), 1));
    let shown = page(app, &cookie, &format!("/console/activity/{}", item["id"].as_str().unwrap())).await;
    assert_eq!(shown.status, 200);
    assert!(shown.text().contains("This user was deleted.") && shown.text().contains("there is nothing to retry"));
    let odd = read(app, &cookie, "activity/list?filter[state]=lost&filter[system]=x&filter[user]=y&after=z").await;
    assert_eq!(odd["items"].as_array().unwrap().len(), 2, "what is no such thing does not narrow");
}
