//! Blocking: nobody is real before every target has accepted, and a refusal leaves nothing behind.

use std::time::Duration;

use directory::{Error, connectors::ConnectorChange};
use domain::{
    UserId,
    connection::PauseKind,
    delivery::ReasonKind,
    onboarding::Rejection,
    provisioner::{OnFailure, Removal, Rules},
    user::Origin,
};
use rehearsal::AcmeCloud;
use serde_json::json;

use crate::{
    gates::Point,
    support::{House, Target, acme, blocking, create, may},
};

fn keep() -> Rules {
    Rules { on_blocking_failure: OnFailure::Keep, ..blocking() }
}

fn rejections<T: std::fmt::Debug>(answer: Result<T, Error>) -> Vec<Rejection> {
    match answer {
        Err(Error::NotAccepted(rejections)) => rejections,
        other => panic!("not refused: {other:?}"),
    }
}

async fn staged(house: &House) -> Vec<UserId> {
    storage::users::staged(&mut *house.db().await).await.unwrap()
}

/// Nobody and nothing is left of an onboarding, here or there.
async fn is_clean(house: &House, acme: &AcmeCloud) {
    assert!(house.people().await.is_empty());
    assert!(staged(house).await.is_empty());
    assert!(acme.accounts().is_empty(), "{:?}", acme.accounts());
    let open = house.all_deliveries().await.into_iter().filter(|shown| shown.state.as_str() != "done").count();
    assert_eq!(open, 0);
}

async fn second(house: &House, rules: Rules) -> (AcmeCloud, Target) {
    let other = acme().await;
    let target = house.target(&other, "Other Cloud", rules, &[]).await;
    (other, target)
}

const LIMIT: Duration = Duration::from_secs(10);

#[tokio::test]
async fn whoever_is_accepted_is_real_and_has_an_account() {
    let (house, _) = House::with(blocking()).await;
    let outcome = house.onboard("ada").await.unwrap();
    assert!(outcome.pending.is_empty());
    assert_eq!(house.people().await, ["ada"]);
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(outcome.user.id).await);
    assert_eq!(house.changes(), ["POST"], "nothing more once real");
}

#[tokio::test]
async fn a_refusal_names_the_system_and_its_reason_and_takes_back_what_another_made() {
    let (house, _) = House::with(blocking()).await;
    let (other, _) = second(&house, blocking()).await;
    // The other one has made its account before the first one refuses.
    house.acme.refuse("ada", 400, "no licence left");
    house.acme.hold_before();
    let arrival = house.arrives("ada", Origin::Api);
    let run = house.run();
    staged_user(&house).await;
    let run2 = house.run();
    other.wait_until(|other| !other.accounts().is_empty()).await;
    house.acme.release();
    run.await.unwrap();
    run2.await.unwrap();
    let rejections = rejections(house.answer(arrival).await);
    assert_eq!(rejections[0].connection, "Acme Cloud");
    assert!(rejections[0].reason.contains("no licence left") && rejections[0].said_no);
    house.idle().await;
    is_clean(&house, &house.acme).await;
    assert!(other.accounts().is_empty());
    // The name is free again.
    house.acme.behave();
    house.onboard("ada").await.unwrap();
}

