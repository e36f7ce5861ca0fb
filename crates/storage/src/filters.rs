//! SCIM's filters and orders as SQL, over `people` and `groups`.
//!
//! What a filter means is said in one place, `scim::Filter::matches`; here it is said again in SQL, and a test compares
//! the two on random users and filters. What is looked up often goes by an index: `userName`, `externalId`, the value
//! of `emails`, `id`, the groups of a user, the members of a group, and custom attributes whose values are unique, each by
//! `eq`. Everything else walks the table, as long as [`MAX_STEPS`] lets it.
//!
//! Every condition is true or false, never NULL, so that `NOT` turns it round.
//!
//! For PostgreSQL the same text needs other words for JSON (`jsonb_path_query`, `jsonb_array_elements`), for the text
//! of an id, and for times; they are all in this file.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use domain::{AttributeId, GroupId, Timestamp, UserId, validation::name_key};
pub use scim::cursor::{Cursor, Place};
use scim::{
    AttributePath, Filter,
    filter::{Literal, Operator, matches_element, sub_attribute},
    schema::{Attribute, Resolved, ResourceSchema, Type, Uniqueness},
    sort::{KEY_LENGTH, Sort},
    urn,
};
use serde_json::Value;
use sqlx::{QueryBuilder, Row as _, Sqlite, sqlite::SqliteRow};
use uuid::Uuid;

use crate::{Conn, Error, Result};

/// Steps of SQLite's machine that a list may take to be found; beyond, the answer is `tooMany`. Some ten seconds.
pub const MAX_STEPS: u64 = 400_000_000;
/// How often they are counted.
const STEPS_AT_ONCE: i32 = 100_000;

/// What a list of SCIM resources is narrowed to and ordered by. Checked against the schema before it comes here; what
/// the schema does not have counts as without value.
#[derive(Clone, Copy, Debug)]
pub struct Listing<'a> {
    pub schema: &'a ResourceSchema,
    pub filter: Option<&'a Filter>,
    pub sort: Option<&'a Sort>,
    /// Of the SCIM endpoint: what `meta.location` begins with.
    pub base_url: &'a str,
}

/// Which part of a list.
#[derive(Clone, Debug)]
pub enum Window {
    Offset(i64),
    Cursor(Cursor),
}

/// Ids of one page, each with its place in the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found<I> {
    pub ids: Vec<(I, Place)>,
    /// There are more, in the direction in which the page was turned.
    pub more: bool,
}

pub async fn users(conn: &mut Conn, listing: &Listing<'_>, window: &Window, limit: i64) -> Result<Found<UserId>> {
    page(conn, Table::People, listing, window, limit).await
}

pub async fn groups(conn: &mut Conn, listing: &Listing<'_>, window: &Window, limit: i64) -> Result<Found<GroupId>> {
    page(conn, Table::Groups, listing, window, limit).await
}

pub async fn count_users(conn: &mut Conn, listing: &Listing<'_>) -> Result<i64> {
    count(conn, Table::People, listing).await
}

pub async fn count_groups(conn: &mut Conn, listing: &Listing<'_>) -> Result<i64> {
    count(conn, Table::Groups, listing).await
}

/// The profile with its texts lower-cased, for the column `folded`; none where `LOWER()` does as well.
pub(crate) fn folded(profile: &impl serde::Serialize) -> Option<Value> {
    let mut document = serde_json::to_value(profile).ok()?;
    needs_folding(&document).then(|| {
        fold(&mut document);
        document
    })
}

fn needs_folding(value: &Value) -> bool {
    match value {
        Value::String(text) => !text.is_ascii() && text.to_lowercase() != text.to_ascii_lowercase(),
        Value::Array(values) => values.iter().any(needs_folding),
        Value::Object(fields) => fields.values().any(needs_folding),
        _ => false,
    }
}

fn fold(value: &mut Value) {
    match value {
        Value::String(text) => *text = text.to_lowercase(),
        Value::Array(values) => values.iter_mut().for_each(fold),
        Value::Object(fields) => fields.values_mut().for_each(fold),
        _ => {}
    }
}

async fn page<I: From<Uuid>>(
    conn: &mut Conn,
    table: Table,
    listing: &Listing<'_>,
    window: &Window,
    limit: i64,
) -> Result<Found<I>> {
    let order = Order::of(table, listing);
    let backward = matches!(window, Window::Cursor(Cursor::Before(_)));
    let descending = order.descending != backward;
    let mut sql = Sql::new(table, listing);
    sql.query.push(format_args!("SELECT {table}.id, {} AS sort_key FROM {table} WHERE TRUE", order.shown()));
    sql.narrow();
    if let Window::Cursor(Cursor::After(place) | Cursor::Before(place)) = window {
        let Ok(id) = place.id.parse::<Uuid>() else { return Ok(Found { ids: Vec::new(), more: false }) };
        order.push_beyond(&mut sql.query, place.key.as_deref(), id, descending);
    }
    order.push_order(&mut sql.query, descending);
    // One more tells whether there are more.
    sql.query.push(" LIMIT ").push_bind(limit.saturating_add(1));
    if let Window::Offset(offset) = window {
        sql.query.push(" OFFSET ").push_bind(*offset);
    }
    let looked_up = sql.looked_up();
    let rows = sql.query.build().persistent(looked_up);
    let rows: Vec<SqliteRow> = if looked_up {
        rows.fetch_all(conn).await?
    } else {
        within_steps(conn, MAX_STEPS, async |conn| rows.fetch_all(conn).await).await?
    };
    let mut ids = rows.iter().map(place_of).collect::<Result<Vec<(I, Place)>, sqlx::Error>>()?;
    let wanted = usize::try_from(limit).unwrap_or_default();
    let more = ids.len() > wanted;
    ids.truncate(wanted);
    if backward {
        ids.reverse();
    }
    Ok(Found { ids, more })
}

