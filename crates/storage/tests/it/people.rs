//! Users, tombstones and passwords.

use domain::{
    permission::Role,
    user::{Origin, User, Valued},
};
use storage::{
    Constraint, Error,
    filters::{self, Listing, Window},
    passwords, tombstones,
    tombstones::Tombstone,
    users,
};

use crate::support::{Store, assert_bad_row, assert_no_row};

/// Whom a filter finds, from an offset on.
async fn found(store: &mut Store, filter: &str, offset: i64, limit: i64) -> Vec<User> {
    let filter = filter.parse().unwrap();
    let listing = Listing { schema: scim::schema::user(), filter: Some(&filter), sort: None, base_url: "" };
    let found = filters::users(&mut store.conn, &listing, &Window::Offset(offset), limit).await.unwrap();
    let ids: Vec<_> = found.ids.into_iter().map(|(id, _)| id).collect();
    users::by_ids(&mut store.conn, &ids).await.unwrap()
}

#[tokio::test]
async fn a_user_comes_back_as_it_went_in() {
    let mut store = Store::new().await;
    let ada = User { role: Some(Role::Operator), locked: true, excluded: true, ..store.user("Ada") };
    users::insert(&mut store.conn, &ada).await.unwrap();
    assert_eq!(users::get(&mut store.conn, ada.id).await.unwrap(), Some(ada.clone()));

    let changed = User {
        user_name: "Countess".to_owned(),
        external_id: None,
        active: false,
        locked: false,
        excluded: false,
        role: None,
        version: 2,
        updated_at: store.in_an_hour(),
        ..ada
    };
    users::update(&mut store.conn, &changed).await.unwrap();
    assert_eq!(users::get(&mut store.conn, changed.id).await.unwrap(), Some(changed));
}

#[tokio::test]
async fn a_user_name_belongs_to_one_user_whatever_its_case() {
    let mut store = Store::new().await;
    let ada = store.add_user("Ada").await;
    let second = store.user("aDA");
    let refused = users::insert(&mut store.conn, &second).await;
    assert!(matches!(refused, Err(Error::Conflict(Constraint::UserName))), "{refused:?}");

    let grace = store.add_user("grace").await;
    let renamed = users::update(&mut store.conn, &User { user_name: "ADA".to_owned(), ..grace }).await;
    assert!(matches!(renamed, Err(Error::Conflict(Constraint::UserName))), "{renamed:?}");
    assert_eq!(users::by_name(&mut store.conn, " ADA ").await.unwrap().unwrap().id, ada.id);
    assert_eq!(users::by_name(&mut store.conn, "nobody").await.unwrap(), None);
}

#[tokio::test]
async fn a_user_is_found_by_any_of_their_addresses_without_regard_to_case() {
    let mut store = Store::new().await;
    let mut ada = store.user("ada");
    let mail = |value: &str| Valued { value: value.to_owned(), ..Valued::default() };
    ada.profile.emails = vec![mail("Ada@Example.org"), mail("ada@example.ORG"), mail("LOVELACE@example.org")];
    users::insert(&mut store.conn, &ada).await.unwrap();
    store.add_user("grace").await;
    let by = |email: &str| format!("emails eq \"{email}\"");
    for address in ["ada@example.org", "ADA@EXAMPLE.ORG", "lovelace@example.org"] {
        assert_eq!(found(&mut store, &by(address), 0, 10).await, [ada.clone()], "{address}");
    }

    ada.profile.emails = vec![mail("countess@example.org")];
    users::update(&mut store.conn, &ada).await.unwrap();
    assert_eq!(found(&mut store, &by("ada@example.org"), 0, 10).await, []);
    assert_eq!(found(&mut store, &by("Countess@example.org"), 0, 10).await, [ada]);
}

#[tokio::test]
async fn a_list_is_narrowed_by_everything_asked_for_and_turned_by_offset() {
    let mut store = Store::new().await;
    let mut everybody = Vec::new();
    for name in ["ada", "grace", "katherine", "mary", "joan"] {
        everybody.push(store.add_user(name).await);
    }
    everybody[4].active = false;
    users::update(&mut store.conn, &everybody[4]).await.unwrap();

    assert_eq!(found(&mut store, "userName pr", 1, 2).await, everybody[1..3]);
    assert_eq!(found(&mut store, "userName pr", 9, 2).await, []);
    let grace = &everybody[1];
    let all = format!(
        "id eq \"{}\" and userName eq \"GRACE\" and externalId eq \"hr-grace\" and emails eq \"grace@example.org\"",
        grace.id
    );
    assert_eq!(found(&mut store, &format!("{all} and active eq true"), 0, 10).await, std::slice::from_ref(grace));
    assert_eq!(found(&mut store, &format!("{all} and active eq false"), 0, 10).await, []);
    assert_eq!(found(&mut store, "externalId eq \"HR-GRACE\"", 0, 10).await, [], "external ids have case");
}

