//! Exactly one account, whatever is there already and whatever gets lost.

use std::time::Duration;

use domain::{
    UserId,
    attempt::Operation,
    delivery::ReasonKind,
    provisioner::Rules,
    user::{Origin, User},
};
use serde_json::json;
use storage::links;

use crate::support::{House, create};

/// An account that was there before Usher, with a password of its own.
fn seed(house: &House, user_name: &str) -> String {
    house.acme.seed(&json!({"userName": user_name, "nickName": "Old hand", "password": "its own"})).id
}

async fn operations(house: &House, user: UserId) -> Vec<Operation> {
    let id = house.delivery(user).await.delivery.id;
    house.attempts(id).await.into_iter().rev().map(|attempt| attempt.operation).collect()
}

#[tokio::test]
async fn a_create_whose_answer_was_lost_leaves_one_account() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    house.acme.lose_answers(1);
    house.idle().await;
    assert_eq!(house.state(ada.id).await.1, Some(ReasonKind::Retry));
    house.later(Duration::from_secs(2)).await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada.id).await);
    assert_eq!(house.delivery(ada.id).await.remote_id, Some(house.acme.account("ada").unwrap().id));
    let posts = house.changes().into_iter().filter(|method| method == "POST").count();
    assert_eq!(posts, 1, "found by our id instead");
}

#[tokio::test]
async fn a_create_that_never_arrived_is_sent_again() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    // The two look-ups go well, the create does not.
    let run = house.run_to(crate::gates::Point::BeforeApply).await;
    house.acme.fail_next(1, 502);
    house.gates.open(crate::gates::Point::BeforeApply);
    run.await.unwrap();
    assert!(house.names().is_empty());
    house.later(Duration::from_secs(2)).await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada.id).await);
}

#[tokio::test]
async fn an_account_of_that_name_is_taken_over_for_whoever_an_administrator_or_a_client_brought() {
    for origin in [Origin::Api, Origin::Console, Origin::Import] {
        let (house, _) = House::with(Rules::default()).await;
        let before = seed(&house, "Ada");
        let ada = house.create("ada", origin).await;
        house.idle().await;
        let account = house.acme.account("ada").unwrap();
        assert_eq!(account.id, before, "{origin:?}");
        assert_eq!(account.external_id.as_deref(), Some(ada.id.to_string().as_str()), "its first update");
        assert_eq!(account.document["title"], "Engineer");
        assert_eq!(account.document["nickName"], "Old hand", "what Usher does not send stays");
        assert_eq!(operations(&house, ada.id).await, [Operation::Adopt]);
        assert_eq!(house.changes(), ["PATCH"]);
    }
}

#[tokio::test]
async fn whoever_signs_up_or_arrives_from_another_provider_takes_no_account_over() {
    let (house, _) = House::with(Rules { jit_outbound: true, ..Rules::default() }).await;
    for (user_name, origin) in [("ada", Origin::Registration), ("bea", Origin::Jit)] {
        seed(&house, user_name);
        let user = house.create(user_name, origin).await;
        house.idle().await;
        assert_eq!(house.held_as(user.id).await, Some(ReasonKind::Adoption), "{origin:?}");
        assert_eq!(house.delivery(user.id).await.remote_id, None);
    }
    assert!(house.changes().is_empty());
}

#[tokio::test]
async fn an_equal_mail_address_matches_nothing() {
    let (house, _) = House::with(Rules::default()).await;
    house.acme.seed(&json!({"userName": "somebody", "emails": [{"value": "ada@example.org"}]}));
    house.create("ada", Origin::Api).await;
    house.idle().await;
    assert_eq!(house.names(), ["somebody", "ada"]);
}

#[tokio::test]
async fn an_adopted_account_keeps_its_own_password() {
    let house = House::empty().await;
    house.target(&house.acme, "Acme", Rules::default(), &[("enable_password_provisioning", "true")]).await;
    seed(&house, "ada");
    let ada: User = create(&house.directory, "ada", Origin::Api, Some("correct horse battery")).await.unwrap().user;
    house.idle().await;
    house.title(ada.id, "Countess").await;
    house.change(ada.id, |_| {}, Some("another horse battery")).await;
    house.idle().await;
    let account = house.acme.account("ada").unwrap();
    assert_eq!(account.password.as_deref(), Some("its own"));
    assert_eq!(account.document["title"], "Countess");
    assert!(house.is_done(ada.id).await);
}