/// Waits until somebody is staged.
async fn staged_user(house: &House) -> UserId {
    loop {
        if let [user] = staged(house).await[..] {
            return user;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_target_that_is_down_refuses_with_its_reason_and_nothing_is_left() {
    let (house, target) = House::with(blocking()).await;
    house.acme.stop().await;
    for _ in 0..2 {
        let rejections = rejections(house.onboard("ada").await);
        assert!(!rejections[0].said_no, "{rejections:?}");
        let told = directory::Error::NotAccepted(rejections).to_string();
        assert!(told.starts_with("The user was not created. Acme Cloud: cannot be reached: "), "{told}");
        assert!(!told.contains("asks again by itself"), "nobody is left to be asked about: {told}");
    }
    assert_eq!(house.pause(&target).await.unwrap().kind, PauseKind::Down);
    is_clean(&house, &house.acme).await;
    // Paused as down, and back in the meantime: it is probed first.
    house.acme.restart().await.unwrap();
    house.onboard("ada").await.unwrap();
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn a_pause_that_no_probe_ends_refuses_without_asking() {
    let (house, target) = House::with(blocking()).await;
    let typed = crate::support::typed(&[
        ("authentication_mode", "bearer"),
        ("access_token", "wrong"),
        ("user_endpoint", &house.acme.users_endpoint()),
    ]);
    let change = ConnectorChange { properties: Some(typed), ..ConnectorChange::default() };
    house.directory.change_connector(&may(), target.connector, change).await.unwrap();
    rejections(house.onboard("ada").await);
    house.acme.forget_requests();
    let rejections = rejections(create(&house.directory, "ada", Origin::Api, None).await);
    let told = directory::Error::NotAccepted(rejections).to_string();
    let expected = "The user was not created. Acme Cloud: does not accept the credentials: 401";
    assert!(told.starts_with(expected) && !told.contains("Enter valid ones"), "{told}");
    let pause = house.pause(&target).await.unwrap().text;
    assert!(pause.ends_with(". Enter valid ones on the connection's page.") && !pause.contains(".."), "{pause}");
    assert!(house.acme.requests().is_empty());
    is_clean(&house, &house.acme).await;
}

#[tokio::test]
async fn whoever_is_late_is_refused_and_the_account_that_comes_late_is_removed() {
    let (house, _) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::AfterApply).await;
    assert_eq!(house.names(), ["ada"], "made there, and Usher does not know yet");
    house.later(Duration::from_millis(9_999)).await;
    assert!(!arrival.is_answered());
    house.later(Duration::from_millis(1)).await;
    let rejections = rejections(house.answer(arrival).await);
    assert!(rejections[0].reason.contains("time limit") && !rejections[0].said_no);
    assert!(house.people().await.is_empty());
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    is_clean(&house, &house.acme).await;
}

#[tokio::test]
async fn whoever_is_late_while_only_looked_up_is_not_made_any_more() {
    let (house, _) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::BeforeFind).await;
    house.later(LIMIT).await;
    rejections(house.answer(arrival).await);
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    house.idle().await;
    assert!(house.changes().is_empty());
    is_clean(&house, &house.acme).await;
}

#[tokio::test]
async fn an_account_found_there_too_late_is_not_even_linked() {
    let (house, target) = House::with(blocking()).await;
    house.acme.seed(&json!({"userName": "ada"}));
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::BeforeFind).await;
    house.later(LIMIT).await;
    rejections(house.answer(arrival).await);
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    house.idle().await;
    assert_eq!(house.directory.accounts_of(&may(), target.connector).await.unwrap(), 0);
    assert!(house.changes().is_empty());
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn under_keep_the_user_is_real_what_is_pending_is_said_and_the_account_comes_later() {
    let (house, target) = House::with(keep()).await;
    house.acme.stop().await;
    let outcome = house.onboard("ada").await.unwrap();
    assert_eq!(outcome.pending, [target.connector]);
    assert_eq!(house.people().await, ["ada"]);
    house.acme.restart().await.unwrap();
    house.later(Duration::from_secs(2)).await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(outcome.user.id).await);
}

#[tokio::test]
async fn under_keep_whoever_is_late_is_real_and_the_answer_that_comes_is_taken() {
    let (house, target) = House::with(keep()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::AfterApply).await;
    house.later(LIMIT).await;
    let outcome = house.answer(arrival).await.unwrap();
    assert_eq!(outcome.pending, [target.connector]);
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    assert!(house.is_done(outcome.user.id).await);
    assert_eq!(house.changes(), ["POST"]);
}

#[tokio::test]
async fn under_keep_an_account_found_just_when_time_was_up_gets_its_first_update() {
    let (house, _) = House::with(keep()).await;
    house.acme.seed(&json!({"userName": "ada"}));
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::BeforeFind).await;
    house.later(LIMIT).await;
    house.answer(arrival).await.unwrap();
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Engineer");
}

