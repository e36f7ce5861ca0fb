//! Tokens: made, listed, revoked.

use std::time::Duration;

use auth::Who;
use directory::{
    Error,
    tokens::{DEFAULT_LIFETIME, LISTED_AFTER_END, LONGEST_LIFETIME, MOST, NAME, NewToken},
};
use domain::{permission::Scope, validation::FieldErrors};
use secrecy::ExposeSecret;
use uuid::Uuid;

use crate::support::{House, may};

fn new(name: &str) -> NewToken {
    NewToken { name: name.to_owned(), scopes: vec![Scope::Scim], lifetime: DEFAULT_LIFETIME }
}

async fn refused(house: &House, new: NewToken) -> FieldErrors {
    match house.directory.create_token(&may(), new).await {
        Err(Error::Invalid(errors)) => errors,
        other => panic!("{other:?}"),
    }
}

async fn names(house: &House) -> Vec<String> {
    house.directory.tokens(&may()).await.unwrap().into_iter().map(|token| token.name).collect()
}

#[tokio::test]
async fn a_revoked_token_is_refused_at_once_and_stays_listed_for_a_while() {
    let house = House::new().await;
    let directory = &house.directory;
    let (token, clear) = directory.create_token(&may(), new("hr")).await.unwrap();
    let who = async || directory.caller_of_token(clear.expose_secret(), "").await.unwrap().who;
    assert!(matches!(who().await, Who::Token { .. }));

    let revoked = directory.revoke_token(&may(), token.id).await.unwrap();
    assert!(revoked.revoked_at.is_some());
    assert_eq!(who().await, Who::Nobody);
    assert_eq!(house.audit().await[0].action, "token.revoke");

    let events = house.audit().await.len();
    house.clock.advance(Duration::from_hours(1));
    assert_eq!(directory.revoke_token(&may(), token.id).await.unwrap().revoked_at, revoked.revoked_at);
    assert_eq!(house.audit().await.len(), events, "revoking it again changes nothing");

    assert_eq!(names(&house).await, ["hr"]);
    house.clock.advance(LISTED_AFTER_END);
    assert!(names(&house).await.is_empty());
}

#[tokio::test]
async fn there_is_nothing_to_revoke_under_an_unknown_id() {
    let house = House::new().await;
    let answer = house.directory.revoke_token(&may(), Uuid::nil().into()).await;
    assert!(matches!(answer, Err(Error::NotFound("token"))));
    assert!(matches!(house.directory.token(&may(), Uuid::nil().into()).await, Err(Error::NotFound("token"))));
}

#[tokio::test]
async fn a_token_that_cannot_be_is_refused_by_field() {
    let house = House::new().await;
    let most = "x".repeat(NAME);
    house.directory.create_token(&may(), NewToken { lifetime: LONGEST_LIFETIME, ..new(&most) }).await.unwrap();
    for name in ["", "  ", &format!("{most}x"), "a\u{7}b"] {
        assert!(refused(&house, new(name)).await.get("name").is_some(), "{name:?}");
    }
    assert!(refused(&house, NewToken { scopes: vec![], ..new("hr") }).await.get("scope").is_some());
    for lifetime in [Duration::ZERO, LONGEST_LIFETIME + Duration::from_secs(1)] {
        assert!(refused(&house, NewToken { lifetime, ..new("hr") }).await.get("expires").is_some(), "{lifetime:?}");
    }
    assert_eq!(names(&house).await.len(), 1, "nothing was made");
}

#[tokio::test]
async fn tokens_are_bounded() {
    let house = House::new().await;
    for number in 0..MOST {
        house.directory.create_token(&may(), new(&number.to_string())).await.unwrap();
    }
    let one_more = house.directory.create_token(&may(), new("one more")).await;
    assert!(matches!(one_more, Err(Error::Conflict(_))), "{one_more:?}");
    assert_eq!(i64::try_from(names(&house).await.len()), Ok(MOST));
}
