//! Failures are told apart, and each has its own way on.

use std::time::Duration;

use directory::connectors::ConnectorChange;
use domain::{
    UserId,
    connection::PauseKind,
    delivery::{ReasonKind, State},
    provisioner::Rules,
    user::Origin,
};

use crate::{
    gates::Point,
    support::{House, TOKEN, Target, may, typed},
};

async fn people(house: &House, count: usize) -> Vec<UserId> {
    let mut ids = Vec::new();
    for n in 0..count {
        ids.push(house.create(&format!("user{n}"), Origin::Api).await.id);
    }
    ids
}

async fn pause(house: &House, target: &Target) -> Option<PauseKind> {
    house.pause(target).await.map(|pause| pause.kind)
}

async fn configure(house: &House, target: &Target, token: &str) {
    let endpoint = house.acme.users_endpoint();
    let typed = typed(&[("authentication_mode", "bearer"), ("access_token", token), ("user_endpoint", &endpoint)]);
    let change = ConnectorChange { properties: Some(typed), ..ConnectorChange::default() };
    house.directory.change_connector(&may(), target.connector, change).await.unwrap();
}

fn asked(house: &House) -> usize {
    house.acme.requests().len()
}

#[tokio::test]
async fn a_target_that_is_down_is_probed_and_then_gets_everything_at_once() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.stop().await;
    let all = people(&house, 7).await;
    house.idle().await;
    assert_eq!(pause(&house, &target).await, Some(PauseKind::Down));
    for user in &all {
        let (state, kind, text) = house.state(*user).await;
        assert_eq!((state, kind), ("waiting", Some(ReasonKind::TargetDown)));
        assert!(text.contains("Acme Cloud cannot be reached"), "{text}");
    }
    house.acme.restart().await.unwrap();
    house.later(Duration::from_secs(2)).await;
    assert_eq!(pause(&house, &target).await, None);
    assert_eq!(house.names().len(), 7, "no backoff outlives the outage");
}

#[tokio::test]
async fn probes_come_after_two_seconds_doubling_to_thirty() {
    let (house, target) = House::with(Rules::default()).await;
    let all = people(&house, 5).await;
    house.acme.fail_next(u32::MAX, 503);
    house.idle().await;
    assert_eq!(pause(&house, &target).await, Some(PauseKind::Down), "five subjects in a row");
    assert_eq!(house.state(all[0]).await.1, Some(ReasonKind::TargetDown));
    let since = house.pause(&target).await.unwrap().since;
    for wait in [2, 4, 8, 16, 30, 30] {
        house.acme.forget_requests();
        house.later(Duration::from_millis(wait * 1000 - 1)).await;
        assert_eq!(asked(&house), 0, "before {wait} s");
        house.later(Duration::from_millis(1)).await;
        assert_eq!(asked(&house), 1, "after {wait} s");
    }
    assert_eq!(house.pause(&target).await.unwrap().since, since);
    house.acme.behave();
    house.later(Duration::from_secs(30)).await;
    assert_eq!(house.names().len(), 5);
}

#[tokio::test]
async fn a_target_that_takes_look_ups_but_no_changes_is_left_alone_longer_and_longer() {
    let (house, target) = House::with(Rules::default()).await;
    for n in 0..6 {
        house.acme.refuse(&format!("user{n}"), 500, "read only");
    }
    people(&house, 6).await;
    house.idle().await;
    let mut waits = Vec::new();
    for _ in 0..5 {
        assert_eq!(pause(&house, &target).await, Some(PauseKind::Down));
        house.acme.forget_requests();
        let before = domain::Clock::now(&house.clock);
        while asked(&house) == 0 {
            house.later(Duration::from_secs(1)).await;
        }
        waits.push(domain::Clock::now(&house.clock).since(before).as_secs());
    }
    assert_eq!(waits, [2, 4, 8, 16, 30]);
    house.acme.behave();
    house.later(Duration::from_secs(30)).await;
    assert_eq!(house.names().len(), 6);
}

#[tokio::test]
async fn one_subject_that_a_target_cannot_bear_does_not_stop_the_others() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.refuse("user0", 500, "boom");
    let all = people(&house, 1).await;
    for _ in 0..12 {
        house.later(Duration::from_hours(1)).await;
    }
    assert_eq!(pause(&house, &target).await, None, "its own retries are no outage");
    assert_eq!(house.state(all[0]).await.1, Some(ReasonKind::Retry));
}

