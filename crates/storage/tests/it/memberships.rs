//! Groups and their members as the console lists them: by name, searched, page by page.

use domain::{
    GroupId, UserId,
    group::Group,
    user::{Name, Profile, User},
};
use storage::{
    group_terms, groups,
    memberships::{self, Entry},
    user_terms::{self, EXAMINED, Search},
    users,
};

use crate::support::Store;

/// The names of all groups that are found, page by page.
async fn found(store: &mut Store, text: &str, limit: usize) -> Vec<String> {
    let search = Search::read(text).unwrap();
    let (mut names, mut after) = (Vec::new(), None);
    loop {
        let page = group_terms::find(&mut store.conn, &search, after, limit).await.unwrap();
        assert!(page.entries.len() <= limit);
        let ids: Vec<GroupId> = page.entries.iter().map(|entry| entry.group_id).collect();
        let groups = groups::by_ids(&mut store.conn, &ids).await.unwrap();
        names.extend(groups.into_iter().map(|group| group.display_name));
        after = page.next;
        if after.is_none() {
            return names;
        }
    }
}

/// The user names (lower-cased) of a group's members who fit, page by page.
async fn members(store: &mut Store, group: GroupId, text: &str, limit: i64) -> Vec<String> {
    let search = Search::read(text);
    let mut names: Vec<Entry> = Vec::new();
    loop {
        let after = names.last();
        let page = memberships::members(&mut store.conn, group, search.as_ref(), after, limit).await.unwrap();
        if page.is_empty() {
            return names.into_iter().map(|entry| entry.user_name_key).collect();
        }
        names.extend(page);
    }
}

async fn add_named(store: &mut Store, user_name: &str, given: &str) -> UserId {
    let name = Name { given_name: Some(given.to_owned()), ..Name::default() };
    let profile = Profile { name: Some(name), ..Profile::default() };
    let user = User { profile, ..store.user(user_name) };
    users::insert(&mut store.conn, &user).await.unwrap();
    user.id
}

#[tokio::test]
async fn groups_are_listed_by_name_and_found_by_the_beginning_of_it_or_of_its_words() {
    let mut store = Store::new().await;
    for name in ["tour guides", "Äpfel", "Night-Shift", "Admins", "Guides of the North"] {
        store.add_group(name).await;
    }
    let listed = groups::list(&mut store.conn, "", 10).await.unwrap();
    let names: Vec<_> = listed.iter().map(|group| group.display_name.as_str()).collect();
    assert_eq!(names, ["Admins", "Guides of the North", "Night-Shift", "tour guides", "Äpfel"]);
    let rest = groups::list(&mut store.conn, "guides of the north", 1).await.unwrap();
    assert_eq!(rest[0].display_name, "Night-Shift");

    for (text, names) in [
        ("GUI", vec!["Guides of the North", "tour guides"]),
        ("tour g", vec!["tour guides"]),
        ("guides tour", vec!["tour guides"]),
        ("äp", vec!["Äpfel"]),
        ("shift", vec!["Night-Shift"]),
        ("night-s", vec!["Night-Shift"]),
        ("uides", vec![]),
        ("%", vec![]),
    ] {
        for limit in [1, 10] {
            assert_eq!(found(&mut store, text, limit).await, names, "{text}");
        }
    }
}

#[tokio::test]
async fn a_renamed_group_is_found_by_its_new_words_alone_and_a_deleted_one_by_none() {
    let mut store = Store::new().await;
    let group = store.add_group("Tour Guides").await;
    let renamed = Group { display_name: "Night Shift".to_owned(), ..group.clone() };
    groups::update(&mut store.conn, &renamed).await.unwrap();
    assert_eq!(found(&mut store, "tour", 10).await, [""; 0]);
    assert_eq!(found(&mut store, "night", 10).await, ["Night Shift"]);
    groups::delete(&mut store.conn, group.id).await.unwrap();
    assert_eq!(store.count("SELECT COUNT(*) FROM group_terms").await, 0);
}

#[tokio::test]
async fn members_are_listed_by_user_name_and_stay_in_order_when_one_is_renamed() {
    let mut store = Store::new().await;
    let group = store.add_group("Guides").await.id;
    let mut ids = Vec::new();
    for name in ["Mary", "ada", "Grace", "joan"] {
        ids.push(store.add_user(name).await.id);
    }
    store.add_user("zoe").await;
    groups::add(&mut store.conn, group, &ids).await.unwrap();
    for limit in [1, 3, 4, 10] {
        assert_eq!(members(&mut store, group, "", limit).await, ["ada", "grace", "joan", "mary"], "{limit}");
    }
    let joan = users::get(&mut store.conn, ids[3]).await.unwrap().unwrap();
    users::update(&mut store.conn, &User { user_name: "Abigail".to_owned(), ..joan }).await.unwrap();
    assert_eq!(members(&mut store, group, "", 10).await, ["abigail", "ada", "grace", "mary"]);
    users::delete(&mut store.conn, ids[1]).await.unwrap();
    assert_eq!(members(&mut store, group, "", 10).await, ["abigail", "grace", "mary"]);
}

