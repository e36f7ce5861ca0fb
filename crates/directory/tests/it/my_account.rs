//! One's own account: seen by everybody, and their password changed by whoever knows it.

use auth::{Authorised, Caller, Who, grants::OwnAccount};
use directory::{
    Error,
    sign_in::{Credentials, SignedIn},
};
use secrecy::ExposeSecret;

use crate::support::{House, PASSWORD};

const NEW: &str = "a few words in a row";

async fn enter(house: &House, password: &str) -> directory::Result<SignedIn> {
    let (user_name, address) = ("ada".to_owned(), "192.0.2.1".to_owned());
    house
        .directory
        .sign_in(Credentials { user_name, password: password.into(), address, agent: "Firefox".to_owned() })
        .await
}

async fn caller(house: &House, signed_in: &SignedIn) -> Caller {
    house.directory.caller_of_session(signed_in.token.expose_secret(), "192.0.2.1").await.unwrap()
}

async fn proof(house: &House, signed_in: &SignedIn) -> Authorised<OwnAccount> {
    caller(house, signed_in).await.authorise().unwrap()
}

#[tokio::test]
async fn everybody_sees_who_they_are_and_where_they_have_an_account() {
    let house = House::new().await;
    let connector = house.connector(&[("mode", "none"), ("endpoint", "https://acme.example/Users")]).await;
    house.provision(&connector).await;
    let ada = house.create("ada").await;
    house.create("eve").await;
    let signed_in = enter(&house, PASSWORD).await.unwrap();
    assert_eq!(signed_in.role, None);
    let mine = house.directory.my_account(&proof(&house, &signed_in).await).await.unwrap();
    assert_eq!(mine.user.id, ada.id);
    assert_eq!(mine.systems.len(), 1);
    assert_eq!(mine.systems[0].delivery.as_ref().unwrap().subject, ada.id.into());
    assert!(mine.systems[0].last.is_none(), "what was sent there is not for them");
}

#[tokio::test]
async fn another_password_ends_every_session_and_begins_a_new_one() {
    let house = House::new().await;
    house.create("ada").await;
    let (here, there) = (enter(&house, PASSWORD).await.unwrap(), enter(&house, PASSWORD).await.unwrap());
    let who = proof(&house, &here).await;
    let new = house.directory.change_my_password(&who, PASSWORD.into(), NEW.into(), "Firefox").await.unwrap();
    assert_eq!(caller(&house, &here).await.who, Who::Nobody);
    assert_eq!(caller(&house, &there).await.who, Who::Nobody);
    assert!(matches!(caller(&house, &new).await.who, Who::User { .. }));
    assert!(matches!(enter(&house, PASSWORD).await, Err(Error::SignInFailed)));
    enter(&house, NEW).await.unwrap();
    let actions: Vec<String> = house.audit().await.into_iter().map(|entry| entry.action).collect();
    assert!(actions.contains(&"user.update".to_owned()), "{actions:?}");
}

#[tokio::test]
async fn a_wrong_or_a_weak_password_changes_nothing_and_tries_are_counted() {
    let house = House::new().await;
    house.create("ada").await;
    let here = enter(&house, PASSWORD).await.unwrap();
    let who = proof(&house, &here).await;
    let change = async |present: &str, new: &str| {
        house.directory.change_my_password(&who, present.into(), new.into(), "Firefox").await
    };
    let field = |error: Error| match error {
        Error::Invalid(errors) => errors.0.into_keys().collect::<Vec<_>>(),
        error => panic!("{error:?}"),
    };
    assert_eq!(field(change("not it", NEW).await.unwrap_err()), ["present"]);
    assert_eq!(field(change(PASSWORD, "short").await.unwrap_err()), ["password"]);
    assert!(matches!(caller(&house, &here).await.who, Who::User { .. }), "nothing ended");
    enter(&house, PASSWORD).await.unwrap();
    for _ in 0..6 {
        change("not it", NEW).await.unwrap_err();
    }
    assert!(matches!(change(PASSWORD, NEW).await, Err(Error::TooMany(_))), "as often as somebody may sign in");
}
