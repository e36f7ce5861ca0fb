//! Filters and orders in SQL do what `scim` does in memory.

use std::{collections::HashMap, sync::LazyLock};

use domain::{
    AttributeId, SchemaId, Timestamp, UserId,
    extension::{self, Attribute, Definition, Extension, Kind, Returned},
    group::{Group, Membership},
    user::{Address, Enterprise, Manager, Name, Profile, User, Valued},
};
use proptest::{prelude::*, sample::select, strategy::ValueTree as _, test_runner::TestRunner};
use scim::{
    Filter,
    cursor::{Cursor, Place},
    filter::{Literal, Operator},
    schema::{self, ResourceSchema},
    sort::Sort,
};
use serde_json::{Map, Value};
use storage::{
    attribute_values,
    filters::{self, Listing, Window},
    groups,
};

use crate::support::Store;

/// Attributes of every kind that an administrator can define.
fn staff() -> Extension {
    let of = |name: &str, kind| Definition { name: name.to_owned(), kind, ..Definition::default() };
    let definitions = [
        Definition { unique: true, ..of("badge", Kind::String) },
        Definition { unique: true, case_exact: true, ..of("key", Kind::String) },
        Definition { unique: true, ..of("number", Kind::Integer) },
        of("share", Kind::Decimal),
        of("remote", Kind::Boolean),
        of("since", Kind::DateTime),
        of("page", Kind::Reference),
        of("nick-name", Kind::String),
        Definition { case_exact: true, ..of("desk", Kind::String) },
        Definition { multi_valued: true, ..of("tags", Kind::String) },
        Definition { multi_valued: true, ..of("floors", Kind::Integer) },
        Definition { multi_valued: true, ..of("days", Kind::DateTime) },
        Definition { returned: Returned::Request, ..of("quiet", Kind::String) },
    ];
    let attributes = (0u128..)
        .zip(definitions)
        .map(|(number, definition)| Attribute { id: AttributeId(uuid::Uuid::from_u128(number)), definition });
    Extension {
        id: SchemaId(uuid::Uuid::nil()),
        urn: STAFF.to_owned(),
        name: "Staff".to_owned(),
        description: String::new(),
        attributes: attributes.collect(),
        version: 1,
        created_at: Timestamp::from_micros(0),
        updated_at: Timestamp::from_micros(0),
    }
}

/// With a dot, a colon and capitals, as URNs have them.
const STAFF: &str = "urn:example:scim:2.0:Staff";

/// Users with the extension.
fn users() -> &'static ResourceSchema {
    static USERS: LazyLock<ResourceSchema> = LazyLock::new(|| schema::user_with(&[staff()]));
    &USERS
}

const TIMES: [&str; 4] =
    ["2026-03-12T14:05:05Z", "2026-03-12T15:05:05.5+01:00", "2026-03-12T14:05:06.000001Z", "1999-01-01T00:00:00Z"];

/// Values of the extension; those that are unique are told apart by a number.
fn values() -> impl Strategy<Value = Map<String, Value>> {
    let maybe_one = |values: BoxedStrategy<Value>| proptest::option::of(values);
    let json = |strategy: BoxedStrategy<String>| strategy.prop_map(Value::from).boxed();
    let time = || select(&TIMES[..]).prop_map(Value::from).boxed();
    let texts = || json(text().boxed());
    (
        (maybe_one(texts()), maybe_one(texts()), any::<bool>()),
        maybe_one(select(&[-1.5, 0.0, 0.25, 2.0, 1e12][..]).prop_map(Value::from).boxed()),
        maybe_one(any::<bool>().prop_map(Value::from).boxed()),
        maybe_one(time()),
        maybe_one(select(&["https://example.org/A", "urn:a:b"][..]).prop_map(Value::from).boxed()),
        (maybe_one(texts()), maybe_one(texts()), maybe_one(texts())),
        proptest::collection::vec(texts(), 0..3),
        proptest::collection::vec((-2i64..3).prop_map(Value::from), 0..3),
        proptest::collection::vec(time(), 0..3),
    )
        .prop_map(|((badge, key, number), share, remote, since, page, (nick, desk, quiet), tags, floors, days)| {
            let some = |values: Vec<Value>| (!values.is_empty()).then_some(Value::Array(values));
            let all = [
                ("badge", badge),
                ("key", key),
                ("number", number.then(|| Value::from(0))),
                ("share", share),
                ("remote", remote),
                ("since", since),
                ("page", page),
                ("nick-name", nick),
                ("desk", desk),
                ("quiet", quiet),
                ("tags", some(tags)),
                ("floors", some(floors)),
                ("days", some(days)),
            ];
            all.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
        })
}

