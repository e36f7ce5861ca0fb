//! `groups` and `group_members`. Only real users are seen as members.

use std::collections::{HashMap, HashSet};

use domain::{
    GroupId, Timestamp, UserId,
    group::{Group, Member, Membership},
    user::{Name, Profile},
    validation::name_key,
};
use serde::Deserialize;
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::{
    Conn, Error, Result, group_terms,
    row::{Document, all, at, one, push_ids, push_names},
};

/// Ids named by one statement.
const CHUNK: usize = 500;

#[derive(FromRow)]
struct Row {
    id: Uuid,
    display_name: String,
    external_id: Option<String>,
    size: i64,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for Group {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        Ok(Self {
            id: row.id.into(),
            display_name: row.display_name,
            external_id: row.external_id,
            size: row.size,
            version: row.version,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

/// Of a profile, what a name to show is made from.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Called {
    name: Option<Name>,
    display_name: Option<String>,
}

#[derive(FromRow)]
struct MemberRow {
    id: Uuid,
    user_name: String,
    profile: Document<Called>,
}

impl TryFrom<MemberRow> for Member {
    type Error = Error;
    fn try_from(row: MemberRow) -> Result<Self> {
        let Called { name, display_name } = row.profile.read("users", row.id)?;
        let label = Profile { name, display_name, ..Profile::default() }.label();
        Ok(Self { id: row.id.into(), label: label.unwrap_or(row.user_name) })
    }
}

/// Without members; `size` follows them.
pub async fn insert(conn: &mut Conn, group: &Group) -> Result<()> {
    sqlx::query(
        "INSERT INTO groups (id, display_name, name_key, external_id, size, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, 0, $5, $6, $7)",
    )
    .bind(group.id.0)
    .bind(&group.display_name)
    .bind(name_key(&group.display_name))
    .bind(&group.external_id)
    .bind(group.version)
    .bind(group.created_at.as_micros())
    .bind(group.updated_at.as_micros())
    .execute(&mut *conn)
    .await?;
    group_terms::begin(conn, group).await
}

/// Writes every field but id, size and creation time.
pub async fn update(conn: &mut Conn, group: &Group) -> Result<()> {
    let result = sqlx::query(
        "UPDATE groups SET display_name = $2, name_key = $3, external_id = $4, version = $5, updated_at = $6 \
         WHERE id = $1",
    )
    .bind(group.id.0)
    .bind(&group.display_name)
    .bind(name_key(&group.display_name))
    .bind(&group.external_id)
    .bind(group.version)
    .bind(group.updated_at.as_micros())
    .execute(&mut *conn)
    .await?;
    one("groups.update", &result)?;
    group_terms::keep(conn, group).await
}

/// With its memberships.
pub async fn delete(conn: &mut Conn, id: GroupId) -> Result<()> {
    let result = sqlx::query("DELETE FROM groups WHERE id = $1").bind(id.0).execute(conn).await?;
    one("groups.delete", &result)
}

pub async fn get(conn: &mut Conn, id: GroupId) -> Result<Option<Group>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM groups WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(Group::try_from).transpose()
}

pub async fn by_name(conn: &mut Conn, display_name: &str) -> Result<Option<Group>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM groups WHERE name_key = $1")
        .bind(name_key(display_name))
        .fetch_optional(conn)
        .await?;
    row.map(Group::try_from).transpose()
}

/// These groups, in the order asked for; what is not there is left out.
pub async fn by_ids(conn: &mut Conn, ids: &[GroupId]) -> Result<Vec<Group>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT * FROM groups WHERE id IN (");
    push_ids(&mut query, ids.iter().map(|id| id.0));
    let rows: Vec<Row> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    let mut groups: Vec<Group> = all(rows)?;
    groups.sort_by_key(|group| ids.iter().position(|id| *id == group.id));
    Ok(groups)
}

/// In the order of names, after one of them (lower-cased); the first page comes after the empty one.
pub async fn list(conn: &mut Conn, after: &str, limit: i64) -> Result<Vec<Group>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM groups WHERE name_key > $1 ORDER BY name_key LIMIT $2")
        .bind(after)
        .bind(limit)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// Those of these names (lower-cased) that a group has.
pub async fn known(conn: &mut Conn, keys: &[String]) -> Result<HashSet<String>> {
    let mut known = HashSet::new();
    for keys in keys.chunks(CHUNK) {
        let mut query = QueryBuilder::new("SELECT name_key FROM groups WHERE name_key IN (");
        push_names(&mut query, keys);
        let found: Vec<String> = query.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
        known.extend(found);
    }
    Ok(known)
}

pub async fn count(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM groups").fetch_one(conn).await?)
}

/// In the order of ids, after one of them.
pub async fn members(conn: &mut Conn, group: GroupId, after: Option<UserId>, limit: i64) -> Result<Vec<Member>> {
    let rows: Vec<MemberRow> = sqlx::query_as(
        "SELECT people.id, people.user_name, people.profile FROM group_members \
         JOIN people ON people.id = group_members.user_id \
         WHERE group_members.group_id = $1 AND group_members.user_id > $2 ORDER BY group_members.user_id LIMIT $3",
    )
    .bind(group.0)
    .bind(after.map_or(Uuid::nil(), |id| id.0))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    all(rows)
}

/// The ids of all members, in order.
pub async fn member_ids(conn: &mut Conn, group: GroupId) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT user_id FROM group_members WHERE group_id = $1 ORDER BY user_id")
        .bind(group.0)
        .fetch_all(conn)
        .await?;
    Ok(ids.into_iter().map(UserId).collect())
}