fn place_of<I: From<Uuid>>(row: &SqliteRow) -> Result<(I, Place), sqlx::Error> {
    let id: Uuid = row.try_get("id")?;
    let place = Place { key: row.try_get("sort_key")?, id: id.to_string() };
    Ok((id.into(), place))
}

async fn count(conn: &mut Conn, table: Table, listing: &Listing<'_>) -> Result<i64> {
    let mut sql = Sql::new(table, listing);
    sql.query.push(format_args!("SELECT COUNT(*) FROM {table} WHERE TRUE"));
    sql.narrow();
    let looked_up = sql.looked_up();
    let rows = sql.query.build_query_scalar().persistent(looked_up);
    if looked_up {
        return Ok(rows.fetch_one(conn).await?);
    }
    within_steps(conn, MAX_STEPS, async |conn| rows.fetch_one(conn).await).await
}

/// Runs a query that may walk a table, and breaks it off when it takes too much.
async fn within_steps<T>(
    conn: &mut Conn,
    most: u64,
    query: impl AsyncFnOnce(&mut Conn) -> Result<T, sqlx::Error>,
) -> Result<T> {
    let broken_off = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&broken_off);
    let mut left = most;
    conn.lock_handle().await?.set_progress_handler(STEPS_AT_ONCE, move || {
        left = left.saturating_sub(u64::from(STEPS_AT_ONCE.unsigned_abs()));
        if left == 0 {
            told.store(true, Ordering::Relaxed);
        }
        left > 0
    });
    let result = query(conn).await;
    conn.lock_handle().await?.remove_progress_handler();
    if broken_off.load(Ordering::Relaxed) {
        return Err(Error::TooMuchWork);
    }
    Ok(result?)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Table {
    People,
    Groups,
}

impl std::fmt::Display for Table {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::People => "people",
            Self::Groups => "groups",
        })
    }
}

/// One value of an attribute in one row, as SQL that is NULL where there is none.
#[derive(Clone, Debug)]
enum Scalar {
    /// As it is, and lower-cased by the rules of Unicode.
    Text {
        exact: String,
        folded: String,
    },
    /// A truth or a number, as SQL compares them.
    Plain(String),
    /// Microseconds.
    Time(String),
    /// Text in UTC without needless digits.
    TimeText(String),
    /// Sixteen bytes.
    Id(String),
    /// JSON: present or not, compared with nothing else.
    Whole(String),
    /// The same in every row.
    Constant(Value),
    Nothing,
}

/// Where the values of an attribute are.
#[derive(Clone, Debug)]
enum Values {
    One(Scalar),
    /// A constant set, of which each is there under a condition.
    Set(Vec<(String, Value)>),
    /// Rows of another table, or of a list within the profile.
    Many(Rows),
}

#[derive(Clone, Debug)]
enum Rows {
    /// A list in the profile, by its path.
    Profile(String),
    /// The groups of a user.
    Memberships,
    /// The members of a group.
    Members,
}

impl Rows {
    /// What follows `FROM` in a subquery for one row of the table.
    fn from(&self) -> String {
        match self {
            Self::Profile(path) => format!("json_each(people.profile, {path}) AS element WHERE TRUE"),
            Self::Memberships => "group_members JOIN groups ON groups.id = group_members.group_id \
                 WHERE group_members.user_id = people.id"
                .to_owned(),
            Self::Members => "group_members JOIN people ON people.id = group_members.user_id \
                 WHERE group_members.group_id = groups.id"
                .to_owned(),
        }
    }

    /// One of their values' parts; of a plain list, the value itself.
    fn part(&self, attribute: &Attribute, part: &Attribute, base_url: &str) -> Scalar {
        match self {
            // Every value says whether it is primary, so none is empty.
            Self::Profile(_) if std::ptr::eq(attribute, part) && attribute.sub("primary").is_some() => {
                Scalar::Constant(Value::Bool(true))
            }
            Self::Profile(_) if std::ptr::eq(attribute, part) => of_json("element.fullkey", part),
            Self::Profile(_) if part.name == "primary" => is_primary("element.fullkey"),
            Self::Profile(_) => of_json(&format!("element.fullkey || {}", quoted(&step(&part.name))), part),
            Self::Memberships => match part.name.as_str() {
                "value" => Scalar::Id("groups.id".to_owned()),
                "$ref" => exact(address(base_url, "/Groups/", "groups.id")),
                "display" => {
                    Scalar::Text { exact: "groups.display_name".to_owned(), folded: "groups.name_key".to_owned() }
                }
                "type" => Scalar::Constant("direct".into()),
                _ => Scalar::Nothing,
            },
            Self::Members => match part.name.as_str() {
                "value" => Scalar::Id("people.id".to_owned()),
                "$ref" => exact(address(base_url, "/Users/", "people.id")),
                "display" => {
                    Scalar::Text { exact: label("people.profile"), folded: format!("LOWER({})", label(FOLDED)) }
                }
                "type" => Scalar::Constant("User".into()),
                _ => Scalar::Nothing,
            },
        }
    }
}

const FOLDED: &str = "COALESCE(people.folded, people.profile)";