#[tokio::test]
async fn two_limits_each_count_and_the_engine_rests_between_them() {
    let short = Rules { time_limit_ms: 1_000, ..keep() };
    let (house, first) = House::with(short).await;
    let (other, second) = second(&house, keep()).await;
    house.acme.hold_answers();
    other.hold_answers();
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run();
    house.later(Duration::from_secs(1)).await;
    let before = audit_and_rows(&house).await;
    house.later(Duration::from_secs(1)).await;
    assert_eq!(audit_and_rows(&house).await, before, "nothing to write until the second limit");
    assert!(!arrival.is_answered());
    house.later(Duration::from_secs(8)).await;
    let mut pending = house.answer(arrival).await.unwrap().pending;
    pending.sort();
    assert_eq!(pending, [first.connector, second.connector]);
    house.acme.release();
    other.release();
    run.await.unwrap();
}

/// What a pointless transaction would show up in.
async fn audit_and_rows(house: &House) -> (i64, String) {
    let mut conn = house.db().await;
    let changes = storage::audit::page(&mut conn, None, 1).await.unwrap().first().map_or(0, |entry| entry.seq);
    let user = staged(house).await[0];
    (changes, format!("{:?}", storage::awaited::of_user(&mut conn, user).await.unwrap()))
}

#[tokio::test]
async fn the_name_is_reserved_while_somebody_is_on_the_way_in() {
    let (house, _) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let taken = create(&house.directory, "ADA", Origin::Api, None).await;
    assert!(matches!(taken, Err(Error::Taken(errors)) if errors.get("userName").is_some()));
    house.answer(arrival).await.unwrap();
}

#[tokio::test]
async fn whoever_is_on_the_way_in_is_seen_by_nobody() {
    let (house, target) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    let ada = staged_user(&house).await;
    assert!(house.people().await.is_empty());
    assert!(house.directory.user_by_name(&may(), "ada").await.unwrap().is_none());
    assert!(matches!(house.directory.user(&may(), ada).await, Err(Error::NotFound(_))));
    assert!(matches!(house.directory.delete_user(&may(), ada, None).await, Err(Error::NotFound(_))));
    assert!(house.deliveries(ada).await.is_empty());
    assert!(house.all_deliveries().await.is_empty());
    let mut conn = house.db().await;
    let id = storage::deliveries::of_subject(&mut conn, ada.into()).await.unwrap()[0].id;
    drop(conn);
    assert!(matches!(house.directory.delivery(&may(), id).await, Err(Error::NotFound(_))));
    assert!(matches!(house.directory.attempts(&may(), id, None, 10).await, Err(Error::NotFound(_))));
    assert!(matches!(house.directory.retry(&may(), id).await, Err(Error::NotFound(_))));
    assert_eq!(house.directory.accounts_of(&may(), target.connector).await.unwrap(), 0);
    house.answer(arrival).await.unwrap();
    assert_eq!(house.directory.delivery(&may(), id).await.unwrap().delivery.subject_label, "ada");
}

#[tokio::test]
async fn the_list_of_deliveries_is_full_although_some_are_hidden() {
    let (house, _) = House::with(blocking()).await;
    for name in ["ada", "bea", "cleo"] {
        house.onboard(name).await.unwrap();
        house.clock.advance(Duration::from_millis(1));
    }
    let arrival = house.arrives("dora", Origin::Api);
    staged_user(&house).await;
    let query = directory::deliveries::Query { limit: 2, ..Default::default() };
    let page = house.directory.deliveries(&may(), query).await.unwrap();
    let labels: Vec<&str> = page.iter().map(|shown| shown.delivery.subject_label.as_str()).collect();
    assert_eq!(labels, ["cleo", "bea"]);
    house.answer(arrival).await.unwrap();
}

