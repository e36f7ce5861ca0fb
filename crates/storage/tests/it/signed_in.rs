//! Sessions, API tokens, drafts and flashes.

use std::time::Duration;

use domain::UserId;
use storage::{api_tokens, api_tokens::ApiToken, drafts, flashes, sessions, sessions::Session};

use crate::support::{Store, assert_bad_row, assert_no_row};

/// Sessions that are good now, however long they were idle.
async fn listed(store: &mut Store, user: UserId) -> Vec<Session> {
    let now = store.now();
    sessions::of_user(&mut store.conn, user, now, now.minus(Duration::from_hours(1)), 10).await.unwrap()
}

#[tokio::test]
async fn a_session_is_found_by_its_hashed_token_and_touched() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let session = store.session(ada.id);
    sessions::insert(&mut store.conn, &session, b"hash").await.unwrap();
    assert_eq!(sessions::by_token(&mut store.conn, b"hash").await.unwrap(), Some(session.clone()));
    assert_eq!(sessions::by_token(&mut store.conn, b"other").await.unwrap(), None);
    let now = store.in_an_hour();
    sessions::touch(&mut store.conn, session.id, now).await.unwrap();
    let touched = Session { seen_at: now, ..session };
    assert_eq!(listed(&mut store, ada.id).await, std::slice::from_ref(&touched));
    assert!(sessions::delete_one_of(&mut store.conn, ada.id, touched.id).await.unwrap());
    assert_eq!(sessions::by_token(&mut store.conn, b"hash").await.unwrap(), None);
}

#[tokio::test]
async fn all_sessions_of_a_user_end_but_the_one_that_stays() {
    let mut store = Store::new().await;
    let (ada, grace) = (store.add_user("ada").await, store.add_user("grace").await);
    let mut of_ada = Vec::new();
    for (user, token) in [(ada.id, b"1"), (ada.id, b"2"), (ada.id, b"3"), (grace.id, b"4")] {
        let session = store.session(user);
        sessions::insert(&mut store.conn, &session, token).await.unwrap();
        if user == ada.id {
            of_ada.push(session.id);
        }
    }
    let conn = &mut store.conn;
    assert_eq!(sessions::delete_of(conn, ada.id, Some(of_ada[1])).await.unwrap(), 2);
    assert_eq!(listed(&mut store, ada.id).await[0].id, of_ada[1]);
    assert_eq!(sessions::delete_of(&mut store.conn, ada.id, None).await.unwrap(), 1);
    assert_eq!(listed(&mut store, grace.id).await.len(), 1);
}

#[tokio::test]
async fn one_session_ends_by_its_id_and_owner() {
    let mut store = Store::new().await;
    let (ada, grace) = (store.add_user("ada").await, store.add_user("grace").await);
    let session = store.session(ada.id);
    let conn = &mut store.conn;
    sessions::insert(conn, &session, b"1").await.unwrap();
    assert!(!sessions::delete_one_of(conn, grace.id, session.id).await.unwrap(), "it is not hers");
    assert!(sessions::delete_one_of(conn, ada.id, session.id).await.unwrap());
    assert!(!sessions::delete_one_of(conn, ada.id, session.id).await.unwrap(), "it has ended");
}

#[tokio::test]
async fn sessions_are_listed_by_use_and_in_bounds_while_they_are_good() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let now = store.in_an_hour();
    let minutes_ago = |minutes| now.minus(Duration::from_mins(minutes));
    let good = Session { seen_at: now, expires_at: now.plus(Duration::from_hours(1)), ..store.session(ada.id) };
    let earlier = Session { id: store.id(), seen_at: minutes_ago(1), ..good.clone() };
    let idle = Session { id: store.id(), seen_at: minutes_ago(30), ..good.clone() };
    let over = Session { id: store.id(), expires_at: now, ..good.clone() };
    let conn = &mut store.conn;
    for (session, token) in [(&idle, b"1"), (&earlier, b"2"), (&over, b"3"), (&good, b"4")] {
        sessions::insert(conn, session, token).await.unwrap();
    }
    let all = sessions::of_user(conn, ada.id, now, minutes_ago(30), 10).await.unwrap();
    assert_eq!(all, [good.clone(), earlier]);
    assert_eq!(sessions::of_user(conn, ada.id, now, minutes_ago(30), 1).await.unwrap(), [good]);
}

