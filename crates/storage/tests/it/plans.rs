//! How the database goes about each statement: by an index, never through a big table.
//!
//! The statements are those that [`tour`] made, as the driver logged them. No statistics are gathered (`ANALYZE`) here
//! or in the process, so that what is planned here is what is planned there.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use sqlx::{AssertSqlSafe, ConnectOptions, Connection};
use tracing::{Event, Metadata, Subscriber, field::Field, span};

use crate::{support::Store, tour};

/// Tables with as many rows as there are settings, people signed in or onboardings under way; or slots of two days.
const SMALL: &[&str] = &[
    "api_tokens",
    "audit_head",
    "audit_start",
    "awaited",
    "connections",
    "connector_runs",
    "connector_secrets",
    "connectors",
    "drafts",
    // The values of one user's list.
    "element",
    "durations",
    "figures",
    "flashes",
    "identity_providers",
    "keys",
    "logout_tokens",
    "provisioners",
    "removed_attributes",
    "schemas",
    "second_steps",
    "sessions",
    "settings",
    "sign_ins",
    "sweeps",
    "tallies",
];

/// Statements that walk a big table, with why they may.
const WALKS: &[(&str, &str)] = &[
    ("SELECT p.id, p.user_name_key AS name", "the first page in the order of an index, stops at its limit: see LISTS"),
    (
        "SELECT l.subject_id AS id, l.subject_key",
        "the first page in the order of an index of those that are open or held",
    ),
    ("SELECT * FROM deliveries WHERE TRUE ORDER BY id DESC LIMIT", "a page in the order of ids, stops at its limit"),
    (
        "SELECT * FROM deliveries WHERE TRUE ORDER BY updated_at DESC",
        "a page in the order of an index, stops at its limit",
    ),
    ("SELECT at FROM audit ORDER BY seq LIMIT 1", "the first in the order of numbers"),
    (
        "SELECT at, seq FROM audit WHERE TRUE ORDER BY at DESC, seq DESC LIMIT",
        "a page in the order of an index, stops at its limit",
    ),
    ("INSERT INTO import_rows", "walks through what it writes"),
    ("SELECT * FROM imports WHERE stage = 'running'", "a few: an index of them alone"),
    ("SELECT id FROM users WHERE staged", "onboardings under way: an index of them alone"),
];

/// Statements that sort what they found in a big table, with why that is little.
const SORTS: &[(&str, &str)] = &[
    ("SELECT people.id, NULL AS sort_key FROM people WHERE TRUE AND (people.external_id", "few share an external id"),
    ("SELECT at, seq FROM (SELECT at, seq FROM (SELECT at, seq FROM audit", "bounded lists, one a name, become one"),
    ("SELECT groups.id FROM group_members AS m JOIN groups", "those that one user is in"),
    ("SELECT * FROM deliveries WHERE subject_id = $1 ORDER BY id", "one subject's: at most one a connector"),
    ("SELECT * FROM deliveries WHERE waits_for = $1 ORDER BY id", "those who wait for one name"),
    ("SELECT * FROM deliveries WHERE id IN", "those who hold one name"),
    ("SELECT * FROM (SELECT * FROM deliveries WHERE state = 'waiting'", "two pages become one"),
    (
        "SELECT COUNT(*) FROM (SELECT * FROM (SELECT * FROM deliveries WHERE state = 'waiting'",
        "two bounded lists become one",
    ),
];

/// Of one user's, or of those whose name begins so, the first few alone are sorted: see [`storage::deliveries::NAMED`].
const FIRST_NAMED: &str = " LIMIT ?) AS named";

/// What leads each list of people: every statement with both of these parts goes by that index.
const LISTS: &[(&str, &str, &str)] = &[
    ("AS p WHERE TRUE ORDER", "ORDER BY p.user_name_key", "users_user_name"),
    ("AS p WHERE TRUE AND p.user_name_key", "ORDER BY p.user_name_key", "users_user_name (user_name_key"),
    ("AS p WHERE TRUE AND (p.updated_at, p.id)", "ORDER BY p.updated_at", "users_changed ((updated_at,id)"),
    ("AS p WHERE TRUE AND p.role = ", "ORDER BY p.user_name_key", "users_role (role=?"),
    ("AS p WHERE TRUE AND p.locked = TRUE", "ORDER BY p.user_name_key", "users_locked (locked=?"),
    ("AS p WHERE TRUE AND p.locked = TRUE", "ORDER BY p.id", "users_locked_created (locked=?"),
    ("AS p WHERE TRUE AND p.locked = TRUE", "ORDER BY p.updated_at", "users_locked_changed (locked=?"),
    ("AS p WHERE TRUE AND p.active = FALSE", "ORDER BY p.user_name_key", "users_active (active=?"),
    ("AS p WHERE TRUE AND p.active = FALSE", "ORDER BY p.id", "users_disabled_created (active=?"),
    ("AS p WHERE TRUE AND p.active = FALSE", "ORDER BY p.updated_at", "users_disabled_changed (active=?"),
    ("AS p WHERE TRUE AND p.origin = ", "ORDER BY p.user_name_key", "users_origin (origin=?"),
    ("AS p WHERE TRUE AND p.origin = ", "ORDER BY p.id", "users_origin_created (origin=?"),
    ("l.held_for IS NOT NULL", "ORDER BY l.subject_key", "deliveries_held_names"),
    ("l.waits_since IS NOT NULL", "ORDER BY l.subject_key", "deliveries_open_names"),
    ("FROM group_members AS l", "ORDER BY l.user_id", "PRIMARY KEY (group_id=?"),
];

