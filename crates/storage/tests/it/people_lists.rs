//! The list of people: what it is narrowed to, in which order, and by which index.

use std::{collections::HashMap, time::Duration};

use domain::{
    GroupId, UserId,
    delivery::{Delivery, Reason, ReasonKind, State, Wanted},
    group::Group,
    permission::Role,
    user::{Origin, User},
    validation::name_key,
};
use storage::{
    groups,
    people_lists::{self, Access, By, Narrowing, Order, Standing},
    terms::EXAMINED,
    users,
};

use crate::support::{Store, boot};

const NAMES: [&str; 12] = ["Mara", "ada", "Grace", "joan", "bea", "zoë", "Carl", "dora", "Emil", "fay", "gus", "hal"];

/// What a person's accounts are, and by which they are told apart in memory.
#[derive(Clone, Debug)]
struct Person {
    user: User,
    states: Vec<(Wanted, State)>,
    is_member: bool,
}

impl Person {
    fn fits(&self, narrowing: &Narrowing) -> bool {
        let accounts = |standing: Standing| {
            let is = |wanted: fn(&State) -> bool| self.states.iter().any(|(_, state)| wanted(state));
            let open = is(|state| !matches!(state, State::Done));
            let any = self.states.iter().any(|(wanted, state)| !(*wanted == Wanted::Absent && *state == State::Done));
            match standing {
                Standing::Held => is(|state| matches!(state, State::Held { .. })),
                Standing::OnItsWay => is(|state| !matches!(state, State::Held { .. } | State::Done)),
                Standing::InStep => any && !open,
                Standing::None => !any,
            }
        };
        let user = &self.user;
        narrowing.access.is_none_or(|access| match access {
            Access::Active => user.active && !user.locked,
            Access::Disabled => !user.active,
            Access::Locked => user.locked,
        }) && narrowing.origin.is_none_or(|origin| user.origin == origin)
            && narrowing.role.is_none_or(|role| user.role == Some(role))
            && narrowing.group.is_none_or(|_| self.is_member)
            && narrowing.accounts.is_none_or(accounts)
    }
}

struct House {
    store: Store,
    people: Vec<Person>,
    group: GroupId,
}

impl House {
    /// People of every sort, staged ones and strangers' deliveries among them.
    async fn new() -> Self {
        let mut store = Store::new().await;
        let now = store.now();
        let group = Group {
            id: store.id(),
            display_name: "Guides".to_owned(),
            external_id: None,
            size: 0,
            version: 1,
            created_at: now,
            updated_at: now,
        };
        groups::insert(&mut store.conn, &group).await.unwrap();
        let held = || State::Held { reason: Reason::new(ReasonKind::Refused, "no") };
        let mut people = Vec::new();
        for (index, name) in NAMES.into_iter().enumerate() {
            let role = [None, None, Some(Role::Auditor), Some(Role::Operator)][index % 4];
            let origin = [Origin::Api, Origin::Console, Origin::Api][index % 3];
            let user = User {
                active: index % 4 != 1,
                locked: index % 5 == 0,
                role,
                origin,
                // Changed in another order than created.
                updated_at: now.plus(Duration::from_secs([7, 3, 3, 9, 1][index % 5])),
                ..store.user(name)
            };
            users::insert(&mut store.conn, &user).await.unwrap();
            let states = match index % 6 {
                0 => vec![(Wanted::Present, held()), (Wanted::Present, held()), (Wanted::Present, State::Due)],
                1 => vec![(Wanted::Present, State::Running { boot: boot(1) })],
                2 => vec![(Wanted::Present, State::Done), (Wanted::Absent, State::Done)],
                3 => vec![(Wanted::Absent, State::Done)],
                4 => vec![(Wanted::Present, State::Done), (Wanted::Absent, State::Due)],
                _ => Vec::new(),
            };
            for (wanted, state) in states.clone() {
                deliver(&mut store, &user, |one| (one.wanted, one.state) = (wanted, state)).await;
            }
            let is_member = index % 2 == 0;
            if is_member {
                groups::add(&mut store.conn, group.id, &[user.id]).await.unwrap();
            }
            people.push(Person { user, states, is_member });
        }
        let staged = store.add_staged("staged").await;
        groups::add(&mut store.conn, group.id, &[staged.id]).await.unwrap();
        deliver(&mut store, &staged, |one| one.state = held()).await;
        let gone = store.user("gone");
        deliver(&mut store, &gone, |one| one.state = held()).await;
        Self { store, people, group: group.id }
    }

