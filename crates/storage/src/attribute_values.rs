//! `attribute_values`: who has a value of which custom attribute. The values themselves are in the profile; whoever
//! writes it keeps these beside it.

use domain::{AttributeId, UserId, extension::Entry};
use sqlx::QueryBuilder;
use uuid::Uuid;

use crate::{Conn, Result};

/// Makes the entries of a user what they shall be. Where somebody else has one of the unique values nothing is written,
/// and the attribute is the answer.
pub async fn keep(conn: &mut Conn, user: UserId, wanted: &[Entry]) -> Result<Option<AttributeId>> {
    let present = of_user(conn, user).await?;
    let fresh: Vec<&Entry> = wanted.iter().filter(|entry| !present.contains(entry)).collect();
    for entry in &fresh {
        if let Some(key) = &entry.unique
            && holder(conn, entry.attribute, key).await?.is_some_and(|holder| holder != user)
        {
            return Ok(Some(entry.attribute));
        }
    }
    for old in present.iter().filter(|entry| !wanted.iter().any(|one| one.attribute == entry.attribute)) {
        sqlx::query("DELETE FROM attribute_values WHERE attribute_id = $1 AND user_id = $2")
            .bind(old.attribute.0)
            .bind(user.0)
            .execute(&mut *conn)
            .await?;
    }
    for entry in fresh {
        sqlx::query(
            "INSERT INTO attribute_values (attribute_id, user_id, unique_key) VALUES ($1, $2, $3) \
             ON CONFLICT (attribute_id, user_id) DO UPDATE SET unique_key = excluded.unique_key",
        )
        .bind(entry.attribute.0)
        .bind(user.0)
        .bind(&entry.unique)
        .execute(&mut *conn)
        .await?;
    }
    Ok(None)
}

async fn of_user(conn: &mut Conn, user: UserId) -> Result<Vec<Entry>> {
    let rows: Vec<(Uuid, Option<String>)> =
        sqlx::query_as("SELECT attribute_id, unique_key FROM attribute_values WHERE user_id = $1")
            .bind(user.0)
            .fetch_all(conn)
            .await?;
    Ok(rows.into_iter().map(|(attribute, unique)| Entry { attribute: attribute.into(), unique }).collect())
}

/// Who has this value of a unique attribute, staged or not.
pub async fn holder(conn: &mut Conn, attribute: AttributeId, key: &str) -> Result<Option<UserId>> {
    let id: Option<Uuid> =
        sqlx::query_scalar("SELECT user_id FROM attribute_values WHERE attribute_id = $1 AND unique_key = $2")
            .bind(attribute.0)
            .bind(key)
            .fetch_optional(conn)
            .await?;
    Ok(id.map(Into::into))
}

/// How many users have a value, counted up to `most`.
pub async fn count(conn: &mut Conn, attribute: AttributeId, most: i64) -> Result<i64> {
    Ok(sqlx::query_scalar(
        "SELECT COUNT(*) FROM (SELECT 1 FROM attribute_values WHERE attribute_id = $1 LIMIT $2) AS counted",
    )
    .bind(attribute.0)
    .bind(most)
    .fetch_one(conn)
    .await?)
}

/// As [`count`], of several attributes; at most some hundred.
pub async fn counts(conn: &mut Conn, attributes: &[AttributeId], most: i64) -> Result<Vec<(AttributeId, i64)>> {
    if attributes.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("");
    for (index, attribute) in attributes.iter().enumerate() {
        query.push(if index == 0 { "SELECT " } else { " UNION ALL SELECT " }).push_bind(attribute.0);
        query.push(" AS id, (SELECT COUNT(*) FROM (SELECT 1 FROM attribute_values WHERE attribute_id = ");
        query.push_bind(attribute.0).push(" LIMIT ").push_bind(most).push(") AS counted) AS users");
    }
    // Every length is a statement of its own: not worth a place among the prepared ones.
    let rows: Vec<(Uuid, i64)> = query.build_query_as().persistent(false).fetch_all(conn).await?;
    Ok(rows.into_iter().map(|(id, count)| (id.into(), count)).collect())
}

/// Some of those who have a value and are real, in the order of their ids.
pub async fn users(conn: &mut Conn, attribute: AttributeId, limit: i64) -> Result<Vec<UserId>> {
    let ids: Vec<Uuid> = sqlx::query_scalar(
        "SELECT user_id FROM attribute_values WHERE attribute_id = $1 \
             AND EXISTS (SELECT 1 FROM people WHERE people.id = user_id) ORDER BY user_id LIMIT $2",
    )
    .bind(attribute.0)
    .bind(limit)
    .fetch_all(conn)
    .await?;
    Ok(ids.into_iter().map(Into::into).collect())
}

/// Forgets that a user has a value.
pub async fn delete(conn: &mut Conn, attribute: AttributeId, user: UserId) -> Result<()> {
    sqlx::query("DELETE FROM attribute_values WHERE attribute_id = $1 AND user_id = $2")
        .bind(attribute.0)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}
