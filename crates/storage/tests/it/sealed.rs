//! Secrets at rest: what is stored cannot be read without the key, nor moved to another place.

use std::time::Duration;

use domain::delivery::State;
use secrecy::ExposeSecret;
use storage::{Error, connectors, deliveries, drafts, passwords};

use crate::support::{Store, vault};

#[tokio::test]
async fn a_connectors_secrets_open_only_in_their_place_and_with_their_key() {
    let mut store = Store::new().await;
    let (acme, other) = (store.add_connector("Acme").await, store.add_connector("Other").await);
    let (vault_one, now) = (store.vault.clone(), store.now());
    for (connector, field, clear) in [
        (acme.id, "password", "old"),
        (acme.id, "password", "hunter2"),
        (acme.id, "access_token", "t0ken"),
        (other.id, "password", "theirs"),
    ] {
        connectors::set_secret(&mut store.conn, &vault_one, connector, field, &clear.into(), now).await.unwrap();
    }
    let secrets = connectors::secrets(&mut store.conn, &vault_one, acme.id).await.unwrap();
    let clear: Vec<_> = secrets.0.iter().map(|(key, value)| (key.as_str(), value.expose_secret())).collect();
    assert_eq!(clear, [("access_token", "t0ken"), ("password", "hunter2")]);
    assert_eq!(store.count("SELECT COUNT(*) FROM connector_secrets WHERE instr(sealed, 'hunter2') > 0").await, 0);

    let wrong_key = connectors::secrets(&mut store.conn, &vault(2), acme.id).await;
    assert!(matches!(wrong_key, Err(Error::Sealed(_))));
    let to_another_field = "UPDATE connector_secrets SET field = 'client_secret' WHERE field = 'access_token'";
    assert_eq!(store.spoil(to_another_field).await, 1);
    let moved = connectors::secrets(&mut store.conn, &vault_one, acme.id).await;
    assert!(matches!(moved, Err(Error::Sealed(_))));
    let to_another_row = "UPDATE connector_secrets SET sealed = (SELECT sealed FROM connector_secrets \
                          WHERE field = 'password' ORDER BY connector_id LIMIT 1) WHERE field = 'password'";
    assert_eq!(store.spoil(to_another_row).await, 2);
    let swapped = connectors::secrets(&mut store.conn, &vault_one, other.id).await;
    assert!(matches!(swapped, Err(Error::Sealed(_))));
}

#[tokio::test]
async fn a_draft_moved_to_another_id_does_not_open() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let (one, two, vault, now, until) = (store.id(), store.id(), store.vault.clone(), store.now(), store.in_an_hour());
    drafts::put(&mut store.conn, &vault, one, ada.id, b"a secret", until).await.unwrap();
    drafts::put(&mut store.conn, &vault, two, ada.id, b"another", until).await.unwrap();
    store.spoil("UPDATE drafts SET sealed = (SELECT sealed FROM drafts ORDER BY id LIMIT 1)").await;
    assert!(drafts::get(&mut store.conn, &vault, one, ada.id, now).await.unwrap().is_some());
    assert!(matches!(drafts::get(&mut store.conn, &vault, two, ada.id, now).await, Err(Error::Sealed(_))));
}

#[tokio::test]
async fn a_clear_password_is_kept_until_its_user_is_settled_or_its_time_is_over() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let (vault, now, until) = (store.vault.clone(), store.now(), store.in_an_hour());
    let read = async |conn: &mut storage::Conn, at| {
        let clear = passwords::unseal(conn, &vault, ada.id, at).await.unwrap();
        clear.map(|clear| clear.expose_secret().to_owned())
    };
    let mut delivery = store.delivery(ada.id, store.id());
    deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    passwords::seal(&mut store.conn, &vault, ada.id, &"first".into(), until).await.unwrap();
    passwords::seal(&mut store.conn, &vault, ada.id, &"correct horse".into(), until).await.unwrap();
    passwords::erase_when_settled(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(read(&mut store.conn, now).await.as_deref(), Some("correct horse"), "a delivery is open");
    assert_eq!(read(&mut store.conn, until).await, None);

    delivery.state = State::Done;
    deliveries::update(&mut store.conn, &delivery).await.unwrap();
    passwords::erase_when_settled(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM sealed_passwords").await, 0);

    passwords::seal(&mut store.conn, &vault, ada.id, &"again".into(), until).await.unwrap();
    let early = until.minus(Duration::from_micros(1));
    assert_eq!(passwords::erase_expired(&mut store.conn, early).await.unwrap(), 0);
    assert_eq!(passwords::erase_expired(&mut store.conn, until).await.unwrap(), 1);
}

#[tokio::test]
async fn a_clear_password_is_bound_to_its_user() {
    let mut store = Store::new().await;
    let (ada, grace) = (store.add_user("ada").await, store.add_user("grace").await);
    let (vault, now, until) = (store.vault.clone(), store.now(), store.in_an_hour());
    passwords::seal(&mut store.conn, &vault, ada.id, &"adas".into(), until).await.unwrap();
    passwords::seal(&mut store.conn, &vault, grace.id, &"graces".into(), until).await.unwrap();
    store
        .spoil("UPDATE sealed_passwords SET sealed = (SELECT sealed FROM sealed_passwords ORDER BY user_id LIMIT 1)")
        .await;
    assert!(passwords::unseal(&mut store.conn, &vault, ada.id, now).await.unwrap().is_some());
    assert!(matches!(passwords::unseal(&mut store.conn, &vault, grace.id, now).await, Err(Error::Sealed(_))));
}