/// As `User::label`.
fn label(profile: &str) -> String {
    let part = |path: &str| format!("json_extract({profile}, '$.{path}')");
    let (given, family) = (part("name.givenName"), part("name.familyName"));
    let joined = format!("COALESCE({given} || ' ' || {family}, {given}, {family})");
    format!("COALESCE(NULLIF(TRIM(COALESCE({}, {joined})), ''), people.user_name)", part("displayName"))
}

fn exact(sql: String) -> Scalar {
    Scalar::Text { folded: format!("LOWER({sql})"), exact: sql }
}

/// What a path (an SQL expression) leads to in the profile.
fn of_json(path: &str, attribute: &Attribute) -> Scalar {
    let plain = format!("json_extract(people.profile, {path})");
    match attribute.kind {
        Type::Complex => Scalar::Whole(plain),
        Type::Boolean | Type::Integer | Type::Decimal => Scalar::Plain(plain),
        Type::DateTime => Scalar::TimeText(plain),
        Type::String | Type::Reference | Type::Binary => {
            Scalar::Text { exact: plain, folded: format!("LOWER(json_extract({FOLDED}, {path}))") }
        }
    }
}

/// Of a value in the profile, where it is left out if it is false.
fn is_primary(path: &str) -> Scalar {
    let told = format!("COALESCE(json_extract(people.profile, {path} || '.\"primary\"'), FALSE)");
    Scalar::Plain(format!("CASE WHEN {path} IS NOT NULL THEN {told} END"))
}

/// `."name"`
fn step(name: &str) -> String {
    format!(".\"{}\"", name.replace(['"', '\\'], ""))
}

fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

/// An id as it is shown.
fn id_text(id: &str) -> String {
    let parts = [(1, 8), (9, 4), (13, 4), (17, 4), (21, 12)];
    let parts = parts.map(|(start, length)| format!("SUBSTR(HEX({id}), {start}, {length})"));
    format!("LOWER({})", parts.join(" || '-' || "))
}

fn address(base_url: &str, endpoint: &str, id: &str) -> String {
    format!("{} || {}", quoted(&format!("{}{endpoint}", base_url.trim_end_matches('/'))), id_text(id))
}

/// A time as `Timestamp` shows it, lower-cased, for those who look for a part of it.
fn time_text(micros: &str) -> String {
    format!(
        "STRFTIME('%Y-%m-%dt%H:%M:%S', {micros} / 1000000, 'unixepoch') || \
         RTRIM(CASE WHEN {micros} % 1000000 = 0 THEN '' ELSE '.' || PRINTF('%06d', {micros} % 1000000) END, '0') || 'z'"
    )
}

/// A statement under way.
struct Sql<'a> {
    table: Table,
    listing: &'a Listing<'a>,
    query: QueryBuilder<Sqlite>,
}

impl<'a> Sql<'a> {
    fn new(table: Table, listing: &'a Listing<'a>) -> Self {
        Self { table, listing, query: QueryBuilder::new("") }
    }

    fn narrow(&mut self) {
        if let Some(filter) = self.listing.filter {
            self.query.push(" AND ");
            self.filter(filter);
        }
    }

    /// Whether the list is found by an index alone. Such statements are few and stay prepared.
    fn looked_up(&self) -> bool {
        match self.listing.filter {
            None => self.listing.sort.is_none_or(|sort| self.is_looked_up(&sort.by)),
            Some(Filter::Compare { path, operator: Operator::Equal, value }) => {
                let resolved = self.listing.schema.resolve(path);
                resolved.is_some_and(|resolved| unique_key(resolved, value).is_some())
                    || matches!(value, Literal::String(_)) && self.is_looked_up(path)
            }
            Some(_) => false,
        }
    }

    fn is_looked_up(&self, path: &AttributePath) -> bool {
        let Some(resolved) = self.listing.schema.resolve(path).filter(|resolved| resolved.extension.is_none()) else {
            return false;
        };
        let part = resolved.compared().name.as_str();
        match (self.table, resolved.attribute.name.as_str()) {
            (_, "id" | "externalId") | (Table::People, "userName") | (Table::Groups, "displayName") => true,
            (Table::People, "emails" | "groups") | (Table::Groups, "members") => part == "value",
            _ => false,
        }
    }

    fn filter(&mut self, filter: &Filter) {
        match filter {
            Filter::And(filters) => self.joined(filters, " AND ", Self::filter),
            Filter::Or(filters) => self.joined(filters, " OR ", Self::filter),
            Filter::Not(filter) => {
                self.query.push("NOT ");
                self.filter(filter);
            }
            Filter::Present { path } => match self.listing.schema.resolve(path) {
                Some(resolved) => self.present(resolved),
                None => self.constant(false),
            },
            Filter::Compare { path, operator, value } => match self.listing.schema.resolve(path) {
                Some(resolved) => self.compare(resolved, *operator, value),
                None => self.constant(match value {
                    Literal::Null => *operator == Operator::Equal,
                    _ => *operator == Operator::NotEqual,
                }),
            },
            Filter::ValuePath { path, filter } => match self.listing.schema.resolve(path) {
                Some(resolved) => self.chosen(resolved, filter),
                None => self.constant(false),
            },
        }
    }

    fn joined(&mut self, filters: &[Filter], joint: &str, mut push: impl FnMut(&mut Self, &Filter)) {
        self.query.push("(");
        for (index, filter) in filters.iter().enumerate() {
            if index > 0 {
                self.query.push(joint);
            }
            push(self, filter);
        }
        self.query.push(")");
    }

