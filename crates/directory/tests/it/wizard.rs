//! Drafts and one-shot messages.

use std::time::Duration;

use auth::{Authorised, Caller, Who, grants::ConnectionsWrite};
use directory::{Error, sign_in::Credentials};
use domain::{SessionId, permission::Role};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::support::{House, PASSWORD, may};

async fn administrator(house: &House, user_name: &str) -> Authorised<ConnectionsWrite> {
    let user = house.administrator(user_name).await;
    let session = SessionId(Uuid::nil());
    let who = Who::User { id: user.id, label: user.label(), role: Some(Role::Administrator), session };
    Caller { who, address: String::new() }.authorise().unwrap()
}

fn is_not_found<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::NotFound("draft")))
}

#[tokio::test]
async fn a_draft_is_its_owners_for_an_hour() {
    let house = House::new().await;
    let (ada, bea) = (administrator(&house, "ada").await, administrator(&house, "bea").await);
    let directory = &house.directory;
    let id = directory.save_draft(&ada, None, &"one step").await.unwrap();
    assert_eq!(directory.draft::<String>(&ada, id).await.unwrap(), "one step");
    assert!(is_not_found(&directory.draft::<String>(&bea, id).await));
    // Neither overwritten nor discarded by somebody else.
    assert!(is_not_found(&directory.save_draft(&bea, Some(id), &"mine").await));
    directory.discard_draft(&bea, id).await.unwrap();
    assert_eq!(directory.draft::<String>(&ada, id).await.unwrap(), "one step");
    house.clock.advance(Duration::from_mins(59));
    directory.save_draft(&ada, Some(id), &"two steps").await.unwrap();
    house.clock.advance(Duration::from_mins(59));
    assert_eq!(directory.draft::<String>(&ada, id).await.unwrap(), "two steps");
    house.clock.advance(Duration::from_mins(1));
    assert!(is_not_found(&directory.draft::<String>(&ada, id).await));
}

#[tokio::test]
async fn a_draft_is_gone_when_it_is_discarded_and_a_token_has_none() {
    let house = House::new().await;
    let ada = administrator(&house, "ada").await;
    let id = house.directory.save_draft(&ada, None, &1).await.unwrap();
    house.directory.discard_draft(&ada, id).await.unwrap();
    assert!(is_not_found(&house.directory.draft::<i32>(&ada, id).await));
    assert!(is_not_found(&house.directory.save_draft(&may::<ConnectionsWrite>(), None, &1).await));
}

#[tokio::test]
async fn what_is_taken_is_read_once_and_by_its_owner_alone() {
    let house = House::new().await;
    let (ada, bea) = (administrator(&house, "ada").await, administrator(&house, "bea").await);
    let directory = &house.directory;
    let id = directory.save_draft(&ada, None, &"usher_abc").await.unwrap();
    assert!(is_not_found(&directory.take_draft::<String>(&bea, id).await));
    assert_eq!(directory.take_draft::<String>(&ada, id).await.unwrap(), "usher_abc");
    assert!(is_not_found(&directory.take_draft::<String>(&ada, id).await));
}

#[tokio::test]
async fn a_message_is_said_once_on_its_page_and_not_for_ever() {
    let house = House::new().await;
    house.create("ada").await;
    let credentials = Credentials {
        user_name: "ada".to_owned(),
        password: PASSWORD.into(),
        address: String::new(),
        agent: String::new(),
    };
    let signed_in = house.directory.sign_in(credentials).await.unwrap();
    let caller = house.directory.caller_of_session(signed_in.token.expose_secret(), "").await.unwrap();
    let session = caller.session().unwrap();
    let directory = &house.directory;
    directory.keep_flash(session, "/console", "saved".to_owned()).await.unwrap();
    assert_eq!(directory.take_flash(session, "/console/users").await.unwrap(), None);
    assert_eq!(directory.take_flash(session, "/console").await.unwrap().as_deref(), Some("saved"));
    assert_eq!(directory.take_flash(session, "/console").await.unwrap(), None);
    directory.keep_flash(session, "/console", "saved".to_owned()).await.unwrap();
    house.clock.advance(Duration::from_mins(10));
    assert_eq!(directory.take_flash(session, "/console").await.unwrap(), None);
}
