//! Names that somebody else still holds at the target.

use domain::{delivery::ReasonKind, provisioner::Rules, user::Origin};

use crate::{gates::Point, support::House};

#[tokio::test]
async fn a_newcomer_waits_for_the_removal_of_whoever_had_the_name() {
    let (house, _) = House::with(Rules::default()).await;
    let former = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.delete(former).await;
    let removal = house.run_to(Point::BeforeRemove).await;
    let new = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    let (state, kind, text) = house.state(new).await;
    assert_eq!((state, kind), ("waiting", Some(ReasonKind::NameTaken)));
    assert!(text.contains("former “ada”") && text.contains("removed"), "{text}");
    house.gates.open(Point::BeforeRemove);
    removal.await.unwrap();
    assert!(house.is_done(new).await);
    let account = house.acme.account("ada").unwrap();
    assert_eq!(account.external_id.as_deref(), Some(new.to_string().as_str()));
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn a_newcomer_does_not_miss_a_removal_that_ends_just_then() {
    let (house, _) = House::with(Rules::default()).await;
    let former = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.delete(former).await;
    let removal = house.run_to(Point::AfterRemove).await;
    let new = house.create("ada", Origin::Api).await.id;
    // The removal's result waits to be written; the newcomer reads that the name is taken, and is written after it.
    let writer = house.hold_writer().await;
    house.gates.open(Point::AfterRemove);
    house.read_a_while().await;
    let newcomer = house.run();
    house.read_a_while().await;
    writer.send(()).unwrap();
    removal.await.unwrap();
    newcomer.await.unwrap();
    assert!(house.is_done(new).await && house.is_done(former).await);
    assert_eq!(house.names(), ["ada"]);
}

#[tokio::test]
async fn names_move_on_along_a_chain() {
    let (house, _) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let bea = house.create("bea", Origin::Api).await.id;
    let cleo = house.create("cleo", Origin::Api).await.id;
    house.idle().await;
    house.rename(cleo, "dora").await;
    house.rename(bea, "cleo").await;
    house.rename(ada, "bea").await;
    house.idle().await;
    for (user, name) in [(ada, "bea"), (bea, "cleo"), (cleo, "dora")] {
        let account = house.acme.account(name).expect(name);
        assert_eq!(account.external_id.as_deref(), Some(user.to_string().as_str()), "{name}");
        assert!(house.is_done(user).await);
    }
}

#[tokio::test]
async fn swapped_names_are_held_and_go_on_once_somebody_helped() {
    let (house, target) = House::with(Rules::default()).await;
    let ada = house.create("ada", Origin::Api).await.id;
    let bea = house.create("bea", Origin::Api).await.id;
    house.idle().await;
    house.switch(&target, false).await;
    house.rename(ada, "between").await;
    house.rename(bea, "ada").await;
    house.rename(ada, "bea").await;
    house.switch(&target, true).await;
    house.idle().await;
    let states = [house.state(ada).await, house.state(bea).await];
    let held = states.iter().position(|state| state.0 == "held").expect("one of them is held, not both wait for ever");
    assert!(states[held].2.contains("swapped"), "{}", states[held].2);
    assert_eq!(states[1 - held].1, Some(ReasonKind::NameTaken));
    // Somebody takes the other one's account away there.
    let (stuck, other, name) = if held == 0 { (ada, bea, "bea") } else { (bea, ada, "ada") };
    house.acme.remove(&house.acme.account(name).unwrap().id);
    house.retry(stuck).await;
    house.idle().await;
    assert!(house.is_done(stuck).await && house.is_done(other).await);
    for (user, name) in [(ada, "bea"), (bea, "ada")] {
        assert_eq!(house.acme.account(name).unwrap().external_id.as_deref(), Some(user.to_string().as_str()));
    }
}

#[tokio::test]
async fn whoever_waits_for_a_name_and_is_deleted_waits_no_more() {
    let (house, _) = House::with(Rules::default()).await;
    let former = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.delete(former).await;
    let removal = house.run_to(Point::BeforeRemove).await;
    let new = house.create("ada", Origin::Api).await.id;
    house.idle().await;
    house.delete(new).await;
    house.idle().await;
    assert!(house.is_done(new).await);
    house.gates.open(Point::BeforeRemove);
    removal.await.unwrap();
    assert!(house.names().is_empty());
}