/// Comparisons with the extension's attributes.
fn custom() -> impl Strategy<Value = Filter> {
    let path = |name: &str| format!("{STAFF}:{name}").parse().unwrap();
    let compare = move |name: &str, operator, value| Filter::Compare { path: path(name), operator, value };
    let texts = select(&["badge", "key", "nick-name", "desk", "tags", "page", "quiet"][..]);
    let known = prop_oneof![
        4 => text(),
        2 => (text(), 0usize..60).prop_map(|(text, number)| format!("{text}{number}")),
        1 => select(&["https://example.org/a", "https://example.org/A", "urn:", STAFF][..]).prop_map(str::to_owned),
    ];
    let numbers = select(&["number", "share", "floors"][..]);
    let number = prop_oneof![
        (-3i64..60).prop_map(serde_json::Number::from),
        select(&[-1.5, 0.25, 2.0, 2.5][..]).prop_map(|number| serde_json::Number::from_f64(number).unwrap()),
    ];
    let whole = select(
        &[
            Operator::Equal,
            Operator::NotEqual,
            Operator::GreaterThan,
            Operator::GreaterOrEqual,
            Operator::LessThan,
            Operator::LessOrEqual,
        ][..],
    );
    let equality = select(&[Operator::Equal, Operator::NotEqual][..]);
    let partial = select(&[Operator::Contains, Operator::StartsWith, Operator::EndsWith][..]);
    let times = select(&["since", "days"][..]);
    let part = select(&["2026-03", "05Z", ".5", "T14:05:0", "z", ""][..]);
    let anything = select(
        &["badge", "number", "share", "remote", "since", "page", "nick-name", "tags", "floors", "days", "quiet"][..],
    );
    let schemas = || "schemas".parse().unwrap();
    prop_oneof![
        6 => (texts, select(&Operator::ALL[..]), known).prop_map(move |(name, operator, value)| compare(name, operator, Literal::String(value))),
        3 => (numbers, whole.clone(), number).prop_map(move |(name, operator, value)| compare(name, operator, Literal::Number(value))),
        2 => (times.clone(), whole, select(&TIMES[..])).prop_map(move |(name, operator, value)| compare(name, operator, Literal::String(value.to_owned()))),
        1 => (times, partial, part).prop_map(move |(name, operator, value)| compare(name, operator, Literal::String(value.to_owned()))),
        1 => (equality.clone(), any::<bool>()).prop_map(move |(operator, value)| compare("remote", operator, Literal::Bool(value))),
        1 => (anything.clone(), equality.clone()).prop_map(move |(name, operator)| compare(name, operator, Literal::Null)),
        1 => anything.prop_map(move |name| Filter::Present { path: path(name) }),
        1 => equality.prop_map(move |operator| Filter::Compare { path: schemas(), operator, value: Literal::String(STAFF.to_owned()) }),
    ]
}

const BASE: &str = "https://id.example.org/scim2";
const ENTERPRISE: &str = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";

/// Texts that are easily confused: by case, by the rules of other alphabets, by SQL's own signs.
const TEXTS: [&str; 18] = [
    "Ada", "ada", "ADA", "Äda", "äDA", "a", "", "Straße", "STRASSE", "ΟΔΟΣ", "οδος", "İ", "100%", "_d_", "O'Malley",
    "a\"b", "work", "home",
];

fn text() -> impl Strategy<Value = String> {
    select(&TEXTS[..]).prop_map(str::to_owned)
}

fn maybe() -> impl Strategy<Value = Option<String>> {
    proptest::option::of(text())
}

