//! Deliveries: their round trip, what is to do, who holds a name, how they are let go and listed.

use std::time::Duration;

use domain::{
    ConnectorId, DeliveryId, SubjectId, Timestamp, UserId,
    delivery::{Delivery, Intent, Priority, Reason, ReasonKind, State, Trigger, Wanted},
};
use storage::{Error, deliveries, deliveries::Matching, links};

use crate::support::{Store, assert_bad_row, assert_no_row, boot, labels};

fn waiting(until: Timestamp, kind: ReasonKind) -> State {
    State::Waiting { until, reason: Reason::new(kind, "because") }
}

fn held(kind: ReasonKind) -> State {
    State::Held { reason: Reason::new(kind, "because") }
}

async fn state_of(store: &mut Store, id: DeliveryId) -> State {
    deliveries::get(&mut store.conn, id).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_delivery_comes_back_as_it_went_in_in_every_state() {
    let mut store = Store::new().await;
    let (subject, connector) = (SubjectId::Group(store.id()), store.id());
    let mut delivery = store.delivery(subject, connector);
    deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    let mut states =
        vec![State::Due, State::Done, State::Running { boot: boot(7) }, waiting(store.in_an_hour(), ReasonKind::Retry)];
    states.extend(ReasonKind::ALL.map(held));
    let intents = [
        None,
        Some(Intent::CreateSent { user_name: "ada".to_owned(), at: store.now() }),
        Some(Intent::ChangeSent { user_name: "ada".to_owned() }),
        Some(Intent::RemoveSent),
    ];
    for (turn, state) in states.into_iter().enumerate() {
        let number = i64::try_from(turn).unwrap();
        let due_at = if let State::Waiting { until, .. } = &state { *until } else { store.now() };
        delivery = Delivery {
            subject_label: format!("turn {turn}"),
            wanted: [Wanted::Present, Wanted::Disabled, Wanted::Absent][turn % 3],
            leave: turn % 2 == 0,
            version: delivery.version + 1,
            delivered_version: number,
            state,
            due_at,
            priority: Priority::from_i64(number % 5).unwrap(),
            trigger: Trigger::ALL[turn % 5],
            fence: number,
            tries: number,
            name_key: (turn % 2 == 0).then(|| "ada".to_owned()),
            intent: intents[turn % 4].clone(),
            waits_for: (turn % 2 == 1).then(|| store.id()),
            updated_at: store.now(),
            ..delivery
        };
        deliveries::update(&mut store.conn, &delivery).await.unwrap();
        assert_eq!(deliveries::get(&mut store.conn, delivery.id).await.unwrap().as_ref(), Some(&delivery));
    }
    assert_eq!(deliveries::of_subject(&mut store.conn, subject).await.unwrap(), [delivery.clone()]);
    let there = deliveries::of_subject_at(&mut store.conn, subject, connector).await.unwrap();
    assert_eq!(there, Some(delivery));
    let elsewhere = store.id();
    assert_eq!(deliveries::of_subject_at(&mut store.conn, subject, elsewhere).await.unwrap(), None);
    assert_eq!(deliveries::get(&mut store.conn, store.ids.make()).await.unwrap(), None);
}

#[tokio::test]
async fn a_subject_has_one_delivery_at_a_connector() {
    let mut store = Store::new().await;
    let (user, connector) = (store.id::<UserId>(), store.id());
    let (first, second) = (store.delivery(user, connector), store.delivery(user, connector));
    deliveries::insert(&mut store.conn, &first).await.unwrap();
    assert!(matches!(deliveries::insert(&mut store.conn, &second).await, Err(Error::Conflict(_))));
    assert_no_row(deliveries::update(&mut store.conn, &second).await);
}

#[tokio::test]
async fn bad_deliveries_are_named() {
    let mut store = Store::new().await;
    let connector = store.id();
    let delivery = store.add_delivery(connector, |_| {}).await;
    for spoilt in [
        "UPDATE deliveries SET state = 'lost'",
        "UPDATE deliveries SET state = 'running', boot = NULL",
        "UPDATE deliveries SET state = 'held', reason_kind = NULL",
        "UPDATE deliveries SET state = 'held', reason_kind = 'whim'",
        "UPDATE deliveries SET state = 'due', priority = 9",
        "UPDATE deliveries SET priority = 2, wanted = 'asleep'",
        "UPDATE deliveries SET wanted = 'present', triggered_by = 'moon'",
        "UPDATE deliveries SET triggered_by = 'create', intent = '{\"intent\": \"nap\"}'",
        "UPDATE deliveries SET intent = NULL, subject_kind = 'robot'",
    ] {
        assert_eq!(store.spoil(spoilt).await, 1);
        assert_bad_row(deliveries::get(&mut store.conn, delivery.id).await, "deliveries", delivery.id);
        assert_bad_row(
            deliveries::page(&mut store.conn, &Matching::default(), None, 9).await,
            "deliveries",
            delivery.id,
        );
    }
}

#[tokio::test]
async fn what_is_to_do_comes_by_priority_then_by_time_and_no_earlier_than_due() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let (now, later) = (store.now(), store.in_an_hour());
    let earlier = now.minus(Duration::from_secs(9));
    let mut add = async |label: &str, connector, state, priority, due_at| {
        let change = |delivery: &mut Delivery| {
            delivery.subject_label = label.to_owned();
            delivery.state = state;
            delivery.priority = priority;
            delivery.due_at = due_at;
        };
        store.add_delivery(connector, change).await;
    };
    add("edit", acme, State::Due, Priority::Edit, earlier).await;
    add("joiner", acme, State::Due, Priority::Joiner, now).await;
    add("earlier joiner", acme, waiting(earlier, ReasonKind::Retry), Priority::Joiner, earlier).await;
    add("caller", acme, State::Due, Priority::Caller, now).await;
    add("sweep", acme, State::Due, Priority::Sweep, earlier).await;
    add("leaver", acme, State::Due, Priority::Leaver, now).await;
    add("not yet", acme, waiting(later, ReasonKind::Retry), Priority::Caller, later).await;
    add("not ever", acme, waiting(Timestamp::NEVER, ReasonKind::NameTaken), Priority::Caller, Timestamp::NEVER).await;
    add("running", acme, State::Running { boot: boot(1) }, Priority::Caller, earlier).await;
    add("held", acme, held(ReasonKind::Refused), Priority::Caller, earlier).await;
    add("done", acme, State::Done, Priority::Caller, earlier).await;
    add("elsewhere", other, State::Due, Priority::Caller, earlier).await;

    let all = deliveries::to_do(&mut store.conn, acme, now, 99).await.unwrap();
    assert_eq!(labels(&all), ["caller", "leaver", "earlier joiner", "joiner", "edit", "sweep"]);
    let some = deliveries::to_do(&mut store.conn, acme, now, 2).await.unwrap();
    assert_eq!(labels(&some), ["caller", "leaver"]);
    assert_eq!(deliveries::next_due(&mut store.conn, acme, now).await.unwrap(), Some(later));
    assert_eq!(deliveries::next_due(&mut store.conn, acme, later).await.unwrap(), Some(Timestamp::NEVER));
    assert_eq!(deliveries::next_due(&mut store.conn, other, now).await.unwrap(), None);
    assert_eq!(deliveries::open_at(&mut store.conn, acme).await.unwrap(), 10);
    assert_eq!(deliveries::open_at(&mut store.conn, other).await.unwrap(), 1);
}

