//! The audit trail: whoever alters it, cuts it or takes its head is found out.

use storage::audit::{self, Actor, Broken, Event};

use crate::support::{Store, assert_bad_row, vault};

/// More than verification reads at once.
const MANY: i64 = 2345;

fn event(store: &Store, label: &str) -> Event {
    Event {
        at: store.now(),
        actor: Actor { kind: "user", id: Some(store.id()), label: "root".to_owned(), address: "192.0.2.7".to_owned() },
        action: "user.create",
        subject_kind: "user",
        subject_id: Some(store.id()),
        subject_label: label.to_owned(),
        details: serde_json::json!({"zeta": 1.1, "alpha": [true, null], "ratio": 0.1 + 0.2}),
    }
}

async fn append(store: &mut Store, number: i64) {
    for _ in 0..number {
        let (event, vault) = (event(store, "ada"), store.vault.clone());
        audit::append(&mut store.conn, &vault, &event).await.unwrap();
    }
}

async fn with_events(number: i64) -> Store {
    let mut store = Store::new().await;
    append(&mut store, number).await;
    store
}

async fn verdict(store: &mut Store) -> Result<i64, Broken> {
    let vault = store.vault.clone();
    audit::verify(&mut store.conn, &vault).await.unwrap()
}

#[tokio::test]
async fn an_untouched_trail_is_whole_however_long() {
    let mut store = with_events(0).await;
    assert_eq!(verdict(&mut store).await, Ok(0));
    append(&mut store, MANY).await;
    assert_eq!(verdict(&mut store).await, Ok(MANY));
    let another_key = audit::verify(&mut store.conn, &vault(2)).await.unwrap();
    assert_eq!(another_key, Err(Broken::Head));
}

#[tokio::test]
async fn events_are_read_newest_first() {
    let mut store = Store::new().await;
    let vault = store.vault.clone();
    for label in ["ada", "grace", "joan"] {
        let event = event(&store, label);
        audit::append(&mut store.conn, &vault, &event).await.unwrap();
    }
    let first = audit::page(&mut store.conn, None, 2).await.unwrap();
    let labels: Vec<_> = first.iter().map(|entry| (entry.seq, entry.subject_label.as_str())).collect();
    assert_eq!(labels, [(3, "joan"), (2, "grace")]);
    let second = audit::page(&mut store.conn, Some(2), 2).await.unwrap();
    assert_eq!((second.len(), second[0].subject_label.as_str()), (1, "ada"));
    let details = event(&store, "ada").details;
    assert_eq!((&second[0].details, second[0].actor_label.as_str()), (&details, "root"));
    store.spoil("UPDATE audit SET details = '{' WHERE seq = 3").await;
    assert_bad_row(audit::page(&mut store.conn, None, 2).await, "audit", 3);
}

#[tokio::test]
async fn an_altered_event_is_found_whatever_of_it_was_altered() {
    let mut store = with_events(5).await;
    for (altered, restored) in [
        ("UPDATE audit SET at = at + 1 WHERE seq = 3", "UPDATE audit SET at = at - 1 WHERE seq = 3"),
        ("UPDATE audit SET actor_kind = 'cli' WHERE seq = 3", "UPDATE audit SET actor_kind = 'user' WHERE seq = 3"),
        ("UPDATE audit SET actor_label = 'grace' WHERE seq = 3", "UPDATE audit SET actor_label = 'root' WHERE seq = 3"),
        (
            "UPDATE audit SET address = '192.0.2.8' WHERE seq = 3",
            "UPDATE audit SET address = '192.0.2.7' WHERE seq = 3",
        ),
        (
            "UPDATE audit SET action = 'user.delete' WHERE seq = 3",
            "UPDATE audit SET action = 'user.create' WHERE seq = 3",
        ),
        (
            "UPDATE audit SET subject_label = 'eve' WHERE seq = 3",
            "UPDATE audit SET subject_label = 'ada' WHERE seq = 3",
        ),
        (
            "UPDATE audit SET details = ' ' || details WHERE seq = 3",
            "UPDATE audit SET details = trim(details) WHERE seq = 3",
        ),
        (
            "UPDATE audit SET actor_label = 'r', address = 'oot' || address WHERE seq = 3",
            "UPDATE audit SET actor_label = 'root', address = '192.0.2.7' WHERE seq = 3",
        ),
    ] {
        store.spoil(altered).await;
        assert_eq!(verdict(&mut store).await, Err(Broken::Row(3)), "{altered}");
        store.spoil(restored).await;
        assert_eq!(verdict(&mut store).await, Ok(5), "{restored}");
    }
    for altered in [
        "UPDATE audit SET actor_id = NULL WHERE seq = 3",
        "UPDATE audit SET subject_id = NULL WHERE seq = 2",
        "UPDATE audit SET mac = zeroblob(32) WHERE seq = 1",
    ] {
        store.spoil(altered).await;
        assert!(matches!(verdict(&mut store).await, Err(Broken::Row(_))), "{altered}");
    }
}