    fn constant(&mut self, truth: bool) {
        self.query.push(if truth { "TRUE" } else { "FALSE" });
    }

    fn present(&mut self, resolved: Resolved<'_>) {
        let compared = resolved.compared();
        match self.values(resolved) {
            Values::One(scalar) => self.has_value(&scalar),
            Values::Set(values) => self.any_of(&values, |_| true),
            Values::Many(rows) => {
                let part = rows.part(resolved.attribute, compared, self.listing.base_url);
                self.exists(&rows, |sql| sql.has_value(&part));
            }
        }
    }

    fn compare(&mut self, resolved: Resolved<'_>, operator: Operator, value: &Literal) {
        let attribute = resolved.compared();
        match self.values(resolved) {
            Values::One(scalar) => {
                let indexed = operator == Operator::Equal && self.by_unique_value(resolved, value);
                self.compare_one(&scalar, attribute, operator, value);
                if indexed {
                    self.query.push(")");
                }
            }
            Values::Set(values) => {
                let attribute = resolved.attribute;
                self.any_of(&values, |value_there| holds(value_there, attribute, operator, value));
            }
            Values::Many(rows) => {
                let part = rows.part(resolved.attribute, attribute, self.listing.base_url);
                match (operator, value) {
                    (Operator::Equal, Literal::Null) => {
                        self.query.push("NOT ");
                        self.exists(&rows, |sql| sql.assigned(&part));
                    }
                    (Operator::NotEqual, Literal::Null) => self.exists(&rows, |sql| sql.assigned(&part)),
                    (Operator::NotEqual, _) => {
                        self.query.push("(NOT ");
                        self.exists(&rows, |sql| sql.assigned(&part));
                        self.query.push(" OR ");
                        self.exists(&rows, |sql| {
                            sql.assigned(&part);
                            sql.query.push(" AND ");
                            sql.differs_or_is(&part, attribute, operator, value);
                        });
                        self.query.push(")");
                    }
                    _ => {
                        let indexed = self.by_index(resolved, operator, value);
                        self.exists(&rows, |sql| sql.differs_or_is(&part, attribute, operator, value));
                        if indexed {
                            self.query.push(")");
                        }
                    }
                }
            }
        }
    }

    /// A filter in brackets, on each value.
    fn chosen(&mut self, resolved: Resolved<'_>, filter: &Filter) {
        let attribute = resolved.attribute;
        match self.values(resolved) {
            Values::Set(values) => self.any_of(&values, |value| matches_element(filter, value, attribute)),
            Values::Many(rows) => {
                let base_url = self.listing.base_url;
                let indexed = named(filter).is_some_and(|(part, value)| {
                    part.eq_ignore_ascii_case("value") && self.by_index(resolved, Operator::Equal, value)
                });
                self.exists(&rows, |sql| sql.element(filter, attribute, &|part| rows.part(attribute, part, base_url)));
                if indexed {
                    self.query.push(")");
                }
            }
            Values::One(_) => {
                let whole = Resolved { sub_attribute: None, ..resolved };
                let there = match attribute.kind {
                    Type::Complex => whole_of(whole),
                    _ => self.scalar(whole),
                };
                self.query.push("(");
                self.assigned_or_object(&there);
                self.query.push(" AND ");
                let (table, schema) = (self.table, self.listing);
                self.element(filter, attribute, &|part| {
                    let sub_attribute = (!std::ptr::eq(part, attribute)).then_some(part);
                    scalar_of(table, schema, Resolved { sub_attribute, ..resolved })
                });
                self.query.push(")");
            }
        }
    }

    /// A filter in brackets, on one value whose parts are at hand.
    fn element(&mut self, filter: &Filter, parent: &Attribute, part: &dyn Fn(&Attribute) -> Scalar) {
        match filter {
            Filter::And(filters) => self.joined(filters, " AND ", |sql, filter| sql.element(filter, parent, part)),
            Filter::Or(filters) => self.joined(filters, " OR ", |sql, filter| sql.element(filter, parent, part)),
            Filter::Not(filter) => {
                self.query.push("NOT ");
                self.element(filter, parent, part);
            }
            Filter::Present { path } => match sub_attribute(parent, path) {
                Some(attribute) => self.has_value(&part(attribute)),
                None => self.constant(false),
            },
            Filter::Compare { path, operator, value } => match sub_attribute(parent, path) {
                Some(attribute) => self.compare_one(&part(attribute), attribute, *operator, value),
                None => self.constant(false),
            },
            Filter::ValuePath { .. } => self.constant(false),
        }
    }

    /// Opens a parenthesis with a look-up of those that can match, where an index knows them.
    fn by_index(&mut self, resolved: Resolved<'_>, operator: Operator, value: &Literal) -> bool {
        let (Operator::Equal, Literal::String(text)) = (operator, value) else { return false };
        if !matches!(resolved.sub_attribute.map(|sub| sub.name.as_str()), None | Some("value")) {
            return false;
        }
        match (self.table, resolved.attribute.name.as_str()) {
            (Table::People, "emails") => {
                self.query.push("(people.id IN (SELECT user_id FROM user_emails WHERE value_key = ");
                self.query.push_bind(name_key(text));
            }
            (Table::People, "groups") => {
                self.query.push("(people.id IN (SELECT user_id FROM group_members WHERE group_id = ");
                self.query.push_bind(canonical(text).unwrap_or_default());
            }
            (Table::Groups, "members") => {
                self.query.push("(groups.id IN (SELECT group_id FROM group_members WHERE user_id = ");
                self.query.push_bind(canonical(text).unwrap_or_default());
            }
            _ => return false,
        }
        self.query.push(") AND ");
        true
    }

