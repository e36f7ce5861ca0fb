//! Groups and who is in them.

use std::sync::{
    Arc,
    atomic::{AtomicU64, Ordering},
};

use domain::{GroupId, UserId, group::Group};
use storage::{Constraint, Error, groups, users};

use crate::support::{Store, assert_no_row};

impl Store {
    pub(crate) fn group(&self, display_name: &str) -> Group {
        Group {
            id: self.id(),
            display_name: display_name.to_owned(),
            external_id: Some(format!("g-{display_name}")),
            size: 0,
            version: 1,
            created_at: self.now(),
            updated_at: self.now(),
        }
    }

    pub(crate) async fn add_group(&mut self, display_name: &str) -> Group {
        let group = self.group(display_name);
        groups::insert(&mut self.conn, &group).await.unwrap();
        group
    }

    async fn size(&mut self, group: GroupId) -> i64 {
        groups::get(&mut self.conn, group).await.unwrap().unwrap().size
    }
}

#[tokio::test]
async fn a_group_is_kept_changed_and_found_by_name() {
    let mut store = Store::new().await;
    let group = store.add_group("Tour Guides").await;
    assert_eq!(groups::get(&mut store.conn, group.id).await.unwrap(), Some(group.clone()));
    assert_eq!(groups::by_name(&mut store.conn, "tour GUIDES").await.unwrap(), Some(group.clone()));
    let renamed = Group { display_name: "Guides".to_owned(), external_id: None, version: 2, ..group.clone() };
    groups::update(&mut store.conn, &renamed).await.unwrap();
    let other = store.id();
    assert_eq!(groups::by_ids(&mut store.conn, &[group.id, other]).await.unwrap(), [renamed]);
    groups::delete(&mut store.conn, group.id).await.unwrap();
    assert_eq!(groups::get(&mut store.conn, group.id).await.unwrap(), None);
    assert_no_row(groups::delete(&mut store.conn, group.id).await);
    assert_no_row(groups::update(&mut store.conn, &group).await);
}

#[tokio::test]
async fn a_name_belongs_to_one_group_whatever_its_case() {
    let mut store = Store::new().await;
    store.add_group("Ärzte").await;
    let second = store.group("ÄRZTE");
    let taken = groups::insert(&mut store.conn, &second).await;
    assert!(matches!(taken, Err(Error::Conflict(Constraint::GroupName))), "{taken:?}");
    assert_eq!(groups::count(&mut store.conn).await.unwrap(), 1);
}

#[tokio::test]
async fn members_come_and_go_and_are_counted() {
    let mut store = Store::new().await;
    let group = store.add_group("Guides").await;
    let (ada, bea, cy) = (store.add_user("ada").await, store.add_user("bea").await, store.add_user("cy").await);
    let conn = &mut store.conn;
    assert_eq!(groups::add(conn, group.id, &[ada.id, bea.id]).await.unwrap(), [ada.id, bea.id]);
    assert_eq!(groups::add(conn, group.id, &[bea.id, cy.id]).await.unwrap(), [cy.id], "one of them is new");
    assert_eq!(groups::member_ids(conn, group.id).await.unwrap(), [ada.id, bea.id, cy.id]);
    assert_eq!(groups::members_among(conn, group.id, &[bea.id, UserId(group.id.0)]).await.unwrap(), [bea.id].into());
    assert_eq!(groups::remove(conn, group.id, &[bea.id, bea.id]).await.unwrap(), [bea.id]);
    assert_eq!(groups::remove(conn, group.id, &[bea.id]).await.unwrap(), []);
    let page = groups::members(conn, group.id, Some(ada.id), 10).await.unwrap();
    assert_eq!(page.iter().map(|member| member.id).collect::<Vec<_>>(), [cy.id]);
    assert_eq!(page[0].label, cy.label());
    assert_eq!(store.size(group.id).await, 2);
}

#[tokio::test]
async fn more_members_than_one_statement_names_are_added_and_removed() {
    let mut store = Store::new().await;
    let group = store.add_group("All").await;
    let mut everybody = Vec::new();
    for number in 0..1_203 {
        everybody.push(store.add_user(&format!("user{number}")).await.id);
    }
    assert_eq!(groups::stranger_among(&mut store.conn, &everybody).await.unwrap(), None);
    assert_eq!(groups::add(&mut store.conn, group.id, &everybody).await.unwrap().len(), everybody.len());
    assert_eq!(store.size(group.id).await, 1_203);
    assert_eq!(groups::members_among(&mut store.conn, group.id, &everybody).await.unwrap().len(), everybody.len());
    assert_eq!(groups::remove(&mut store.conn, group.id, &everybody[1..]).await.unwrap().len(), everybody.len() - 1);
    assert_eq!(store.size(group.id).await, 1);
}

