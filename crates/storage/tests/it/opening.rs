//! Opening a database: keys, schema versions, what was there before.

use sqlx::Connection;
use storage::{Db, Error, users};

use crate::support::{Store, vault};

#[tokio::test]
async fn a_database_is_opened_again_with_what_it_held() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let Store { conn, db, closed, folder, .. } = store;
    conn.close().await.unwrap();
    db.close().await;
    closed.await.unwrap();
    assert!(!folder.path().join("usher.db-wal").exists(), "all of it is in the one file");
    let (again, _closed) = Db::open(folder.path(), vault(1)).await.unwrap();
    assert_eq!(users::get(&mut again.read().await.unwrap(), ada.id).await.unwrap(), Some(ada));
}

#[tokio::test]
async fn a_wrong_key_stops_here_and_changes_nothing() {
    let mut store = Store::new().await;
    let folder = store.folder.path().to_owned();
    assert!(matches!(Db::open(&folder, vault(2)).await, Err(Error::WrongKey)));
    assert!(matches!(Db::open_beside(&folder, vault(2)).await, Err(Error::WrongKey)));
    store.spoil("DELETE FROM _sqlx_migrations").await;
    assert!(matches!(Db::open(&folder, vault(2)).await, Err(Error::WrongKey)));
    assert_eq!(store.count("SELECT COUNT(*) FROM _sqlx_migrations").await, 0, "nothing was migrated");
}

#[tokio::test]
async fn a_command_beside_the_server_reads_and_writes_the_same_database() {
    let mut store = Store::new().await;
    let (beside, closed) = Db::open_beside(store.folder.path(), vault(1)).await.unwrap();
    let ada = store.user("ada");
    let change = ada.clone();
    beside
        .write::<_, Error, _>(move |conn| {
            let ada = change.clone();
            Box::pin(async move { users::insert(conn, &ada).await })
        })
        .await
        .unwrap();
    let seen = users::get(&mut store.db.read().await.unwrap(), ada.id).await.unwrap();
    assert_eq!(seen, Some(ada));
    beside.close().await;
    closed.await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM users").await, 1);
}

#[tokio::test]
async fn a_command_beside_the_server_refuses_what_this_version_did_not_prepare() {
    let folder = tempfile::tempdir().unwrap();
    let before_any_start = Db::open_beside(folder.path(), vault(1)).await;
    assert!(matches!(before_any_start, Err(Error::SchemaVersion)));
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was created");

    let mut store = Store::new().await;
    store.spoil("UPDATE _sqlx_migrations SET version = version + 1000").await;
    assert!(matches!(Db::open_beside(store.folder.path(), vault(1)).await, Err(Error::SchemaVersion)));
    store.spoil("DROP TABLE _sqlx_migrations").await;
    assert!(matches!(Db::open_beside(store.folder.path(), vault(1)).await, Err(Error::SchemaVersion)));
}

#[tokio::test]
async fn a_newer_database_is_refused() {
    let mut store = Store::new().await;
    store.spoil("INSERT INTO _sqlx_migrations SELECT 9999, description, installed_on, success, checksum, execution_time FROM _sqlx_migrations LIMIT 1").await;
    assert!(matches!(Db::open(store.folder.path(), vault(1)).await, Err(Error::Migrate(_))));
}

#[tokio::test]
async fn a_file_that_is_no_database_is_said_to_be_none() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("usher.db"), "Dear diary, ".repeat(1000)).unwrap();
    assert!(matches!(Db::open(folder.path(), vault(1)).await, Err(Error::Database(_))));
    assert!(matches!(Db::open_beside(folder.path(), vault(1)).await, Err(Error::Database(_))));
}

#[tokio::test]
async fn readers_cannot_write() {
    let store = Store::new().await;
    let mut reader = store.db.read().await.unwrap();
    assert!(matches!(users::insert(&mut reader, &store.user("ada")).await, Err(Error::Database(_))));
    assert_eq!(users::count(&mut reader).await.unwrap(), 0);
}