    /// As [`Self::by_index`], for a custom attribute whose values are unique.
    fn by_unique_value(&mut self, resolved: Resolved<'_>, value: &Literal) -> bool {
        let Some((attribute, key)) = unique_key(resolved, value) else { return false };
        self.query.push("(people.id IN (SELECT user_id FROM attribute_values WHERE attribute_id = ");
        self.query.push_bind(attribute.0).push(" AND unique_key = ").push_bind(key).push(") AND ");
        true
    }

    fn exists(&mut self, rows: &Rows, condition: impl FnOnce(&mut Self)) {
        self.query.push(format_args!("EXISTS (SELECT 1 FROM {} AND ", rows.from()));
        condition(self);
        self.query.push(")");
    }

    fn any_of(&mut self, values: &[(String, Value)], matches: impl Fn(&Value) -> bool) {
        let there: Vec<&str> =
            values.iter().filter(|(_, value)| matches(value)).map(|(condition, _)| condition.as_str()).collect();
        if there.is_empty() {
            self.constant(false);
        } else {
            self.query.push(format_args!("({})", there.join(" OR ")));
        }
    }

    /// `pr`
    fn has_value(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Text { exact, .. } | Scalar::TimeText(exact) => {
                self.query.push(format_args!("COALESCE({exact} <> '', FALSE)"));
            }
            other => self.assigned(other),
        }
    }

    /// Neither null nor empty as a list or an object is.
    fn assigned(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Text { exact: sql, .. }
            | Scalar::Plain(sql)
            | Scalar::Time(sql)
            | Scalar::TimeText(sql)
            | Scalar::Id(sql) => {
                self.query.push(format_args!("{sql} IS NOT NULL"));
            }
            Scalar::Whole(sql) => {
                self.query.push(format_args!("COALESCE({sql} NOT IN ('{{}}', '[]'), FALSE)"));
            }
            Scalar::Constant(_) => self.constant(true),
            Scalar::Nothing => self.constant(false),
        }
    }

    /// There at all: an empty object is a value that a filter in brackets looks at.
    fn assigned_or_object(&mut self, scalar: &Scalar) {
        match scalar {
            Scalar::Whole(sql) => {
                self.query.push(format_args!("{sql} IS NOT NULL"));
            }
            other => self.assigned(other),
        }
    }

    fn compare_one(&mut self, scalar: &Scalar, attribute: &Attribute, operator: Operator, value: &Literal) {
        match (operator, value) {
            (Operator::Equal, Literal::Null) => {
                self.query.push("NOT ");
                self.assigned(scalar);
            }
            (Operator::NotEqual, Literal::Null) => self.assigned(scalar),
            (Operator::NotEqual, _) => {
                self.query.push("(NOT ");
                self.assigned(scalar);
                self.query.push(" OR ");
                self.differs_or_is(scalar, attribute, operator, value);
                self.query.push(")");
            }
            _ => self.differs_or_is(scalar, attribute, operator, value),
        }
    }

    /// One value with a literal that is not null; false where there is no value.
    fn differs_or_is(&mut self, scalar: &Scalar, attribute: &Attribute, operator: Operator, value: &Literal) {
        let text = match value {
            Literal::String(text) => text.as_str(),
            _ => "",
        };
        match scalar {
            Scalar::Constant(constant) => self.constant(holds(constant, attribute, operator, value)),
            Scalar::Whole(_) | Scalar::Nothing => self.constant(false),
            Scalar::Id(sql) => self.compare_id(sql, operator, text),
            Scalar::Text { exact, .. } if attribute.case_exact => self.compare_text(exact, operator, text),
            Scalar::Text { folded, .. } => self.compare_text(folded, operator, &text.to_lowercase()),
            Scalar::Plain(sql) => self.compare_plain(sql, attribute, operator, value),
            Scalar::Time(sql) if is_partial(operator) => {
                self.compare_text(&time_text(sql), operator, &text.to_lowercase());
            }
            Scalar::TimeText(sql) if is_partial(operator) => {
                self.compare_text(&format!("LOWER({sql})"), operator, &text.to_lowercase());
            }
            Scalar::Time(sql) => match Timestamp::parse_rfc3339(text) {
                Some(at) => self.ordered(sql, operator, at.as_micros()),
                None => self.constant(operator == Operator::NotEqual),
            },
            Scalar::TimeText(sql) => match Timestamp::parse_rfc3339(text) {
                // Without the Z, a time with a fraction comes after the same one without.
                Some(at) => {
                    let at = at.to_string().trim_end_matches('Z').to_owned();
                    self.ordered(&format!("RTRIM({sql}, 'Z')"), operator, at);
                }
                None => self.constant(operator == Operator::NotEqual),
            },
        }
    }

    fn compare_plain(&mut self, sql: &str, attribute: &Attribute, operator: Operator, value: &Literal) {
        match value {
            Literal::Number(number) => match number.as_i64() {
                Some(number) => self.ordered(sql, operator, number),
                None => self.ordered(sql, operator, number.as_f64().unwrap_or_default()),
            },
            Literal::Bool(truth) => self.ordered(sql, operator, *truth),
            Literal::String(text) if attribute.kind == Type::Boolean => {
                self.ordered(sql, operator, text.eq_ignore_ascii_case("true"));
            }
            _ => self.constant(operator == Operator::NotEqual),
        }
    }

    fn compare_id(&mut self, sql: &str, operator: Operator, text: &str) {
        match operator {
            Operator::Equal | Operator::NotEqual => match canonical(text) {
                Some(id) => self.ordered(sql, operator, id),
                None => self.constant(operator == Operator::NotEqual),
            },
            _ => self.compare_text(&id_text(sql), operator, text),
        }
    }

    fn compare_text(&mut self, sql: &str, operator: Operator, text: &str) {
        let length = i64::try_from(text.chars().count()).unwrap_or(i64::MAX);
        match operator {
            Operator::Contains => {
                self.query
                    .push(format_args!("COALESCE(INSTR({sql}, "))
                    .push_bind(text.to_owned())
                    .push(") > 0, FALSE)");
            }
            Operator::StartsWith if is_indexed(sql) => self.begins(sql, text),
            Operator::StartsWith => {
                self.query.push(format_args!("COALESCE(SUBSTR({sql}, 1, ")).push_bind(length);
                self.query.push(") = ").push_bind(text.to_owned()).push(", FALSE)");
            }
            // Every text ends with nothing, but no text has its last 0 characters told by SUBSTR.
            Operator::EndsWith if length == 0 => {
                self.query.push(format_args!("{sql} IS NOT NULL"));
            }
            Operator::EndsWith => {
                self.query.push(format_args!("COALESCE(SUBSTR({sql}, ")).push_bind(-length);
                self.query.push(") = ").push_bind(text.to_owned()).push(", FALSE)");
            }
            _ => self.ordered(sql, operator, text.to_owned()),
        }
    }

    /// A range of an indexed column.
    fn begins(&mut self, column: &str, text: &str) {
        self.query.push(format_args!("({column} >= ")).push_bind(text.to_owned());
        if let Some(beyond) = beyond_all_that_begin_with(text) {
            self.query.push(format_args!(" AND {column} < ")).push_bind(beyond);
        }
        self.query.push(")");
    }

    fn ordered<'q, T>(&mut self, sql: &str, operator: Operator, value: T)
    where
        T: sqlx::Encode<'q, Sqlite> + sqlx::Type<Sqlite> + 'q,
    {
        let symbol = match operator {
            Operator::Equal => "=",
            Operator::NotEqual => "<>",
            Operator::GreaterThan => ">",
            Operator::GreaterOrEqual => ">=",
            Operator::LessThan => "<",
            Operator::LessOrEqual => "<=",
            Operator::Contains | Operator::StartsWith | Operator::EndsWith => return self.constant(false),
        };
        if sql.contains('(') {
            self.query.push(format_args!("COALESCE({sql} {symbol} ")).push_bind(value).push(", FALSE)");
        } else {
            // So that an index serves.
            self.query.push(format_args!("({sql} IS NOT NULL AND {sql} {symbol} ")).push_bind(value).push(")");
        }
    }

    fn values(&self, resolved: Resolved<'_>) -> Values {
        let attribute = resolved.attribute;
        if resolved.extension.is_none() {
            match (self.table, attribute.name.as_str()) {
                (_, "schemas") => return Values::Set(self.schemas()),
                (Table::People, "groups") => return Values::Many(Rows::Memberships),
                (Table::Groups, "members") => return Values::Many(Rows::Members),
                _ => {}
            }
        }
        if attribute.multi_valued {
            return Values::Many(Rows::Profile(profile_path(resolved, None)));
        }
        Values::One(self.scalar(resolved))
    }

    fn scalar(&self, resolved: Resolved<'_>) -> Scalar {
        scalar_of(self.table, self.listing, resolved)
    }

    /// The schemas that a resource may use, each with the condition that it does.
    fn schemas(&self) -> Vec<(String, Value)> {
        let schema = self.listing.schema;
        let extensions = schema.extensions.iter().map(|extension| {
            let path = quoted(&format!("${}", extension_steps(&extension.id)));
            let there = format!("COALESCE(json_extract(people.profile, {path}) <> '{{}}', FALSE)");
            (there, Value::from(extension.id.as_str()))
        });
        std::iter::once(("TRUE".to_owned(), Value::from(schema.core.id.as_str()))).chain(extensions).collect()
    }
}

