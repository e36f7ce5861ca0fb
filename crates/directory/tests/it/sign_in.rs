//! Sessions and tokens, and when they end.

use std::time::Duration;

use auth::{Caller, Who};
use directory::{
    Error,
    sign_in::{Credentials, IDLE, LONGEST, SignedIn},
    tokens::NewToken,
};
use domain::permission::Scope;
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use crate::support::{House, PASSWORD, may, revise};

const ALMOST_IDLE: Duration = Duration::from_secs(IDLE.as_secs() - 1);

async fn sign_in(house: &House, user_name: &str, password: &str) -> Result<SignedIn, Error> {
    let credentials = Credentials {
        user_name: user_name.to_owned(),
        password: password.into(),
        address: "192.0.2.1".to_owned(),
        agent: "Browser".repeat(100),
    };
    house.directory.sign_in(credentials).await
}

async fn caller(house: &House, session: &SignedIn) -> Caller {
    house.directory.caller_of_session(session.token.expose_secret(), "192.0.2.1").await.unwrap()
}

async fn is_in(house: &House, session: &SignedIn) -> bool {
    caller(house, session).await.who != Who::Nobody
}

#[tokio::test]
async fn the_right_password_signs_in_in_any_case_of_the_name() {
    let house = House::new().await;
    let ada = house.create("ada").await;
    let session = sign_in(&house, "ADA", PASSWORD).await.unwrap();
    let Who::User { id, role, .. } = caller(&house, &session).await.who else { panic!("nobody") };
    assert_eq!((id, role), (ada.id, None));
    assert_eq!(house.audit().await[0].action, "session.start");
}

#[tokio::test]
async fn a_wrong_password_an_unknown_name_and_a_disabled_user_look_alike() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let mut answers = vec![sign_in(&house, "ada", "not her password").await, sign_in(&house, "eve", PASSWORD).await];
    house.directory.revise_user(&may(), ada, None, revise(|input| input.active = false, None)).await.unwrap();
    answers.push(sign_in(&house, "ada", PASSWORD).await);
    for answer in answers {
        assert!(matches!(answer, Err(Error::SignInFailed)));
    }
}

#[tokio::test]
async fn the_eleventh_try_in_a_minute_waits_even_with_the_right_password() {
    let house = House::new().await;
    house.create("ada").await;
    for _ in 0..10 {
        assert!(matches!(sign_in(&house, "ada", "not her password").await, Err(Error::SignInFailed)));
    }
    let error = sign_in(&house, "Ada", PASSWORD).await.unwrap_err();
    assert!(matches!(error, Error::TooMany(_)));
    assert!(error.retry_after().is_some_and(|wait| wait > Duration::ZERO && wait <= Duration::from_mins(1)));
}

#[tokio::test]
async fn a_session_ends_after_twelve_hours_without_use() {
    let house = House::new().await;
    house.create("ada").await;
    let session = sign_in(&house, "ada", PASSWORD).await.unwrap();
    house.clock.advance(ALMOST_IDLE);
    assert!(is_in(&house, &session).await, "and that was a use");
    house.clock.advance(ALMOST_IDLE);
    assert!(is_in(&house, &session).await);
    house.clock.advance(IDLE);
    assert!(!is_in(&house, &session).await);
}

#[tokio::test]
async fn a_session_ends_after_seven_days_in_any_case() {
    let house = House::new().await;
    house.create("ada").await;
    let session = sign_in(&house, "ada", PASSWORD).await.unwrap();
    let mut spent = Duration::ZERO;
    while spent + IDLE / 2 < LONGEST {
        house.clock.advance(IDLE / 2);
        spent += IDLE / 2;
        assert!(is_in(&house, &session).await);
    }
    house.clock.advance(IDLE / 2);
    assert!(!is_in(&house, &session).await);
}

