//! The list of people, narrowed and in an order: a page costs the same in a directory of any size.
//!
//! An index leads ([`Lead`]); what it does not answer is asked of each entry that it leads to, and a page ends after
//! [`EXAMINED`] entries, however few of them fit. What may leave few of many (a group, what is held or on its way, a
//! role, those who cannot sign in, an origin) leads itself where there is an index for the order.

use domain::{
    ConnectorId, GroupId, UserId,
    permission::Role,
    user::{Origin, User},
};
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::{
    Conn, Result,
    row::push_ids,
    terms::{BATCH, EXAMINED},
    users,
};

/// Whether somebody may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    Active,
    Disabled,
    /// Locked, whether or not disabled too.
    Locked,
}

/// How the accounts of somebody stand, all in all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// One is held, at least.
    Held,
    /// One is due, running or waiting, at least.
    OnItsWay,
    /// There are some, and all are as they should be.
    InStep,
    None,
}

/// What a list is narrowed to: all of it must fit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Narrowing {
    pub access: Option<Access>,
    pub origin: Option<Origin>,
    pub role: Option<Role>,
    pub group: Option<GroupId>,
    pub accounts: Option<Standing>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum By {
    #[default]
    UserName,
    Created,
    Changed,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Order {
    pub by: By,
    pub descending: bool,
}

/// Where a list stands: which parts count depends on the list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A user name's key.
    pub name: String,
    /// Microseconds.
    pub at: i64,
    pub id: UserId,
}

#[derive(Clone, Debug, Default, PartialEq)]
pub struct Page {
    pub users: Vec<User>,
    /// Where to go on; none when there is nothing more. The page may be short, as [`EXAMINED`] bounds the work.
    pub next: Option<Place>,
}

#[derive(FromRow)]
struct Row {
    id: Uuid,
    name: String,
    at: i64,
    fits: bool,
}

/// The index that a list goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lead {
    /// All people, or those of one origin, role or kind of access.
    People(Order),
    Members(GroupId, Order),
    /// Of accounts that are held, or on their way.
    Deliveries {
        held: bool,
        descending: bool,
    },
}

impl Narrowing {
    /// The order that a list narrowed so has: a group lists its members as they were created, and what goes by names
    /// alone is listed by them.
    pub fn order(&self, wanted: Order) -> Order {
        let by = match (self.group, self.accounts, self.role) {
            (Some(_), ..) => By::Created,
            (_, Some(Standing::Held | Standing::OnItsWay), _) | (.., Some(_)) => By::UserName,
            _ => wanted.by,
        };
        Order { by, descending: wanted.descending && by == wanted.by }
    }

    fn lead(&self, wanted: Order) -> Lead {
        let order = self.order(wanted);
        match (self.group, self.accounts) {
            (Some(group), _) => Lead::Members(group, order),
            (_, Some(Standing::Held)) => Lead::Deliveries { held: true, descending: order.descending },
            (_, Some(Standing::OnItsWay)) => Lead::Deliveries { held: false, descending: order.descending },
            _ => Lead::People(order),
        }
    }

    /// ` AND …` for each: whether the user `p` fits.
    pub(crate) fn push_fits(&self, query: &mut QueryBuilder<Sqlite>) {
        if let Some(access) = self.access {
            query.push(match access {
                Access::Active => " AND p.active AND NOT p.locked",
                Access::Disabled => " AND NOT p.active",
                Access::Locked => " AND p.locked",
            });
        }
        if let Some(origin) = self.origin {
            query.push(" AND p.origin = ").push_bind(origin.as_str());
        }
        if let Some(role) = self.role {
            query.push(" AND p.role = ").push_bind(role.as_str());
        }
        if let Some(group) = self.group {
            query.push(" AND EXISTS (SELECT 1 FROM group_members AS m WHERE m.group_id = ").push_bind(group.0);
            query.push(" AND m.user_id = p.id)");
        }
        if let Some(accounts) = self.accounts {
            let none_or_any: &[(&str, &str)] = match accounts {
                Standing::Held => &[("", "d.held_for IS NOT NULL")],
                Standing::OnItsWay => &[("", "d.waits_since IS NOT NULL")],
                Standing::InStep => &[("", "d.wanted <> 'absent'"), ("NOT ", "d.state <> 'done'")],
                Standing::None => &[("NOT ", "NOT (d.state = 'done' AND d.wanted = 'absent')")],
            };
            for (not, which) in none_or_any {
                query
                    .push(" AND ")
                    .push(not)
                    .push("EXISTS (SELECT 1 FROM deliveries AS d WHERE d.subject_id = p.id AND ");
                query.push(which).push(")");
            }
        }
    }
}

/// The next people of a list, after a place.
pub async fn page(
    conn: &mut Conn,
    narrowing: &Narrowing,
    order: Order,
    mut after: Option<Place>,
    limit: usize,
) -> Result<Page> {
    let lead = narrowing.lead(order);
    let (mut ids, mut last) = (Vec::new(), None);
    let mut left = EXAMINED;
    // Mostly all fit: the first look is not much longer than the page.
    let mut size = (limit + 1).clamp(1, BATCH);
    let mut more = true;
    'pages: while left > 0 {
        let rows = batch(conn, narrowing, lead, after.as_ref(), size.min(left)).await?;
        let is_last = rows.len() < size.min(left);
        left -= rows.len();
        for row in rows {
            if row.fits && ids.len() == limit {
                after = last;
                break 'pages;
            }
            let place = Place { name: row.name, at: row.at, id: row.id.into() };
            if row.fits && !ids.contains(&place.id) {
                ids.push(place.id);
                last = Some(place.clone());
            }
            after = Some(place);
        }
        if is_last {
            more = false;
            break;
        }
        size = BATCH;
    }
    Ok(Page { users: users::by_ids(conn, &ids).await?, next: after.filter(|_| more) })
}

