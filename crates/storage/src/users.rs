//! `users`, and `people`: the view without the staged.

use std::collections::HashMap;

use domain::{
    Timestamp, UserId,
    permission::Role,
    user::{Profile, User},
    validation::name_key,
};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result,
    row::{Document, all, at, one, parsed},
    user_terms,
};

#[derive(FromRow)]
#[expect(clippy::struct_excessive_bools, reason = "they are the table's columns")]
struct Row {
    id: Uuid,
    user_name: String,
    external_id: Option<String>,
    staged: bool,
    active: bool,
    locked: bool,
    excluded: bool,
    origin: String,
    role: Option<String>,
    profile: Document<Profile>,
    version: i64,
    created_at: i64,
    updated_at: i64,
}

impl TryFrom<Row> for User {
    type Error = Error;
    fn try_from(row: Row) -> Result<Self> {
        const TABLE: &str = "users";
        let role = row.role.as_deref().map(|role| parsed::<Role>(TABLE, row.id, role)).transpose()?;
        Ok(Self {
            id: row.id.into(),
            user_name: row.user_name,
            external_id: row.external_id,
            active: row.active,
            locked: row.locked,
            origin: parsed(TABLE, row.id, &row.origin)?,
            excluded: row.excluded,
            staged: row.staged,
            role,
            profile: row.profile.read(TABLE, row.id)?,
            version: row.version,
            created_at: at(row.created_at),
            updated_at: at(row.updated_at),
        })
    }
}

pub async fn insert(conn: &mut Conn, user: &User) -> Result<()> {
    sqlx::query(
        "INSERT INTO users (id, user_name, user_name_key, external_id, staged, active, locked, excluded, origin, role, \
         profile, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
    )
    .bind(user.id.0)
    .bind(&user.user_name)
    .bind(name_key(&user.user_name))
    .bind(&user.external_id)
    .bind(user.staged)
    .bind(user.active)
    .bind(user.locked)
    .bind(user.excluded)
    .bind(user.origin.as_str())
    .bind(user.role.map(Role::as_str))
    .bind(Json(&user.profile))
    .bind(user.version)
    .bind(user.created_at.as_micros())
    .bind(user.updated_at.as_micros())
    .execute(&mut *conn)
    .await?;
    index_emails(conn, user).await?;
    user_terms::begin(conn, user).await
}

/// Writes every field but id, origin and creation time.
pub async fn update(conn: &mut Conn, user: &User) -> Result<()> {
    let result = sqlx::query(
        "UPDATE users SET user_name = $2, user_name_key = $3, external_id = $4, staged = $5, active = $6, locked = $7, \
         excluded = $8, role = $9, profile = $10, version = $11, updated_at = $12 WHERE id = $1",
    )
    .bind(user.id.0)
    .bind(&user.user_name)
    .bind(name_key(&user.user_name))
    .bind(&user.external_id)
    .bind(user.staged)
    .bind(user.active)
    .bind(user.locked)
    .bind(user.excluded)
    .bind(user.role.map(Role::as_str))
    .bind(Json(&user.profile))
    .bind(user.version)
    .bind(user.updated_at.as_micros())
    .execute(&mut *conn)
    .await?;
    one("users.update", &result)?;
    sqlx::query("DELETE FROM user_emails WHERE user_id = $1").bind(user.id.0).execute(&mut *conn).await?;
    index_emails(conn, user).await?;
    user_terms::keep(conn, user).await
}

async fn index_emails(conn: &mut Conn, user: &User) -> Result<()> {
    for email in &user.profile.emails {
        sqlx::query("INSERT INTO user_emails (user_id, value_key) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(user.id.0)
            .bind(name_key(&email.value))
            .execute(&mut *conn)
            .await?;
    }
    Ok(())
}

pub async fn delete(conn: &mut Conn, id: UserId) -> Result<()> {
    let result = sqlx::query("DELETE FROM users WHERE id = $1").bind(id.0).execute(conn).await?;
    one("users.delete", &result)
}

/// A real user.
pub async fn get(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM people WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(User::try_from).transpose()
}

/// A user, real or staged: for the engine alone.
pub async fn get_any(conn: &mut Conn, id: UserId) -> Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM users WHERE id = $1").bind(id.0).fetch_optional(conn).await?;
    row.map(User::try_from).transpose()
}

pub async fn by_name(conn: &mut Conn, user_name: &str) -> Result<Option<User>> {
    let row: Option<Row> = sqlx::query_as("SELECT * FROM people WHERE user_name_key = $1")
        .bind(name_key(user_name))
        .fetch_optional(conn)
        .await?;
    row.map(User::try_from).transpose()
}

pub async fn staged(conn: &mut Conn) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar("SELECT id FROM users WHERE staged ORDER BY id").fetch_all(conn).await?;
    Ok(ids.into_iter().map(UserId).collect())
}