#[tokio::test]
async fn a_name_is_held_by_an_unsettled_delivery_of_somebody_else() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let me = SubjectId::User(store.id());
    let holder = async |store: &mut Store, at: ConnectorId| {
        deliveries::holder_of_name(&mut store.conn, at, "ada", me).await.unwrap().map(|delivery| delivery.id)
    };

    // By the account that is linked under this name.
    let mut leaver = store.add_delivery(acme, |delivery| delivery.wanted = Wanted::Absent).await;
    assert_eq!(holder(&mut store, acme).await, None);
    let link = store.link(leaver.subject, acme, "Ada");
    links::put(&mut store.conn, &link).await.unwrap();
    assert_eq!(holder(&mut store, acme).await, Some(leaver.id));
    assert_eq!(holder(&mut store, other).await, None, "another connector is another system");
    let own = deliveries::holder_of_name(&mut store.conn, acme, "ada", leaver.subject).await.unwrap();
    assert_eq!(own, None, "nobody waits for themselves");
    let free = deliveries::holder_of_name(&mut store.conn, acme, "grace", me).await.unwrap();
    assert_eq!(free, None);
    leaver.state = State::Done;
    deliveries::update(&mut store.conn, &leaver).await.unwrap();
    assert_eq!(holder(&mut store, acme).await, None, "settled");

    // By a call under this name whose outcome is not known.
    let intent = Some(Intent::CreateSent { user_name: "Ada".to_owned(), at: store.now() });
    let mut sent = store.add_delivery(acme, |delivery| delivery.name_key = Some("ada".to_owned())).await;
    assert_eq!(holder(&mut store, acme).await, None, "nothing was sent yet");
    sent.intent = intent;
    deliveries::update(&mut store.conn, &sent).await.unwrap();
    assert_eq!(holder(&mut store, acme).await, Some(sent.id));
    sent.state = held(ReasonKind::Refused);
    deliveries::update(&mut store.conn, &sent).await.unwrap();
    assert_eq!(holder(&mut store, acme).await, Some(sent.id), "held is not settled");
    leaver.state = State::Due;
    deliveries::update(&mut store.conn, &leaver).await.unwrap();
    assert_eq!(holder(&mut store, acme).await, Some(leaver.id), "of two, the older");
}

