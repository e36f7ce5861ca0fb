//! Connectors, connections and provisioners are taken away together with what they made, or leave it.

use std::time::Duration;

use directory::{
    Error,
    connectors::{ConnectorChange, Moved},
    removal::Removed,
};
use domain::{
    UserId,
    connection::Life,
    delivery::ReasonKind,
    provisioner::{Removal, Rules},
    user::Origin,
};

use crate::{
    gates::Point,
    support::{House, TOKEN, Target, acme, may, typed},
};

async fn with_people(names: &[&str]) -> (House, Target, Vec<UserId>) {
    let (house, target) = House::with(Rules::default()).await;
    let mut ids = Vec::new();
    for name in names {
        ids.push(house.create(name, Origin::Api).await.id);
    }
    house.idle().await;
    (house, target, ids)
}

async fn remove(house: &House, target: &Target, policy: Option<Removal>) -> Result<Removed, Error> {
    house.directory.delete_connector(&may(), target.connector, policy).await
}

async fn is_gone(house: &House, target: &Target) -> bool {
    matches!(house.directory.connector(&may(), target.connector).await, Err(Error::NotFound(_)))
}

#[tokio::test]
async fn removing_asks_what_becomes_of_the_accounts() {
    let (house, target, _) = with_people(&["ada", "bea"]).await;
    assert!(matches!(remove(&house, &target, Some(Removal::Delete)).await, Err(Error::Conflict(_))), "enabled");
    house.switch(&target, false).await;
    assert!(matches!(remove(&house, &target, None).await, Err(Error::AccountsExist { count: 2 })));
    let asked = house.directory.delete_provisioner(&may(), target.provisioner.id, None).await;
    assert!(matches!(asked, Err(Error::AccountsExist { count: 2 })));
    let asked = house.directory.delete_connection(&may(), target.connection, None).await;
    assert!(matches!(asked, Err(Error::AccountsExist { count: 2 })));
}

#[tokio::test]
async fn each_policy_does_what_it_says() {
    for policy in Removal::ALL {
        let (house, target, ids) = with_people(&["ada", "bea"]).await;
        house.switch(&target, false).await;
        assert_eq!(remove(&house, &target, Some(policy)).await.unwrap(), Removed::Going);
        let state = house.directory.connector(&may(), target.connector).await.unwrap();
        assert_eq!(state.connector.life, Life::Removing);
        house.acme.forget_requests();
        house.idle().await;
        assert!(is_gone(&house, &target).await, "{policy:?}");
        let (count, active): (usize, Vec<bool>) = match policy {
            Removal::Delete => (0, vec![]),
            Removal::Disable => (2, vec![false, false]),
            Removal::Leave => (2, vec![true, true]),
        };
        assert_eq!(house.names().len(), count, "{policy:?}");
        assert_eq!(house.acme.accounts().iter().map(|account| account.active).collect::<Vec<_>>(), active);
        if policy == Removal::Leave {
            assert!(house.acme.requests().is_empty(), "nothing is called");
        }
        assert!(house.is_done(ids[0]).await);
        // Nobody's account is touched by what happens here later, and nothing can be retried there.
        house.title(ids[0], "Countess").await;
        let retry = house.directory.retry(&may(), house.delivery(ids[1]).await.delivery.id).await;
        assert!(matches!(retry, Err(Error::Conflict(_))));
        house.delete(ids[0]).await;
        house.idle().await;
        assert_eq!(house.names().len(), count);
        assert!(storage::tombstones::get(&mut *house.db().await, ids[0]).await.unwrap().is_none());
    }
}

#[tokio::test]
async fn removing_the_provisioner_leaves_the_connector() {
    let (house, target, ids) = with_people(&["ada"]).await;
    // Its switch does not hold the removal up.
    house.switch(&target, false).await;
    let removed = house.directory.delete_provisioner(&may(), target.provisioner.id, Some(Removal::Delete)).await;
    assert_eq!(removed.unwrap(), Removed::Going);
    let again = directory::provisioners::NewProvisioner {
        connection_id: target.connection,
        connector_id: target.connector,
        rules: Rules::default(),
    };
    house.switch(&target, true).await;
    let refused = house.directory.create_provisioner(&may(), again.clone()).await;
    assert!(matches!(refused, Err(Error::Conflict(text)) if text.contains("still letting")));
    house.switch(&target, false).await;
    house.idle().await;
    assert!(house.names().is_empty());
    assert!(matches!(house.directory.provisioner(&may(), target.provisioner.id).await, Err(Error::NotFound(_))));
    house.switch(&target, true).await;
    house.directory.create_provisioner(&may(), again).await.unwrap();
    house.title(ids[0], "Countess").await;
    house.idle().await;
    assert_eq!(house.names(), ["ada"], "an edit begins with them again");
}

#[tokio::test]
async fn a_connection_is_gone_when_its_last_connector_is() {
    let (house, target, _) = with_people(&["ada"]).await;
    house.switch(&target, false).await;
    let removed = house.directory.delete_connection(&may(), target.connection, Some(Removal::Delete)).await.unwrap();
    assert_eq!(removed, Removed::Going);
    assert_eq!(house.directory.connection(&may(), target.connection).await.unwrap().life, Life::Removing);
    house.idle().await;
    assert!(house.names().is_empty() && is_gone(&house, &target).await);
    assert!(matches!(house.directory.connection(&may(), target.connection).await, Err(Error::NotFound(_))));
}