static LOGGED: Statements = Statements(Mutex::new(BTreeSet::new()));

struct Statements(Mutex<BTreeSet<String>>);

struct Collector;

impl Subscriber for Collector {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target() == "sqlx::query"
    }
    fn new_span(&self, _: &span::Attributes<'_>) -> span::Id {
        span::Id::from_u64(1)
    }
    fn record(&self, _: &span::Id, _: &span::Record<'_>) {}
    fn record_follows_from(&self, _: &span::Id, _: &span::Id) {}
    fn event(&self, event: &Event<'_>) {
        event.record(&mut Visitor);
    }
    fn enter(&self, _: &span::Id) {}
    fn exit(&self, _: &span::Id) {}
}

struct Visitor;

impl tracing::field::Visit for Visitor {
    fn record_str(&mut self, field: &Field, value: &str) {
        let sql = value.trim();
        if field.name() == "db.statement" && !sql.is_empty() {
            LOGGED.0.lock().unwrap_or_else(PoisonError::into_inner).insert(sql.to_owned());
        }
    }
    fn record_debug(&mut self, _: &Field, _: &dyn std::fmt::Debug) {}
}

/// Every statement of the crate with the steps of its plan.
async fn plans() -> Vec<(String, Vec<String>)> {
    // For the process, as statements are logged by their connection's thread; no other connection logs any.
    tracing::subscriber::set_global_default(Collector).expect("one test listens");
    let mut store = Store::new().await;
    let options = crate::support::options(store.folder.path());
    let logging = options.clone().log_slow_statements("debug".parse().unwrap(), Duration::ZERO);
    store.conn = logging.connect().await.unwrap();
    tour::everywhere(&mut store).await.unwrap();
    // The last statement is logged once its connection's thread is done with it.
    store.conn.close().await.unwrap();
    let statements = LOGGED.0.lock().unwrap_or_else(PoisonError::into_inner).clone();
    let mut conn = options.connect().await.unwrap();
    let mut plans = Vec::new();
    for sql in statements.into_iter().filter(|sql| !sql.starts_with("PRAGMA")) {
        let explain = AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
        let steps: Vec<(i64, i64, i64, String)> = sqlx::query_as(explain).fetch_all(&mut conn).await.unwrap();
        plans.push((sql, steps.into_iter().map(|(.., step)| step).collect()));
    }
    plans
}

fn allowed(sql: &str, list: &[(&str, &str)]) -> bool {
    list.iter().any(|(opening, _)| sql.starts_with(opening))
}

/// What subqueries are called; each is bounded, or walked by its own step.
const SUBQUERIES: &[&str] = &[
    "CONSTANT",
    "waiting",
    "behind_a_gate",
    "counted",
    "held",
    "named",
    "names",
    "news",
    "of_name",
    "of_names",
    "open",
];

/// What a step walks through from end to end, unless that is a subquery or one row.
fn walked(step: &str) -> Option<&str> {
    let what = step.strip_prefix("SCAN ")?.split(' ').next()?;
    let passing = what.starts_with('(') || step.ends_with("VALUES CLAUSE") || SUBQUERIES.contains(&what);
    (!passing && !SMALL.contains(&what)).then_some(what)
}

fn touches_small_tables_alone(steps: &[String]) -> bool {
    let tables = steps.iter().filter_map(|step| step.strip_prefix("SEARCH ").or_else(|| step.strip_prefix("SCAN ")));
    tables.filter_map(|rest| rest.split(' ').next()).all(|table| SMALL.contains(&table))
}