#[tokio::test]
async fn a_staged_user_is_nobody_to_readers_until_made_real() {
    let mut store = Store::new().await;
    let staged = User { role: Some(Role::Administrator), ..store.user("ada") };
    let staged = User { staged: true, ..staged };
    users::insert(&mut store.conn, &staged).await.unwrap();
    assert_eq!(found(&mut store, "userName pr", 0, 10).await, []);
    assert_eq!(found(&mut store, "emails eq \"ada@example.org\"", 0, 10).await, []);
    let conn = &mut store.conn;
    assert_eq!(users::get(conn, staged.id).await.unwrap(), None);
    assert_eq!(users::by_name(conn, "ada").await.unwrap(), None);
    assert_eq!(users::count(conn).await.unwrap(), 0);
    assert_eq!(users::count_with_role(conn, Role::Administrator).await.unwrap(), 0);
    assert_eq!(users::get_any(conn, staged.id).await.unwrap(), Some(staged.clone()));
    assert_eq!(users::staged(conn).await.unwrap(), [staged.id]);

    let now = store.in_an_hour();
    users::activate(&mut store.conn, staged.id, now).await.unwrap();
    let conn = &mut store.conn;
    let real = User { staged: false, updated_at: now, ..staged };
    assert_eq!(users::get(conn, real.id).await.unwrap(), Some(real.clone()));
    assert_eq!((users::count(conn).await.unwrap(), users::staged(conn).await.unwrap()), (1, vec![]));
    assert_no_row(users::activate(conn, real.id, now).await);

    let reserved = User { staged: true, ..store.user("grace") };
    users::insert(&mut store.conn, &reserved).await.unwrap();
    let second = store.user("Grace");
    let refused = users::insert(&mut store.conn, &second).await;
    assert!(matches!(refused, Err(Error::Conflict(Constraint::UserName))), "a staged user reserves the name");
}

#[tokio::test]
async fn administrators_who_cannot_sign_in_do_not_count() {
    let mut store = Store::new().await;
    let administrator = |user| User { role: Some(Role::Administrator), ..user };
    let (ada, off, locked) = (store.user("ada"), store.user("off"), store.user("locked"));
    users::insert(&mut store.conn, &administrator(ada)).await.unwrap();
    users::insert(&mut store.conn, &administrator(User { active: false, ..off })).await.unwrap();
    users::insert(&mut store.conn, &administrator(User { locked: true, ..locked })).await.unwrap();
    assert_eq!(users::count_with_role(&mut store.conn, Role::Administrator).await.unwrap(), 1);
    assert_eq!(users::count_with_role(&mut store.conn, Role::Auditor).await.unwrap(), 0);
}

#[tokio::test]
async fn another_may_sign_in_who_has_a_password_and_may_use_it() {
    let mut store = Store::new().await;
    let (now, nobody) = (store.now(), store.user("nobody").id);
    let administrator = |user| User { role: Some(Role::Administrator), ..user };
    let (ada, bea) = (administrator(store.user("ada")), administrator(store.user("bea")));
    let conn = &mut store.conn;
    users::insert(conn, &ada).await.unwrap();
    users::insert(conn, &bea).await.unwrap();
    assert!(!users::another_may_sign_in(conn, Role::Administrator, nobody).await.unwrap(), "no password");
    passwords::set(conn, bea.id, "hash", now).await.unwrap();
    assert!(users::another_may_sign_in(conn, Role::Administrator, ada.id).await.unwrap());
    assert!(!users::another_may_sign_in(conn, Role::Administrator, bea.id).await.unwrap(), "not herself");
    assert!(!users::another_may_sign_in(conn, Role::Auditor, ada.id).await.unwrap());
    for kept_out in [User { active: false, ..bea.clone() }, User { locked: true, ..bea }] {
        users::update(conn, &kept_out).await.unwrap();
        assert!(!users::another_may_sign_in(conn, Role::Administrator, ada.id).await.unwrap());
    }
}