#[tokio::test]
async fn those_who_wait_for_a_delivery_go_on_when_it_is_settled() {
    let mut store = Store::new().await;
    let connector = store.id();
    let first = store.add_delivery(connector, |_| {}).await;
    let after_first = |delivery: &mut Delivery| {
        delivery.state = waiting(Timestamp::NEVER, ReasonKind::NameTaken);
        delivery.due_at = Timestamp::NEVER;
        delivery.waits_for = Some(first.id);
    };
    let second = store.add_delivery(connector, after_first).await;
    let unconcerned = store.add_delivery(connector, |d| d.state = waiting(Timestamp::NEVER, ReasonKind::Grace)).await;
    assert_eq!(deliveries::waiting_for(&mut store.conn, first.id).await.unwrap(), std::slice::from_ref(&second));
    let now = store.now();
    assert_eq!(deliveries::wake_waiting(&mut store.conn, first.id, now).await.unwrap(), 1);
    let woken = deliveries::get(&mut store.conn, second.id).await.unwrap().unwrap();
    assert_eq!((woken.state, woken.due_at, woken.waits_for), (State::Due, now, None));
    assert!(matches!(state_of(&mut store, unconcerned.id).await, State::Waiting { .. }));
    assert_eq!(deliveries::waiting_for(&mut store.conn, first.id).await.unwrap(), []);
}

#[tokio::test]
async fn a_target_that_answers_again_lets_go_what_waited_for_a_retry_alone() {
    let mut store = Store::new().await;
    let (acme, other, later) = (store.id(), store.id(), store.in_an_hour());
    let states = || {
        [
            waiting(later, ReasonKind::Retry),
            waiting(later, ReasonKind::Grace),
            waiting(Timestamp::NEVER, ReasonKind::NameTaken),
            held(ReasonKind::Refused),
            held(ReasonKind::Configuration),
            held(ReasonKind::Credentials),
            held(ReasonKind::Adoption),
            held(ReasonKind::Fuse),
            State::Running { boot: boot(1) },
            State::Done,
        ]
    };
    let here = store.add_deliveries(acme, states()).await;
    let elsewhere = store.add_deliveries(other, states()).await;
    let due = async |store: &mut Store, among: &[Delivery]| {
        let mut due = Vec::new();
        for (place, delivery) in among.iter().enumerate() {
            if state_of(store, delivery.id).await == State::Due {
                due.push(place);
            }
        }
        due
    };
    let now = store.now();
    assert_eq!(deliveries::release(&mut store.conn, acme, false, now).await.unwrap(), 1);
    assert_eq!(due(&mut store, &here).await, [0]);
    assert_eq!(deliveries::release(&mut store.conn, acme, true, now).await.unwrap(), 3);
    assert_eq!(due(&mut store, &here).await, [0, 3, 4, 5]);
    assert_eq!(due(&mut store, &elsewhere).await, [0; 0]);
    let released = deliveries::get(&mut store.conn, here[3].id).await.unwrap().unwrap();
    assert_eq!((released.due_at, released.tries), (now, 0));
}

