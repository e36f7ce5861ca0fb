//! Imports and their lines: what each statement does, what is sealed, and what stays.

use std::time::Duration;

use domain::{ImportId, Timestamp};
use storage::{
    Error,
    audit::{Actor, ActorKind},
    imports::{self, Counts, Import, Line, RowState, Stage},
};
use zeroize::Zeroizing;

use crate::support::{Store, vault};

impl Store {
    pub(crate) fn import(&self, counts: Counts) -> Import {
        Import {
            id: self.id(),
            actor: Actor {
                kind: ActorKind::User,
                id: Some(self.id()),
                label: "root".to_owned(),
                address: "::1".to_owned(),
            },
            source: "people.csv".to_owned(),
            stage: Stage::Preview,
            create_groups: false,
            counts,
            created_at: self.now(),
            started_at: None,
            finished_at: None,
            expires_at: self.in_an_hour(),
        }
    }

    async fn add_import(&mut self, states: &[RowState]) -> Import {
        let count = |state| i64::try_from(states.iter().filter(|one| **one == state).count()).unwrap();
        let import = self.import(Counts {
            good: count(RowState::Good),
            groupless: count(RowState::Groupless),
            bad: count(RowState::Bad),
            ..Counts::default()
        });
        let lines: Vec<Line> = (1..).zip(states).map(|(number, state)| line(number, *state)).collect();
        imports::insert(&mut self.conn, &self.vault, &import, &lines).await.unwrap();
        import
    }

    async fn started(&mut self, states: &[RowState], create_groups: bool) -> Import {
        let import = self.add_import(states).await;
        let now = self.now();
        imports::start(&mut self.conn, import.id, &import.actor, create_groups, now).await.unwrap();
        self.read_import(import.id).await
    }

    async fn read_import(&mut self, id: ImportId) -> Import {
        let now = self.now();
        imports::get(&mut self.conn, id, now).await.unwrap().unwrap()
    }

    async fn lines(&mut self, id: ImportId, state: Option<RowState>, after: i64, limit: i64) -> Vec<Line> {
        imports::lines(&mut self.conn, &self.vault, id, state, after, limit).await.unwrap()
    }
}

pub(crate) fn line(number: i64, state: RowState) -> Line {
    Line {
        number,
        line: number + 1,
        state,
        user_id: None,
        values: Zeroizing::new(format!("values of {number}").into_bytes()),
        reason: (state == RowState::Bad).then(|| "A user name is required.".to_owned()),
    }
}

use RowState::{Asked, Bad, Created, Failed, Good, Groupless};

#[tokio::test]
async fn an_import_is_read_back_with_its_lines_in_order() {
    let mut store = Store::new().await;
    let import = store.add_import(&[Good, Bad, Groupless, Good]).await;
    assert_eq!(store.read_import(import.id).await, import);
    let all = store.lines(import.id, None, 0, 10).await;
    assert_eq!(all, [line(1, Good), line(2, Bad), line(3, Groupless), line(4, Good)]);
    assert_eq!(store.lines(import.id, Some(Good), 1, 10).await, [line(4, Good)]);
    assert_eq!(store.lines(import.id, None, 1, 2).await, [line(2, Bad), line(3, Groupless)]);
}

#[tokio::test]
async fn more_lines_than_one_statement_takes_are_kept() {
    let mut store = Store::new().await;
    let import = store.add_import(&[Good; 1_203]).await;
    assert_eq!(store.lines(import.id, None, 1_200, 10).await.len(), 3);
}

#[tokio::test]
async fn what_a_list_said_is_sealed_and_opens_in_its_place_alone() {
    let mut store = Store::new().await;
    let import = store.add_import(&[Good, Bad]).await;
    let clear = "SELECT COUNT(*) FROM import_rows WHERE instr(sealed, 'values') > 0 OR instr(reason, 'required') > 0";
    assert_eq!(store.count(clear).await, 0);
    let wrong_key = imports::lines(&mut store.conn, &vault(2), import.id, None, 0, 10).await;
    assert!(matches!(wrong_key, Err(Error::Sealed(_))));
    store.spoil("UPDATE import_rows SET sealed = (SELECT sealed FROM import_rows ORDER BY number LIMIT 1)").await;
    let moved = imports::lines(&mut store.conn, &store.vault, import.id, Some(Bad), 0, 10).await;
    assert!(matches!(moved, Err(Error::Sealed(_))));
}

#[tokio::test]
async fn a_line_is_claimed_once_and_only_while_its_import_runs() {
    let mut store = Store::new().await;
    let import = store.add_import(&[Good, Groupless, Bad]).await;
    let (ada, grace, now) = (store.id(), store.id(), store.now());
    assert!(!imports::claim(&mut store.conn, import.id, 1, ada).await.unwrap(), "it was not started");
    imports::start(&mut store.conn, import.id, &import.actor, true, now).await.unwrap();
    let again = imports::start(&mut store.conn, import.id, &import.actor, true, now).await;
    assert!(matches!(again, Err(Error::RowCount { .. })), "it is started once");
    assert!(imports::claim(&mut store.conn, import.id, 1, ada).await.unwrap());
    assert!(!imports::claim(&mut store.conn, import.id, 1, grace).await.unwrap(), "it is taken");
    assert!(!imports::claim(&mut store.conn, import.id, 3, grace).await.unwrap(), "nobody can come of it");
    assert!(imports::claim(&mut store.conn, import.id, 2, grace).await.unwrap());
    let (of, claimed) = imports::of_user(&mut store.conn, &store.vault, ada).await.unwrap().unwrap();
    assert_eq!((of, claimed.number, claimed.state), (import.id, 1, Asked));
    let stranger = store.id();
    assert!(imports::of_user(&mut store.conn, &store.vault, stranger).await.unwrap().is_none());
    assert_eq!(imports::actor_of(&mut store.conn, ada).await.unwrap(), Some(import.actor));
    assert_eq!(imports::actor_of(&mut store.conn, stranger).await.unwrap(), None);
}