/// Those of these users who are members.
pub async fn members_among(conn: &mut Conn, group: GroupId, users: &[UserId]) -> Result<HashSet<UserId>> {
    let mut found = HashSet::new();
    for users in users.chunks(CHUNK) {
        let mut query = QueryBuilder::new("SELECT user_id FROM group_members WHERE group_id = ");
        query.push_bind(group.0).push(" AND user_id IN (");
        push_ids(&mut query, users.iter().map(|id| id.0));
        let ids: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
        found.extend(ids.into_iter().map(UserId));
    }
    Ok(found)
}

/// Those of these who are real users.
pub async fn known_among(conn: &mut Conn, users: &[UserId]) -> Result<HashSet<UserId>> {
    let mut known = HashSet::new();
    for users in users.chunks(CHUNK) {
        let mut query = QueryBuilder::new("SELECT id FROM people WHERE id IN (");
        push_ids(&mut query, users.iter().map(|id| id.0));
        let ids: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
        known.extend(ids.into_iter().map(UserId));
    }
    Ok(known)
}

/// The first of these that is no real user.
pub async fn stranger_among(conn: &mut Conn, users: &[UserId]) -> Result<Option<UserId>> {
    let known = known_among(conn, users).await?;
    Ok(users.iter().find(|id| !known.contains(id)).copied())
}

/// Answers those who were no members before. All must be users.
pub async fn add(conn: &mut Conn, group: GroupId, users: &[UserId]) -> Result<Vec<UserId>> {
    let mut added = Vec::new();
    for users in users.chunks(CHUNK) {
        let mut query = QueryBuilder::new("INSERT INTO group_members (group_id, user_id) ");
        query.push_values(users, |mut row, user| {
            row.push_bind(group.0).push_bind(user.0);
        });
        query.push(" ON CONFLICT DO NOTHING RETURNING user_id");
        let ids: Vec<Uuid> = query.build_query_scalar().persistent(users.len() == 1).fetch_all(&mut *conn).await?;
        added.extend(ids.into_iter().map(UserId));
    }
    Ok(added)
}

/// Answers those who were members.
pub async fn remove(conn: &mut Conn, group: GroupId, users: &[UserId]) -> Result<Vec<UserId>> {
    let mut removed = Vec::new();
    for users in users.chunks(CHUNK) {
        let mut query = QueryBuilder::new("DELETE FROM group_members WHERE group_id = ");
        query.push_bind(group.0).push(" AND user_id IN (");
        push_ids(&mut query, users.iter().map(|id| id.0));
        query.push(" RETURNING user_id");
        let ids: Vec<Uuid> = query.build_query_scalar().persistent(users.len() == 1).fetch_all(&mut *conn).await?;
        removed.extend(ids.into_iter().map(UserId));
    }
    Ok(removed)
}

/// The groups of each of these users that is in any, in the order of names.
pub async fn of_users(conn: &mut Conn, users: &[UserId]) -> Result<HashMap<UserId, Vec<Membership>>> {
    let mut memberships: HashMap<UserId, Vec<Membership>> = HashMap::new();
    for users in users.chunks(CHUNK) {
        let mut query = QueryBuilder::new(
            "SELECT group_members.user_id, groups.id, groups.display_name FROM group_members \
             JOIN groups ON groups.id = group_members.group_id WHERE group_members.user_id IN (",
        );
        push_ids(&mut query, users.iter().map(|id| id.0));
        let rows: Vec<(Uuid, Uuid, String)> =
            query.build_query_as().persistent(users.len() == 1).fetch_all(&mut *conn).await?;
        for (user, group, display_name) in rows {
            memberships.entry(user.into()).or_default().push(Membership { id: group.into(), display_name });
        }
    }
    for groups in memberships.values_mut() {
        groups.sort_by_cached_key(|group| name_key(&group.display_name));
    }
    Ok(memberships)
}

/// Raises the version of each group that the user is in: it is about to be another, since the user goes.
pub async fn touch_those_of(conn: &mut Conn, user: UserId, now: Timestamp) -> Result<()> {
    sqlx::query(
        "UPDATE groups SET version = version + 1, updated_at = $2 \
         WHERE id IN (SELECT group_id FROM group_members WHERE user_id = $1)",
    )
    .bind(user.0)
    .bind(now.as_micros())
    .execute(conn)
    .await?;
    Ok(())
}