#[tokio::test]
async fn an_account_of_somebody_else_is_held_for_a_decision() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    // Somebody renames the account there by hand: now it has the name of the next one who comes in.
    let account = house.acme.account("ada").unwrap();
    house.acme.remove(&account.id);
    let taken = house.acme.seed(&json!({"userName": "bea"})).id;
    let mut conn = house.db().await;
    let connector = house.delivery(ada.id).await.delivery.connector_id;
    let link = links::get(&mut conn, ada.id.into(), connector).await.unwrap().unwrap();
    drop(conn);
    house
        .directory
        .db()
        .write::<_, storage::Error, _>(move |conn| {
            let link = domain::link::Link { remote_id: taken.clone(), ..link.clone() };
            Box::pin(async move { links::put(conn, &link).await })
        })
        .await
        .unwrap();
    let bea = house.create("bea", Origin::Api).await;
    house.idle().await;
    let (state, kind, text) = house.state(bea.id).await;
    assert_eq!((state, kind), ("held", Some(ReasonKind::Adoption)));
    assert!(text.contains("“ada”"), "{text}");
}

#[tokio::test]
async fn an_account_that_is_there_but_hidden_is_held_and_says_so() {
    let (house, _) = House::with(Rules::default()).await;
    seed(&house, "ada");
    house.acme.hide_from_filter("ada");
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    let (state, kind, text) = house.state(ada.id).await;
    assert_eq!((state, kind), ("held", Some(ReasonKind::Refused)));
    assert!(text.contains("“ada” exists, but does not show it"), "{text}");
    // Whoever is deleted then leaves the account alone: Usher knows that it did not make it.
    house.delete(ada.id).await;
    house.idle().await;
    assert!(house.is_done(ada.id).await);
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn a_target_that_ignores_filters_gives_nobody_the_account_of_another() {
    let (house, _) = House::with(Rules::default()).await;
    let others: Vec<String> = ["xena", "yves", "zoe"].iter().map(|name| seed(&house, name)).collect();
    house.acme.ignore_filters(true);
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    assert_eq!(house.names(), ["xena", "yves", "zoe", "ada"]);
    let remote = house.delivery(ada.id).await.remote_id.unwrap();
    assert!(!others.contains(&remote));
}

#[tokio::test]
async fn an_account_that_cannot_be_shown_to_be_ours_is_not_removed() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    // The create got no answer, and the account that is there later carries nobody's id.
    let run = house.run_to(crate::gates::Point::BeforeApply).await;
    house.acme.fail_next(1, 502);
    house.gates.open(crate::gates::Point::BeforeApply);
    run.await.unwrap();
    seed(&house, "ada");
    house.delete(ada.id).await;
    house.idle().await;
    assert_eq!(house.held_as(ada.id).await, Some(ReasonKind::Adoption));
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn an_account_that_is_made_late_is_found_and_removed() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    let run = house.run_to(crate::gates::Point::BeforeApply).await;
    house.acme.fail_next(1, 502);
    house.gates.open(crate::gates::Point::BeforeApply);
    run.await.unwrap();
    house.delete(ada.id).await;
    house.idle().await;
    assert_eq!(house.state(ada.id).await.0, "waiting", "it may still be made");
    house.acme.seed(&json!({"userName": "ada", "externalId": ada.id.to_string()}));
    house.later(Duration::from_secs(30)).await;
    assert!(house.names().is_empty());
    assert!(house.is_done(ada.id).await);
}

#[tokio::test]
async fn a_refusal_does_not_make_usher_forget_that_an_earlier_create_may_have_arrived() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    let run = house.run_to(crate::gates::Point::BeforeApply).await;
    house.acme.fail_next(1, 502);
    house.gates.open(crate::gates::Point::BeforeApply);
    run.await.unwrap();
    house.acme.refuse("ada", 400, "no licence left");
    house.later(Duration::from_secs(2)).await;
    assert_eq!(house.held_as(ada.id).await, Some(ReasonKind::Refused));
    house.acme.seed(&json!({"userName": "ada", "externalId": ada.id.to_string()}));
    house.delete(ada.id).await;
    house.idle().await;
    assert!(house.names().is_empty());
    assert!(house.is_done(ada.id).await);
}

#[tokio::test]
async fn looking_for_an_account_that_is_made_late_comes_to_an_end() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    let run = house.run_to(crate::gates::Point::BeforeApply).await;
    house.acme.fail_next(1, 502);
    house.gates.open(crate::gates::Point::BeforeApply);
    run.await.unwrap();
    house.delete(ada.id).await;
    house.later(Duration::from_secs(59)).await;
    assert!(!house.is_done(ada.id).await);
    house.later(Duration::from_secs(1)).await;
    assert!(house.is_done(ada.id).await);
}

#[tokio::test]
async fn another_account_with_our_id_is_not_removed_in_place_of_the_linked_one() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await;
    house.idle().await;
    house.acme.remove(&house.acme.account("ada").unwrap().id);
    house.acme.seed(&json!({"userName": "copy", "externalId": ada.id.to_string()}));
    house.delete(ada.id).await;
    house.idle().await;
    assert_eq!(house.held_as(ada.id).await, Some(ReasonKind::Adoption));
    assert_eq!(house.names(), ["copy"]);
}