/// A complex value as a whole.
fn whole_of(resolved: Resolved<'_>) -> Scalar {
    if resolved.extension.is_none() && resolved.attribute.name == "meta" {
        return Scalar::Constant(Value::Bool(true));
    }
    Scalar::Whole(format!("json_extract(people.profile, {})", profile_path(resolved, None)))
}

/// One value of an attribute that has one.
fn scalar_of(table: Table, listing: &Listing<'_>, resolved: Resolved<'_>) -> Scalar {
    let part = resolved.compared().name.as_str();
    if resolved.extension.is_none() {
        match (resolved.attribute.name.as_str(), table) {
            ("id", _) => return Scalar::Id(format!("{table}.id")),
            ("externalId", _) => return exact(format!("{table}.external_id")),
            ("meta", _) if resolved.sub_attribute.is_none() => return Scalar::Constant(Value::Bool(true)),
            ("meta", _) => return meta(table, listing, part),
            ("userName", Table::People) => {
                return Scalar::Text {
                    exact: "people.user_name".to_owned(),
                    folded: "people.user_name_key".to_owned(),
                };
            }
            ("active", Table::People) => {
                let removed = "json_extract(people.profile, '$.activeRemoved')";
                return Scalar::Plain(format!("(CASE WHEN {removed} IS NULL THEN people.active END)"));
            }
            ("displayName", Table::Groups) => {
                return Scalar::Text { exact: "groups.display_name".to_owned(), folded: "groups.name_key".to_owned() };
            }
            ("password", Table::People) | (_, Table::Groups) => return Scalar::Nothing,
            _ => {}
        }
    }
    let part = resolved.compared();
    let inner = (!std::ptr::eq(part, resolved.attribute)).then_some(part.name.as_str());
    of_json(&profile_path(resolved, inner), part)
}

