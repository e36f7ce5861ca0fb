//! The audit trail: whoever alters it, cuts it or takes its head is found out.

use std::time::Duration;

use domain::Timestamp;
use storage::{
    audit::{self, Actor, ActorKind, Broken, Entry, Event, Mark, Whole},
    audit_search::{self, EXAMINED, Matching, NAMES},
};
use uuid::Uuid;

use crate::support::{Store, assert_bad_row, vault};

/// More than verification reads at once.
const MANY: i64 = 2345;

fn event(store: &Store, label: &str) -> Event {
    Event {
        at: store.now(),
        actor: Actor {
            kind: ActorKind::User,
            id: Some(store.id()),
            label: "root".to_owned(),
            address: "192.0.2.7".to_owned(),
        },
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

async fn whole(store: &mut Store, told: Option<&Mark>) -> Result<Whole, Broken> {
    let vault = store.vault.clone();
    audit::verify(&mut store.conn, &vault, told).await.unwrap()
}

async fn verdict(store: &mut Store) -> Result<i64, Broken> {
    whole(store, None).await.map(|whole| whole.events)
}

async fn trim(store: &mut Store, before: Timestamp, limit: i64) -> Result<i64, Broken> {
    let (vault, now) = (store.vault.clone(), store.now());
    audit::trim(&mut store.conn, &vault, (&Actor::usher(), now), before, limit).await.unwrap()
}

/// Seven events, of which the first four are trimmed, and the event that tells it: 5 to 8 are there.
async fn trimmed() -> Store {
    let mut store = with_events(4).await;
    let before = store.in_an_hour();
    store.clock.advance(Duration::from_hours(2));
    append(&mut store, 3).await;
    assert_eq!(trim(&mut store, before, 100).await, Ok(4));
    store
}

#[tokio::test]
async fn an_untouched_trail_is_whole_however_long() {
    let mut store = with_events(0).await;
    assert_eq!(verdict(&mut store).await, Ok(0));
    append(&mut store, MANY).await;
    assert_eq!(verdict(&mut store).await, Ok(MANY));
    let another_key = audit::verify(&mut store.conn, &vault(2), None).await.unwrap();
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

#[tokio::test]
async fn a_whole_trail_tells_its_extent() {
    let mut store = with_events(0).await;
    assert_eq!(whole(&mut store, None).await, Ok(Whole { events: 0, span: None, trimmed: 0, head: None }));
    let first = store.now();
    append(&mut store, 3).await;
    let found = whole(&mut store, None).await.unwrap();
    assert_eq!((found.events, found.trimmed, found.span.unwrap().0), (3, 0, first));
    assert_eq!(found.head, audit::mark(&mut store.conn).await.unwrap());
    assert_eq!(audit::oldest(&mut store.conn).await.unwrap(), Some(first));
}

#[tokio::test]
async fn what_was_trimmed_is_gone_and_the_rest_is_verified_from_the_checkpoint() {
    let mut store = trimmed().await;
    let found = whole(&mut store, None).await.unwrap();
    assert_eq!((found.events, found.trimmed), (4, 4));
    let last = audit::get(&mut store.conn, 8).await.unwrap().unwrap();
    assert_eq!(
        (last.action.as_str(), &last.details["events"], &last.details["through"]),
        ("audit.trim", &4.into(), &4.into())
    );
    assert!(audit::get(&mut store.conn, 4).await.unwrap().is_none());
    append(&mut store, 2).await;
    assert_eq!(verdict(&mut store).await, Ok(6));
    // Again, the event of the first trim too: by batches, however many there are.
    let before = store.in_an_hour();
    assert_eq!(trim(&mut store, before, 3).await, Ok(3));
    assert_eq!(trim(&mut store, before, 3).await, Ok(3));
    let found = whole(&mut store, None).await.unwrap();
    assert_eq!((found.events, found.trimmed), (2, 10));
    assert_eq!(trim(&mut store, Timestamp::from_micros(0), 3).await, Ok(0), "nothing is so old");
    assert_eq!(verdict(&mut store).await, Ok(2), "and nothing was recorded of it");
}

#[tokio::test]
async fn after_a_trim_a_row_altered_removed_or_cut_off_is_found() {
    for (spoilt, found) in [
        ("UPDATE audit SET actor_label = 'grace' WHERE seq = 5", Broken::Row(5)),
        ("DELETE FROM audit WHERE seq = 5", Broken::Row(6)),
        ("DELETE FROM audit WHERE seq > 6", Broken::CutOff { present: 6, recorded: 8 }),
        ("DELETE FROM audit", Broken::CutOff { present: 4, recorded: 8 }),
        ("DELETE FROM audit_start", Broken::Row(5)),
        ("UPDATE audit_start SET seq = 5", Broken::Start),
        ("UPDATE audit_start SET mac = zeroblob(32)", Broken::Start),
        ("UPDATE audit_start SET seal = (SELECT seal FROM audit_head)", Broken::Start),
        // What is put before the checkpoint does not belong there.
        (
            "INSERT INTO audit SELECT 2, at, actor_kind, actor_id, actor_label, address, action, subject_kind, \
             subject_id, subject_label, details, mac FROM audit WHERE seq = 5",
            Broken::Row(2),
        ),
        (
            "INSERT INTO audit SELECT -9223372036854775808, at, actor_kind, actor_id, actor_label, address, action, \
             subject_kind, subject_id, subject_label, details, mac FROM audit WHERE seq = 5",
            Broken::Row(i64::MIN),
        ),
    ] {
        let mut store = trimmed().await;
        store.spoil(spoilt).await;
        assert_eq!(verdict(&mut store).await, Err(found), "{spoilt}");
    }
}

#[tokio::test]
async fn the_checkpoint_of_an_earlier_trim_does_not_pass_for_the_last() {
    let mut store = trimmed().await;
    for keep in [
        "CREATE TABLE old_start AS SELECT * FROM audit_start",
        "CREATE TABLE old_rows AS SELECT * FROM audit WHERE seq <= 7",
    ] {
        store.spoil(keep).await;
    }
    let before = store.in_an_hour();
    assert_eq!(trim(&mut store, before, 3).await, Ok(3));
    assert_eq!(verdict(&mut store).await, Ok(2));
    for back in [
        "UPDATE audit_start SET (seq, mac, seal) = (SELECT seq, mac, seal FROM old_start)",
        "INSERT INTO audit SELECT * FROM old_rows",
    ] {
        store.spoil(back).await;
    }
    assert_eq!(verdict(&mut store).await, Err(Broken::Start));
}

#[tokio::test]
async fn what_does_not_fit_the_chain_is_not_trimmed_away() {
    for spoilt in ["UPDATE audit SET address = '' WHERE seq = 3", "DELETE FROM audit WHERE seq = 2"] {
        let mut store = with_events(5).await;
        store.spoil(spoilt).await;
        let (before, broken) = (store.in_an_hour(), Err(Broken::Row(3)));
        assert_eq!(trim(&mut store, before, 100).await, broken, "{spoilt}");
        assert_eq!(verdict(&mut store).await.map(|_| 0), broken, "{spoilt}: the trace stays");
    }
    let mut store = trimmed().await;
    store.spoil("UPDATE audit_start SET seq = 6").await;
    let before = store.in_an_hour();
    assert_eq!(trim(&mut store, before, 100).await, Err(Broken::Start));
}

#[tokio::test]
async fn an_older_file_is_found_by_a_mark_that_was_written_down() {
    let mut store = with_events(3).await;
    let early = audit::mark(&mut store.conn).await.unwrap().unwrap();
    append(&mut store, 3).await;
    let late = audit::mark(&mut store.conn).await.unwrap().unwrap();
    assert_eq!((early.seq, late.seq), (3, 6));
    for told in [&early, &late] {
        assert!(whole(&mut store, Some(told)).await.is_ok());
    }
    let mut older = with_events(3).await;
    assert_eq!(whole(&mut older, Some(&late)).await, Err(Broken::Older { present: 3, told: late.clone() }));
    let mut other = Store::new().await;
    other.clock.advance(Duration::from_mins(1));
    append(&mut other, 7).await;
    assert_eq!(whole(&mut other, Some(&late)).await, Err(Broken::Another(late)));
    let before = store.in_an_hour();
    assert_eq!(trim(&mut store, before, 4).await, Ok(4));
    assert_eq!(whole(&mut store, Some(&early)).await, Err(Broken::Trimmed(early)));
}

/// Appends an event by `actor` about `subject`, a second after the one before.
async fn record(store: &mut Store, actor: &str, action: &'static str, subject: (&str, Option<Uuid>)) {
    store.clock.advance(Duration::from_secs(1));
    let vault = store.vault.clone();
    let actor = Actor { kind: ActorKind::Token, id: None, label: actor.to_owned(), address: String::new() };
    let event = Event { actor, action, subject_id: subject.1, subject_label: subject.0.to_owned(), ..event(store, "") };
    audit::append(&mut store.conn, &vault, &event).await.unwrap();
}

/// The numbers of the events on each page of two.
async fn pages(store: &mut Store, matching: &Matching) -> Vec<Vec<i64>> {
    let (mut pages, mut before) = (Vec::new(), None);
    loop {
        let found = audit_search::find(&mut store.conn, matching, before, 2).await.unwrap();
        pages.push(found.entries.iter().map(|entry: &Entry| entry.seq).collect());
        before = found.next;
        if before.is_none() {
            return pages;
        }
    }
}

#[tokio::test]
async fn events_are_found_by_actor_subject_action_and_time_page_by_page() {
    let mut store = Store::new().await;
    let (ada, bea) = (store.id::<Uuid>(), store.id::<Uuid>());
    let start = store.now();
    for (actor, action, subject) in [
        ("HR", "user.create", ("ada", Some(ada))),
        ("HR", "user.create", ("Bea", Some(bea))),
        ("Root", "user.update", ("ada", Some(ada))),
        ("hr-old", "user.update", ("bea", Some(bea))),
        ("Root", "user.delete", ("ada", Some(ada))),
        ("Émile", "token.create", ("Adamant", None)),
    ] {
        record(&mut store, actor, action, subject).await;
    }
    let any = Matching::default;
    let text = |text: &str| Some(text.to_owned());
    let second = |second| Some(start.plus(Duration::from_secs(second)));
    for (matching, expected) in [
        (any(), vec![vec![6, 5], vec![4, 3], vec![2, 1]]),
        (Matching { actor: text("root"), ..any() }, vec![vec![5, 3]]),
        (Matching { actor: text("hr"), ..any() }, vec![vec![4, 2], vec![1]]),
        (Matching { actor: text("É"), ..any() }, vec![vec![6]]),
        (Matching { actor: text("nobody"), ..any() }, vec![vec![]]),
        (Matching { subject: text("AD"), ..any() }, vec![vec![6, 5], vec![3, 1]]),
        (Matching { subject_id: Some(bea), ..any() }, vec![vec![4, 2]]),
        (Matching { action: text("user.create"), ..any() }, vec![vec![2, 1]]),
        (Matching { from: second(3), until: second(5), ..any() }, vec![vec![4, 3]]),
        (Matching { subject: text("ada"), until: second(5), ..any() }, vec![vec![3, 1]]),
        (Matching { actor: text("hr"), subject: text("bea"), ..any() }, vec![vec![4, 2]]),
        (Matching { actor: text("hr"), action: text("user.update"), ..any() }, vec![vec![4]]),
        (Matching { subject_id: Some(ada), action: text("user.delete"), ..any() }, vec![vec![5]]),
        (Matching { subject_id: Some(ada), actor: text("hr-"), ..any() }, vec![vec![]]),
    ] {
        assert_eq!(pages(&mut store, &matching).await, expected, "{matching:?}");
    }
    let page = audit_search::find(&mut store.conn, &any(), None, 1).await.unwrap();
    let (newest, cursor) = (&page.entries[0], page.next.unwrap());
    assert_eq!((newest.seq, newest.actor_label.as_str(), cursor), (6, "Émile", (newest.at, 6)));
    store.spoil("UPDATE audit SET details = '{' WHERE seq = 6").await;
    assert_bad_row(audit_search::find(&mut store.conn, &any(), None, 2).await, "audit", 6);
}

#[tokio::test]
async fn events_of_one_instant_are_told_apart_by_their_numbers() {
    let mut store = with_events(0).await;
    let (vault, one) = (store.vault.clone(), event(&store, "ada"));
    for _ in 0..5 {
        audit::append(&mut store.conn, &vault, &one).await.unwrap();
    }
    for matching in [Matching::default(), Matching { subject: Some("ad".to_owned()), ..Matching::default() }] {
        assert_eq!(pages(&mut store, &matching).await, [vec![5, 4], vec![3, 2], vec![1]]);
    }
}

#[tokio::test]
async fn of_many_names_that_begin_so_the_first_are_looked_for() {
    let mut store = Store::new().await;
    for number in 0..=NAMES {
        record(&mut store, "hr", "user.create", (&format!("user{number:02}"), None)).await;
    }
    let users = Matching { subject: Some("user".to_owned()), ..Matching::default() };
    let found = audit_search::find(&mut store.conn, &users, None, 50).await.unwrap();
    assert_eq!((found.entries.len(), found.more_names), (NAMES, true));
    assert!(found.entries.iter().all(|entry| entry.subject_label != "user20"));
    let twenty = Matching { subject: Some("user2".to_owned()), ..users };
    let found = audit_search::find(&mut store.conn, &twenty, None, 50).await.unwrap();
    assert_eq!((found.entries.len(), found.more_names), (1, false));
}

#[tokio::test]
async fn a_page_looks_at_so_many_events_and_goes_on_from_there() {
    let mut store = Store::new().await;
    record(&mut store, "hr", "user.delete", ("bea", None)).await;
    store
        .spoil(
            "WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < 6000) INSERT INTO audit \
             SELECT i, at + i, actor_kind, actor_id, actor_label, address, 'user.create', subject_kind, subject_id, \
             subject_label, details, mac FROM audit, n WHERE seq = 1",
        )
        .await;
    let matching =
        Matching { actor: Some("hr".to_owned()), action: Some("user.delete".to_owned()), ..Matching::default() };
    let page = audit_search::find(&mut store.conn, &matching, None, 10).await.unwrap();
    assert!(page.entries.is_empty());
    let place = page.next.unwrap();
    assert_eq!(place.1, 6001 - i64::try_from(EXAMINED).unwrap());
    let page = audit_search::find(&mut store.conn, &matching, Some(place), 10).await.unwrap();
    assert_eq!((page.entries.len(), page.next), (1, None));
}
