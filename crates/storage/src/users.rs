//! `users`, and `people`: the view without the staged.

use std::collections::{HashMap, HashSet};

use domain::{
    Timestamp, UserId,
    permission::Role,
    user::{Profile, User},
    validation::name_key,
};
use sqlx::{FromRow, QueryBuilder, types::Json};
use uuid::Uuid;

use crate::{
    Conn, Error, Result, filters,
    row::{Document, all, at, one, parsed, push_ids, push_names},
    user_terms,
};

/// Names asked for by one statement.
const CHUNK: usize = 500;

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
         profile, folded, version, created_at, updated_at) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
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
    .bind(filters::folded(&user.profile).map(Json))
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
         excluded = $8, role = $9, profile = $10, folded = $11, version = $12, updated_at = $13 WHERE id = $1",
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
    .bind(filters::folded(&user.profile).map(Json))
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

/// Who alone is known to another system by this id.
pub async fn by_external_id(conn: &mut Conn, external_id: &str) -> Result<Option<User>> {
    let rows: Vec<Row> =
        sqlx::query_as("SELECT * FROM people WHERE external_id = $1 LIMIT 2").bind(external_id).fetch_all(conn).await?;
    let mut users: Vec<User> = all(rows)?;
    Ok(if users.len() == 1 { users.pop() } else { None })
}

/// Those who have this mail address, in any case.
pub async fn by_mail(conn: &mut Conn, address: &str, limit: i64) -> Result<Vec<User>> {
    let rows: Vec<Row> = sqlx::query_as(
        "SELECT people.* FROM user_emails JOIN people ON people.id = user_emails.user_id \
         WHERE user_emails.value_key = $1 ORDER BY user_emails.user_id LIMIT $2",
    )
    .bind(name_key(address))
    .bind(limit)
    .fetch_all(conn)
    .await?;
    all(rows)
}

/// Those of these user names (lower-cased) that somebody has.
pub async fn taken(conn: &mut Conn, keys: &[String]) -> Result<HashSet<String>> {
    let mut taken = HashSet::new();
    for keys in keys.chunks(CHUNK) {
        let mut query = QueryBuilder::new("SELECT user_name_key FROM people WHERE user_name_key IN (");
        push_names(&mut query, keys);
        let found: Vec<String> = query.build_query_scalar().persistent(false).fetch_all(&mut *conn).await?;
        taken.extend(found);
    }
    Ok(taken)
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

/// Whether anybody else who holds a role can sign in: is neither disabled nor locked, and has a password.
pub async fn another_may_sign_in(conn: &mut Conn, role: Role, except: UserId) -> Result<bool> {
    Ok(sqlx::query_scalar(
        "SELECT EXISTS (SELECT 1 FROM people WHERE role = $1 AND active AND NOT locked AND id <> $2 \
         AND EXISTS (SELECT 1 FROM passwords WHERE user_id = people.id))",
    )
    .bind(role.as_str())
    .bind(except.0)
    .fetch_one(conn)
    .await?)
}

/// Those who hold a role, whether or not they may sign in, in the order of user names.
pub async fn with_role(conn: &mut Conn, role: Role, limit: i64) -> Result<Vec<User>> {
    let rows: Vec<Row> = sqlx::query_as("SELECT * FROM people WHERE role = $1 ORDER BY user_name_key LIMIT $2")
        .bind(role.as_str())
        .bind(limit)
        .fetch_all(conn)
        .await?;
    all(rows)
}

/// These users, in the order asked for; whoever is not real is left out.
pub async fn by_ids(conn: &mut Conn, ids: &[UserId]) -> Result<Vec<User>> {
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT * FROM people WHERE id IN (");
    push_ids(&mut query, ids.iter().map(|id| id.0));
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
    push_ids(&mut query, ids.iter().map(|id| id.0));
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
