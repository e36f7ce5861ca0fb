//! Connections, connectors and provisioners as they are configured.

use directory::{
    Error,
    connections::ConnectionChange,
    connectors::{ConnectorChange, Moved},
    provisioners::NewProvisioner,
};
use domain::{
    ConnectorId, LinkId, SubjectId, UserId,
    config::Typed,
    connection::{CUSTOM_CONNECTOR, ConnectionInput, Connector, Pause, PauseKind},
    link::{Link, Provenance},
    provisioner::Rules,
};
use secrecy::ExposeSecret;
use storage::{links, runs};
use testkit::HandClock;
use uuid::Uuid;

use crate::support::{House, may, typed};

const BEARER: [(&str, &str); 3] = [("mode", "bearer"), ("endpoint", "https://acme.example/Users"), ("token", "hush")];

async fn change(house: &House, id: ConnectorId, typed: Typed, moved: Option<Moved>) -> Result<Connector, Error> {
    let change = ConnectorChange { properties: Some(typed), moved, ..ConnectorChange::default() };
    house.directory.change_connector(&may(), id, change).await
}

fn errors(answer: Result<impl std::fmt::Debug, Error>) -> Vec<String> {
    match answer {
        Err(Error::Invalid(errors)) => errors.0.into_keys().collect(),
        other => panic!("not refused: {other:?}"),
    }
}

async fn secret(house: &House, id: ConnectorId, field: &str) -> Option<String> {
    let db = house.directory.db();
    let mut conn = db.read().await.unwrap();
    let secrets = storage::connectors::secrets(&mut conn, db.vault(), id).await.unwrap();
    secrets.get(field).map(|clear| clear.expose_secret().to_owned())
}

async fn link(house: &House, connector: ConnectorId) {
    let link = Link {
        id: LinkId(Uuid::from_u128(1)),
        subject: SubjectId::User(UserId(Uuid::from_u128(2))),
        connector_id: connector,
        remote_id: "42".to_owned(),
        name_key: "ada".to_owned(),
        provenance: Provenance::Created,
        generation: 1,
        sent: None,
        created_at: HandClock::START,
        updated_at: HandClock::START,
    };
    house
        .directory
        .db()
        .write::<_, storage::Error, _>(move |conn| {
            let link = link.clone();
            Box::pin(async move { links::put(conn, &link).await })
        })
        .await
        .unwrap();
}

#[tokio::test]
async fn secrets_that_are_left_empty_stay() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let same_origin = [("mode", "bearer"), ("endpoint", "https://acme.example/v2/Users"), ("token", "")];
    let changed = change(&house, acme.id, typed(&same_origin), None).await.unwrap();
    assert_eq!(secret(&house, acme.id, "token").await.as_deref(), Some("hush"));
    assert_eq!(changed.version, acme.version + 1);
    assert!(!format!("{:?}", house.audit().await).contains("hush"));
}

#[tokio::test]
async fn another_origin_demands_the_secrets_again_for_a_test_too() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let elsewhere = typed(&[("mode", "bearer"), ("endpoint", "https://evil.example/Users")]);
    assert_eq!(errors(change(&house, acme.id, elsewhere.clone(), None).await), ["token"]);
    assert_eq!(errors(house.directory.test_connector(&may(), acme.id, Some(&elsewhere)).await), ["token"]);
    assert!(house.engine.trials.lock().unwrap().is_empty(), "nothing was called");
    let mut again = elsewhere;
    again.insert("token".to_owned(), "another".to_owned());
    change(&house, acme.id, again, None).await.unwrap();
    assert_eq!(secret(&house, acme.id, "token").await.as_deref(), Some("another"));
}

#[tokio::test]
async fn a_detour_over_a_mode_without_secrets_takes_none_along() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let open = typed(&[("mode", "none"), ("endpoint", "https://evil.example/Users")]);
    let moved = change(&house, acme.id, open, None).await.unwrap();
    assert!(moved.secrets.is_empty());
    assert_eq!(secret(&house, acme.id, "token").await, None);
    let back = typed(&[("mode", "bearer"), ("endpoint", "https://evil.example/Users")]);
    assert_eq!(errors(change(&house, acme.id, back, None).await), ["token"]);
}

#[tokio::test]
async fn addresses_that_change_places_are_new_to_the_secrets() {
    let house = House::new().await;
    let client =
        |endpoint: &str, tokens: &str| typed(&[("mode", "client"), ("endpoint", endpoint), ("token_endpoint", tokens)]);
    let mut first = client("https://acme.example/Users", "https://login.example/token");
    first.insert("client_secret".to_owned(), "hush".to_owned());
    let connection = house.connection().await.id;
    let made = house.directory.create_connector(&may(), connection, "scim2", &first, true).await.unwrap();
    let swapped = client("https://login.example/Users", "https://acme.example/token");
    assert_eq!(errors(change(&house, made.id, swapped, None).await), ["client_secret"]);
}

#[tokio::test]
async fn an_address_that_moves_asks_which_system_it_is() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    link(&house, acme.id).await;
    let there = || typed(&[("mode", "bearer"), ("endpoint", "https://acme.example/v3/Users")]);
    assert_eq!(errors(change(&house, acme.id, there(), None).await), ["moved"]);
    let count = async || house.directory.accounts_of(&may(), acme.id).await.unwrap();
    let same = change(&house, acme.id, there(), Some(Moved::Same)).await.unwrap();
    assert_eq!((same.generation, count().await), (1, 1));
    let back = typed(&[("mode", "bearer"), ("endpoint", "https://acme.example/Users")]);
    let another = change(&house, acme.id, back, Some(Moved::Another)).await.unwrap();
    assert_eq!((another.generation, count().await), (2, 0));
}

