//! Killed at any instant and started again: nothing is lost, nothing is there twice.

use std::time::Duration;

use domain::{
    UserId,
    provisioner::{OnFailure, Rules},
    user::Origin,
};

use crate::{
    gates::Point,
    support::{House, blocking, kill},
};

/// Every place where a create can be interrupted, from before the claim to after the target's change.
const POINTS: [Point; 3] = [Point::BeforeFind, Point::BeforeApply, Point::AfterApply];

/// Kills the house while an attempt stands at a point, and starts it again.
async fn killed_at(house: House, point: Point) -> House {
    let run = house.run_to(point).await;
    kill(run).await;
    house.restart().await
}

async fn staged(house: &House) -> UserId {
    loop {
        if let [user] = storage::users::staged(&mut *house.db().await).await.unwrap()[..] {
            return user;
        }
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn a_create_leaves_exactly_one_account() {
    for point in POINTS {
        let (house, _) = House::with(Rules::default()).await;
        let ada = house.create("ada", Origin::Api).await.id;
        let house = killed_at(house, point).await;
        house.idle().await;
        assert_eq!(house.names(), ["ada"], "{point:?}");
        assert!(house.is_done(ada).await, "{point:?}");
        assert_eq!(house.delivery(ada).await.remote_id, Some(house.acme.account("ada").unwrap().id));
    }
}

#[tokio::test]
async fn a_create_that_the_target_carries_out_after_the_restart_leaves_exactly_one_account() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::BeforeApply).await;
    house.acme.hold_before();
    house.gates.open(Point::BeforeApply);
    house.acme.wait_for_request(|request| request.method == "POST").await;
    kill(run).await;
    house.acme.release();
    house.acme.wait_until(|acme| !acme.accounts().is_empty()).await;
    let house = house.restart().await;
    house.idle().await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn a_kill_before_anything_was_claimed_loses_nothing() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let house = house.restart().await;
    house.idle().await;
    assert_eq!(house.names(), ["ada"]);
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn an_edit_arrives() {
    for point in [Point::BeforeApply, Point::AfterApply] {
        let (house, _) = House::with(Rules::default()).await;
        let ada = house.create("ada", Origin::Api).await.id;
        house.idle().await;
        house.title(ada, "Countess").await;
        let house = killed_at(house, point).await;
        house.title(ada, "Engineer").await;
        house.idle().await;
        assert_eq!(house.acme.account("ada").unwrap().document["title"], "Engineer", "{point:?}");
        assert!(house.is_done(ada).await);
    }
}

#[tokio::test]
async fn a_removal_leaves_no_account() {
    for point in [Point::BeforeRemove, Point::AfterRemove] {
        let (house, _) = House::with(Rules::default()).await;
        let ada = house.create("ada", Origin::Api).await.id;
        house.idle().await;
        house.delete(ada).await;
        let house = killed_at(house, point).await;
        house.idle().await;
        assert!(house.names().is_empty(), "{point:?}");
        assert!(house.is_done(ada).await, "{point:?}");
        assert!(storage::tombstones::get(&mut *house.db().await, ada).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn whoever_is_deleted_after_a_kill_in_mid_create_leaves_no_account() {
    for point in POINTS {
        let (house, _) = House::with(Rules::default()).await;
        let ada = house.create("ada", Origin::Api).await.id;
        let house = killed_at(house, point).await;
        house.delete(ada).await;
        house.idle().await;
        house.later(Duration::from_mins(1)).await;
        assert!(house.names().is_empty(), "{point:?}");
        assert!(house.is_done(ada).await, "{point:?}");
    }
}

#[tokio::test]
async fn under_refuse_a_staged_user_is_nowhere_after_a_kill() {
    for point in POINTS {
        let (house, _) = House::with(blocking()).await;
        let arrival = house.arrives("ada", Origin::Api);
        let ada = staged(&house).await;
        let run = house.run_to(point).await;
        arrival.hangs_up();
        kill(run).await;
        let house = house.restart().await;
        assert!(house.people().await.is_empty(), "{point:?}");
        assert!(storage::users::staged(&mut *house.db().await).await.unwrap().is_empty());
        house.idle().await;
        assert!(house.names().is_empty(), "{point:?}");
        house.later(Duration::from_mins(1)).await;
        assert!(house.is_done(ada).await, "{point:?}");
        assert!(storage::tombstones::get(&mut *house.db().await, ada).await.unwrap().is_none(), "{point:?}");
    }
}

#[tokio::test]
async fn under_refuse_an_account_made_after_the_restart_is_removed() {
    let (house, _) = House::with(blocking()).await;
    let arrival = house.arrives("ada", Origin::Api);
    staged(&house).await;
    let run = house.run_to(Point::BeforeApply).await;
    house.acme.hold_before();
    house.gates.open(Point::BeforeApply);
    house.acme.wait_for_request(|request| request.method == "POST").await;
    arrival.hangs_up();
    kill(run).await;
    let house = house.restart().await;
    // The first look-up is answered before the create that came earlier is carried out.
    let look = house.run_to(Point::BeforeFind).await;
    kill(look).await;
    house.gates.open(Point::BeforeFind);
    house.acme.release();
    house.acme.wait_until(|acme| !acme.accounts().is_empty()).await;
    house.idle().await;
    assert!(house.names().is_empty() && house.people().await.is_empty());
}

#[tokio::test]
async fn under_keep_a_staged_user_is_here_and_there_after_a_kill() {
    for point in POINTS {
        let (house, _) = House::with(Rules { on_blocking_failure: OnFailure::Keep, ..blocking() }).await;
        let arrival = house.arrives("ada", Origin::Api);
        let ada = staged(&house).await;
        let run = house.run_to(point).await;
        arrival.hangs_up();
        kill(run).await;
        let house = house.restart().await;
        assert_eq!(house.people().await, ["ada"], "{point:?}");
        house.idle().await;
        assert_eq!(house.names(), ["ada"], "{point:?}");
        assert!(house.is_done(ada).await, "{point:?}");
    }
}

#[tokio::test]
async fn a_target_that_was_down_is_probed_at_once_after_a_restart() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.stop().await;
    house.create("ada", Origin::Api).await;
    house.idle().await;
    house.acme.restart().await.unwrap();
    let house = house.restart().await;
    house.idle().await;
    assert!(house.pause(&target).await.is_none());
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn a_started_engine_delivers_by_itself_and_stops_cleanly() {
    let (house, _) = House::with(blocking()).await;
    let (house, running) = house.started().await;
    let ada = house.create("ada", Origin::Api).await;
    assert_eq!(house.names(), ["ada"]);
    house.delete(ada.id).await;
    assert!(house.names().is_empty(), "the answer waited for it");
    running.stop().await;
    let late = crate::support::create(&house.directory, "bea", Origin::Api, None);
    assert!(matches!(late.await, Err(directory::Error::NoEngine)));
}
