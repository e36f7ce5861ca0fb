//! What is kept rather than counted: figures, durations, tallies; what is held by kind; and what is erased.

use std::time::Duration;

use domain::{
    ConnectorId, DeliveryId, UserId,
    delivery::{Delivery, Reason, ReasonKind, State},
    figures::{Counts, HOUR, Measure, SLOT, percentile, slot},
};
use storage::{
    attempts,
    deliveries::{self, HeldGroup, Matching, Standing},
    erasures, figures, links, users,
};

use crate::support::{Store, labels};

fn held(kind: ReasonKind, text: &str) -> State {
    State::Held { reason: Reason::new(kind, text) }
}

async fn add_held<const N: usize>(
    store: &mut Store,
    connector: ConnectorId,
    kind: ReasonKind,
    texts: [&str; N],
) -> [Delivery; N] {
    store.add_deliveries(connector, texts.map(|text| held(kind, text))).await
}

#[tokio::test]
async fn results_add_up_by_slot_and_by_connector() {
    let mut store = Store::new().await;
    let (acme, other) = (store.id::<ConnectorId>(), store.id::<ConnectorId>());
    let first = store.now();
    let one = |delivered, retried, held| Counts { delivered, retried, held };
    figures::add(&mut store.conn, acme, one(1, 0, 0), first).await.unwrap();
    figures::add(&mut store.conn, acme, one(1, 1, 0), first.plus(Duration::from_secs(9))).await.unwrap();
    figures::add(&mut store.conn, other, one(0, 0, 1), first).await.unwrap();
    figures::add(&mut store.conn, acme, one(5, 0, 0), first.plus(SLOT)).await.unwrap();
    let begin = slot(first, SLOT);
    let slots = figures::by_slot(&mut store.conn, begin).await.unwrap();
    assert_eq!(slots, [(begin, one(2, 1, 1)), (begin.plus(SLOT), one(5, 0, 0))]);
    let since = figures::by_connector(&mut store.conn, begin.plus(SLOT)).await.unwrap();
    assert_eq!(since.into_iter().collect::<Vec<_>>(), [(acme, one(5, 0, 0))]);
    figures::delete_before(&mut store.conn, begin.plus(SLOT)).await.unwrap();
    assert_eq!(figures::by_slot(&mut store.conn, begin).await.unwrap().len(), 1);
}

#[tokio::test]
async fn durations_are_told_from_their_histogram() {
    let mut store = Store::new().await;
    let now = store.now();
    for millis in [90, 91, 92, 1_400] {
        figures::measure(&mut store.conn, Measure::Arrival, Duration::from_millis(millis), now).await.unwrap();
    }
    figures::measure(&mut store.conn, Measure::Departure, Duration::from_secs(2), now).await.unwrap();
    let arrivals = figures::histogram(&mut store.conn, Measure::Arrival, now.minus(HOUR)).await.unwrap();
    assert_eq!(arrivals.iter().map(|(_, count)| count).sum::<i64>(), 4);
    let median = percentile(&arrivals, 50).unwrap();
    assert!((90..=100).contains(&median.as_millis()), "{median:?}");
    assert!((1_400..=1_530).contains(&percentile(&arrivals, 99).unwrap().as_millis()));
    figures::delete_before(&mut store.conn, now.plus(HOUR)).await.unwrap();
    assert_eq!(figures::histogram(&mut store.conn, Measure::Arrival, now.minus(HOUR)).await.unwrap(), []);
}

#[tokio::test]
async fn people_and_accounts_are_tallied_whatever_becomes_of_them() {
    let mut store = Store::new().await;
    assert_eq!(figures::people(&mut store.conn).await.unwrap(), 0);
    let ada = store.add_user("ada").await;
    let grace = store.add_staged("grace").await;
    assert_eq!(figures::people(&mut store.conn).await.unwrap(), 1, "whoever is staged is not there yet");
    let now = store.now();
    users::activate(&mut store.conn, grace.id, now).await.unwrap();
    users::update(&mut store.conn, &ada).await.unwrap();
    assert_eq!(figures::people(&mut store.conn).await.unwrap(), 2);
    users::delete(&mut store.conn, ada.id).await.unwrap();
    assert_eq!(figures::people(&mut store.conn).await.unwrap(), 1);

    let connector = store.id::<ConnectorId>();
    let link = store.link(grace.id, connector, "grace");
    links::put(&mut store.conn, &link).await.unwrap();
    links::put(&mut store.conn, &link).await.unwrap();
    assert_eq!(
        figures::accounts(&mut store.conn).await.unwrap().get(&connector),
        Some(&1),
        "written twice, there once"
    );
    let other = store.link(store.id::<UserId>(), connector, "joan");
    links::put(&mut store.conn, &other).await.unwrap();
    links::delete_through(&mut store.conn, connector, other.id).await.unwrap();
    assert_eq!(figures::accounts(&mut store.conn).await.unwrap().get(&connector), Some(&0));
    let counted = store.count("SELECT COUNT(*) FROM links").await;
    assert_eq!(counted, 0);
}