#[tokio::test]
async fn sessions_that_are_over_or_idle_are_cleared() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let now = store.in_an_hour();
    let idle_since = now.minus(Duration::from_mins(30));
    let fresh = Session { seen_at: now, expires_at: now.plus(Duration::from_hours(1)), ..store.session(ada.id) };
    let idle = Session { id: store.id(), seen_at: idle_since, ..fresh.clone() };
    let over = Session { id: store.id(), expires_at: now, ..fresh.clone() };
    for (session, token) in [(&fresh, b"1"), (&idle, b"2"), (&over, b"3")] {
        sessions::insert(&mut store.conn, session, token).await.unwrap();
    }
    assert_eq!(sessions::delete_expired(&mut store.conn, now, idle_since).await.unwrap(), 2);
    assert_eq!(listed(&mut store, ada.id).await, [fresh]);
}

#[tokio::test]
async fn an_api_token_is_found_by_its_hash_used_and_revoked_once() {
    let mut store = Store::new().await;
    let (first, second) = (store.token("ci"), store.token("hr"));
    api_tokens::insert(&mut store.conn, &first, b"one").await.unwrap();
    api_tokens::insert(&mut store.conn, &second, b"two").await.unwrap();
    let now = store.now();
    let conn = &mut store.conn;
    assert_eq!(api_tokens::by_hash(conn, b"two").await.unwrap(), Some(second.clone()));
    assert_eq!(api_tokens::by_hash(conn, b"three").await.unwrap(), None);
    api_tokens::touch(conn, first.id, now).await.unwrap();
    api_tokens::revoke(conn, first.id, now).await.unwrap();
    let used = ApiToken { last_used_at: Some(now), revoked_at: Some(now), ..first };
    assert_eq!(api_tokens::get(conn, used.id).await.unwrap(), Some(used.clone()));
    let since = now.minus(Duration::from_hours(1));
    assert_eq!(api_tokens::list(conn, since, 10).await.unwrap(), [second.clone(), used.clone()], "newest first");
    assert_eq!(api_tokens::list(conn, since, 1).await.unwrap(), [second]);
    assert_no_row(api_tokens::revoke(conn, used.id, now).await);
}

#[tokio::test]
async fn api_tokens_are_forgotten_a_while_after_they_ended() {
    let mut store = Store::new().await;
    let (good, expired, revoked) = (store.token("good"), store.token("expired"), store.token("revoked"));
    let since = store.now();
    let expired = ApiToken { expires_at: since, ..expired };
    let conn = &mut store.conn;
    for (token, hash) in [(&good, b"1"), (&expired, b"2"), (&revoked, b"3")] {
        api_tokens::insert(conn, token, hash).await.unwrap();
    }
    api_tokens::revoke(conn, revoked.id, since).await.unwrap();
    assert_eq!(api_tokens::list(conn, since, 10).await.unwrap(), std::slice::from_ref(&good));
    assert_eq!(api_tokens::delete_ended(conn, since.minus(Duration::from_secs(1))).await.unwrap(), 0);
    assert_eq!(api_tokens::delete_ended(conn, since).await.unwrap(), 2);
    assert_eq!(api_tokens::count(conn).await.unwrap(), 1);
    assert_eq!(api_tokens::get(conn, revoked.id).await.unwrap(), None);
}