#[tokio::test]
async fn a_session_ends_with_sign_out_a_new_password_disabling_and_deletion() {
    let house = House::new().await;
    let ada = house.create("ada").await.id;
    let first = sign_in(&house, "ada", PASSWORD).await.unwrap();
    let who = caller(&house, &first).await.authorise().unwrap();
    house.directory.sign_out(&who).await.unwrap();
    assert!(!is_in(&house, &first).await);
    assert_eq!(house.audit().await[0].action, "session.end");
    let events = house.audit().await.len();
    house.directory.sign_out(&who).await.unwrap();
    assert_eq!(house.audit().await.len(), events, "what has ended ends once");

    let second = sign_in(&house, "ada", PASSWORD).await.unwrap();
    house.directory.revise_user(&may(), ada, None, revise(|_| {}, Some("another password"))).await.unwrap();
    assert!(!is_in(&house, &second).await);

    let third = sign_in(&house, "ada", "another password").await.unwrap();
    house.directory.reset_password(&may(), "ada", &PASSWORD.into()).await.unwrap();
    assert!(!is_in(&house, &third).await);

    let fourth = sign_in(&house, "ada", PASSWORD).await.unwrap();
    house.directory.revise_user(&may(), ada, None, revise(|input| input.active = false, None)).await.unwrap();
    house.directory.revise_user(&may(), ada, None, revise(|input| input.active = true, None)).await.unwrap();
    assert!(!is_in(&house, &fourth).await, "it does not come back with her");

    let fifth = sign_in(&house, "ada", PASSWORD).await.unwrap();
    house.directory.delete_user(&may(), ada, None).await.unwrap();
    assert!(!is_in(&house, &fifth).await);
}

#[tokio::test]
async fn whoever_is_kept_out_while_their_password_is_looked_at_does_not_come_in() {
    let house = House::new().await;
    let edits =
        [("ada", revise(|input| input.active = false, None)), ("grace", revise(|_| {}, Some("another password")))];
    for (name, edit) in edits {
        let user = house.create(name).await.id;
        // Several: passwords are looked at two at once.
        let mut tries = JoinSet::new();
        for _ in 0..6 {
            let credentials = Credentials {
                user_name: name.to_owned(),
                password: PASSWORD.into(),
                address: "192.0.2.1".to_owned(),
                agent: String::new(),
            };
            let directory = house.directory.clone();
            tries.spawn(async move { directory.sign_in(credentials).await });
        }
        let who = may();
        let (answers, edited) = tokio::join!(tries.join_all(), house.directory.revise_user(&who, user, None, edit));
        edited.unwrap();
        assert!(answers.iter().all(|one| matches!(one, Ok(_) | Err(Error::SignInFailed))), "{answers:?}");
        let left = house.directory.sessions_of(&may(), user).await.unwrap();
        assert_eq!(left, [], "{name}");
    }
}

#[tokio::test]
async fn a_token_is_shown_once_and_expires() {
    let house = House::new().await;
    let new = |name: &str, lifetime| NewToken { name: name.to_owned(), scopes: vec![Scope::Scim], lifetime };
    let day = Duration::from_hours(24);
    let (token, clear) = house.directory.create_token(&may(), new(" hr ", day)).await.unwrap();
    assert_eq!((token.name.as_str(), token.last_used_at), ("hr", None));
    let known = async || {
        let caller = house.directory.caller_of_token(clear.expose_secret(), "").await.unwrap();
        caller.who != Who::Nobody
    };
    assert!(known().await);
    let listed = house.directory.tokens(&may()).await.unwrap();
    assert!(listed[0].last_used_at.is_some());
    assert!(!format!("{listed:?}{:?}", house.audit().await).contains(clear.expose_secret()));
    house.clock.advance(day);
    assert!(!known().await);
    assert_eq!(house.directory.caller_of_token("usher_guessed", "").await.unwrap().who, Who::Nobody);
    for bad in [new("", day), new("x", Duration::ZERO), NewToken { scopes: vec![], ..new("x", day) }] {
        assert!(matches!(house.directory.create_token(&may(), bad).await, Err(Error::Invalid(_))));
    }
}
