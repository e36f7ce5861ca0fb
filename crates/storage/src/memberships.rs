//! `group_members` as the console lists them: who is in a group by their names, and what somebody is in.

use domain::{GroupId, UserId};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::{
    Conn, Result, group_terms,
    row::push_ids,
    terms::{Search, has_word},
    user_terms,
};

/// One member: where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub user_name_key: String,
    pub user_id: UserId,
}

#[derive(FromRow)]
struct Row {
    user_name_key: String,
    user_id: Uuid,
}

/// In the order of user names, after one of them. A search asks every member: it is for groups of up to
/// [`crate::terms::EXAMINED`]; [`user_terms::find_members`] is for larger ones.
pub async fn members(
    conn: &mut Conn,
    group: GroupId,
    search: Option<&Search>,
    after: Option<&Entry>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let mut query = QueryBuilder::new("SELECT m.user_name_key, m.user_id FROM group_members AS m WHERE m.group_id = ");
    query.push_bind(group.0);
    if let Some(after) = after {
        query
            .push(" AND (m.user_name_key, m.user_id) > (")
            .push_bind(after.user_name_key.clone())
            .push(", ")
            .push_bind(after.user_id.0)
            .push(")");
    }
    for word in search.into_iter().flat_map(Search::words) {
        has_word(&mut query, user_terms::TABLE, "m.user_id", word);
    }
    query.push(" ORDER BY m.user_name_key, m.user_id LIMIT ").push_bind(limit);
    let rows: Vec<Row> = query.build_query_as().fetch_all(conn).await?;
    Ok(rows.into_iter().map(|row| Entry { user_name_key: row.user_name_key, user_id: row.user_id.into() }).collect())
}

/// The groups that somebody is in, in the order of names, after one of them (lower-cased). Costs as much as they are
/// in groups.
pub async fn groups(
    conn: &mut Conn,
    user: UserId,
    search: Option<&Search>,
    after: &str,
    limit: i64,
) -> Result<Vec<GroupId>> {
    let mut query = QueryBuilder::new(
        "SELECT groups.id FROM group_members AS m JOIN groups ON groups.id = m.group_id WHERE m.user_id = ",
    );
    query.push_bind(user.0).push(" AND groups.name_key > ").push_bind(after.to_owned());
    for word in search.into_iter().flat_map(Search::words) {
        has_word(&mut query, group_terms::TABLE, "m.group_id", word);
    }
    query.push(" ORDER BY groups.name_key LIMIT ").push_bind(limit);
    let ids: Vec<Uuid> = query.build_query_scalar().fetch_all(conn).await?;
    Ok(ids.into_iter().map(GroupId).collect())
}

/// Those of these groups that somebody is in.
pub async fn groups_among(conn: &mut Conn, user: UserId, groups: &[GroupId]) -> Result<Vec<GroupId>> {
    if groups.is_empty() {
        return Ok(Vec::new());
    }
    let mut query = QueryBuilder::new("SELECT group_id FROM group_members WHERE user_id = ");
    query.push_bind(user.0).push(" AND group_id IN (");
    push_ids(&mut query, groups.iter().map(|id| id.0));
    let ids: Vec<Uuid> = query.build_query_scalar().persistent(false).fetch_all(conn).await?;
    Ok(ids.into_iter().map(GroupId).collect())
}
