//! Who is out of reach for whom, and who was quicker.

use auth::{Caller, Denied, grants::UsersWrite};
use directory::{
    Error,
    users::{NewUser, ReviseError},
};
use domain::{
    permission::{Permission, Scope},
    user::Origin,
};

use crate::support::{House, PASSWORD, may, revise, token_of};

fn scim() -> auth::Authorised<UsersWrite> {
    token_of(&[Scope::Scim])
}

fn is_protected<T>(answer: &Result<T, ReviseError>) -> bool {
    matches!(answer, Err(ReviseError::Failed(Error::Protected(_))))
}

/// How many people there are.
async fn people(house: &House) -> i64 {
    let mut conn = house.directory.db().read().await.unwrap();
    storage::users::count(&mut conn).await.unwrap()
}

#[tokio::test]
async fn a_scim_token_does_not_touch_whoever_holds_a_console_role() {
    let house = House::new().await;
    house.administrator("root").await;
    let boss = house.administrator("boss").await.id;
    let directory = &house.directory;
    let edits = [
        revise(|input| input.active = false, None),
        revise(|input| input.user_name = "mine".to_owned(), None),
        revise(|input| input.profile.emails = testkit::person("mine").profile.emails, None),
        revise(|_| {}, Some("a password of mine")),
    ];
    for edit in edits {
        assert!(is_protected(&directory.revise_user(&scim(), boss, None, edit).await));
    }
    assert!(matches!(directory.delete_user(&scim(), boss, None).await, Err(Error::Protected(_))));
    // What does no harm is let through, and an administrator's token may do all of it.
    let title = revise(|input| input.profile.title = Some("Boss".to_owned()), None);
    directory.revise_user(&scim(), boss, None, title).await.unwrap();
    let admin = token_of(&[Scope::Admin]);
    directory.revise_user(&admin, boss, None, revise(|input| input.active = false, None)).await.unwrap();
    directory.delete_user(&admin, boss, None).await.unwrap();
}

#[tokio::test]
async fn the_last_administrator_stays() {
    let house = House::new().await;
    let only = house.administrator("root").await.id;
    let off = || revise(|input| input.active = false, None);
    assert!(is_protected(&house.directory.revise_user(&may(), only, None, off()).await));
    assert!(matches!(house.directory.delete_user(&may(), only, None).await, Err(Error::Protected(_))));
    let other = house.administrator("second").await.id;
    house.directory.revise_user(&may(), only, None, off()).await.unwrap();
    assert!(matches!(house.directory.delete_user(&may(), other, None).await, Err(Error::Protected(_))));
    house.directory.delete_user(&may(), only, None).await.unwrap();
}

#[tokio::test]
async fn whoever_saw_an_older_version_is_told_and_changes_nothing() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let title = |title: &'static str| revise(move |input| input.profile.title = Some(title.to_owned()), None);
    let quick = house.directory.revise_user(&may(), ada.id, Some(ada.version), title("quick")).await.unwrap();
    assert_eq!(quick.user.version, ada.version + 1);
    let slow = house.directory.revise_user(&may(), ada.id, Some(ada.version), title("slow")).await;
    assert!(matches!(slow, Err(ReviseError::Failed(Error::Stale))));
    assert!(matches!(house.directory.delete_user(&may(), ada.id, Some(ada.version)).await, Err(Error::Stale)));
    assert_eq!(house.directory.user(&may(), ada.id).await.unwrap().profile.title.as_deref(), Some("quick"));
}

#[tokio::test]
async fn a_change_that_changes_nothing_leaves_version_and_audit_alone() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let events = house.audit().await.len();
    let same = house.directory.revise_user(&may(), ada.id, None, revise(|_| {}, None)).await.unwrap();
    assert_eq!((same.user.version, house.audit().await.len()), (ada.version, events));
}

#[tokio::test]
async fn a_name_is_taken_in_any_case() {
    let house = House::new().await;
    house.create("ada").await;
    let bea = house.create("bea").await.id;
    let new = NewUser { input: testkit::person("ADA"), password: None, origin: Origin::Api };
    let taken = |error: &Error| matches!(error, Error::Taken(errors) if errors.get("userName").is_some());
    assert!(taken(&house.directory.create_user(&may(), new).await.unwrap_err()));
    let rename = house.directory.revise_user(&may(), bea, None, revise(|i| i.user_name = "Ada".to_owned(), None)).await;
    assert!(matches!(rename, Err(ReviseError::Failed(error)) if taken(&error)));
    assert_eq!(people(&house).await, 2);
}

#[tokio::test]
async fn a_short_password_is_refused_before_anything_is_written() {
    let house = House::new().await;
    let new = NewUser { input: testkit::person("ada"), password: Some("short".into()), origin: Origin::Api };
    assert!(matches!(house.directory.create_user(&may(), new).await, Err(Error::Invalid(_))));
    assert_eq!(people(&house).await, 0);
    assert!(house.audit().await.is_empty());
}

#[tokio::test]
async fn what_happened_is_on_the_audit_trail_by_whom_and_without_passwords() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let directory = &house.directory;
    directory.revise_user(&scim(), ada, None, revise(|i| i.active = false, Some("a password of hers"))).await.unwrap();
    directory.delete_user(&scim(), ada, None).await.unwrap();
    let events = house.audit().await;
    let actions: Vec<&str> = events.iter().rev().map(|event| event.action.as_str()).collect();
    assert_eq!(actions, ["user.create", "user.update", "user.delete"]);
    assert_eq!((events[0].actor_label.as_str(), events[0].address.as_str()), ("hr", "192.0.2.1"));
    assert_eq!(events[1].details["active"], serde_json::json!({"before": true, "after": false}));
    let written = format!("{events:?}");
    assert!(!written.contains("a password of hers") && !written.contains(PASSWORD));
    let mut conn = directory.db().read().await.unwrap();
    let verdict = storage::audit::verify(&mut conn, directory.db().vault(), None).await.unwrap();
    assert_eq!(verdict.map(|whole| whole.events), Ok(3));
}

#[tokio::test]
async fn permissions_are_asked_for() {
    let nobody = Caller::nobody("192.0.2.1").authorise::<UsersWrite>().unwrap_err();
    assert_eq!(nobody, Denied::SignedOut);
    let house = House::new().await;
    let new = directory::tokens::NewToken {
        name: "reader".to_owned(),
        scopes: vec![Scope::ScimRead],
        lifetime: directory::tokens::DEFAULT_LIFETIME,
    };
    let (_, clear) = house.directory.create_token(&may(), new).await.unwrap();
    let caller = house.directory.caller_of_token(secrecy::ExposeSecret::expose_secret(&clear), "").await.unwrap();
    assert_eq!(caller.authorise::<UsersWrite>().unwrap_err(), Denied::Forbidden(Permission::UsersWrite));
    assert!(caller.may(Permission::UsersRead));
}