fn meta(table: Table, listing: &Listing<'_>, part: &str) -> Scalar {
    match part {
        "resourceType" => Scalar::Constant(listing.schema.name.into()),
        "created" => Scalar::Time(format!("{table}.created_at")),
        "lastModified" => Scalar::Time(format!("{table}.updated_at")),
        "version" => exact(format!("('W/\"' || {table}.version || '\"')")),
        "location" => {
            let endpoint = format!("{}/", listing.schema.endpoint);
            exact(format!("({})", address(listing.base_url, &endpoint, &format!("{table}.id"))))
        }
        _ => Scalar::Nothing,
    }
}

/// The path to an attribute in the profile, as an SQL text.
fn profile_path(resolved: Resolved<'_>, part: Option<&str>) -> String {
    let mut path = "$".to_owned();
    if let Some(extension) = resolved.extension {
        path += &extension_steps(&extension.id);
    }
    path += &step(&resolved.attribute.name);
    if let Some(part) = part {
        path += &step(part);
    }
    quoted(&path)
}

/// The enterprise extension stands among the attributes, others below a name of their own.
fn extension_steps(id: &str) -> String {
    if id == urn::ENTERPRISE_USER { step(id) } else { format!("{}{}", step("extensions"), step(id)) }
}

/// By which entry of `attribute_values` a value is found, if it is one that no two users share.
fn unique_key(resolved: Resolved<'_>, value: &Literal) -> Option<(AttributeId, String)> {
    let attribute = resolved.attribute;
    let id = attribute.custom.filter(|_| attribute.uniqueness == Uniqueness::Server)?;
    let key = match (attribute.kind, value) {
        (Type::Integer, Literal::Number(number)) => number.as_i64()?.to_string(),
        (Type::String | Type::Reference, Literal::String(text)) if attribute.case_exact => text.clone(),
        (Type::String, Literal::String(text)) => text.to_lowercase(),
        _ => return None,
    };
    Some((id, key))
}

/// Whether a constant compares so.
fn holds(constant: &Value, attribute: &Attribute, operator: Operator, value: &Literal) -> bool {
    let path = AttributePath { schema: None, attribute: "value".to_owned(), sub_attribute: None };
    let plain = Attribute { sub_attributes: Vec::new(), ..attribute.clone() };
    let kind = if plain.kind == Type::Complex { Type::String } else { plain.kind };
    let plain = Attribute { kind, ..plain };
    matches_element(&Filter::Compare { path, operator, value: value.clone() }, constant, &plain)
}

/// The part and value of the first equality that a filter in brackets insists on.
fn named(filter: &Filter) -> Option<(&str, &Literal)> {
    match filter {
        Filter::Compare { path, operator: Operator::Equal, value } => Some((&path.attribute, value)),
        Filter::And(filters) => {
            let mut all = filters.iter().filter_map(named);
            all.find(|(part, _)| part.eq_ignore_ascii_case("value"))
        }
        _ => None,
    }
}

fn is_partial(operator: Operator) -> bool {
    matches!(operator, Operator::Contains | Operator::StartsWith | Operator::EndsWith)
}

fn is_indexed(sql: &str) -> bool {
    matches!(sql, "people.user_name_key" | "groups.name_key")
}

/// An id as it is shown, and no other spelling.
fn canonical(text: &str) -> Option<Uuid> {
    text.parse::<Uuid>().ok().filter(|id| id.to_string() == text)
}

/// The least text that is greater than every one that begins so; none where there is no such text.
fn beyond_all_that_begin_with(text: &str) -> Option<String> {
    let mut chars: Vec<char> = text.chars().collect();
    while let Some(last) = chars.pop() {
        let next = match last {
            char::MAX => continue,
            // The surrogates are no characters.
            '\u{d7ff}' => Some('\u{e000}'),
            other => char::from_u32(u32::from(other) + 1),
        };
        chars.extend(next);
        return Some(chars.into_iter().collect());
    }
    None
}

/// What a list is ordered by: a key, then the id.
struct Order {
    table: Table,
    /// SQL; none for the order of ids.
    key: Option<String>,
    kind: Key,
    /// The key can be NULL: those come last in ascending order.
    nullable: bool,
    /// No two rows share a key.
    unique: bool,
    descending: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Key {
    Text,
    Integer,
    Number,
}

impl Order {
    fn of(table: Table, listing: &Listing<'_>) -> Self {
        let by_id = Self { table, key: None, kind: Key::Text, nullable: false, unique: true, descending: false };
        let Some(sort) = listing.sort else { return by_id };
        let Ok(resolved) = sort.check(listing.schema) else { return by_id };
        let descending = sort.descending;
        let attribute = resolved.compared();
        let scalar = if resolved.attribute.multi_valued {
            // The primary value, else the first.
            let list = profile_path(resolved, None);
            let chosen = format!(
                "(SELECT element.fullkey FROM json_each(people.profile, {list}) AS element \
                 ORDER BY COALESCE(json_extract(element.value, '$.primary'), FALSE) DESC, element.key LIMIT 1)"
            );
            match attribute.name.as_str() {
                "primary" => is_primary(&chosen),
                name => of_json(&format!("{chosen} || {}", quoted(&step(name))), attribute),
            }
        } else {
            scalar_of(table, listing, resolved)
        };
        let (key, kind, nullable) = match scalar {
            Scalar::Id(_) | Scalar::Constant(_) | Scalar::Nothing | Scalar::Whole(_) => {
                return Self { descending, ..by_id };
            }
            Scalar::Text { folded, .. } if is_indexed(&folded) => {
                return Self { key: Some(folded), descending, ..by_id };
            }
            Scalar::Text { exact, .. } if attribute.case_exact => (prefix(&exact), Key::Text, true),
            Scalar::Text { folded, .. } => (prefix(&folded), Key::Text, true),
            Scalar::TimeText(sql) => (format!("RTRIM({sql}, 'Z')"), Key::Text, true),
            Scalar::Time(sql) => (sql, Key::Integer, false),
            Scalar::Plain(sql) if attribute.kind == Type::Boolean => (sql, Key::Integer, true),
            Scalar::Plain(sql) => (sql, Key::Number, true),
        };
        Self { table, key: Some(key), kind, nullable, unique: false, descending }
    }

