//! What Activity and Home tell of the engine's work: retries of several, figures, and bodies that are erased in time.

use std::time::Duration;

use domain::{
    UserId,
    delivery::ReasonKind,
    provisioner::{Removal, Rules},
    user::Origin,
};

use crate::support::{House, may};

const DAY: Duration = Duration::from_hours(24);

async fn refused<const N: usize>(house: &House, names: [&str; N], why: &str) -> Vec<UserId> {
    let mut ids = Vec::new();
    for name in names {
        house.acme.refuse(name, 400, why);
        ids.push(house.create(name, Origin::Api).await.id);
    }
    house.idle().await;
    ids
}

async fn held(house: &House, users: &[UserId]) -> usize {
    let mut held = 0;
    for user in users {
        held += usize::from(house.held_as(*user).await.is_some());
    }
    held
}

#[tokio::test]
async fn what_is_held_for_one_reason_is_retried_together() {
    let (house, target) = House::with(Rules::default()).await;
    let alike = refused(&house, ["ada", "bea", "cleo"], "no licence left").await;
    let other = refused(&house, ["dora"], "name too long").await;
    let groups = house.directory.held(&may(), None).await.unwrap();
    let [group] = groups.as_slice() else { panic!("{groups:?}") };
    assert_eq!(
        (group.connector, group.kind, group.count, group.alike),
        (target.connector, ReasonKind::Refused, 4, false)
    );

    let reason = house.delivery(alike[0]).await.state.reason().unwrap().clone();
    assert_eq!(house.directory.held_for(&may(), target.connector, &reason).await.unwrap(), 3);
    house.acme.behave();
    let retried = house.directory.retry_kind(&may(), target.connector, reason.kind, Some(reason.text)).await.unwrap();
    assert_eq!((retried.due, retried.skipped), (3, 0));
    house.idle().await;
    assert_eq!((held(&house, &alike).await, held(&house, &other).await), (0, 1), "another reason is another matter");
    let rest = house.directory.retry_kind(&may(), target.connector, ReasonKind::Refused, None).await.unwrap();
    assert_eq!(rest.due, 1);
    house.idle().await;
    assert_eq!(house.directory.held_count(&may()).await.unwrap(), 0);
    assert_eq!(house.names().len(), 4);
}

#[tokio::test]
async fn more_than_a_batch_is_retried_each_once() {
    let (house, target) = House::with(Rules::default()).await;
    let mut all = Vec::new();
    for n in 0..120 {
        // Reasons of their own: the same one twenty times over would pause the connector.
        let name = format!("user{n}");
        house.acme.refuse(&name, 400, &format!("no room for number {n}"));
        all.push(house.create(&name, Origin::Api).await.id);
    }
    house.idle().await;
    assert_eq!(held(&house, &all).await, 120);
    let retried = house.directory.retry_kind(&may(), target.connector, ReasonKind::Refused, None).await.unwrap();
    assert_eq!(retried.due, 120);
    house.idle().await;
    assert_eq!(held(&house, &all).await, 120, "refused again, and not tried a third time");
    let delivery = house.delivery(all[0]).await.delivery.id;
    assert_eq!(house.attempts(delivery).await.len(), 2);
}

#[tokio::test]
async fn a_selection_is_retried_but_for_what_has_nothing_to_retry() {
    let (house, _) = House::with(Rules::default()).await;
    let users = refused(&house, ["ada", "bea"], "no licence left").await;
    let gone = house.create("cleo", Origin::Api).await.id;
    house.idle().await;
    house.delete(gone).await;
    house.idle().await;
    let mut ids = Vec::new();
    for user in [users[0], users[1], gone] {
        ids.push(house.delivery(user).await.delivery.id);
    }
    house.acme.behave();
    let retried = house.directory.retry_many(&may(), ids).await.unwrap();
    assert_eq!((retried.due, retried.skipped), (2, 1));
    house.idle().await;
    let mut names = house.names();
    names.sort();
    assert_eq!(names, ["ada", "bea"]);
}

