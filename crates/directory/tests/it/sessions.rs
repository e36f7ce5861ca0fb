//! Ending sessions: one's own, and somebody else's.

use std::time::Duration;

use auth::{Authorised, Caller, Who, grants::OwnSessions};
use directory::{
    Error,
    sessions::MOST_LISTED,
    sign_in::{Credentials, IDLE},
};
use domain::{SessionId, permission::Scope};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::support::{House, PASSWORD, may, token_of};

/// A person and one of their sessions.
struct SignedIn {
    caller: Caller,
    token: String,
}

impl SignedIn {
    async fn new(house: &House, user_name: &str) -> Self {
        let credentials = Credentials {
            user_name: user_name.to_owned(),
            password: PASSWORD.into(),
            address: "192.0.2.1".to_owned(),
            agent: "Firefox".to_owned(),
        };
        let token = house.directory.sign_in(credentials).await.unwrap().token.expose_secret().to_owned();
        let caller = house.directory.caller_of_session(&token, "192.0.2.1").await.unwrap();
        Self { caller, token }
    }

    fn proof(&self) -> Authorised<OwnSessions> {
        self.caller.authorise().unwrap()
    }

    fn id(&self) -> SessionId {
        self.caller.session().unwrap()
    }

    async fn is_in(&self, house: &House) -> bool {
        house.directory.caller_of_session(&self.token, "").await.unwrap().who != Who::Nobody
    }
}

fn is_no_session<T>(answer: &Result<T, Error>) -> bool {
    matches!(answer, Err(Error::NotFound("session")))
}

#[tokio::test]
async fn everybody_sees_and_ends_their_own_sessions_whatever_their_role() {
    let house = House::new().await;
    house.create("ada").await;
    let (here, there) = (SignedIn::new(&house, "ada").await, SignedIn::new(&house, "ada").await);
    let directory = &house.directory;
    assert_eq!(directory.my_sessions(&here.proof()).await.unwrap().len(), 2);
    directory.end_my_session(&here.proof(), there.id()).await.unwrap();
    assert!(!there.is_in(&house).await, "it ends at once");
    assert!(here.is_in(&house).await);
    assert_eq!(house.audit().await[0].action, "session.end");
    assert!(is_no_session(&directory.end_my_session(&here.proof(), there.id()).await), "it has ended");
}

#[tokio::test]
async fn all_others_end_and_the_present_one_stays() {
    let house = House::new().await;
    house.create("ada").await;
    let (here, there) = (SignedIn::new(&house, "ada").await, SignedIn::new(&house, "ada").await);
    assert_eq!(house.directory.end_my_other_sessions(&here.proof()).await.unwrap(), 1);
    assert!(here.is_in(&house).await && !there.is_in(&house).await);
    let events = house.audit().await.len();
    assert_eq!(house.directory.end_my_other_sessions(&here.proof()).await.unwrap(), 0);
    assert_eq!(house.audit().await.len(), events, "nothing happened, and nothing is recorded");
}

#[tokio::test]
async fn nobody_ends_a_session_that_is_not_theirs() {
    let house = House::new().await;
    let ada = house.administrator("ada").await.id;
    let eve = house.create("eve").await.id;
    let (hers, eves) = (SignedIn::new(&house, "ada").await, SignedIn::new(&house, "eve").await);
    let directory = &house.directory;
    assert!(is_no_session(&directory.end_my_session(&eves.proof(), hers.id()).await));
    assert!(is_no_session(&directory.end_session(&may(), eve, hers.id()).await), "an id of somebody else's");
    let denied = directory.end_sessions(&token_of(&[Scope::Scim]), ada).await;
    assert!(matches!(denied, Err(Error::Protected(_))), "{denied:?}");
    assert!(hers.is_in(&house).await);
}

#[tokio::test]
async fn an_administrator_sees_and_ends_the_sessions_of_others() {
    let house = House::new().await;
    let eve = house.create("eve").await.id;
    let (first, second) = (SignedIn::new(&house, "eve").await, SignedIn::new(&house, "eve").await);
    let third = SignedIn::new(&house, "eve").await;
    let directory = &house.directory;
    assert_eq!(directory.sessions_of(&may(), eve).await.unwrap().len(), 3);
    directory.end_session(&may(), eve, first.id()).await.unwrap();
    assert!(!first.is_in(&house).await && second.is_in(&house).await);
    assert_eq!(directory.end_sessions(&may(), eve).await.unwrap(), 2);
    assert!(!second.is_in(&house).await && !third.is_in(&house).await);
    assert!(directory.sessions_of(&may(), eve).await.unwrap().is_empty());
}

#[tokio::test]
async fn of_nobody_there_are_no_sessions() {
    let house = House::new().await;
    let nobody = Uuid::nil().into();
    let is_no_user = |answer: Result<(), Error>| matches!(answer, Err(Error::NotFound("user")));
    assert!(is_no_user(house.directory.sessions_of(&may(), nobody).await.map(drop)));
    assert!(is_no_user(house.directory.end_sessions(&may(), nobody).await.map(drop)));
    assert!(is_no_session(&house.directory.my_sessions(&may()).await), "the system is not signed in");
}

#[tokio::test]
async fn sessions_that_ended_by_themselves_are_not_listed() {
    let house = House::new().await;
    house.create("ada").await;
    SignedIn::new(&house, "ada").await;
    house.clock.advance(IDLE);
    let here = SignedIn::new(&house, "ada").await;
    let listed = house.directory.my_sessions(&here.proof()).await.unwrap();
    assert_eq!(listed.iter().map(|session| session.id).collect::<Vec<_>>(), [here.id()]);
}

#[tokio::test]
async fn a_long_list_shows_those_seen_last() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let template = {
        SignedIn::new(&house, "ada").await;
        house.directory.sessions_of(&may(), ada).await.unwrap().remove(0)
    };
    let ids = house.directory.ids().clone();
    let insert = house.directory.db().write::<(), storage::Error, _>(move |conn| {
        let (template, ids) = (template.clone(), ids.clone());
        Box::pin(async move {
            for number in 0..=MOST_LISTED {
                let seen_at = template.seen_at.plus(Duration::from_secs(number.unsigned_abs()));
                let session = storage::sessions::Session { id: ids.make(), seen_at, ..template.clone() };
                storage::sessions::insert(conn, &session, &number.to_be_bytes()).await?;
            }
            Ok(())
        })
    });
    insert.await.unwrap();
    let listed = house.directory.sessions_of(&may(), ada).await.unwrap();
    assert_eq!(i64::try_from(listed.len()), Ok(MOST_LISTED));
    assert!(listed.is_sorted_by(|later, earlier| later.seen_at >= earlier.seen_at));
    assert!(house.directory.end_sessions(&may(), ada).await.unwrap() > MOST_LISTED.unsigned_abs(), "all of them");
}
