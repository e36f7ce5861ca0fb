//! Clear passwords go where they are asked for, once, and nowhere else.

use std::time::Duration;

use domain::{UserId, provisioner::Rules, user::Origin};

use crate::support::{House, acme, create};

const FIRST: &str = "correct horse battery";
const SECOND: &str = "staple of the second kind";

async fn house(properties: &[(&str, &str)]) -> House {
    let house = House::empty().await;
    house.target(&house.acme, "Acme Cloud", Rules::default(), properties).await;
    house
}

async fn arrive(house: &House) -> UserId {
    create(&house.directory, "ada", Origin::Api, Some(FIRST)).await.unwrap().user.id
}

/// Whether a clear password is kept.
async fn is_sealed(house: &House, user: UserId) -> bool {
    // Whatever has not expired by then has not been erased either.
    let now = testkit::HandClock::START;
    let vault = house.directory.db().vault().clone();
    storage::passwords::unseal(&mut *house.db().await, &vault, user, now).await.unwrap().is_some()
}

#[tokio::test]
async fn a_password_is_passed_on_when_it_is_given_and_when_it_changes() {
    let house = house(&[("enable_password_provisioning", "true")]).await;
    let ada = arrive(&house).await;
    assert!(is_sealed(&house, ada).await);
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().password.as_deref(), Some(FIRST));
    assert!(!is_sealed(&house, ada).await, "erased once it is delivered");
    house.change(ada, |_| {}, Some(SECOND)).await;
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().password.as_deref(), Some(SECOND));
    assert!(!is_sealed(&house, ada).await);
}

#[tokio::test]
async fn a_password_is_neither_sealed_nor_passed_on_unless_that_is_switched_on() {
    let house = house(&[]).await;
    let ada = arrive(&house).await;
    assert!(!is_sealed(&house, ada).await);
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().password, None);
}

#[tokio::test]
async fn the_default_password_is_for_new_accounts_alone() {
    let house = house(&[("default_password", "welcome-to-acme")]).await;
    let ada = arrive(&house).await;
    house.idle().await;
    assert_eq!(house.acme.account("ada").unwrap().password.as_deref(), Some("welcome-to-acme"));
    house.acme.forget_requests();
    house.change(ada, |input| input.profile.title = Some("Countess".to_owned()), Some(SECOND)).await;
    house.idle().await;
    assert!(house.acme.requests().iter().all(|request| !format!("{:?}", request.body).contains("password")));
}

#[tokio::test]
async fn a_password_waits_for_the_last_target_and_a_day_at_most() {
    let house = house(&[("enable_password_provisioning", "true")]).await;
    let other = acme().await;
    house.target(&other, "Other Cloud", Rules::default(), &[("enable_password_provisioning", "true")]).await;
    other.stop().await;
    let ada = arrive(&house).await;
    house.idle().await;
    assert_eq!(house.acme.accounts().len(), 1);
    assert!(is_sealed(&house, ada).await);
    house.later(Duration::from_hours(24)).await;
    assert!(!is_sealed(&house, ada).await, "erased although it was not delivered everywhere");
    other.restart().await.unwrap();
    house.later(Duration::from_secs(30)).await;
    assert_eq!(other.account("ada").unwrap().password, None);
}

#[tokio::test]
async fn a_password_enters_neither_attempts_nor_audit() {
    let house = house(&[("enable_password_provisioning", "true")]).await;
    let ada = arrive(&house).await;
    house.idle().await;
    house.change(ada, |_| {}, Some(SECOND)).await;
    house.idle().await;
    let attempts = house.attempts(house.delivery(ada).await.delivery.id).await;
    assert_eq!(attempts.len(), 2);
    let audit = storage::audit::page(&mut *house.db().await, None, 100).await.unwrap();
    let written = format!("{attempts:?} {audit:?}");
    assert!(written.contains("user.update") && !written.contains(FIRST) && !written.contains(SECOND));
}

#[tokio::test]
async fn a_refused_onboarding_erases_the_password() {
    let house = House::empty().await;
    let rules = crate::support::blocking();
    house.target(&house.acme, "Acme Cloud", rules, &[("enable_password_provisioning", "true")]).await;
    house.acme.stop().await;
    let directory = house.directory.clone();
    let call = tokio::spawn(async move { create(&directory, "ada", Origin::Api, Some(FIRST)).await });
    assert!(house.step(call).await.is_err());
    assert!(house.people().await.is_empty());
}