    /// The key as text, for the cursor.
    fn shown(&self) -> String {
        self.key.as_ref().map_or_else(|| "NULL".to_owned(), |key| format!("CAST({key} AS TEXT)"))
    }

    fn push_order(&self, query: &mut QueryBuilder<Sqlite>, descending: bool) {
        let direction = if descending { " DESC" } else { "" };
        query.push(" ORDER BY ");
        if let Some(key) = &self.key {
            if self.nullable {
                query.push(format_args!("{key} IS NULL{direction}, "));
            }
            query.push(format_args!("{key}{direction}"));
            if self.unique {
                return;
            }
            query.push(", ");
        }
        query.push(format_args!("{}.id{direction}", self.table));
    }

    /// Only what comes after a place, in the direction.
    fn push_beyond(&self, query: &mut QueryBuilder<Sqlite>, key: Option<&str>, id: Uuid, descending: bool) {
        let beyond = if descending { "<" } else { ">" };
        let table = self.table;
        match (&self.key, key) {
            (None, _) => {
                query.push(format_args!(" AND {table}.id {beyond} ")).push_bind(id);
            }
            (Some(column), Some(key)) if self.unique => {
                query.push(format_args!(" AND {column} {beyond} ")).push_bind(key.to_owned());
            }
            (Some(column), Some(key)) => {
                query.push(format_args!(" AND ({column} {beyond} "));
                self.push_key(query, key);
                query.push(format_args!(" OR ({column} = "));
                self.push_key(query, key);
                query.push(format_args!(" AND {table}.id {beyond} ")).push_bind(id).push(")");
                if self.nullable && !descending {
                    query.push(format_args!(" OR {column} IS NULL"));
                }
                query.push(")");
            }
            (Some(column), None) => {
                query.push(format_args!(" AND (({column} IS NULL AND {table}.id {beyond} ")).push_bind(id).push(")");
                if descending {
                    query.push(format_args!(" OR {column} IS NOT NULL"));
                }
                query.push(")");
            }
        }
    }

    fn push_key(&self, query: &mut QueryBuilder<Sqlite>, key: &str) {
        match self.kind {
            Key::Text => query.push_bind(key.to_owned()),
            Key::Integer => query.push_bind(key.parse::<i64>().unwrap_or_default()),
            Key::Number => query.push_bind(key.parse::<f64>().unwrap_or_default()),
        };
    }
}

fn prefix(sql: &str) -> String {
    format!("SUBSTR({sql}, 1, {KEY_LENGTH})")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_begins_with_a_text_ends_before_its_successor() {
        assert_eq!(beyond_all_that_begin_with("abc").as_deref(), Some("abd"));
        assert_eq!(beyond_all_that_begin_with("a\u{10ffff}").as_deref(), Some("b"));
        assert_eq!(beyond_all_that_begin_with("a\u{d7ff}").as_deref(), Some("a\u{e000}"));
        assert_eq!(beyond_all_that_begin_with("\u{10ffff}"), None);
        assert_eq!(beyond_all_that_begin_with(""), None);
    }

    #[test]
    fn a_profile_is_folded_where_sql_cannot() {
        let profile = |title: &str| domain::user::Profile { title: Some(title.to_owned()), ..Default::default() };
        assert_eq!(folded(&profile("Analyst")), None);
        assert_eq!(folded(&profile("ärztin")), None);
        assert_eq!(folded(&profile("ÄRZTIN")), Some(serde_json::json!({"title": "ärztin"})));
    }

    #[tokio::test]
    async fn a_query_that_takes_too_many_steps_is_broken_off() {
        use sqlx::{ConnectOptions as _, sqlite::SqliteConnectOptions};
        let count = async |conn: &mut Conn, most: u64, rows: i64| {
            let numbers = "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < $1) \
                           SELECT COUNT(*) FROM numbers";
            let query = sqlx::query_scalar::<_, i64>(numbers).bind(rows);
            within_steps(conn, most, async |conn| query.fetch_one(conn).await).await
        };
        let mut conn = SqliteConnectOptions::new().in_memory(true).connect().await.unwrap();
        let broken_off = count(&mut conn, 1_000_000, i64::MAX).await;
        assert!(matches!(broken_off, Err(Error::TooMuchWork)), "{broken_off:?}");
        assert_eq!(count(&mut conn, 1_000_000, 1_000).await.unwrap(), 1_000, "the connection still serves");
    }
}