#[tokio::test]
async fn what_is_switched_off_does_not_block() {
    let (house, target) = House::with(blocking()).await;
    house.switch(&target, false).await;
    let ada = house.create("ada", Origin::Api).await.id;
    assert_eq!(house.state(ada).await.1, Some(ReasonKind::SwitchedOff));
    house.switch(&target, true).await;
    house.idle().await;
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn what_is_switched_off_meanwhile_counts_as_accepted() {
    let (house, target) = House::with(blocking()).await;
    let (other, _) = second(&house, blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::BeforeApply).await;
    house.switch(&target, false).await;
    house.idle().await;
    assert!(!arrival.is_answered(), "the other one has not answered");
    house.gates.open(Point::BeforeApply);
    run.await.unwrap();
    let outcome = house.answer(arrival).await.unwrap();
    assert!(outcome.pending.is_empty());
    assert_eq!(other.accounts().len(), 1);
}

#[tokio::test]
async fn a_provisioner_that_is_removed_meanwhile_counts_as_accepted() {
    let (house, target) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::AfterApply).await;
    house.directory.delete_provisioner(&may(), target.provisioner.id, Some(Removal::Delete)).await.unwrap();
    house.idle().await;
    house.answer(arrival).await.unwrap();
    assert_eq!(house.people().await, ["ada"]);
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    house.idle().await;
    assert!(house.names().is_empty(), "the removal reaches it");
    assert!(matches!(house.directory.provisioner(&may(), target.provisioner.id).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn a_first_sign_in_blocks_only_where_jit_outbound_is_on() {
    let (house, _) = House::with(blocking()).await;
    let jit = create(&house.directory, "jit", Origin::Jit, None).await.unwrap().user.id;
    house.idle().await;
    assert!(house.deliveries(jit).await.is_empty() && house.names().is_empty());

    let (house, _) = House::with(Rules { jit_outbound: true, ..blocking() }).await;
    let arrival = house.arrives("jit", Origin::Jit);
    staged_user(&house).await;
    house.answer(arrival).await.unwrap();
    assert_eq!(house.names(), ["jit"]);
}

#[tokio::test]
async fn an_account_found_there_is_only_linked_until_the_user_is_real() {
    let (house, _) = House::with(blocking()).await;
    let (other, _) = second(&house, blocking()).await;
    house.acme.seed(&json!({"userName": "ada"}));
    other.hold_before();
    let arrival = house.arrives("ada", Origin::Api);
    let ada = staged_user(&house).await;
    let run = house.run();
    loop {
        let mut conn = house.db().await;
        let target = storage::connectors::all(&mut conn).await.unwrap()[0].id;
        if storage::links::get(&mut conn, ada.into(), target).await.unwrap().is_some() {
            break;
        }
        drop(conn);
        tokio::task::yield_now().await;
    }
    assert!(house.changes().is_empty());
    other.release();
    run.await.unwrap();
    house.answer(arrival).await.unwrap();
    house.idle().await;
    assert_eq!(house.changes(), ["PATCH"]);
    assert_eq!(house.acme.account("ada").unwrap().document["title"], "Engineer");
}

#[tokio::test]
async fn an_account_found_there_is_let_go_untouched_when_the_user_is_refused() {
    let (house, _) = House::with(blocking()).await;
    let (other, _) = second(&house, blocking()).await;
    let before = house.acme.seed(&json!({"userName": "ada", "title": "Old hand"}));
    other.refuse("ada", 400, "no");
    rejections(house.onboard("ada").await);
    house.idle().await;
    assert!(house.changes().is_empty());
    assert_eq!(house.acme.account("ada").unwrap().document, before.document);
    assert!(house.people().await.is_empty() && staged(&house).await.is_empty());
}

#[tokio::test]
async fn a_decision_that_somebody_has_to_make_refuses_at_once() {
    let (house, _) = House::with(blocking()).await;
    house.acme.seed(&json!({"userName": "ada"}));
    let rejections = rejections(house.answer(house.arrives("ada", Origin::Registration)).await);
    assert!(rejections[0].said_no && rejections[0].reason.contains("“ada” exists already"), "{rejections:?}");
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn whoever_waits_for_a_name_that_is_held_is_refused_at_once() {
    let (house, target) = House::with(Rules::default()).await;
    let former = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    // The removal is held: the linked account is gone, and another one there carries the id.
    house.acme.remove(&house.acme.account("ada").unwrap().id);
    house.acme.seed(&json!({"userName": "copy", "externalId": former.to_string()}));
    house.delete(former).await;
    house.idle().await;
    assert_eq!(house.held_as(former).await, Some(ReasonKind::Adoption));
    let rules = blocking();
    house.directory.change_provisioner(&may(), target.provisioner.id, rules, None).await.unwrap();
    let rejections = rejections(house.onboard("ada").await);
    assert!(rejections[0].reason.contains("former “ada”") && rejections[0].said_no, "{rejections:?}");
}

#[tokio::test]
async fn whoever_waits_for_a_name_is_refused_when_it_becomes_held() {
    let (house, target) = House::with(Rules::default()).await;
    let former = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.acme.remove(&house.acme.account("ada").unwrap().id);
    house.acme.seed(&json!({"userName": "copy", "externalId": former.to_string()}));
    house.delete(former).await;
    let removal = house.run_to(Point::BeforeRemove).await;
    house.directory.change_provisioner(&may(), target.provisioner.id, blocking(), None).await.unwrap();
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    house.idle().await;
    assert!(!arrival.is_answered());
    house.gates.open(Point::BeforeRemove);
    removal.await.unwrap();
    let rejections = rejections(house.answer(arrival).await);
    assert!(rejections[0].said_no, "{rejections:?}");
    assert!(house.people().await.is_empty());
}

#[tokio::test]
async fn a_caller_who_hangs_up_changes_nothing() {
    let (house, _) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run_to(Point::AfterApply).await;
    arrival.hangs_up();
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    assert_eq!(house.people().await, ["ada"]);
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn two_targets_are_asked_in_parallel() {
    let (house, _) = House::with(blocking()).await;
    let (other, _) = second(&house, blocking()).await;
    house.acme.hold_before();
    other.hold_before();
    let arrival = house.arrives("ada", Origin::Api);
    staged_user(&house).await;
    let run = house.run();
    house.acme.wait_for_request(|_| true).await;
    other.wait_for_request(|_| true).await;
    house.acme.release();
    other.release();
    run.await.unwrap();
    house.answer(arrival).await.unwrap();
    assert_eq!((house.names().len(), other.accounts().len()), (1, 1));
}

#[tokio::test]
async fn others_follow_once_the_user_is_real() {
    let (house, _) = House::with(blocking()).await;
    let (other, _) = second(&house, Rules::default()).await;
    house.acme.refuse("bea", 400, "no");
    house.onboard("ada").await.unwrap();
    rejections(house.onboard("bea").await);
    house.idle().await;
    let names: Vec<String> = other.accounts().into_iter().map(|account| account.user_name).collect();
    assert_eq!(names, ["ada"], "a refused one is never heard of elsewhere");
}

#[tokio::test]
async fn a_refusal_for_twenty_tells_whoever_waits_behind_that_pause() {
    let (house, target) = House::with(Rules::default()).await;
    for n in 0..20 {
        house.acme.refuse(&format!("user{n}"), 400, "no licence left");
        house.create(&format!("user{n}"), Origin::Api).await;
    }
    house.idle().await;
    assert_eq!(house.pause(&target).await.unwrap().kind, PauseKind::Refusals);
    house.directory.change_provisioner(&may(), target.provisioner.id, blocking(), None).await.unwrap();
    let rejections = rejections(create(&house.directory, "ada", Origin::Api, None).await);
    assert!(rejections[0].reason.contains("20 accounts in a row"), "{rejections:?}");
}