fn valued() -> impl Strategy<Value = Vec<Valued>> {
    let one = (text(), maybe(), proptest::option::of(select(&["work", "home", "Work"][..])));
    let list = proptest::collection::vec(one, 0..3);
    (list, 0usize..4).prop_map(|(list, primary)| {
        let values = list.into_iter().enumerate().map(|(index, (value, display, kind))| Valued {
            value,
            display,
            kind: kind.map(str::to_owned),
            primary: index == primary,
        });
        values.collect()
    })
}

fn profile() -> impl Strategy<Value = Profile> {
    let name =
        (maybe(), maybe()).prop_map(|(family_name, given_name)| Name { family_name, given_name, ..Name::default() });
    let address = (maybe(), maybe()).prop_map(|(country, kind)| Address { country, kind, ..Address::default() });
    let manager = (maybe(), maybe()).prop_map(|(value, display_name)| Manager { value, display_name, reference: None });
    let enterprise = (maybe(), proptest::option::of(manager)).prop_map(|(department, manager)| Enterprise {
        department,
        manager,
        ..Enterprise::default()
    });
    (
        proptest::option::of(name),
        maybe(),
        maybe(),
        maybe(),
        valued(),
        valued(),
        valued(),
        proptest::collection::vec(address, 0..3),
        proptest::option::of(enterprise),
    )
        .prop_map(
            |(name, display_name, title, profile_url, emails, photos, x509_certificates, addresses, enterprise)| {
                Profile {
                    name,
                    display_name,
                    title,
                    profile_url,
                    emails,
                    photos,
                    x509_certificates,
                    addresses,
                    enterprise,
                    ..Profile::default()
                }
            },
        )
}

/// Paths of every kind there is, with what they are compared with.
fn comparison() -> impl Strategy<Value = Filter> {
    let texts = select(
        &[
            "userName",
            "externalId",
            "title",
            "displayName",
            "name.familyName",
            "profileUrl",
            "emails",
            "emails.value",
            "emails.type",
            "emails.display",
            "photos.value",
            "x509Certificates",
            "addresses.country",
            "groups",
            "groups.display",
            "groups.type",
            "groups.$ref",
            "meta.resourceType",
            "meta.version",
            "meta.location",
            "id",
            "schemas",
            "locale",
            "password",
            "urn:ietf:params:scim:schemas:core:2.0:User:title",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager.displayName",
        ][..],
    );
    let known = prop_oneof![
        8 => text(),
        1 => select(&["user", "User", "w/\"1\"", "W/\"1\"", "direct", BASE, ENTERPRISE, "/users/", "019"][..]).prop_map(str::to_owned),
        1 => "[0-9a-f]{1,2}",
    ];
    let operator = select(&Operator::ALL[..]);
    let equality = select(&[Operator::Equal, Operator::NotEqual][..]);
    let time = select(
        &["2026-03-12T14:05:05Z", "2026-03-12T15:05:05.5+01:00", "2026-03-12T14:05:06.000001Z", "1999-01-01T00:00:00Z"]
            [..],
    );
    let part = select(&["2026-03", "05Z", ".5", "T14:05:0", "z", "2026-03-12T14:05:05Z", ""][..]);
    let partial = select(&[Operator::Contains, Operator::StartsWith, Operator::EndsWith][..]);
    let whole = select(
        &[
            Operator::Equal,
            Operator::NotEqual,
            Operator::GreaterThan,
            Operator::GreaterOrEqual,
            Operator::LessThan,
            Operator::LessOrEqual,
        ][..],
    );
    let times = select(&["meta.created", "meta.lastModified"][..]);
    let truths = select(&["active", "emails.primary"][..]);
    let anything = select(
        &[
            "userName",
            "title",
            "name",
            "name.familyName",
            "emails",
            "emails.type",
            "emails.primary",
            "addresses",
            "groups",
            "meta",
            "meta.created",
            "schemas",
            "active",
            "externalId",
            "nickName",
            "id",
            "photos",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
            "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
        ][..],
    );
    let compare = |path: &str, operator, value| Filter::Compare { path: path.parse().unwrap(), operator, value };
    prop_oneof![
        10 => (texts, operator, known).prop_map(move |(path, operator, value)| compare(path, operator, Literal::String(value))),
        2 => (times.clone(), whole, time).prop_map(move |(path, operator, value)| compare(path, operator, Literal::String(value.to_owned()))),
        2 => (times, partial, part).prop_map(move |(path, operator, value)| compare(path, operator, Literal::String(value.to_owned()))),
        2 => (truths, equality.clone(), any::<bool>()).prop_map(move |(path, operator, value)| compare(path, operator, Literal::Bool(value))),
        2 => (anything.clone(), equality).prop_map(move |(path, operator)| compare(path, operator, Literal::Null)),
        2 => anything.prop_map(|path| Filter::Present { path: path.parse().unwrap() }),
    ]
}