    /// The user names on all pages of a list, each of `limit` at most.
    async fn listed(&mut self, narrowing: &Narrowing, order: Order, limit: usize) -> Vec<String> {
        let (mut names, mut after) = (Vec::new(), None);
        loop {
            let page = people_lists::page(&mut self.store.conn, narrowing, order, after, limit).await.unwrap();
            assert!(page.users.len() <= limit);
            names.extend(page.users.into_iter().map(|user| user.user_name));
            after = page.next;
            if after.is_none() {
                return names;
            }
        }
    }

    /// The same in memory.
    fn expected(&self, narrowing: &Narrowing, order: Order) -> Vec<String> {
        let order = narrowing.order(order);
        let mut users: Vec<&User> =
            self.people.iter().filter(|person| person.fits(narrowing)).map(|person| &person.user).collect();
        users.sort_by_key(|user| match order.by {
            By::UserName => (0, name_key(&user.user_name), user.id),
            By::Created => (0, String::new(), user.id),
            By::Changed => (user.updated_at.as_micros(), String::new(), user.id),
        });
        if order.descending {
            users.reverse();
        }
        users.into_iter().map(|user| user.user_name.clone()).collect()
    }

    fn narrowings(&self) -> Vec<Narrowing> {
        let maybe = |all: &[Access]| [None].into_iter().chain(all.iter().copied().map(Some)).collect::<Vec<_>>();
        let mut all = Vec::new();
        for access in maybe(&[Access::Active, Access::Disabled, Access::Locked]) {
            for origin in [None, Some(Origin::Api), Some(Origin::Jit)] {
                for role in [None, Some(Role::Auditor)] {
                    for group in [None, Some(self.group)] {
                        for accounts in [
                            None,
                            Some(Standing::Held),
                            Some(Standing::OnItsWay),
                            Some(Standing::InStep),
                            Some(Standing::None),
                        ] {
                            all.push(Narrowing { access, origin, role, group, accounts });
                        }
                    }
                }
            }
        }
        all
    }
}

async fn deliver(store: &mut Store, user: &User, change: impl FnOnce(&mut Delivery)) {
    let connector = store.id();
    store
        .add_delivery(connector, |one| {
            one.subject = user.id.into();
            one.subject_label.clone_from(&user.user_name);
            change(one);
        })
        .await;
}

fn orders() -> Vec<Order> {
    let both =
        [By::UserName, By::Created, By::Changed].map(|by| [false, true].map(|descending| Order { by, descending }));
    both.into_iter().flatten().collect()
}

#[tokio::test]
async fn every_filter_with_every_order_shows_whom_it_should_on_pages_of_any_size() {
    let mut house = House::new().await;
    for narrowing in house.narrowings() {
        for order in orders() {
            let expected = house.expected(&narrowing, order);
            for limit in [3, 50] {
                assert_eq!(house.listed(&narrowing, order, limit).await, expected, "{narrowing:?} {order:?} {limit}");
            }
        }
    }
    let by_name = house.listed(&Narrowing::default(), Order::default(), 50).await;
    assert_eq!(by_name[..3], ["ada", "bea", "Carl"], "without regard to case");
    let held = Narrowing { accounts: Some(Standing::Held), ..Narrowing::default() };
    assert_eq!(house.listed(&held, Order::default(), 1).await, ["Carl", "Mara"], "once, however many are held");
}

