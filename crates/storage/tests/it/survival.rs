//! A process killed at any instant loses nothing that it answered for, and leaves no half change.

use std::{
    io::{BufRead, BufReader},
    path::PathBuf,
    process::{Command, Stdio},
};

use futures::future::join_all;
use storage::{Db, Error, audit, deliveries, users};

use crate::support::{Store, vault};

const FOLDER: &str = "USHER_TEST_FOLDER";
const ANSWERED: &str = "answered";

/// One change of three tables, as a use case makes it.
async fn change(store: &Store) -> Result<(), Error> {
    let user = store.user(&uuid::Uuid::simple(store.id()).to_string());
    let delivery = store.delivery(user.id, store.id());
    let event = audit::Event {
        at: store.now(),
        actor: audit::Actor { kind: audit::ActorKind::System, id: None, label: String::new(), address: String::new() },
        action: "user.create",
        subject_kind: "user",
        subject_id: Some(user.id.0),
        subject_label: user.user_name.clone(),
        details: serde_json::Value::Null,
    };
    let vault = store.vault.clone();
    store
        .db
        .write(move |conn| {
            let (user, delivery, event, vault) = (user.clone(), delivery.clone(), event.clone(), vault.clone());
            Box::pin(async move {
                users::insert(conn, &user).await?;
                deliveries::insert(conn, &delivery).await?;
                audit::append(conn, &vault, &event).await
            })
        })
        .await
}

#[tokio::test]
#[ignore = "run as a process of its own, which is killed"]
async fn writes_until_killed() {
    let Some(folder) = std::env::var_os(FOLDER).map(PathBuf::from) else { return };
    let store = Store::new().await;
    let (db, closed) = Db::open(&folder, vault(1)).await.unwrap();
    let store = Store { db, closed, ..store };
    loop {
        let changes = (0..5).map(|_| async {
            change(&store).await.unwrap();
            println!("{ANSWERED}");
        });
        join_all(changes).await;
    }
}

#[tokio::test]
async fn a_killed_process_loses_no_answered_change_and_leaves_no_half_one() {
    let folder = tempfile::tempdir().unwrap();
    for kill_after in [1, 7, 100] {
        let mut writer = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "survival::writes_until_killed", "--ignored", "--nocapture"])
            .env(FOLDER, folder.path())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(writer.stdout.take().unwrap()).lines().map_while(Result::ok);
        let mut lines = lines.filter(|line| line.contains(ANSWERED));
        let mut answered = lines.by_ref().take(kill_after).count();
        assert_eq!(answered, kill_after, "the writing process ended by itself");
        writer.kill().unwrap();
        writer.wait().unwrap();
        answered += lines.count();

        let (db, closed) = Db::open(folder.path(), vault(1)).await.unwrap();
        let mut conn = db.read().await.unwrap();
        let intact: String = sqlx::query_scalar("PRAGMA integrity_check").fetch_one(&mut *conn).await.unwrap();
        assert_eq!(intact, "ok");
        let count = async |conn: &mut storage::Conn, sql: &'static str| -> i64 {
            sqlx::query_scalar(sql).fetch_one(conn).await.unwrap()
        };
        let people = count(&mut conn, "SELECT COUNT(*) FROM users").await;
        assert_eq!(count(&mut conn, "SELECT COUNT(*) FROM deliveries").await, people);
        let verdict = audit::verify(&mut conn, db.vault(), None).await.unwrap();
        assert_eq!(verdict.map(|whole| whole.events), Ok(people));
        assert!(people >= i64::try_from(answered).unwrap(), "{people} of {answered} are there");
        drop(conn);
        db.write::<_, Error, _>(|conn| {
            Box::pin(async move { Ok(sqlx::query("DELETE FROM users").execute(conn).await?) })
        })
        .await
        .unwrap();
        db.close().await;
        closed.await.unwrap();
        std::fs::remove_dir_all(folder.path()).unwrap();
        std::fs::create_dir(folder.path()).unwrap();
    }
}