#[tokio::test]
async fn a_fault_is_retried_with_growing_waits_of_an_hour_at_most() {
    let (house, _) = House::with(Rules::default()).await;
    house.acme.refuse("ada", 500, "boom");
    let ada = house.create("ada", Origin::Api).await.id;
    let mut waits = Vec::new();
    for _ in 0..14 {
        house.idle().await;
        let State::Waiting { until, .. } = house.delivery(ada).await.delivery.state else { panic!("it waits") };
        let wait = until.since(domain::Clock::now(&house.clock));
        waits.push(wait.as_secs());
        house.clock.advance(wait);
    }
    assert!(waits.is_sorted() && waits[0] <= 1 && waits[13] == 3600, "{waits:?}");
}

#[tokio::test]
async fn whoever_asks_for_time_is_given_it() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.throttle_next(1, Duration::from_secs(90));
    let all = people(&house, 3).await;
    house.idle().await;
    house.acme.forget_requests();
    house.create("late", Origin::Api).await;
    house.later(Duration::from_secs(89)).await;
    assert_eq!(asked(&house), 0, "nobody is sent meanwhile");
    house.later(Duration::from_secs(1)).await;
    assert!(house.is_done(all[0]).await);
    assert_eq!(house.names().len(), 4);
    assert_eq!(pause(&house, &target).await, None);
}

#[tokio::test]
async fn credentials_that_are_not_accepted_pause_until_they_are_mended() {
    let (house, target) = House::with(Rules::default()).await;
    configure(&house, &target, "wrong").await;
    let all = people(&house, 3).await;
    house.idle().await;
    assert_eq!(pause(&house, &target).await, Some(PauseKind::Credentials));
    assert_eq!(house.state(all[0]).await.1, Some(ReasonKind::Credentials));
    house.acme.forget_requests();
    house.later(Duration::from_hours(5)).await;
    assert_eq!(asked(&house), 0, "targets lock accounts out");
    configure(&house, &target, TOKEN).await;
    house.idle().await;
    assert_eq!(pause(&house, &target).await, None);
    assert_eq!(house.names().len(), 3);
}

#[tokio::test]
async fn what_is_said_about_credentials_that_were_mended_meanwhile_pauses_nothing() {
    let (house, target) = House::with(Rules::default()).await;
    configure(&house, &target, "wrong").await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::BeforeFind).await;
    configure(&house, &target, TOKEN).await;
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    assert_eq!(pause(&house, &target).await, None);
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn what_a_probe_says_about_a_configuration_that_was_changed_meanwhile_pauses_nothing() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.stop().await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.clock.advance(Duration::from_secs(2));
    let probe = house.run_to(Point::BeforeFind).await;
    configure(&house, &target, TOKEN).await;
    house.gates.open(Point::BeforeFind);
    house.acme.restart().await.unwrap();
    probe.await.unwrap();
    house.idle().await;
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn a_403_is_about_the_person_where_look_ups_are_permitted() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.refuse("user0", 403, "not this one");
    let all = people(&house, 2).await;
    house.idle().await;
    assert_eq!(house.held_as(all[0]).await, Some(ReasonKind::Refused));
    assert!(house.is_done(all[1]).await);
    assert_eq!(pause(&house, &target).await, None);
}

#[tokio::test]
async fn a_403_is_about_the_credentials_where_look_ups_are_not_permitted_either() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.fail_next(u32::MAX, 403);
    let all = people(&house, 1).await;
    house.idle().await;
    assert_eq!(pause(&house, &target).await, Some(PauseKind::Credentials));
    assert_eq!(house.state(all[0]).await.1, Some(ReasonKind::Credentials));
}