#[tokio::test]
async fn a_group_goes_by_creation_and_what_goes_by_names_alone_by_names() {
    let newest = Order { by: By::Changed, descending: true };
    let group = Narrowing { group: Some(GroupId(uuid::Uuid::nil())), ..Narrowing::default() };
    assert_eq!(group.order(newest), Order { by: By::Created, descending: false });
    let latest = Order { by: By::Created, descending: true };
    assert_eq!(group.order(latest), latest);
    let held = Narrowing { accounts: Some(Standing::Held), ..Narrowing::default() };
    assert_eq!(held.order(newest), Order::default());
    let in_step = Narrowing { accounts: Some(Standing::InStep), ..Narrowing::default() };
    assert_eq!(in_step.order(newest), newest);
}

#[tokio::test]
async fn whoever_was_renamed_and_has_accounts_under_both_names_is_listed_once() {
    let mut house = House::new().await;
    let ida = house.store.add_user("ida").await;
    let held = || State::Held { reason: Reason::new(ReasonKind::Refused, "no") };
    deliver(&mut house.store, &ida, |one| one.state = held()).await;
    let before = User { user_name: "aaa".to_owned(), ..ida };
    deliver(&mut house.store, &before, |one| one.state = held()).await;
    let narrowing = Narrowing { accounts: Some(Standing::Held), ..Narrowing::default() };
    for order in [Order::default(), Order { descending: true, ..Order::default() }] {
        for limit in [1, 2, 50] {
            let names = house.listed(&narrowing, order, limit).await;
            assert_eq!(names.iter().filter(|name| *name == "ida").count(), 1, "{order:?} {limit} {names:?}");
            assert_eq!(names.len(), 3);
        }
    }
}

#[tokio::test]
async fn a_list_that_nobody_fits_looks_at_so_many_and_says_where_to_go_on() {
    let mut store = Store::new().await;
    store
        .spoil(
            "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 4100) \
             INSERT INTO users (id, user_name, user_name_key, staged, active, locked, excluded, origin, profile, \
             version, created_at, updated_at) SELECT unhex(printf('%032x', i)), 'm' || i, 'm' || i, FALSE, TRUE, \
             FALSE, FALSE, 'api', '{}', 1, 0, 0 FROM n",
        )
        .await;
    let narrowing = Narrowing { accounts: Some(Standing::InStep), ..Narrowing::default() };
    for order in orders() {
        let first = people_lists::page(&mut store.conn, &narrowing, order, None, 10).await.unwrap();
        assert!(first.users.is_empty() && first.next.is_some(), "{order:?}");
        let second = people_lists::page(&mut store.conn, &narrowing, order, first.next, 10).await.unwrap();
        assert_eq!((second.users.len(), second.next), (0, None), "the second look sees the rest: {EXAMINED}");
    }
    let all = people_lists::page(&mut store.conn, &Narrowing::default(), Order::default(), None, 5_000).await.unwrap();
    assert_eq!((all.users.len(), all.next.is_some()), (EXAMINED, true));
}

#[tokio::test]
async fn where_somebody_has_an_account_is_told_at_once_for_many() {
    let mut house = House::new().await;
    let ids: Vec<UserId> = house.people.iter().map(|person| person.user.id).collect();
    let wanted: HashMap<bool, usize> =
        house.people.iter().flat_map(|person| &person.states).fold(HashMap::new(), |mut counted, (wanted, _)| {
            *counted.entry(*wanted == Wanted::Absent).or_default() += 1;
            counted
        });
    let there = people_lists::accounts_at(&mut house.store.conn, &ids).await.unwrap();
    assert_eq!(there.len(), wanted[&false]);
    assert_eq!(people_lists::accounts_at(&mut house.store.conn, &[]).await.unwrap(), []);
}