#[tokio::test]
async fn what_has_no_accounts_is_gone_at_once() {
    let (house, target) = House::with(Rules::default()).await;
    house.switch(&target, false).await;
    assert_eq!(remove(&house, &target, None).await.unwrap(), Removed::Gone);
    let removed = house.directory.delete_connection(&may(), target.connection, None).await.unwrap();
    assert_eq!(removed, Removed::Gone);
}

#[tokio::test]
async fn removing_overrides_the_switch_but_not_a_pause() {
    let (house, target, _) = with_people(&["ada"]).await;
    house.acme.stop().await;
    house.create("bea", Origin::Api).await;
    house.idle().await;
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Delete)).await.unwrap();
    house.idle().await;
    assert!(!is_gone(&house, &target).await);
    house.acme.restart().await.unwrap();
    house.later(Duration::from_secs(30)).await;
    assert!(is_gone(&house, &target).await);
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn accounts_at_a_target_that_is_gone_for_good_can_be_given_up() {
    let (house, target, ids) = with_people(&["ada"]).await;
    house.acme.stop().await;
    house.title(ids[0], "Countess").await;
    house.idle().await;
    house.switch(&target, false).await;
    assert_eq!(remove(&house, &target, Some(Removal::Delete)).await.unwrap(), Removed::Going);
    house.idle().await;
    assert!(!is_gone(&house, &target).await);
    remove(&house, &target, Some(Removal::Leave)).await.unwrap();
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    assert!(house.is_done(ids[0]).await);
}

#[tokio::test]
async fn nobody_is_made_there_in_order_to_be_let_go() {
    let (house, target) = House::with(Rules::default()).await;
    house.switch(&target, false).await;
    // More than one batch: those whose turn comes later do not go out before it.
    for n in 0..210 {
        house.create(&format!("user{n}"), Origin::Api).await;
    }
    house.idle().await;
    remove(&house, &target, Some(Removal::Disable)).await.unwrap();
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    assert!(house.acme.requests().is_empty());
}

#[tokio::test]
async fn a_held_one_does_not_keep_a_connector_for_ever() {
    let (house, target) = House::with(Rules::default()).await;
    house.acme.refuse("ada", 400, "no");
    let ada = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    assert_eq!(house.held_as(ada).await, Some(ReasonKind::Refused));
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Delete)).await.unwrap();
    house.idle().await;
    assert!(is_gone(&house, &target).await);
}

#[tokio::test]
async fn edits_and_deletions_during_a_removal_keep_to_its_policy() {
    let (house, target, ids) = with_people(&["ada", "bea"]).await;
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Disable)).await.unwrap();
    house.title(ids[0], "Countess").await;
    house.delete(ids[1]).await;
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    let bea = house.acme.account("bea").expect("disabled, not deleted");
    assert!(!bea.active && bea.document["title"] == "Engineer", "{bea:?}");
    assert!(storage::tombstones::get(&mut *house.db().await, ids[1]).await.unwrap().is_none());
}

#[tokio::test]
async fn an_attempt_in_flight_when_the_removal_begins_is_undone_too() {
    let (house, target) = House::with(Rules::default()).await;
    house.create("ada", Origin::Api).await;
    let run = house.run_to(Point::AfterApply).await;
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Delete)).await.unwrap();
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn a_look_up_in_flight_when_the_connector_goes_is_of_no_consequence() {
    let (house, target) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let run = house.run_to(Point::BeforeFind).await;
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Leave)).await.unwrap();
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    house.gates.open(Point::BeforeFind);
    run.await.unwrap();
    assert!(house.changes().is_empty());
    assert!(house.is_done(ada).await);
}

#[tokio::test]
async fn more_accounts_than_one_batch_are_let_go_and_a_restart_goes_on() {
    let (house, target) = House::with(Rules::default()).await;
    let mut ids = Vec::new();
    for n in 0..230 {
        ids.push(house.create(&format!("user{n}"), Origin::Api).await.id);
    }
    house.idle().await;
    assert_eq!(house.names().len(), 230);
    house.switch(&target, false).await;
    remove(&house, &target, Some(Removal::Delete)).await.unwrap();
    let run = house.run_to(Point::BeforeRemove).await;
    crate::support::kill(run).await;
    let house = house.restart().await;
    house.idle().await;
    assert!(is_gone(&house, &target).await);
    assert!(house.names().is_empty());
}

#[tokio::test]
async fn pointing_a_connector_at_another_system_leaves_the_old_accounts_and_begins_anew() {
    let (house, target, ids) = with_people(&["ada"]).await;
    let other = acme().await;
    let properties = typed(&[
        ("authentication_mode", "bearer"),
        ("access_token", TOKEN),
        ("user_endpoint", &other.users_endpoint()),
    ]);
    let change =
        ConnectorChange { properties: Some(properties), moved: Some(Moved::Another), ..ConnectorChange::default() };
    // A change is in flight at the old one.
    house.title(ids[0], "Countess").await;
    let run = house.run_to(Point::AfterApply).await;
    house.directory.change_connector(&may(), target.connector, change).await.unwrap();
    house.gates.open(Point::AfterApply);
    run.await.unwrap();
    house.idle().await;
    assert_eq!(house.names(), ["ada"], "left as it was");
    let account = other.account("ada").expect("an account at the new one");
    assert_eq!(house.delivery(ids[0]).await.remote_id.as_deref(), Some(account.id.as_str()));
    house.delete(ids[0]).await;
    house.idle().await;
    assert!(other.accounts().is_empty());
    assert_eq!(house.names(), ["ada"]);
}