#[tokio::test]
async fn no_statement_walks_or_sorts_a_big_table() {
    let plans = plans().await;
    assert!(plans.len() > 100, "the tour was logged: {}", plans.len());
    let mut found = Vec::new();
    for (sql, steps) in &plans {
        let walks = steps.iter().any(|step| walked(step).is_some());
        let sorts = steps.iter().any(|step| step.contains("TEMP B-TREE"))
            && !touches_small_tables_alone(steps)
            && !sql.contains(FIRST_NAMED);
        if (walks && !allowed(sql, WALKS)) || (sorts && !allowed(sql, SORTS)) {
            found.push(format!("{sql}\n    {}", steps.join("\n    ")));
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));

    for (opening, _) in WALKS.iter().chain(SORTS) {
        assert!(plans.iter().any(|(sql, _)| sql.starts_with(opening)), "no statement begins with {opening}");
    }
    for (lead, order, index) in LISTS {
        let lists: Vec<_> = plans.iter().filter(|(sql, _)| sql.contains(lead) && sql.contains(order)).collect();
        assert!(!lists.is_empty(), "no list with {lead} … {order}");
        for (sql, steps) in lists {
            assert!(steps.iter().any(|step| step.contains(index)), "{index}: {sql}\n    {}", steps.join("\n    "));
        }
    }
    let steps_of = |opening: &str| {
        plans.iter().filter(|(sql, _)| sql.starts_with(opening)).map(|(_, steps)| steps.join("; ")).collect::<Vec<_>>()
    };
    for (opening, step) in [
        (
            "SELECT MIN(waits_since) FROM deliveries",
            "SEARCH deliveries USING INDEX deliveries_waits_since (waits_since>?)",
        ),
        (
            "SELECT connector_id, held_for, reason_text FROM deliveries",
            "SEARCH deliveries USING INDEX deliveries_held ((connector_id,held_for)>(?,?))",
        ),
        (
            "SELECT * FROM deliveries WHERE connector_id = $1 AND state IN ('due', 'waiting') AND priority",
            "SEARCH deliveries USING INDEX deliveries_to_do (connector_id=? AND priority=? AND due_at<?)",
        ),
        (
            "SELECT MIN(due_at) FROM deliveries",
            "SEARCH deliveries USING INDEX deliveries_next_due (connector_id=? AND due_at>?)",
        ),
        (
            "SELECT people.id, NULL AS sort_key FROM people WHERE TRUE AND (people.user_name_key",
            "SEARCH users USING INDEX users_user_name (user_name_key=?)",
        ),
        ("SELECT * FROM groups WHERE name_key > $1 ORDER BY", "SEARCH groups USING INDEX groups_name (name_key>?)"),
        (
            "SELECT m.user_name_key, m.user_id FROM group_members AS m WHERE m.group_id = ? AND (m.user_name_key",
            "SEARCH m USING COVERING INDEX group_members_name (group_id=? AND (user_name_key,user_id)>(?,?))",
        ),
        (
            "SELECT user_id FROM attribute_values WHERE attribute_id = $1 AND unique_key",
            "SEARCH attribute_values USING COVERING INDEX attribute_values_unique (attribute_id=? AND unique_key=?)",
        ),
        (
            "SELECT at, seq FROM audit WHERE action = ? AND at >= ? AND at < ?",
            "SEARCH audit USING COVERING INDEX audit_action (action=? AND at>? AND at<?)",
        ),
        (
            "SELECT at, seq FROM audit WHERE subject_id = ? AND (at, seq) < (?, ?)",
            "SEARCH audit USING COVERING INDEX audit_subject_id (subject_id=? AND at<?)",
        ),
        (
            "SELECT at, seq FROM audit WHERE TRUE AND (at, seq) < (?, ?)",
            "SEARCH audit USING COVERING INDEX audit_at (at<?)",
        ),
        ("SELECT * FROM people WHERE role = ", "SEARCH users USING INDEX users_role (role=?)"),
    ] {
        assert!(steps_of(opening).contains(&step.to_owned()), "{opening}: {:?}", steps_of(opening));
    }
}

#[test]
fn the_tour_calls_every_query() {
    let tour = include_str!("tour.rs");
    let src = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut missing = Vec::new();
    let mut seen = 0;
    for entry in std::fs::read_dir(src).unwrap() {
        let path = entry.unwrap().path();
        let room = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        for signature in text.split("\npub async fn ").skip(1) {
            let name = signature.split(['(', '<']).next().unwrap();
            seen += 1;
            if !tour.contains(&format!("{room}::{name}(")) {
                missing.push(format!("{room}::{name}"));
            }
        }
    }
    assert!(seen > 90, "{seen}");
    assert!(missing.is_empty(), "add to tests/it/tour.rs: {}", missing.join(", "));
}
