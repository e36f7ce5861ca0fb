//! Links, attempts, and what an onboarding waits for.

use std::collections::HashMap;

use domain::{
    GroupId, SubjectId, UserId,
    attempt::{Attempt, Operation},
    delivery::Trigger,
    link::{Link, Provenance},
    onboarding::Verdict,
};
use storage::{Constraint, Error, attempts, awaited, links};

use crate::support::{Store, assert_bad_row, assert_no_row};

#[tokio::test]
async fn a_link_comes_back_as_it_went_in_and_is_overwritten_by_the_next() {
    let mut store = Store::new().await;
    let (user, connector) = (store.id::<UserId>(), store.id());
    let link = store.link(user, connector, "ada");
    links::put(&mut store.conn, &link).await.unwrap();
    assert_eq!(links::get(&mut store.conn, user.into(), connector).await.unwrap(), Some(link.clone()));
    let next = Link {
        id: store.id(),
        remote_id: "another".to_owned(),
        name_key: "countess".to_owned(),
        provenance: Provenance::Adopted,
        generation: 2,
        sent: None,
        updated_at: store.in_an_hour(),
        ..link.clone()
    };
    links::put(&mut store.conn, &next).await.unwrap();
    let conn = &mut store.conn;
    let kept = Link { id: link.id, ..next };
    assert_eq!(links::get(conn, user.into(), connector).await.unwrap(), Some(kept.clone()));
    assert_eq!(links::by_remote(conn, connector, 2, "user", "another").await.unwrap(), Some(kept));
    assert_eq!(links::by_remote(conn, connector, 1, "user", "another").await.unwrap(), None);
    assert_eq!(links::by_remote(conn, connector, 2, "group", "another").await.unwrap(), None);
    links::delete(conn, link.id).await.unwrap();
    assert_eq!(links::get(conn, user.into(), connector).await.unwrap(), None);
    assert_no_row(links::delete(conn, link.id).await);
}

#[tokio::test]
async fn a_remote_account_belongs_to_one_subject() {
    let mut store = Store::new().await;
    let connector = store.id();
    let ada = store.link(store.id::<UserId>(), connector, "ada");
    links::put(&mut store.conn, &ada).await.unwrap();
    let mut thief = store.link(store.id::<UserId>(), connector, "ada");
    let refused = links::put(&mut store.conn, &thief).await;
    assert!(matches!(refused, Err(Error::Conflict(Constraint::RemoteAccount))), "{refused:?}");
    thief.generation = 2;
    links::put(&mut store.conn, &thief).await.unwrap();
    let group = Link { subject: SubjectId::Group(store.id::<GroupId>()), ..store.link(ada_id(&ada), connector, "ada") };
    links::put(&mut store.conn, &group).await.unwrap();
    let found = links::by_remote(&mut store.conn, connector, 1, "group", "remote-ada").await.unwrap().unwrap();
    assert_eq!(found.subject, group.subject);
}

fn ada_id(link: &Link) -> UserId {
    link.subject.user().unwrap()
}

#[tokio::test]
async fn links_are_counted_walked_and_deleted_by_connector() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let mut at_acme = Vec::new();
    for name in ["ada", "grace", "joan"] {
        let (here, there) =
            (store.link(store.id::<UserId>(), acme, name), store.link(store.id::<UserId>(), other, name));
        links::put(&mut store.conn, &here).await.unwrap();
        links::put(&mut store.conn, &there).await.unwrap();
        at_acme.push(here);
    }
    let conn = &mut store.conn;
    assert_eq!(links::count_at(conn, acme).await.unwrap(), 3);
    assert_eq!(links::batch(conn, acme, None, 2).await.unwrap(), at_acme[..2]);
    assert_eq!(links::batch(conn, acme, Some(at_acme[1].id.0), 2).await.unwrap(), at_acme[2..]);
    assert_eq!(links::delete_through(conn, acme, at_acme[1].id).await.unwrap(), 2);
    assert_eq!(links::batch(conn, acme, None, 9).await.unwrap(), at_acme[2..]);
    assert_eq!(links::count_at(conn, other).await.unwrap(), 3);
}

#[tokio::test]
async fn remote_ids_of_many_are_one_query() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let (ada, grace, joan) = (store.id::<UserId>(), store.id::<UserId>(), store.id::<UserId>());
    for (user, connector, name) in [(ada, acme, "a"), (ada, other, "b"), (grace, acme, "c"), (joan, acme, "d")] {
        let link = store.link(user, connector, name);
        links::put(&mut store.conn, &link).await.unwrap();
    }
    let found = links::remote_ids(&mut store.conn, &[ada.into(), grace.into()]).await.unwrap();
    let expected = [((ada.0, acme), "remote-a"), ((ada.0, other), "remote-b"), ((grace.0, acme), "remote-c")];
    assert_eq!(found, expected.map(|(key, remote)| (key, remote.to_owned())).into());
    assert_eq!(links::remote_ids(&mut store.conn, &[]).await.unwrap(), HashMap::new());
}

#[tokio::test]
async fn bad_links_are_named() {
    let mut store = Store::new().await;
    let (user, connector) = (store.id::<UserId>(), store.id());
    let link = store.link(user, connector, "ada");
    links::put(&mut store.conn, &link).await.unwrap();
    for spoilt in [
        "UPDATE links SET provenance = 'stolen'",
        "UPDATE links SET provenance = 'created', sent = '{'",
        "UPDATE links SET sent = NULL, subject_kind = 'robot'",
    ] {
        store.spoil(spoilt).await;
        assert_bad_row(links::get(&mut store.conn, user.into(), connector).await, "links", link.id);
        assert_bad_row(links::batch(&mut store.conn, connector, None, 9).await, "links", link.id);
    }
}