#[tokio::test]
async fn members_are_searched_by_their_words_and_nobody_else_is_found() {
    let mut store = Store::new().await;
    let group = store.add_group("Guides").await.id;
    let mut ids = Vec::new();
    for (user_name, given) in [("ada", "Ada Augusta"), ("anna", "Anna"), ("bea", "Beatrice Ann")] {
        ids.push(add_named(&mut store, user_name, given).await);
    }
    add_named(&mut store, "anne", "Anne").await;
    groups::add(&mut store.conn, group, &ids).await.unwrap();
    for limit in [1, 10] {
        assert_eq!(members(&mut store, group, "ann", limit).await, ["anna", "bea"]);
        assert_eq!(members(&mut store, group, "bea ANN", limit).await, ["bea"]);
        assert_eq!(members(&mut store, group, "anne", limit).await, [""; 0]);
    }
    // As large groups are searched.
    let search = Search::read("ann").unwrap();
    let page = user_terms::find_members(&mut store.conn, &search, group, None, 1).await.unwrap();
    assert_eq!(page.entries[0].user_id, ids[2], "in the order of the words: Ann comes before Anna");
    let rest = user_terms::find_members(&mut store.conn, &search, group, page.next, 10).await.unwrap();
    assert_eq!(rest.entries.iter().map(|entry| entry.user_id).collect::<Vec<_>>(), [ids[1]]);
    assert_eq!(rest.next, None);
}

#[tokio::test]
async fn a_users_groups_are_listed_by_name_searched_and_turned() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await.id;
    let mut ids = Vec::new();
    for name in ["tour guides", "Admins", "Night Shift", "Guides"] {
        let group = store.add_group(name).await.id;
        groups::add(&mut store.conn, group, &[ada]).await.unwrap();
        ids.push(group);
    }
    let other = store.add_group("Others").await.id;
    let (conn, search) = (&mut store.conn, Search::read("guides").unwrap());
    let all = memberships::groups(conn, ada, None, "", 10).await.unwrap();
    assert_eq!(all, [ids[1], ids[3], ids[2], ids[0]]);
    assert_eq!(memberships::groups(conn, ada, None, "guides", 1).await.unwrap(), [ids[2]]);
    assert_eq!(memberships::groups(conn, ada, Some(&search), "", 10).await.unwrap(), [ids[3], ids[0]]);
    assert_eq!(memberships::groups_among(conn, ada, &[other, ids[0]]).await.unwrap(), [ids[0]]);
    assert_eq!(memberships::groups_among(conn, ada, &[]).await.unwrap(), []);
}

/// What a page costs does not grow with the group: the statements go by an index in the order of the list, and stop.
#[tokio::test]
async fn a_page_of_a_large_group_is_found_by_its_place() {
    let mut store = Store::new().await;
    let group = store.add_group("All").await.id;
    store
        .spoil(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4500) \
             INSERT INTO users (id, user_name, user_name_key, staged, active, locked, excluded, origin, profile, \
             version, created_at, updated_at) SELECT unhex(printf('%032x', i)), printf('m%05d', i), \
             printf('m%05d', i), FALSE, TRUE, FALSE, FALSE, 'api', '{}', 1, 0, 0 FROM n",
        )
        .await;
    store
        .spoil(
            "INSERT INTO user_terms (term, user_name_key, user_id) SELECT user_name_key, user_name_key, id FROM users",
        )
        .await;
    store.spoil("INSERT INTO group_members (group_id, user_id) SELECT groups.id, users.id FROM groups, users").await;
    let size = groups::get(&mut store.conn, group).await.unwrap().unwrap().size;
    assert!(size > i64::try_from(EXAMINED).unwrap());
    let entry = |number: usize| Entry {
        user_name_key: format!("m{number:05}"),
        user_id: UserId(uuid::Uuid::from_u128(number as u128)),
    };
    let page = memberships::members(&mut store.conn, group, None, Some(&entry(4_200)), 2).await.unwrap();
    assert_eq!(page, [entry(4_201), entry(4_202)]);
    let search = Search::read("m044").unwrap();
    let page = user_terms::find_members(&mut store.conn, &search, group, None, 50).await.unwrap();
    assert_eq!((page.entries.len(), page.next.is_some()), (50, true));
    assert_eq!(page.entries[0].user_name_key, "m04400");
}