#[tokio::test]
async fn bad_api_tokens_are_named() {
    let mut store = Store::new().await;
    let token = store.token("ci");
    api_tokens::insert(&mut store.conn, &token, b"one").await.unwrap();
    store.spoil("UPDATE api_tokens SET scopes = '[\"everything\"]'").await;
    assert_bad_row(api_tokens::by_hash(&mut store.conn, b"one").await, "api_tokens", token.id);
    let now = store.now();
    assert_bad_row(api_tokens::list(&mut store.conn, now, 10).await, "api_tokens", token.id);
}

#[tokio::test]
async fn a_draft_is_its_owners_and_for_a_while() {
    let mut store = Store::new().await;
    let (ada, grace) = (store.add_user("ada").await, store.add_user("grace").await);
    let (id, vault, now, until) = (store.id(), store.vault.clone(), store.now(), store.in_an_hour());
    let conn = &mut store.conn;
    let read = async |conn: &mut storage::Conn, owner, at| {
        drafts::get(conn, &vault, id, owner, at).await.unwrap().map(|body| body.to_vec())
    };
    drafts::put(conn, &vault, id, ada.id, b"one", until).await.unwrap();
    drafts::put(conn, &vault, id, ada.id, b"two", until).await.unwrap();
    assert_eq!(read(conn, ada.id, now).await.as_deref(), Some(&b"two"[..]));
    assert_eq!(read(conn, grace.id, now).await, None);
    assert_eq!(read(conn, ada.id, until).await, None, "its hour is over");

    assert_no_row(drafts::put(conn, &vault, id, grace.id, b"hers", until).await);
    drafts::delete(conn, id, grace.id).await.unwrap();
    assert_eq!(read(conn, ada.id, now).await.as_deref(), Some(&b"two"[..]), "a stranger changes nothing");

    assert_eq!(drafts::delete_expired(conn, now).await.unwrap(), 0);
    assert_eq!(drafts::delete_expired(conn, until).await.unwrap(), 1);
    drafts::put(conn, &vault, id, ada.id, b"three", until).await.unwrap();
    drafts::delete(conn, id, ada.id).await.unwrap();
    assert_eq!(read(conn, ada.id, now).await, None);
}

#[tokio::test]
async fn a_flash_is_of_one_session_and_page_and_for_a_while() {
    let mut store = Store::new().await;
    let ada = store.add_user("ada").await;
    let (mine, other) = (store.session(ada.id), store.session(ada.id));
    sessions::insert(&mut store.conn, &mine, b"1").await.unwrap();
    sessions::insert(&mut store.conn, &other, b"2").await.unwrap();
    let (now, until) = (store.now(), store.in_an_hour());
    let conn = &mut store.conn;
    flashes::put(conn, mine.id, "/console/users", "Saved", until).await.unwrap();
    flashes::put(conn, mine.id, "/console/users", "Deleted", until).await.unwrap();
    let flash = |session, path| (session, path);
    for ((session, path), at, body) in [
        (flash(mine.id, "/console/users"), now, Some("Deleted")),
        (flash(mine.id, "/console/users"), until, None),
        (flash(other.id, "/console/users"), now, None),
        (flash(mine.id, "/console/connections"), now, None),
    ] {
        assert_eq!(flashes::get(conn, session, path, at).await.unwrap().as_deref(), body);
    }
    flashes::delete(conn, mine.id, "/console/users").await.unwrap();
    assert_eq!(flashes::get(conn, mine.id, "/console/users", now).await.unwrap(), None);
    flashes::put(conn, mine.id, "/a", "Saved", now).await.unwrap();
    flashes::put(conn, mine.id, "/b", "Saved", until).await.unwrap();
    assert_eq!(flashes::delete_expired(conn, now).await.unwrap(), 1);
    assert!(sessions::delete_one_of(conn, ada.id, mine.id).await.unwrap());
    assert_eq!(flashes::get(conn, mine.id, "/b", now).await.unwrap(), None, "a session takes its flashes along");
}