/// Filters in brackets.
fn chosen() -> impl Strategy<Value = Filter> {
    let parts = select(&["type", "value", "display", "primary"][..]);
    let inner = (parts, select(&Operator::ALL[..]), text(), any::<bool>()).prop_map(|(part, operator, text, truth)| {
        let path = part.parse().unwrap();
        match (part, operator) {
            ("primary", Operator::Equal | Operator::NotEqual) => {
                Filter::Compare { path, operator, value: Literal::Bool(truth) }
            }
            ("primary", _) | (_, Operator::GreaterThan) => Filter::Present { path },
            (_, Operator::LessThan) => Filter::Compare { path, operator: Operator::Equal, value: Literal::Null },
            _ => Filter::Compare { path, operator, value: Literal::String(text) },
        }
    });
    let lists = select(&["emails", "photos", "x509Certificates"][..]);
    (lists, grouped(inner))
        .prop_map(|(list, filter)| Filter::ValuePath { path: list.parse().unwrap(), filter: Box::new(filter) })
}

fn grouped(leaf: impl Strategy<Value = Filter> + 'static) -> impl Strategy<Value = Filter> {
    leaf.prop_recursive(3, 8, 3, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::And),
            proptest::collection::vec(inner.clone(), 2..4).prop_map(Filter::Or),
            inner.prop_map(|filter| Filter::Not(Box::new(filter))),
        ]
    })
}

fn filter() -> impl Strategy<Value = Filter> {
    let leaf = prop_oneof![4 => comparison(), 1 => chosen(), 4 => custom()];
    grouped(leaf.prop_filter("certificates have no order", |filter| filter.check(users()).is_ok()))
}

/// A store full of people, and each of them as SCIM shows them.
struct Crowd {
    store: Store,
    documents: HashMap<UserId, Value>,
}

impl Crowd {
    async fn new(size: usize) -> Self {
        let mut store = Store::new().await;
        let mut runner = TestRunner::deterministic();
        let mut people = Vec::new();
        for number in 0..size {
            let mut make = || profile().new_tree(&mut runner).unwrap().current();
            let (mut base, mut own) = (make(), values().new_tree(&mut runner).unwrap().current());
            for name in ["badge", "key"] {
                if let Some(value) = own.get_mut(name) {
                    *value = format!("{}{number}", value.as_str().unwrap()).into();
                }
            }
            own.entry("number").and_modify(|value| *value = number.into());
            let asked = Map::from_iter([(STAFF.to_owned(), Value::Object(own))]);
            let settled = extension::settle(&[staff()], &Map::new(), &asked).unwrap();
            base.extensions = settled.values;
            let user = User {
                user_name: format!("{}{number}", TEXTS[number % TEXTS.len()]).trim().to_owned(),
                external_id: (number % 3 > 0).then(|| TEXTS[number % TEXTS.len()].to_owned()),
                active: number % 4 > 0,
                profile: Profile { active_removed: number % 8 == 1, ..base },
                version: i64::try_from(number % 3).unwrap(),
                created_at: Timestamp::from_micros(
                    1_773_324_305_000_000 + 500_000 * i64::try_from(number % 3).unwrap(),
                ),
                ..store.user("x")
            };
            storage::users::insert(&mut store.conn, &user).await.unwrap();
            let taken = attribute_values::keep(&mut store.conn, user.id, &settled.entries).await.unwrap();
            assert_eq!(taken, None);
            people.push(user);
        }
        store.add_staged("staged").await;
        for (name, every) in [("Äda", 2), ("work", 5), ("Nobody", usize::MAX)] {
            let group = Group {
                id: store.id(),
                display_name: name.to_owned(),
                external_id: None,
                size: 0,
                version: 1,
                created_at: store.now(),
                updated_at: store.now(),
            };
            groups::insert(&mut store.conn, &group).await.unwrap();
            let members: Vec<UserId> =
                people.iter().step_by(every).map(|user| user.id).skip(usize::from(every > size)).collect();
            groups::add(&mut store.conn, group.id, &members).await.unwrap();
        }
        let ids: Vec<UserId> = people.iter().map(|user| user.id).collect();
        let mut memberships: HashMap<UserId, Vec<Membership>> = groups::of_users(&mut store.conn, &ids).await.unwrap();
        let documents = people
            .iter()
            .map(|user| {
                let groups = memberships.remove(&user.id).unwrap_or_default();
                (user.id, scim::user::write_with(user, &groups, BASE, users()))
            })
            .collect();
        Self { store, documents }
    }

