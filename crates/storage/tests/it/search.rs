//! The list of people, its search, and one-time links.

use std::{collections::BTreeSet, time::Duration};

use domain::{
    UserId,
    delivery::{Reason, ReasonKind, State, Wanted},
    user::{Name, Profile, User, Valued},
};
use storage::{
    password_links::{self, Giver, PasswordLink},
    people_lists::{Access, Narrowing},
    user_terms::{self, Search},
    users::{self, Accounts},
};

use crate::support::{Store, boot};

fn named(user: User, given: &str, family: &str, mail: &str) -> User {
    let name = Name { given_name: Some(given.to_owned()), family_name: Some(family.to_owned()), ..Name::default() };
    let mail = Valued { value: mail.to_owned(), ..Valued::default() };
    User { profile: Profile { name: Some(name), emails: vec![mail], ..Profile::default() }, ..user }
}

fn only(access: Access) -> Narrowing {
    Narrowing { access: Some(access), ..Narrowing::default() }
}

async fn add(store: &mut Store, user_name: &str, given: &str, family: &str, mail: &str) -> User {
    let user = named(store.user(user_name), given, family, mail);
    users::insert(&mut store.conn, &user).await.unwrap();
    user
}

/// The user names of everybody who is found, page by page.
async fn found(store: &mut Store, text: &str, access: Option<Access>, limit: usize) -> Vec<String> {
    let search = Search::read(text).unwrap();
    let narrowing = Narrowing { access, ..Narrowing::default() };
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = user_terms::find(&mut store.conn, &search, &narrowing, after, limit).await.unwrap();
        let ids: Vec<UserId> = page.entries.iter().map(|entry| entry.user_id).collect();
        assert!(ids.len() <= limit);
        let people = users::by_ids(&mut store.conn, &ids).await.unwrap();
        assert_eq!(people.iter().map(|user| user.id).collect::<Vec<_>>(), ids, "in the order asked for");
        names.extend(people.into_iter().map(|user| user.user_name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

#[tokio::test]
async fn people_are_found_by_the_beginning_of_any_of_their_words() {
    let mut store = Store::new().await;
    add(&mut store, "al", "Ada Augusta", "King-Noël", "Ada.Lovelace@example.org").await;
    add(&mut store, "grace", "Grace", "Hopper", "hopper@navy.example").await;
    for text in ["ada", "AUG", "king", "noël", "king-n", "al", "ada.lovelace@ex", "lovelace", "example.o", "King ada"]
    {
        assert_eq!(found(&mut store, text, None, 10).await, ["al"], "{text}");
    }
    for text in ["da", "ngus", "kingnoël", "ada hopper", "%", "_da", "grace lovelace"] {
        assert_eq!(found(&mut store, text, None, 10).await, [""; 0], "{text}");
    }
}

#[tokio::test]
async fn every_word_counts_and_somebody_who_fits_twice_is_found_once() {
    let mut store = Store::new().await;
    add(&mut store, "anna", "Anna", "Annan", "anna@annex.example").await;
    add(&mut store, "anne", "Anne", "Smith", "smith@example.org").await;
    add(&mut store, "zoe", "Zoe", "Smithers", "zoe@example.org").await;
    for limit in [1, 2, 10] {
        assert_eq!(found(&mut store, "ann", None, limit).await, ["anna", "anne"], "{limit}");
    }
    assert_eq!(found(&mut store, "smith an", None, 10).await, ["anne"]);
    assert_eq!(found(&mut store, "smith", None, 10).await, ["anne", "zoe"]);
}

#[tokio::test]
async fn pages_have_no_gap_and_no_repeat_whatever_their_size() {
    let mut store = Store::new().await;
    for number in 0..60 {
        let given = ["Mara", "Marc", "Maria", "Mario", "Mark"][number % 5];
        add(&mut store, &format!("u{number:02}"), given, "Marsh", &format!("mar{number}@example.org")).await;
    }
    let whole = found(&mut store, "mar", None, 200).await;
    assert_eq!(whole.len(), 60);
    assert_eq!(whole.iter().collect::<BTreeSet<_>>().len(), 60);
    for limit in [1, 7, 59, 60, 61] {
        assert_eq!(found(&mut store, "mar", None, limit).await, whole, "{limit}");
    }
}

#[tokio::test]
async fn a_search_that_nothing_fits_looks_at_so_many_and_says_where_to_go_on() {
    let mut store = Store::new().await;
    store
        .spoil(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4100) \
             INSERT INTO users (id, user_name, user_name_key, staged, active, locked, excluded, origin, profile, \
             version, created_at, updated_at) SELECT unhex(printf('%032x', i)), 'm' || i, 'm' || i, FALSE, TRUE, \
             FALSE, FALSE, 'api', '{}', 1, 0, 0 FROM n",
        )
        .await;
    store
        .spoil(
            "INSERT INTO user_terms (term, user_name_key, user_id) SELECT user_name_key, user_name_key, id FROM users",
        )
        .await;
    let search = Search::read("m").unwrap();
    let none = user_terms::find(&mut store.conn, &search, &only(Access::Disabled), None, 10).await.unwrap();
    assert_eq!(none.entries, []);
    let rest = user_terms::find(&mut store.conn, &search, &only(Access::Disabled), none.next, 10).await.unwrap();
    assert_eq!((rest.entries.len(), rest.next), (0, None), "the second look sees the rest");
    let some = user_terms::find(&mut store.conn, &search, &only(Access::Active), None, 10).await.unwrap();
    assert_eq!(some.entries.len(), 10);
    assert_eq!(
        found(&mut store, "m", Some(Access::Active), 777).await.len(),
        4_100,
        "no gap where one look follows another"
    );
}

#[tokio::test]
async fn an_edit_is_found_by_its_new_words_alone_and_whoever_is_gone_by_none() {
    let mut store = Store::new().await;
    let ada = add(&mut store, "ada", "Ada", "Byron", "ada@example.org").await;
    let married = named(User { user_name: "countess".to_owned(), ..ada.clone() }, "Ada", "King", "ada@example.org");
    users::update(&mut store.conn, &married).await.unwrap();
    assert_eq!(found(&mut store, "byron", None, 10).await, [""; 0]);
    for text in ["king", "ada", "countess"] {
        assert_eq!(found(&mut store, text, None, 10).await, ["countess"], "{text}");
    }
    let names = store.count("SELECT COUNT(DISTINCT user_name_key) FROM user_terms").await;
    assert_eq!(names, 1, "every entry carries the new user name");
    users::delete(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM user_terms").await, 0);
}

#[tokio::test]
async fn the_staged_are_not_found_and_a_state_narrows() {
    let mut store = Store::new().await;
    let staged = store.add_staged("ada").await;
    let grace = store.add_user("grace").await;
    users::update(&mut store.conn, &User { active: false, ..grace }).await.unwrap();
    assert_eq!(found(&mut store, "ada", None, 10).await, [""; 0]);
    assert_eq!(found(&mut store, "grace", Some(Access::Active), 10).await, [""; 0]);
    assert_eq!(found(&mut store, "grace", Some(Access::Disabled), 10).await, ["grace"]);
    users::activate(&mut store.conn, staged.id, store.ids.now()).await.unwrap();
    assert_eq!(found(&mut store, "ada", None, 10).await, ["ada"]);
}

#[tokio::test]
async fn words_without_end_are_bounded() {
    let mut store = Store::new().await;
    let mut user = store.user("ada");
    let words: Vec<String> = (0..500).map(|n| format!("word{n}")).collect();
    user.profile.display_name = Some(words.join(" "));
    user.profile.nick_name = None;
    users::insert(&mut store.conn, &user).await.unwrap();
    let kept = usize::try_from(store.count("SELECT COUNT(*) FROM user_terms").await).unwrap();
    assert_eq!(kept, user_terms::TERMS);
    assert_eq!(found(&mut store, "ada", None, 10).await, ["ada"], "the user name is kept first");
    let long = User { user_name: "é".repeat(256), ..store.user("long") };
    users::insert(&mut store.conn, &long).await.unwrap();
    assert_eq!(found(&mut store, &"é".repeat(300), None, 10).await, [long.user_name]);
}

#[tokio::test]
async fn accounts_are_counted_by_how_they_stand() {
    let mut store = Store::new().await;
    let (ada, grace) = (store.add_user("ada").await, store.add_user("grace").await);
    let held = State::Held { reason: Reason::new(ReasonKind::Refused, "no") };
    let rows = [
        (Wanted::Present, State::Done),
        (Wanted::Disabled, State::Running { boot: boot(1) }),
        (Wanted::Absent, State::Done),
        (Wanted::Present, held),
    ];
    for (wanted, state) in rows {
        let (connector, subject) = (store.id(), ada.id.into());
        store.add_delivery(connector, |one| (one.subject, one.wanted, one.state) = (subject, wanted, state)).await;
    }
    let counted = users::accounts(&mut store.conn, &[ada.id, grace.id]).await.unwrap();
    assert_eq!(counted.get(&ada.id), Some(&Accounts { all: 3, in_step: 1, held: 1 }));
    assert_eq!(counted.get(&grace.id), None);
    assert_eq!(users::accounts(&mut store.conn, &[]).await.unwrap().len(), 0);
}

#[tokio::test]
async fn a_new_link_replaces_the_one_before_and_a_used_one_is_remembered_until_it_is_old() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let now = store.now();
    let link = PasswordLink {
        user_id: ada.id,
        giver: Giver::Administrator,
        created_at: now,
        expires_at: store.in_an_hour(),
        used_at: None,
    };
    let conn = &mut store.conn;
    password_links::put(conn, &link, b"first").await.unwrap();
    password_links::put(conn, &link, b"second").await.unwrap();
    assert_eq!(password_links::by_token(conn, b"first").await.unwrap(), None);
    assert_eq!(password_links::by_token(conn, b"second").await.unwrap(), Some(link));
    let asked = PasswordLink { giver: Giver::Themselves, ..link };
    password_links::put(conn, &asked, b"asked").await.unwrap();
    assert_eq!(password_links::by_token(conn, b"second").await.unwrap(), Some(link), "that of another giver stays");
    password_links::void(conn, ada.id, now).await.unwrap();
    password_links::void(conn, ada.id, now.plus(Duration::from_secs(1))).await.unwrap();
    let used = PasswordLink { used_at: Some(now), ..link };
    assert_eq!(password_links::of_user(conn, ada.id, Giver::Administrator).await.unwrap(), Some(used));
    assert_eq!(password_links::delete_expired(conn, now).await.unwrap(), 0);
    assert_eq!(password_links::delete_expired(conn, link.expires_at).await.unwrap(), 2);
    password_links::put(conn, &link, b"third").await.unwrap();
    users::delete(conn, ada.id).await.unwrap();
    assert_eq!(password_links::by_token(conn, b"third").await.unwrap(), None);
}