#[tokio::test]
async fn attempts_are_paged_newest_first() {
    let mut store = Store::new().await;
    let (delivery, other) = (store.delivery(store.id::<UserId>(), store.id()), store.id::<UserId>());
    let stranger = store.attempt(&store.delivery(other, store.id()));
    attempts::insert(&mut store.conn, &stranger).await.unwrap();
    let mut recorded = Vec::new();
    for operation in Operation::ALL {
        let attempt = Attempt { operation, trigger: Trigger::Retry, status: None, ..store.attempt(&delivery) };
        attempts::insert(&mut store.conn, &attempt).await.unwrap();
        recorded.insert(0, attempt);
    }
    let first = attempts::page(&mut store.conn, delivery.id, None, 5).await.unwrap();
    assert_eq!(first, recorded[..5]);
    let second = attempts::page(&mut store.conn, delivery.id, Some(first[4].id), 5).await.unwrap();
    assert_eq!(second, recorded[5..]);
    assert_eq!(attempts::page(&mut store.conn, delivery.id, Some(second[2].id), 5).await.unwrap(), []);
}

#[tokio::test]
async fn bodies_are_kept_for_failures_and_the_last_success() {
    let mut store = Store::new().await;
    let delivery = store.delivery(store.id::<UserId>(), store.id());
    let mut ids = Vec::new();
    for outcome in ["delivered", "transient", "delivered"] {
        let attempt = Attempt { outcome: outcome.to_owned(), ..store.attempt(&delivery) };
        attempts::insert(&mut store.conn, &attempt).await.unwrap();
        ids.push(attempt.id);
    }
    attempts::forget_earlier_successes(&mut store.conn, delivery.id, ids[2]).await.unwrap();
    let page = attempts::page(&mut store.conn, delivery.id, None, 9).await.unwrap();
    let bodies: Vec<_> = page.iter().rev().map(|one| (one.request.is_some(), one.response.is_some())).collect();
    assert_eq!(bodies, [(false, false), (true, true), (true, true)]);
}

#[tokio::test]
async fn bad_attempts_are_named() {
    let mut store = Store::new().await;
    let delivery = store.delivery(store.id::<UserId>(), store.id());
    let attempt = store.attempt(&delivery);
    attempts::insert(&mut store.conn, &attempt).await.unwrap();
    for spoilt in
        ["UPDATE attempts SET operation = 'dance'", "UPDATE attempts SET operation = 'create', triggered_by = 'moon'"]
    {
        store.spoil(spoilt).await;
        assert_bad_row(attempts::page(&mut store.conn, delivery.id, None, 9).await, "attempts", attempt.id);
    }
}

#[tokio::test]
async fn what_an_onboarding_waits_for_is_kept_with_its_verdicts() {
    let mut store = Store::new().await;
    let ada = store.add_staged("ada").await;
    let mut acme = store.awaited(ada.id, store.id());
    let mut zeta = store.awaited(ada.id, store.id());
    zeta.connection_name = "Zeta".to_owned();
    zeta.deadline = store.now();
    awaited::insert(&mut store.conn, &zeta).await.unwrap();
    awaited::insert(&mut store.conn, &acme).await.unwrap();
    let now = store.now();
    let conn = &mut store.conn;
    assert_eq!(awaited::of_user(conn, ada.id).await.unwrap(), [acme.clone(), zeta.clone()]);
    assert_eq!(awaited::next_deadline(conn).await.unwrap(), Some(zeta.deadline));
    assert_eq!(awaited::late(conn, now).await.unwrap(), [ada.id]);
    assert_eq!(awaited::late(conn, domain::Timestamp::from_micros(0)).await.unwrap(), []);

    for verdict in [
        Verdict::Accepted,
        Verdict::Refused { text: "no licence".to_owned() },
        Verdict::Unreachable { text: "down".to_owned() },
    ] {
        acme.verdict = verdict;
        awaited::set_verdict(conn, ada.id, acme.connector_id, &acme.verdict).await.unwrap();
        assert_eq!(awaited::at_connector(conn, acme.connector_id).await.unwrap(), [acme.clone()]);
    }
    assert_eq!(awaited::of_user(conn, ada.id).await.unwrap()[1], zeta, "one verdict concerns one connector");

    awaited::expire_all(conn, now).await.unwrap();
    let deadlines: Vec<_> = awaited::of_user(conn, ada.id).await.unwrap().iter().map(|one| one.deadline).collect();
    assert_eq!(deadlines, [now, now]);
    awaited::clear(conn, ada.id).await.unwrap();
    assert_eq!(awaited::of_user(conn, ada.id).await.unwrap(), []);
    assert_eq!(awaited::next_deadline(conn).await.unwrap(), None);
}

#[tokio::test]
async fn bad_awaited_rows_are_named() {
    let mut store = Store::new().await;
    let ada = store.add_staged("ada").await;
    let row = store.awaited(ada.id, store.id());
    awaited::insert(&mut store.conn, &row).await.unwrap();
    for spoilt in
        ["UPDATE awaited SET on_failure = 'weep'", "UPDATE awaited SET on_failure = 'keep', verdict = '\"maybe\"'"]
    {
        store.spoil(spoilt).await;
        assert_bad_row(awaited::of_user(&mut store.conn, ada.id).await, "awaited", ada.id);
        assert_bad_row(awaited::at_connector(&mut store.conn, row.connector_id).await, "awaited", ada.id);
    }
}