    async fn found(
        &mut self,
        filter: Option<&Filter>,
        sort: Option<&Sort>,
        window: &Window,
        limit: i64,
    ) -> filters::Found<UserId> {
        let listing = Listing { schema: users(), filter, sort, base_url: BASE };
        filters::users(&mut self.store.conn, &listing, window, limit).await.unwrap()
    }

    async fn all(&mut self, filter: Option<&Filter>, sort: Option<&Sort>) -> Vec<UserId> {
        let found = self.found(filter, sort, &Window::Offset(0), 1_000).await;
        found.ids.into_iter().map(|(id, _)| id).collect()
    }

    /// What should be found, in the order of ids.
    fn expected(&self, filter: &Filter) -> Vec<UserId> {
        let matching = self.documents.iter().filter(|(_, document)| filter.matches(document, users()));
        let mut ids: Vec<UserId> = matching.map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids
    }
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

#[test]
fn sql_finds_whom_a_filter_matches() {
    let runtime = runtime();
    let crowd = std::cell::RefCell::new(runtime.block_on(Crowd::new(60)));
    let found_some = std::cell::Cell::new(0);
    let mut runner =
        TestRunner::new(ProptestConfig { cases: 900, failure_persistence: None, ..ProptestConfig::default() });
    let outcome = runner.run(&filter(), |filter| {
        filter.check(users()).map_err(|error| TestCaseError::fail(format!("{filter}: {error}")))?;
        let crowd = &mut *crowd.borrow_mut();
        let expected = crowd.expected(&filter);
        let found = runtime.block_on(crowd.all(Some(&filter), None));
        prop_assert_eq!(&found, &expected, "{}", filter);
        let listing = Listing { schema: users(), filter: Some(&filter), sort: None, base_url: BASE };
        let count = runtime.block_on(filters::count_users(&mut crowd.store.conn, &listing)).unwrap();
        prop_assert_eq!(usize::try_from(count).unwrap(), expected.len());
        found_some.set(found_some.get() + usize::from(!expected.is_empty() && expected.len() < 60));
        Ok(())
    });
    outcome.unwrap();
    assert!(found_some.get() > 200, "most filters tell people apart: {}", found_some.get());
}

const SORTED_BY: [&str; 22] = [
    "id",
    "userName",
    "externalId",
    "title",
    "name.familyName",
    "active",
    "meta.created",
    "emails",
    "photos.display",
    "emails.primary",
    "addresses.country",
    "meta.version",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department",
    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    "urn:example:scim:2.0:Staff:badge",
    "urn:example:scim:2.0:Staff:desk",
    "urn:example:scim:2.0:Staff:nick-name",
    "urn:example:scim:2.0:Staff:number",
    "urn:example:scim:2.0:Staff:page",
    "urn:example:scim:2.0:Staff:remote",
    "urn:example:scim:2.0:Staff:share",
    "urn:example:scim:2.0:Staff:since",
];

#[tokio::test]
async fn sql_orders_as_sorting_in_memory_does() {
    let mut crowd = Crowd::new(60).await;
    for by in SORTED_BY {
        for descending in [false, true] {
            let sort = Sort { by: by.parse().unwrap(), descending };
            let mut expected: Vec<UserId> = crowd.documents.keys().copied().collect();
            expected.sort_by(|left, right| {
                let ids = if descending { right.cmp(left) } else { left.cmp(right) };
                sort.compare(&crowd.documents[left], &crowd.documents[right], users()).then(ids)
            });
            assert_eq!(crowd.all(None, Some(&sort)).await, expected, "{by} {descending}");
        }
    }
}

#[tokio::test]
async fn pages_by_cursor_join_to_the_whole_list_in_both_directions() {
    let mut crowd = Crowd::new(25).await;
    let filter: Filter = "userName pr".parse().unwrap();
    for by in SORTED_BY {
        for descending in [false, true] {
            let sort = Sort { by: by.parse().unwrap(), descending };
            let whole = crowd.all(Some(&filter), Some(&sort)).await;
            let mut forward = Vec::new();
            let mut cursor = Cursor::First;
            loop {
                let page = crowd.found(Some(&filter), Some(&sort), &Window::Cursor(cursor), 7).await;
                forward.extend(page.ids.clone());
                if !page.more {
                    break;
                }
                cursor = Cursor::After(page.ids.last().unwrap().1.clone());
            }
            assert_eq!(forward.iter().map(|(id, _)| *id).collect::<Vec<_>>(), whole, "{by} {descending}");
            let mut backward: Vec<(UserId, Place)> = Vec::new();
            let mut cursor = Cursor::Before(forward.last().unwrap().1.clone());
            loop {
                let page = crowd.found(Some(&filter), Some(&sort), &Window::Cursor(cursor), 7).await;
                backward.splice(0..0, page.ids.clone());
                if !page.more {
                    break;
                }
                cursor = Cursor::Before(page.ids[0].1.clone());
            }
            assert_eq!(backward, forward[..forward.len() - 1], "{by} {descending}");
        }
    }
}

#[tokio::test]
async fn groups_are_filtered_and_sorted_too() {
    let mut crowd = Crowd::new(10).await;
    let member = *crowd.documents.keys().min().unwrap();
    for (filter, expected) in [
        ("displayName eq \"ÄDA\"".to_owned(), vec!["Äda"]),
        ("displayName sw \"w\"".to_owned(), vec!["work"]),
        (format!("members.value eq \"{member}\""), vec!["Äda", "work"]),
        (format!("members[value eq \"{member}\"] and displayName co \"o\""), vec!["work"]),
        ("not (members pr)".to_owned(), vec!["Nobody"]),
        ("members.type eq \"user\" and meta.resourceType eq \"Group\"".to_owned(), vec!["Äda", "work"]),
        ("members.display pr and not (id eq \"x\")".to_owned(), vec!["Äda", "work"]),
        ("schemas eq \"urn:ietf:params:scim:schemas:core:2.0:Group\"".to_owned(), vec!["Äda", "work", "Nobody"]),
        ("userName pr".to_owned(), vec![]),
        ("userName ne \"x\"".to_owned(), vec!["Äda", "work", "Nobody"]),
    ] {
        let filter: Filter = filter.parse().unwrap();
        let listing = Listing { schema: schema::served_group(), filter: Some(&filter), sort: None, base_url: BASE };
        let conn = &mut crowd.store.conn;
        let found = filters::groups(conn, &listing, &Window::Offset(0), 10).await.unwrap();
        let ids: Vec<_> = found.ids.iter().map(|(id, _)| *id).collect();
        let names: Vec<String> =
            groups::by_ids(conn, &ids).await.unwrap().into_iter().map(|group| group.display_name).collect();
        assert_eq!(names, expected, "{filter}");
        assert_eq!(
            filters::count_groups(conn, &listing).await.unwrap(),
            i64::try_from(names.len()).unwrap(),
            "{filter}"
        );
    }
    let sort = Sort { by: "displayName".parse().unwrap(), descending: false };
    let listing = Listing { schema: schema::served_group(), filter: None, sort: Some(&sort), base_url: BASE };
    let found = filters::groups(&mut crowd.store.conn, &listing, &Window::Offset(1), 1).await.unwrap();
    assert_eq!((found.ids[0].1.key.as_deref(), found.more), (Some("work"), true));
}