#[tokio::test]
async fn what_is_held_is_grouped_by_system_and_kind() {
    let mut store = Store::new().await;
    let (acme, sales) = (store.id::<ConnectorId>(), store.id::<ConnectorId>());
    add_held(&mut store, acme, ReasonKind::Refused, ["no licence left"; 3]).await;
    add_held(&mut store, acme, ReasonKind::Adoption, ["whose is ada?", "whose is joan?"]).await;
    add_held(&mut store, sales, ReasonKind::Refused, ["too long"]).await;
    store.add_deliveries(sales, [State::Due, State::Done]).await;
    let group =
        |connector, kind, text: &str, alike, count| HeldGroup { connector, kind, text: text.to_owned(), alike, count };
    let all = deliveries::held_groups(&mut store.conn, None, 8, 2).await.unwrap();
    assert_eq!(
        all,
        [
            group(acme, ReasonKind::Adoption, "whose is ada?", false, 2),
            group(acme, ReasonKind::Refused, "no licence left", true, 2),
            group(sales, ReasonKind::Refused, "too long", true, 1),
        ],
        "counted to two"
    );
    assert_eq!(deliveries::held_groups(&mut store.conn, None, 1, 9).await.unwrap().len(), 1);
    let one = deliveries::held_groups(&mut store.conn, Some(sales), 8, 9).await.unwrap();
    assert_eq!(one, [group(sales, ReasonKind::Refused, "too long", true, 1)]);
    assert_eq!(deliveries::count_held(&mut store.conn, 5).await.unwrap(), 5);
    assert_eq!(deliveries::count_held(&mut store.conn, 99).await.unwrap(), 6);
    let why = Reason::new(ReasonKind::Refused, "no licence left");
    assert_eq!(deliveries::count_held_for(&mut store.conn, acme, &why, 99).await.unwrap(), 3);
}

#[tokio::test]
async fn what_is_held_for_a_reason_comes_in_batches_each_once() {
    let mut store = Store::new().await;
    let acme = store.id::<ConnectorId>();
    add_held(&mut store, acme, ReasonKind::Refused, ["b", "a", "b", "a", "c"]).await;
    add_held(&mut store, acme, ReasonKind::Adoption, ["a"]).await;
    let mut seen: Vec<(String, DeliveryId)> = Vec::new();
    let mut after: Option<Delivery> = None;
    loop {
        let kind = ReasonKind::Refused;
        let batch = deliveries::held_batch(&mut store.conn, acme, kind, None, after.as_ref(), 2).await.unwrap();
        seen.extend(batch.iter().map(|one| (one.state.reason().unwrap().text.clone(), one.id)));
        after = batch.into_iter().next_back();
        if after.is_none() {
            break;
        }
    }
    assert_eq!(seen.iter().map(|(text, _)| text.as_str()).collect::<String>(), "aabbc");
    seen.dedup();
    assert_eq!(seen.len(), 5);
    let only = deliveries::held_batch(&mut store.conn, acme, ReasonKind::Refused, Some("b"), None, 9).await.unwrap();
    assert_eq!(only.len(), 2);
}