#[tokio::test]
async fn strangers_are_found_and_staged_users_are_strangers() {
    let mut store = Store::new().await;
    let (ada, staged) = (store.add_user("ada").await.id, store.add_staged("grace").await.id);
    let nobody: UserId = store.id();
    let conn = &mut store.conn;
    assert_eq!(groups::stranger_among(conn, &[]).await.unwrap(), None);
    assert_eq!(groups::stranger_among(conn, &[ada]).await.unwrap(), None);
    assert_eq!(groups::stranger_among(conn, &[ada, nobody]).await.unwrap(), Some(nobody));
    assert_eq!(groups::known_among(conn, &[staged, nobody, ada]).await.unwrap(), [ada].into());
    assert_eq!(groups::stranger_among(conn, &[staged]).await.unwrap(), Some(staged));
}

#[tokio::test]
async fn a_users_groups_are_read_together_and_end_with_the_user() {
    let mut store = Store::new().await;
    let (guides, admins) = (store.add_group("guides").await, store.add_group("Admins").await);
    let (ada, bea) = (store.add_user("ada").await.id, store.add_user("bea").await.id);
    let later = store.in_an_hour();
    groups::add(&mut store.conn, guides.id, &[ada, bea]).await.unwrap();
    groups::add(&mut store.conn, admins.id, &[ada]).await.unwrap();
    let nobody = store.id();
    let of_all = groups::of_users(&mut store.conn, &[ada, bea, nobody]).await.unwrap();
    let names = |user| of_all[&user].iter().map(|group| group.display_name.as_str()).collect::<Vec<_>>();
    assert_eq!((names(ada), names(bea), of_all.len()), (vec!["Admins", "guides"], vec!["guides"], 2));

    groups::touch_those_of(&mut store.conn, ada, later).await.unwrap();
    users::delete(&mut store.conn, ada).await.unwrap();
    let left = groups::get(&mut store.conn, guides.id).await.unwrap().unwrap();
    assert_eq!((left.size, left.version, left.updated_at), (1, 2, later));
    groups::delete(&mut store.conn, guides.id).await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM group_members").await, 0);
}

impl Store {
    /// How many steps of the database's machine a change takes.
    async fn steps(&mut self, change: impl AsyncFnOnce(&mut storage::Conn)) -> u64 {
        let counted = Arc::new(AtomicU64::new(0));
        let count = Arc::clone(&counted);
        self.conn.lock_handle().await.unwrap().set_progress_handler(1, move || {
            count.fetch_add(1, Ordering::Relaxed);
            true
        });
        change(&mut self.conn).await;
        self.conn.lock_handle().await.unwrap().remove_progress_handler();
        counted.load(Ordering::Relaxed)
    }
}

#[tokio::test]
async fn one_member_more_takes_as_many_steps_in_a_group_of_a_hundred_thousand() {
    const MANY: usize = 100_000;
    let mut store = Store::new().await;
    store
        .spoil(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 100000) \
             INSERT INTO users (id, user_name, user_name_key, staged, active, locked, excluded, origin, profile, \
             version, created_at, updated_at) SELECT UNHEX(PRINTF('%032x', n)), 'user' || n, 'user' || n, FALSE, TRUE, \
             FALSE, FALSE, 'api', '{}', 1, 0, 0 FROM numbers",
        )
        .await;
    let everybody: Vec<UserId> = (1..=MANY as u128).map(|number| UserId(uuid::Uuid::from_u128(number))).collect();
    let (all, few) = (store.add_group("All").await.id, store.add_group("Few").await.id);
    let (last, others) = everybody.split_last().unwrap();
    assert_eq!(groups::add(&mut store.conn, all, others).await.unwrap().len(), MANY - 1);
    groups::add(&mut store.conn, few, &others[..10]).await.unwrap();

    let joined = async |store: &mut Store, group| {
        store.steps(async |conn| assert_eq!(groups::add(conn, group, &[*last]).await.unwrap(), [*last])).await
    };
    let (large, small) = (joined(&mut store, all).await, joined(&mut store, few).await);
    assert!(small > 10 && large <= small + small / 2, "{large} steps where {small} do for ten");
    assert_eq!((store.size(all).await, store.size(few).await), (100_000, 11));
    let page = groups::members(&mut store.conn, all, Some(others[MANY - 3]), 10).await.unwrap();
    assert_eq!(page.iter().map(|member| member.id).collect::<Vec<_>>(), everybody[MANY - 2..]);
    assert_eq!(groups::of_users(&mut store.conn, &[*last]).await.unwrap()[last].len(), 2);

    let left = async |store: &mut Store, group| {
        store.steps(async |conn| assert_eq!(groups::remove(conn, group, &[*last]).await.unwrap(), [*last])).await
    };
    let (large, small) = (left(&mut store, all).await, left(&mut store, few).await);
    assert!(large <= small + small / 2, "{large} steps where {small} do for ten");
    assert_eq!(groups::remove(&mut store.conn, all, others).await.unwrap().len(), MANY - 1);
    assert_eq!(store.size(all).await, 0);
}