pub async fn count_with_role(conn: &mut Conn, role: Role) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM people WHERE role = $1 AND active AND NOT locked")
        .bind(role.as_str())
        .fetch_one(conn)
        .await?)
}

/// What a list is narrowed to; all of it must hold.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matching {
    pub id: Option<UserId>,
    pub user_name: Option<String>,
    pub external_id: Option<String>,
    pub email: Option<String>,
    pub active: Option<bool>,
}

/// A page by offset, and how many there are: what SCIM's index paging asks for.
pub async fn page(conn: &mut Conn, matching: &Matching, offset: i64, limit: i64) -> Result<(Vec<User>, i64)> {
    let mut count = narrowed("SELECT COUNT(*) FROM people WHERE TRUE", matching);
    if let Some(active) = matching.active {
        count.push(" AND active = ").push_bind(active);
    }
    let total: i64 = count.build_query_scalar().fetch_one(&mut *conn).await?;
    if limit == 0 || offset >= total {
        return Ok((Vec::new(), total));
    }
    let mut query = narrowed("SELECT * FROM people WHERE TRUE", matching);
    if let Some(active) = matching.active {
        // Not as an equation: the index of states would find them in another order, and all would have to be sorted.
        query.push(if active { " AND active" } else { " AND NOT active" });
    }
    query.push(" ORDER BY id LIMIT ").push_bind(limit).push(" OFFSET ").push_bind(offset);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    Ok((all(rows)?, total))
}

/// By everything but the state.
fn narrowed(select: &str, matching: &Matching) -> QueryBuilder<sqlx::Sqlite> {
    let mut query = QueryBuilder::new(select);
    if let Some(id) = matching.id {
        query.push(" AND id = ").push_bind(id.0);
    }
    if let Some(name) = &matching.user_name {
        query.push(" AND user_name_key = ").push_bind(name_key(name));
    }
    if let Some(id) = &matching.external_id {
        query.push(" AND external_id = ").push_bind(id.clone());
    }
    if let Some(email) = &matching.email {
        query
            .push(" AND id IN (SELECT user_id FROM user_emails WHERE value_key = ")
            .push_bind(name_key(email))
            .push(")");
    }
    query
}

/// In the order of user names, after one of them (lower-cased); the first page comes after the empty one.
pub async fn list(conn: &mut Conn, active: Option<bool>, after: &str, limit: i64) -> Result<Vec<User>> {
    let mut query = QueryBuilder::new("SELECT * FROM people WHERE user_name_key > ");
    query.push_bind(after.to_owned());
    if let Some(active) = active {
        query.push(" AND active = ").push_bind(active);
    }
    query.push(" ORDER BY user_name_key LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    all(rows)
}

/// These users, in the order asked for; whoever is not real is left out.
pub async fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT * FROM people WHERE id IN (");
    push_ids(&mut query, ids);
    // Every length is a statement of its own: not worth a place among the prepared ones.
    let rows: Vec<Row> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    let mut users: Vec<User> = all(rows)?;
    users.sort_by_key(|user| ids.iter().position(|id| *id == user.id));
    Ok(users)
}

/// How many systems these users have, or shall have, an account at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Accounts {
    pub all: i64,
    pub in_step: i64,
    pub held: i64,
}

/// For each of these users that has any.
pub async fn accounts(conn: &mut Conn, ids: &[UserId]) -> Result<HashMap<UserId, Accounts>> {
    if ids.is_empty() {
        return Ok(HashMap::new());
    }
    let mut query = QueryBuilder::new("SELECT subject_id, wanted, state FROM deliveries WHERE subject_id IN (");
    push_ids(&mut query, ids);
    let rows: Vec<(Uuid, String, String)> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    let mut counted: HashMap<UserId, Accounts> = HashMap::new();
    for (user, wanted, state) in rows {
        let done = state == "done";
        if done && wanted == "absent" {
            continue;
        }
        let accounts = counted.entry(user.into()).or_default();
        accounts.all += 1;
        accounts.in_step += i64::from(done);
        accounts.held += i64::from(state == "held");
    }
    Ok(counted)
}

fn push_ids(query: &mut QueryBuilder<sqlx::Sqlite>, ids: &[UserId]) {
    let mut list = query.separated(", ");
    for id in ids {
        list.push_bind(id.0);
    }
    query.push(")");
}

pub async fn count(conn: &mut Conn) -> Result<i64> {
    Ok(sqlx::query_scalar("SELECT COUNT(*) FROM people").fetch_one(conn).await?)
}

/// Makes a staged user real.
pub async fn activate(conn: &mut Conn, id: UserId, now: Timestamp) -> Result<()> {
    let result = sqlx::query("UPDATE users SET staged = FALSE, updated_at = $2 WHERE id = $1 AND staged")
        .bind(id.0)
        .bind(now.as_micros())
        .execute(conn)
        .await?;
    one("users.activate", &result)
}