#[tokio::test]
async fn what_changed_last_comes_first_and_news_are_counted() {
    let mut store = Store::new().await;
    let (acme, sales) = (store.id::<ConnectorId>(), store.id::<ConnectorId>());
    let now = store.now();
    for (label, connector, seconds) in [("ada", acme, 3), ("grace", acme, 1), ("Adele", sales, 2), ("joan", sales, 4)] {
        store
            .add_delivery(connector, |delivery| {
                label.clone_into(&mut delivery.subject_label);
                delivery.updated_at = now.plus(Duration::from_secs(seconds));
            })
            .await;
    }
    let all = Matching::default();
    let at = |connector| Matching { connector: Some(connector), ..Matching::default() };
    let named = |name: &str| Matching { name: Some(name.to_owned()), ..Matching::default() };
    let conn = &mut store.conn;
    let list = deliveries::last_changed(conn, &all, None, 9).await.unwrap();
    assert_eq!(labels(&list), ["joan", "ada", "Adele", "grace"]);
    let place = |delivery: &Delivery| (delivery.updated_at, delivery.id);
    let next = deliveries::last_changed(conn, &all, Some(place(&list[1])), 1).await.unwrap();
    assert_eq!(labels(&next), ["Adele"]);
    assert_eq!(labels(&deliveries::last_changed(conn, &at(acme), None, 9).await.unwrap()), ["ada", "grace"]);
    assert_eq!(labels(&deliveries::last_changed(conn, &named("AD"), None, 9).await.unwrap()), ["ada", "Adele"]);
    assert_eq!(labels(&deliveries::page(conn, &named("ada"), None, 9).await.unwrap()), ["ada"]);
    assert_eq!(deliveries::count_changed(conn, &all, place(&list[2]), 9).await.unwrap(), 2);
    assert_eq!(deliveries::count_changed(conn, &all, place(&list[3]), 2).await.unwrap(), 2, "counted to two");
    assert_eq!(deliveries::count_changed(conn, &at(acme), place(&list[1]), 9).await.unwrap(), 0);
}

#[tokio::test]
async fn how_a_system_stands_is_told_by_numbers_with_a_bound() {
    let mut store = Store::new().await;
    let acme = store.id::<ConnectorId>();
    assert!(!deliveries::any(&mut store.conn).await.unwrap());
    assert_eq!(deliveries::open(&mut store.conn, 9).await.unwrap(), (0, None));
    let until = store.in_an_hour();
    let retry = State::Waiting { until, reason: Reason::new(ReasonKind::Retry, "503") };
    let name = State::Waiting { until, reason: Reason::new(ReasonKind::NameTaken, "ada") };
    let first = store.now();
    store.add_deliveries(acme, [State::Due, retry, name, held(ReasonKind::Refused, "no"), State::Done]).await;
    assert!(deliveries::any(&mut store.conn).await.unwrap());
    let standing = deliveries::standing(&mut store.conn, acme, 9).await.unwrap();
    assert_eq!(standing, Standing { held: 1, open: 3, retrying: 1 });
    assert_eq!(deliveries::standing(&mut store.conn, acme, 2).await.unwrap().open, 2);
    let (open, oldest) = deliveries::open(&mut store.conn, 9).await.unwrap();
    assert_eq!(open, 3);
    assert!(oldest.unwrap().since(first) < Duration::from_secs(1));
}

#[tokio::test]
async fn bodies_are_erased_by_age_or_with_whom_they_are_about() {
    let mut store = Store::new().await;
    let (connector, user) = (store.id::<ConnectorId>(), store.id::<UserId>());
    let delivery = store.delivery(user, connector);
    deliveries::insert(&mut store.conn, &delivery).await.unwrap();
    let other = store.add_delivery(connector, |_| {}).await;
    for of in [&delivery, &other, &delivery] {
        let attempt = store.attempt(of);
        attempts::insert(&mut store.conn, &attempt).await.unwrap();
    }
    let now = store.now();
    assert_eq!(attempts::erase_bodies(&mut store.conn, now, 9).await.unwrap(), 2, "the third is not older");
    assert_eq!(attempts::erase_bodies(&mut store.conn, now, 9).await.unwrap(), 0, "nothing is erased twice");
    assert_eq!(attempts::erase_bodies_of(&mut store.conn, user, 9).await.unwrap(), 1);
    let left = attempts::page(&mut store.conn, delivery.id, None, 9).await.unwrap();
    assert_eq!(left.len(), 2, "the attempts stay");
    assert!(left.iter().all(|attempt| attempt.request.is_none() && attempt.response.is_none()));

    erasures::put(&mut store.conn, user, now.plus(HOUR)).await.unwrap();
    assert_eq!(erasures::next_due(&mut store.conn, now).await.unwrap(), None);
    assert_eq!(erasures::next_due(&mut store.conn, now.plus(HOUR)).await.unwrap(), Some(user));
    erasures::delete(&mut store.conn, user).await.unwrap();
    assert_eq!(erasures::next_due(&mut store.conn, now.plus(HOUR)).await.unwrap(), None);
}