#[tokio::test]
async fn a_private_address_is_refused_when_it_is_saved() {
    let house = House::new().await;
    let connection = house.connection().await.id;
    let inside = typed(&[("mode", "none"), ("endpoint", "https://private.example/Users")]);
    let made = house.directory.create_connector(&may(), connection, "scim2", &inside, false).await;
    assert_eq!(errors(made), ["endpoint"]);
    assert!(house.directory.connectors_of(&may(), connection).await.unwrap().is_empty());
}

#[tokio::test]
async fn flipping_the_switch_does_not_make_an_open_form_stale() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let off = ConnectorChange { enabled: Some(false), ..ConnectorChange::default() };
    let flipped = house.directory.change_connector(&may(), acme.id, off).await.unwrap();
    assert_eq!((flipped.enabled, flipped.version), (false, acme.version));
    let form = ConnectorChange {
        properties: Some(typed(&[("mode", "bearer"), ("endpoint", "https://acme.example/Users"), ("token", "new")])),
        expected: Some(acme.version),
        ..ConnectorChange::default()
    };
    house.directory.change_connector(&may(), acme.id, form.clone()).await.unwrap();
    let late = house.directory.change_connector(&may(), acme.id, form).await;
    assert!(matches!(late, Err(Error::Stale)));
}

#[tokio::test]
async fn a_pause_by_hand_outlives_tests_and_new_configurations() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    for (kind, stays) in [(PauseKind::Manual, true), (PauseKind::Credentials, false)] {
        let pause = Pause { kind, text: "why".to_owned(), since: HandClock::START };
        let run = runs::Run { pause: Some(pause), ..runs::Run::default() };
        let id = acme.id;
        house
            .directory
            .db()
            .write::<_, storage::Error, _>(move |conn| {
                let run = run.clone();
                Box::pin(async move { runs::put(conn, id, &run).await })
            })
            .await
            .unwrap();
        house.directory.test_connector(&may(), acme.id, None).await.unwrap();
        let pause = house.directory.connector(&may(), acme.id).await.unwrap().pause;
        assert_eq!(pause.is_some(), stays, "{kind:?}");
    }
}

#[tokio::test]
async fn two_administrators_editing_a_connection_the_second_is_told() {
    let house = House::new().await;
    let acme = house.connection().await;
    let rename = |name: &str| ConnectionChange {
        name: Some(name.to_owned()),
        expected: Some(acme.version),
        ..ConnectionChange::default()
    };
    house.directory.change_connection(&may(), acme.id, rename("First")).await.unwrap();
    let second = house.directory.change_connection(&may(), acme.id, rename("Second")).await;
    assert!(matches!(second, Err(Error::Stale)));
    assert_eq!(house.directory.connection(&may(), acme.id).await.unwrap().name, "First");
}

#[tokio::test]
async fn names_of_connections_are_unique_in_any_case() {
    let house = House::new().await;
    house.connection().await;
    let input = ConnectionInput { name: "ACME".to_owned(), description: String::new() };
    let taken = house.directory.create_connection(&may(), input, CUSTOM_CONNECTOR, true).await;
    assert!(matches!(taken, Err(Error::Taken(errors)) if errors.get("name").is_some()));
}

#[tokio::test]
async fn a_connector_has_one_provisioner_and_only_while_it_is_on() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let new = || NewProvisioner { connection_id: acme.connection_id, connector_id: acme.id, rules: Rules::default() };
    let switch = async |on| {
        let change = ConnectorChange { enabled: Some(on), ..ConnectorChange::default() };
        house.directory.change_connector(&may(), acme.id, change).await.unwrap();
    };
    switch(false).await;
    assert_eq!(errors(house.directory.create_provisioner(&may(), new()).await), ["connector_id"]);
    switch(true).await;
    assert!(house.engine.was_woken());
    let made = house.directory.create_provisioner(&may(), new()).await.unwrap();
    assert!(matches!(house.directory.create_provisioner(&may(), new()).await, Err(Error::Taken(_))));
    let limit = Rules { time_limit_ms: 1, ..Rules::default() };
    assert_eq!(errors(house.directory.change_provisioner(&may(), made.id, limit, None).await), ["time_limit_ms"]);
    let blocking = Rules { blocking: true, ..Rules::default() };
    house.directory.change_provisioner(&may(), made.id, blocking, Some(1)).await.unwrap();
    let late = house.directory.change_provisioner(&may(), made.id, Rules::default(), Some(1)).await;
    assert!(matches!(late, Err(Error::Stale)));
}

#[tokio::test]
async fn without_an_engine_nobody_is_staged() {
    let house = House::new().await;
    let acme = house.connector(&BEARER).await;
    let rules = Rules { blocking: true, ..Rules::default() };
    let new = NewProvisioner { connection_id: acme.connection_id, connector_id: acme.id, rules };
    house.directory.create_provisioner(&may(), new).await.unwrap();
    let directory = &house.directory;
    // As for a command beside the server.
    let alone = directory::Directory::new(directory.db().clone(), directory.ids().clone());
    let person =
        directory::users::NewUser { input: testkit::person("ada"), password: None, origin: domain::user::Origin::Api };
    assert!(matches!(alone.create_user(&may(), person).await, Err(Error::NoEngine)));
    let mut conn = directory.db().read().await.unwrap();
    assert!(storage::users::staged(&mut conn).await.unwrap().is_empty());
}