#[tokio::test]
async fn what_changes_nobody_is_an_error() {
    let mut store = Store::new().await;
    let nobody = store.user("nobody");
    assert_no_row(users::update(&mut store.conn, &nobody).await);
    assert_no_row(users::delete(&mut store.conn, nobody.id).await);
    assert_no_row(users::activate(&mut store.conn, nobody.id, nobody.created_at).await);
}

#[tokio::test]
async fn a_deleted_user_takes_along_what_is_theirs_alone() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let now = store.now();
    passwords::set(&mut store.conn, ada.id, "$argon2id$", now).await.unwrap();
    let connector = store.add_connector("Acme").await;
    let delivery = store.delivery(ada.id, connector.id);
    storage::deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    users::delete(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(passwords::get(&mut store.conn, ada.id).await.unwrap(), None);
    assert_eq!(store.count("SELECT COUNT(*) FROM user_emails").await, 0);
    let kept = storage::deliveries::of_subject(&mut store.conn, ada.id.into()).await.unwrap();
    assert_eq!(kept, [delivery], "deliveries outlive the user");
}

#[tokio::test]
async fn a_password_is_replaced_by_the_next() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let now = store.now();
    assert_eq!(passwords::get(&mut store.conn, ada.id).await.unwrap(), None);
    for hash in ["one", "two"] {
        passwords::set(&mut store.conn, ada.id, hash, now).await.unwrap();
        assert_eq!(passwords::get(&mut store.conn, ada.id).await.unwrap().as_deref(), Some(hash));
    }
}

#[tokio::test]
async fn bad_users_are_named() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    for spoilt in [
        "UPDATE users SET origin = 'mars'",
        "UPDATE users SET origin = 'api', role = 'emperor'",
        "UPDATE users SET role = NULL, profile = '{\"emails\": 7}'",
        "UPDATE users SET profile = '{'",
    ] {
        assert_eq!(store.spoil(spoilt).await, 1);
        assert_bad_row(users::get(&mut store.conn, ada.id).await, "users", ada.id);
        assert_bad_row(users::by_ids(&mut store.conn, &[ada.id]).await, "users", ada.id);
    }
}

#[tokio::test]
async fn a_tombstone_stays_until_nothing_is_left_to_let_go_of() {
    let mut store = Store::new().await;
    let ada = User { origin: Origin::Jit, ..store.user("ada") };
    let connector = store.add_connector("Acme").await;
    let remains = Tombstone::of(&ada, true, store.in_an_hour());
    tombstones::insert(&mut store.conn, &remains).await.unwrap();
    assert_eq!(tombstones::get(&mut store.conn, ada.id).await.unwrap(), Some(remains));

    let mut delivery = store.delivery(ada.id, connector.id);
    storage::deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    let link = store.link(ada.id, connector.id, "ada");
    storage::links::put(&mut store.conn, &link).await.unwrap();
    tombstones::remove_when_settled(&mut store.conn, ada.id).await.unwrap();
    assert!(tombstones::get(&mut store.conn, ada.id).await.unwrap().is_some(), "a delivery is open");

    delivery.state = domain::delivery::State::Done;
    storage::deliveries::update(&mut store.conn, &delivery).await.unwrap();
    tombstones::remove_when_settled(&mut store.conn, ada.id).await.unwrap();
    assert!(tombstones::get(&mut store.conn, ada.id).await.unwrap().is_some(), "an account is linked");

    storage::links::delete(&mut store.conn, link.id).await.unwrap();
    tombstones::remove_when_settled(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(tombstones::get(&mut store.conn, ada.id).await.unwrap(), None);
}

#[tokio::test]
async fn bad_tombstones_are_named() {
    let mut store = Store::new().await;
    let ada = store.user("ada");
    tombstones::insert(&mut store.conn, &Tombstone::of(&ada, false, ada.created_at)).await.unwrap();
    for spoilt in ["UPDATE tombstones SET origin = 'mars'", "UPDATE tombstones SET origin = 'api', profile = '7'"] {
        store.spoil(spoilt).await;
        assert_bad_row(tombstones::get(&mut store.conn, ada.id).await, "tombstones", ada.id);
    }
}