#[tokio::test]
async fn what_becomes_of_a_line_is_counted_with_it() {
    let mut store = Store::new().await;
    let import = store.started(&[Good, Good, Good, Bad], false).await;
    let (ada, grace) = (store.id(), store.id());
    let (id, vault) = (import.id, store.vault.clone());
    assert!(imports::claim(&mut store.conn, id, 1, ada).await.unwrap());
    imports::created(&mut store.conn, &vault, id, 1, Some("Not added to “X”.")).await.unwrap();
    assert!(imports::claim(&mut store.conn, id, 2, grace).await.unwrap());
    assert!(!imports::failed(&mut store.conn, &vault, id, 2, "late").await.unwrap(), "targets are asked about them");
    imports::refused(&mut store.conn, &vault, id, 2, "Acme: no licence left").await.unwrap();
    assert!(imports::failed(&mut store.conn, &vault, id, 3, "taken").await.unwrap());
    assert!(!imports::failed(&mut store.conn, &vault, id, 3, "twice").await.unwrap());
    assert!(matches!(imports::created(&mut store.conn, &vault, id, 3, None).await, Err(Error::RowCount { .. })));
    let lines = store.lines(id, None, 0, 10).await;
    let told: Vec<_> = lines.iter().map(|line| (line.state, line.user_id, line.reason.as_deref())).collect();
    assert_eq!(
        told,
        [
            (Created, Some(ada), Some("Not added to “X”.")),
            (Failed, None, Some("Acme: no licence left")),
            (Failed, None, Some("taken")),
            (Bad, None, Some("A user name is required.")),
        ]
    );
    let after = store.read_import(id).await;
    assert_eq!((after.counts.created, after.counts.failed, after.planned(), after.settled()), (1, 2, 3, 3));
}

#[tokio::test]
async fn nothing_fails_once_an_import_was_stopped_but_who_is_asked_about_is_settled() {
    let mut store = Store::new().await;
    let import = store.started(&[Good, Good], false).await;
    let (ada, now, vault) = (store.id(), store.now(), store.vault.clone());
    imports::claim(&mut store.conn, import.id, 1, ada).await.unwrap();
    let until = store.in_an_hour();
    imports::end(&mut store.conn, import.id, Stage::Cancelled, now, until).await.unwrap();
    assert!(!imports::failed(&mut store.conn, &vault, import.id, 2, "no").await.unwrap());
    imports::created(&mut store.conn, &vault, import.id, 1, None).await.unwrap();
    let after = store.read_import(import.id).await;
    assert_eq!((after.stage, after.counts.created, after.counts.failed), (Stage::Cancelled, 1, 0));
    assert_eq!(store.lines(import.id, Some(Good), 0, 10).await.len(), 1);
}

#[tokio::test]
async fn those_under_way_are_listed_as_they_were_started() {
    let mut store = Store::new().await;
    let first = store.add_import(&[Good]).await;
    let second = store.started(&[Good], false).await;
    let now = store.now().plus(Duration::from_secs(1));
    imports::start(&mut store.conn, first.id, &first.actor, true, now).await.unwrap();
    let running = imports::running(&mut store.conn).await.unwrap();
    assert_eq!(running.iter().map(|import| import.id).collect::<Vec<_>>(), [second.id, first.id]);
    assert_eq!(imports::count_open(&mut store.conn, Timestamp::from_micros(i64::MAX - 1)).await.unwrap(), 2);
    imports::end(&mut store.conn, second.id, Stage::Done, now, now).await.unwrap();
    assert_eq!(imports::running(&mut store.conn).await.unwrap().len(), 1);
    assert_eq!(imports::count_open(&mut store.conn, now).await.unwrap(), 1);
}

#[tokio::test]
async fn what_expired_is_gone_with_its_lines_and_what_runs_is_not() {
    let mut store = Store::new().await;
    let (old, _) = (store.add_import(&[Good, Bad]).await, store.started(&[Good], false).await);
    let late = store.in_an_hour();
    assert!(imports::get(&mut store.conn, old.id, late).await.unwrap().is_none());
    assert_eq!(imports::page(&mut store.conn, None, late, 10).await.unwrap().len(), 1);
    assert_eq!(imports::delete_expired(&mut store.conn, late).await.unwrap(), 1);
    assert_eq!(imports::delete_expired(&mut store.conn, late).await.unwrap(), 0);
    assert_eq!(store.count("SELECT COUNT(*) FROM import_rows").await, 1);
}

#[tokio::test]
async fn the_newest_is_listed_first_page_by_page() {
    let mut store = Store::new().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.push(store.add_import(&[Good]).await.id);
    }
    let now = store.now();
    let listed = async |conn: &mut storage::Conn, before| -> Vec<ImportId> {
        imports::page(conn, before, now, 2).await.unwrap().into_iter().map(|import| import.id).collect()
    };
    assert_eq!(listed(&mut store.conn, None).await, [ids[2], ids[1]]);
    assert_eq!(listed(&mut store.conn, Some(ids[1])).await, [ids[0]]);
    imports::delete(&mut store.conn, ids[1]).await.unwrap();
    assert!(matches!(imports::delete(&mut store.conn, ids[1]).await, Err(Error::RowCount { .. })));
    assert_eq!(listed(&mut store.conn, None).await, [ids[2], ids[0]]);
}
