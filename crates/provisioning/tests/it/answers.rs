//! Updates and deletes commit first; then the answer waits for Blocking targets, and is never refused for their sake.

use std::time::Duration;

use domain::{UserId, provisioner::Rules, user::User};

use crate::{
    gates::Point,
    support::{House, Target, blocking, may, until},
};

async fn with_ada() -> (House, Target, User) {
    let (house, target) = House::with(Rules { time_limit_ms: 60_000, ..blocking() }).await;
    let ada = house.onboard("ada").await.unwrap().user;
    (house, target, ada)
}

fn delete(house: &House, id: UserId) -> tokio::task::JoinHandle<Vec<domain::ConnectorId>> {
    let directory = house.directory.clone();
    tokio::spawn(async move { directory.delete_user(&may(), id, None).await.unwrap() })
}

#[tokio::test]
async fn the_answer_waits_until_the_target_has_followed() {
    let (house, _, ada) = with_ada().await;
    let call = delete(&house, ada.id);
    until(async || house.people().await.is_empty()).await;
    let run = house.run_to(Point::AfterRemove).await;
    assert!(!call.is_finished());
    house.gates.open(Point::AfterRemove);
    run.await.unwrap();
    assert!(call.await.unwrap().is_empty(), "nothing is pending");
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn the_answer_says_at_once_what_is_pending_when_the_target_turns_out_to_be_down() {
    let (house, target, ada) = with_ada().await;
    house.acme.stop().await;
    let call = delete(&house, ada.id);
    assert_eq!(house.step(call).await, [target.connector]);
    assert!(house.people().await.is_empty(), "never refused");
    // And again while it is paused already.
    let directory = house.directory.clone();
    house.acme.restart().await.unwrap();
    house.later(Duration::from_secs(2)).await;
    assert!(house.names().is_empty());
    drop(directory);
}

#[tokio::test]
async fn the_answer_says_what_is_pending_when_it_is_held() {
    let (house, target, ada) = with_ada().await;
    house.acme.refuse("ada", 400, "no");
    let directory = house.directory.clone();
    let call = tokio::spawn(async move {
        let revise = std::sync::Arc::new(|user: &User| {
            let mut input = domain::user::UserInput::of(user);
            input.profile.title = Some("Countess".to_owned());
            Ok(directory::users::Revision { input, password: None })
        });
        directory.revise_user(&may(), ada.id, None, revise).await.unwrap()
    });
    let outcome = house.step(call).await;
    assert_eq!(outcome.pending, [target.connector]);
    assert_eq!(outcome.user.profile.title.as_deref(), Some("Countess"));
}

#[tokio::test]
async fn the_answer_comes_when_the_limit_is_over() {
    let (house, target) = House::with(Rules { time_limit_ms: 100, ..blocking() }).await;
    let ada = house.onboard("ada").await.unwrap().user;
    let call = delete(&house, ada.id);
    until(async || house.people().await.is_empty()).await;
    let run = house.run_to(Point::BeforeRemove).await;
    assert_eq!(call.await.unwrap(), [target.connector]);
    house.gates.open(Point::BeforeRemove);
    run.await.unwrap();
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn what_is_switched_off_is_not_waited_for() {
    let (house, target, ada) = with_ada().await;
    house.switch(&target, false).await;
    assert!(house.delete(ada.id).await.is_empty());
    assert!(house.people().await.is_empty());
}

#[tokio::test]
async fn an_edit_that_changes_nothing_there_is_answered_at_once() {
    let (house, _, ada) = with_ada().await;
    let outcome = house.edit(ada.id, |_| {}).await;
    assert!(outcome.pending.is_empty());
    assert_eq!(outcome.user.version, ada.version);
}