#[tokio::test]
async fn a_start_voids_the_leases_of_other_boots_and_shortens_long_waits() {
    let mut store = Store::new().await;
    let connector = store.id();
    let (now, latest) = (store.now(), store.in_an_hour());
    let far = latest.plus(Duration::from_hours(24));
    let states = [
        State::Running { boot: boot(1) },
        State::Running { boot: boot(2) },
        waiting(far, ReasonKind::Retry),
        waiting(far, ReasonKind::Grace),
        State::Due,
    ];
    let [lost, mine, retry, grace, due] = store.add_deliveries(connector, states).await;
    store.spoil("UPDATE deliveries SET due_at = due_at + 90000000000 WHERE state = 'waiting'").await;
    assert_eq!(deliveries::recover(&mut store.conn, boot(2), now, latest).await.unwrap(), 1);
    assert_eq!(state_of(&mut store, lost.id).await, State::Due);
    assert_eq!(state_of(&mut store, mine.id).await, State::Running { boot: boot(2) });
    assert_eq!(state_of(&mut store, retry.id).await, waiting(latest, ReasonKind::Retry));
    let State::Waiting { until, .. } = state_of(&mut store, grace.id).await else { panic!("not waiting") };
    assert!(until > latest, "the end of a grace period is a date and stays");
    assert_eq!(state_of(&mut store, due.id).await, State::Due);
}

/// Every page of a list, by its cursor, as labels.
async fn walk(store: &mut Store, matching: &Matching, limit: i64) -> Vec<String> {
    let (mut all, mut before) = (Vec::new(), None);
    loop {
        let page = deliveries::page(&mut store.conn, matching, before, limit).await.unwrap();
        assert!(page.len() <= usize::try_from(limit).unwrap());
        let Some(last) = page.last() else { return all };
        before = Some(last.id);
        all.extend(page.into_iter().map(|delivery| delivery.subject_label));
    }
}

#[tokio::test]
async fn lists_are_paged_newest_first_and_narrowed() {
    let mut store = Store::new().await;
    let (open, closed) = (store.id(), store.id());
    let ada: UserId = store.id();
    for (label, connector, state) in [
        ("open due", open, State::Due),
        ("closed due", closed, State::Due),
        ("open waiting", open, waiting(store.in_an_hour(), ReasonKind::Retry)),
        ("closed due too", closed, State::Due),
        ("closed held", closed, held(ReasonKind::Refused)),
        ("open done", open, State::Done),
    ] {
        let subject = if label.ends_with("due") { ada } else { store.id() };
        let delivery = Delivery { subject_label: label.to_owned(), state, ..store.delivery(subject, connector) };
        deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    }
    let all = Matching { closed: vec![closed], ..Matching::default() };
    let state = |state: &str| Matching { state: Some(state.to_owned()), ..all.clone() };
    let at = |connector, matching: Matching| Matching { connector: Some(connector), ..matching };
    let of = |user, matching: Matching| Matching { user: Some(user), ..matching };
    let gates_open = |matching: Matching| Matching { closed: vec![], ..matching };
    for limit in [1, 2, 9] {
        for (matching, expected) in [
            (
                all.clone(),
                &["open done", "closed held", "closed due too", "open waiting", "closed due", "open due"] as &[&str],
            ),
            (state("due"), &["open due"]),
            (state("waiting"), &["closed due too", "open waiting", "closed due"]),
            (gates_open(state("due")), &["closed due too", "closed due", "open due"]),
            (gates_open(state("waiting")), &["open waiting"]),
            (state("held"), &["closed held"]),
            (state("done"), &["open done"]),
            (state("running"), &[]),
            (at(closed, state("waiting")), &["closed due too", "closed due"]),
            (at(open, state("waiting")), &["open waiting"]),
            (at(closed, state("due")), &[]),
            (at(open, all.clone()), &["open done", "open waiting", "open due"]),
            (of(ada, all.clone()), &["closed due", "open due"]),
            (of(ada, state("waiting")), &["closed due"]),
            (at(open, of(ada, state("due"))), &["open due"]),
        ] {
            assert_eq!(walk(&mut store, &matching, limit).await, expected, "{matching:?} by {limit}");
        }
    }
}

#[tokio::test]
async fn a_connectors_deliveries_are_walked_in_batches() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id(), store.id());
    let here = store.add_deliveries(acme, [State::Due, State::Done, State::Due]).await;
    store.add_deliveries(other, [State::Due]).await;
    let conn = &mut store.conn;
    assert_eq!(deliveries::batch(conn, acme, None, 2).await.unwrap(), here[..2]);
    assert_eq!(deliveries::batch(conn, acme, Some(here[1].id.0), 2).await.unwrap(), here[2..]);
    assert_eq!(deliveries::batch(conn, acme, Some(here[2].id.0), 2).await.unwrap(), []);
}