#[tokio::test]
async fn a_removed_event_is_found() {
    let mut store = with_events(5).await;
    store.spoil("DELETE FROM audit WHERE seq = 3").await;
    assert_eq!(verdict(&mut store).await, Err(Broken::Row(4)));
    store.spoil("UPDATE audit SET seq = seq - 1 WHERE seq > 3").await;
    assert_eq!(verdict(&mut store).await, Err(Broken::Row(3)), "closing the gap does not help");
}

#[tokio::test]
async fn an_inserted_or_swapped_event_is_found() {
    let mut store = with_events(5).await;
    let copy = "INSERT INTO audit SELECT 6, at, actor_kind, actor_id, actor_label, address, action, subject_kind, \
                subject_id, subject_label, details, mac FROM audit WHERE seq = 5";
    store.spoil(copy).await;
    assert_eq!(verdict(&mut store).await, Err(Broken::Row(6)));
    store.spoil("DELETE FROM audit WHERE seq = 6").await;
    assert_eq!(verdict(&mut store).await, Ok(5));
    for swap in [
        "UPDATE audit SET seq = 99 WHERE seq = 2",
        "UPDATE audit SET seq = 2 WHERE seq = 3",
        "UPDATE audit SET seq = 3 WHERE seq = 99",
    ] {
        store.spoil(swap).await;
    }
    assert_eq!(verdict(&mut store).await, Err(Broken::Row(2)));
}

#[tokio::test]
async fn a_tail_cut_off_is_found_and_stays_found() {
    let mut store = with_events(5).await;
    store.spoil("DELETE FROM audit WHERE seq > 3").await;
    assert_eq!(verdict(&mut store).await, Err(Broken::CutOff { present: 3, recorded: 5 }));
    append(&mut store, 2).await;
    assert_eq!(verdict(&mut store).await, Err(Broken::Row(6)), "later events do not hide it");

    let mut store = with_events(5).await;
    store.spoil("DELETE FROM audit").await;
    assert_eq!(verdict(&mut store).await, Err(Broken::CutOff { present: 0, recorded: 5 }));
}

#[tokio::test]
async fn an_altered_head_is_found_and_stays_found() {
    for altered in [
        "UPDATE audit_head SET seq = 4",
        "UPDATE audit_head SET mac = zeroblob(32)",
        "UPDATE audit_head SET seal = zeroblob(32)",
        "DELETE FROM audit_head",
    ] {
        let mut store = with_events(5).await;
        store.spoil(altered).await;
        assert_eq!(verdict(&mut store).await, Err(Broken::Head), "{altered}");
        append(&mut store, 2).await;
        assert_eq!(verdict(&mut store).await, Err(Broken::Head), "{altered}: later events do not hide it");
        assert_eq!(audit::page(&mut store.conn, None, 99).await.unwrap().len(), 7, "{altered}: and are kept");
    }
}

#[tokio::test]
async fn a_tail_cut_off_together_with_the_head_is_found_and_stays_found() {
    for with_head in
        ["UPDATE audit_head SET seq = 3, mac = (SELECT mac FROM audit WHERE seq = 3)", "DELETE FROM audit_head"]
    {
        let mut store = with_events(5).await;
        store.spoil("DELETE FROM audit WHERE seq > 3").await;
        store.spoil(with_head).await;
        assert_eq!(verdict(&mut store).await, Err(Broken::Head), "{with_head}");
        append(&mut store, 1).await;
        assert_eq!(verdict(&mut store).await, Err(Broken::Head), "{with_head}");
    }
    let mut store = with_events(5).await;
    store.spoil("DELETE FROM audit").await;
    store.spoil("DELETE FROM audit_head").await;
    assert_eq!(verdict(&mut store).await, Err(Broken::Head), "a trail that was emptied is not a new one");
}