#[tokio::test]
async fn figures_tell_what_was_delivered_retried_and_held_and_how_long_it_took() {
    let (house, target) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.later(Duration::from_millis(100)).await;
    house.acme.fail_next(1, 503);
    house.create("bea", Origin::Api).await;
    house.idle().await;
    refused(&house, ["cleo"], "no licence left").await;

    let shown = house.directory.overview(&may()).await.unwrap();
    assert_eq!((shown.today.delivered, shown.today.retried, shown.today.held), (1, 1, 1));
    assert_eq!(shown.hours.len(), 24);
    assert_eq!(shown.hours.last().unwrap().1, shown.today);
    assert_eq!((shown.people, shown.waiting), (3, 1));
    let median = shown.arrival_median.unwrap().as_millis();
    assert!((100..=110).contains(&median), "{median}");
    let [status] = shown.statuses.as_slice() else { panic!("{:?}", shown.statuses) };
    assert_eq!((status.id, status.accounts, status.provisioned), (target.connector, 1, true));
    assert_eq!((status.standing.held, status.standing.open, status.standing.retrying), (1, 1, 1));
    assert_eq!(shown.departure_p95, None);

    house.later(Duration::from_mins(1)).await;
    house.delete(ada).await;
    house.later(Duration::from_secs(2)).await;
    let shown = house.directory.overview(&may()).await.unwrap();
    assert_eq!((shown.today.delivered, shown.waiting), (3, 0), "an arrival late, and a departure");
    let p99 = shown.arrival_p99.unwrap();
    assert!(
        p99 >= Duration::from_mins(1) && p99 < Duration::from_secs(66),
        "{p99:?}: from the commit, retries and all"
    );
    let gone = shown.departure_p95.unwrap().as_millis();
    assert!((2_000..=2_190).contains(&gone), "{gone}");

    house.later(3 * DAY).await;
    let shown = house.directory.overview(&may()).await.unwrap();
    assert_eq!((shown.today.delivered, shown.arrival_median), (0, None), "of long ago");
    assert_eq!(shown.statuses[0].accounts, 1);
}

#[tokio::test]
async fn undoing_a_refused_onboarding_is_no_departure() {
    let (house, _) = House::with(crate::support::blocking()).await;
    let other = crate::support::acme().await;
    house.target(&other, "Other", crate::support::blocking(), &[]).await;
    other.refuse("ada", 400, "no licence left");
    assert!(house.onboard("ada").await.is_err());
    house.later(Duration::from_secs(1)).await;
    let shown = house.directory.overview(&may()).await.unwrap();
    assert_eq!((shown.people, shown.departure_p95), (0, None));
}

async fn bodies(house: &House, user: UserId) -> usize {
    let delivery = house.delivery(user).await.delivery.id;
    let attempts = house.attempts(delivery).await;
    assert!(!attempts.is_empty(), "attempts stay");
    attempts.iter().filter(|attempt| attempt.request.is_some() || attempt.response.is_some()).count()
}

#[tokio::test]
async fn bodies_are_erased_after_thirty_days() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    assert_eq!(bodies(&house, ada).await, 1);
    house.later(29 * DAY).await;
    assert_eq!(bodies(&house, ada).await, 1);
    house.title(ada, "Countess").await;
    house.idle().await;
    house.later(2 * DAY).await;
    assert_eq!(bodies(&house, ada).await, 1, "the last success is younger");
    house.later(29 * DAY).await;
    assert_eq!(bodies(&house, ada).await, 0);
}

#[tokio::test]
async fn bodies_about_a_deleted_user_are_erased_a_week_after_the_last_account_is_let_go() {
    let (house, target) = House::with(Rules { on_delete: Removal::Delete, ..Rules::default() }).await;
    let (ada, bea) = (house.create("ada", Origin::Api).await.id, house.create("bea", Origin::Api).await.id);
    house.idle().await;
    house.switch(&target, false).await;
    house.delete(ada).await;
    house.later(8 * DAY).await;
    assert!(bodies(&house, ada).await > 0, "the account is still there: its tombstone is not settled");
    house.switch(&target, true).await;
    house.idle().await;
    assert!(house.is_done(ada).await);
    house.later(6 * DAY).await;
    assert!(bodies(&house, ada).await > 0);
    house.later(2 * DAY).await;
    assert_eq!(bodies(&house, ada).await, 0);
    assert!(bodies(&house, bea).await > 0, "of nobody else");
    assert_eq!(house.delivery(ada).await.delivery.subject_label, "ada", "the delivery stays readable");
}