#[tokio::test]
async fn who_is_refused_is_held_until_an_edit() {
    let (house, _) = House::with(Rules::default()).await;
    house.acme.refuse("ada", 400, "no licence left");
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    let (state, kind, text) = house.state(ada).await;
    assert_eq!((state, kind), ("held", Some(ReasonKind::Refused)));
    assert!(text.contains("no licence left"), "{text}");
    house.acme.accept("ada");
    house.later(Duration::from_hours(24)).await;
    assert!(house.names().is_empty(), "nothing by itself");
    house.title(ada, "Countess").await;
    house.idle().await;
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn who_is_refused_is_tried_again_when_the_configuration_changes_or_somebody_asks() {
    let (house, target) = House::with(Rules::default()).await;
    for name in ["user0", "user1"] {
        house.acme.refuse(name, 422, "no licence left");
    }
    let all = people(&house, 2).await;
    house.idle().await;
    house.acme.behave();
    house.retry(all[0]).await;
    house.idle().await;
    assert_eq!(house.names(), ["user0"]);
    configure(&house, &target, TOKEN).await;
    house.idle().await;
    assert_eq!(house.names(), ["user0", "user1"]);
}

#[tokio::test]
async fn a_good_test_does_not_send_again_what_was_refused() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.refuse("ada", 400, "no licence left");
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    assert!(house.directory.test_connector(&may(), target.connector, None).await.unwrap().is_ok());
    house.acme.forget_requests();
    house.idle().await;
    assert_eq!(asked(&house), 0);
    assert_eq!(house.held_as(ada).await, Some(ReasonKind::Refused));
}

#[tokio::test]
async fn the_same_refusal_for_twenty_pauses_and_a_good_test_ends_that() {
    let (house, target) = House::with(Rules::default()).await;
    for n in 0..30 {
        house.acme.refuse(&format!("user{n}"), 400, "no licence left");
    }
    let all = people(&house, 30).await;
    house.idle().await;
    assert_eq!(pause(&house, &target).await, Some(PauseKind::Refusals));
    let mut held = 0;
    for user in &all {
        held += usize::from(house.held_as(*user).await.is_some());
    }
    assert!((20..=23).contains(&held), "those in flight end, no more go out: {held}");
    house.acme.behave();
    assert!(house.directory.test_connector(&may(), target.connector, None).await.unwrap().is_ok());
    house.idle().await;
    assert_eq!(house.names().len(), 30);
}

#[tokio::test]
async fn retrying_one_that_is_refused_over_and_over_pauses_nothing() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.refuse("ada", 400, "no licence left");
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    for _ in 0..25 {
        house.retry(ada).await;
        house.idle().await;
    }
    assert_eq!(pause(&house, &target).await, None);
}

#[tokio::test]
async fn a_retry_while_it_runs_is_what_was_asked_for_and_what_is_gone_has_nothing_to_retry() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::BeforeApply).await;
    house.retry(ada).await;
    house.gates.open(Point::BeforeApply);
    run.await.unwrap();
    house.delete(ada).await;
    house.idle().await;
    let id = house.delivery(ada).await.delivery.id;
    assert!(house.directory.retry(&may(), id).await.unwrap_err().to_string().contains("nothing to retry"));
}

#[tokio::test]
async fn a_good_change_ends_a_row_of_faults() {
    let (house, target) = House::with(Rules::default()).await;
    for n in 0..3 {
        house.acme.refuse(&format!("user{n}"), 500, "boom");
    }
    people(&house, 3).await;
    house.idle().await;
    house.create("ada", Origin::Api).await;
    house.idle().await;
    for name in ["bea", "cleo"] {
        house.acme.refuse(name, 500, "boom");
        house.create(name, Origin::Api).await;
    }
    house.idle().await;
    assert_eq!(pause(&house, &target).await, None);
}

#[tokio::test]
async fn an_attempt_that_breaks_off_inside_usher_is_tried_again() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.gates.break_off(Point::AfterApply);
    house.idle().await;
    let (state, kind, text) = house.state(ada).await;
    assert_eq!((state, kind), ("waiting", Some(ReasonKind::Retry)));
    assert!(text.contains("inside Usher"), "{text}");
    house.later(Duration::from_secs(2)).await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn every_attempt_is_on_record() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.acme.fail_next(1, 502);
    house.idle().await;
    house.later(Duration::from_secs(2)).await;
    house.title(ada, "Countess").await;
    house.idle().await;
    let attempts = house.attempts(house.delivery(ada).await.delivery.id).await;
    let outcomes: Vec<&str> = attempts.iter().rev().map(|attempt| attempt.outcome.as_str()).collect();
    assert_eq!(outcomes, ["faulty", "delivered", "delivered"]);
    let bodies: Vec<bool> = attempts.iter().rev().map(|attempt| attempt.request.is_some()).collect();
    assert_eq!(bodies, [true, false, true], "of failures and of the last success");
    assert!(attempts.iter().all(|one| !one.request.as_deref().unwrap_or("").contains(TOKEN)));
    assert_eq!(attempts[2].status, Some(502));
}