/// The next entries of the leading index, and whether each fits.
async fn batch(
    conn: &mut Conn,
    narrowing: &Narrowing,
    lead: Lead,
    after: Option<&Place>,
    size: usize,
) -> Result<Vec<Row>> {
    let mut query = QueryBuilder::new("SELECT ");
    match lead {
        Lead::People(_) => query.push("p.id, p.user_name_key AS name, p.updated_at AS at, (TRUE"),
        // Left joined: what is led to counts, whether or not a user is there.
        Lead::Members(..) => query.push("l.user_id AS id, '' AS name, CAST(0 AS BIGINT) AS at, (p.id IS NOT NULL"),
        Lead::Deliveries { .. } => {
            query.push("l.subject_id AS id, l.subject_key AS name, CAST(0 AS BIGINT) AS at, (p.id IS NOT NULL")
        }
    };
    narrowing.push_fits(&mut query);
    if let Lead::Deliveries { held, descending } = lead {
        // Whoever was renamed may have accounts under both names: they count at the first.
        let (kind, comes_first) = (open_or_held("e", held), if descending { " > " } else { " < " });
        query.push(" AND NOT EXISTS (SELECT 1 FROM deliveries AS e WHERE e.subject_id = l.subject_id");
        query.push(kind).push(" AND e.subject_key").push(comes_first).push("l.subject_key)");
    }
    query.push(") AS fits FROM ");
    match lead {
        Lead::People(order) => push_people(&mut query, narrowing, order, after),
        Lead::Members(group, order) => {
            query.push("group_members AS l LEFT JOIN people AS p ON p.id = l.user_id WHERE l.group_id = ");
            query.push_bind(group.0);
            if let Some(after) = after {
                query.push(" AND l.user_id").push(beyond(order.descending)).push_bind(after.id.0);
            }
            query.push(" ORDER BY l.user_id").push(direction(order.descending));
        }
        Lead::Deliveries { held, descending } => {
            query.push("deliveries AS l LEFT JOIN people AS p ON p.id = l.subject_id WHERE TRUE");
            query.push(open_or_held("l", held));
            if let Some(after) = after {
                query.push(" AND (l.subject_key, l.subject_id)").push(beyond(descending)).push("(");
                query.push_bind(after.name.clone()).push(", ").push_bind(after.id.0).push(")");
            }
            let direction = direction(descending);
            query.push(" ORDER BY l.subject_key").push(direction).push(", l.subject_id").push(direction);
        }
    }
    query.push(" LIMIT ").push_bind(i64::try_from(size).unwrap_or(i64::MAX));
    Ok(query.build_query_as().fetch_all(conn).await?)
}

fn push_people(query: &mut QueryBuilder<Sqlite>, narrowing: &Narrowing, order: Order, after: Option<&Place>) {
    query.push("people AS p WHERE TRUE");
    // One index leads; by its condition alone the database knows which.
    match (order.by, narrowing.role, narrowing.access, narrowing.origin) {
        (_, Some(role), ..) => query.push(" AND p.role = ").push_bind(role.as_str()),
        (_, _, Some(Access::Locked), _) => query.push(" AND p.locked = TRUE"),
        (_, _, Some(Access::Disabled), _) => query.push(" AND p.active = FALSE"),
        (By::UserName | By::Created, _, _, Some(origin)) => query.push(" AND p.origin = ").push_bind(origin.as_str()),
        _ => query,
    };
    let (beyond, direction) = (beyond(order.descending), direction(order.descending));
    match order.by {
        By::UserName => {
            if let Some(after) = after {
                query.push(" AND p.user_name_key").push(beyond).push_bind(after.name.clone());
            }
            query.push(" ORDER BY p.user_name_key").push(direction);
        }
        By::Created => {
            if let Some(after) = after {
                query.push(" AND p.id").push(beyond).push_bind(after.id.0);
            }
            query.push(" ORDER BY p.id").push(direction);
        }
        By::Changed => {
            if let Some(after) = after {
                query.push(" AND (p.updated_at, p.id)").push(beyond).push("(");
                query.push_bind(after.at).push(", ").push_bind(after.id.0).push(")");
            }
            query.push(" ORDER BY p.updated_at").push(direction).push(", p.id").push(direction);
        }
    }
}

fn open_or_held(table: &str, held: bool) -> String {
    format!(" AND {table}.{} IS NOT NULL", if held { "held_for" } else { "waits_since" })
}

fn beyond(descending: bool) -> &'static str {
    if descending { " < " } else { " > " }
}

fn direction(descending: bool) -> &'static str {
    if descending { " DESC" } else { "" }
}

/// Where these users have, or shall have, an account: one entry for each.
pub async fn accounts_at(conn: &mut Conn, users: &[UserId]) -> Result<Vec<ConnectorId>> {
    if users.is_empty() {
        return Ok(Vec::new());
    }
    let mut query =
        QueryBuilder::new("SELECT connector_id FROM deliveries WHERE wanted <> 'absent' AND subject_id IN (");
    push_ids(&mut query, users.iter().map(|id| id.0));
    let ids: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(conn).await?;
    Ok(ids.into_iter().map(ConnectorId).collect())
}
