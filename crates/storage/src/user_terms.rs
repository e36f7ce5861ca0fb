//! `user_terms`: the lower-cased words by which people are found. Kept by [`crate::users`] with the user's own row.

use std::collections::BTreeSet;

use domain::{UserId, user::User, validation::name_key};
use sqlx::{FromRow, QueryBuilder};
use uuid::Uuid;

use crate::{
    Conn, Result,
    people_lists::{EXAMINED, Narrowing},
};

/// Words kept of one user.
pub const TERMS: usize = 64;
/// Characters kept of a word.
pub const TERM: usize = 128;
/// Words of a search that count.
pub const WORDS: usize = 5;
const BATCH: usize = 500;

/// Follows every text that begins with what it is appended to.
const LAST: char = char::MAX;

/// The words by which this user is found: each word of the names and its parts, the user name and the addresses whole,
/// what is before the `@` in parts, and what is behind it.
pub fn of(user: &User) -> BTreeSet<String> {
    let profile = &user.profile;
    let name = profile.name.as_ref();
    let names = [
        profile.display_name.as_deref(),
        name.and_then(|name| name.given_name.as_deref()),
        name.and_then(|name| name.family_name.as_deref()),
    ];
    let addresses =
        std::iter::once(user.user_name.as_str()).chain(profile.emails.iter().map(|mail| mail.value.as_str()));
    let mut terms = BTreeSet::new();
    for address in addresses {
        let address = name_key(address);
        let (local, host) = address.rsplit_once('@').unwrap_or((&address, ""));
        add(&mut terms, &address);
        add_parts(&mut terms, local);
        add(&mut terms, host);
    }
    for word in names.into_iter().flatten().flat_map(str::split_whitespace) {
        let word = name_key(word);
        add(&mut terms, &word);
        add_parts(&mut terms, &word);
    }
    terms
}

fn add(terms: &mut BTreeSet<String>, word: &str) {
    if !word.is_empty() && terms.len() < TERMS {
        terms.insert(word.chars().take(TERM).collect());
    }
}

fn add_parts(terms: &mut BTreeSet<String>, word: &str) {
    for part in word.split(|c: char| !c.is_alphanumeric()) {
        add(terms, part);
    }
}

/// What is looked for: every word must begin one of a user's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The longest word: it leads.
    first: String,
    others: Vec<String>,
}

impl Search {
    /// None where nothing is looked for. Words beyond [`WORDS`] are not regarded.
    pub fn read(text: &str) -> Option<Self> {
        let words: BTreeSet<String> = text
            .split_whitespace()
            .map(|word| name_key(word).chars().take(TERM).collect::<String>())
            .filter(|word| !word.is_empty())
            .take(WORDS)
            .collect();
        let mut words: Vec<String> = words.into_iter().collect();
        words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
        let mut words = words.into_iter();
        words.next().map(|first| Self { first, others: words.collect() })
    }
}

/// One entry: where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub term: String,
    pub user_name_key: String,
    pub user_id: UserId,
}

#[derive(FromRow)]
struct Row {
    term: String,
    user_name_key: String,
    user_id: Uuid,
    fits: bool,
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub entries: Vec<Entry>,
    /// Where to go on; none when there is nothing more. The page may be short, as [`EXAMINED`] bounds the work.
    pub next: Option<Entry>,
}

/// Whom the search finds, in the order of the word that was found, then of user names.
pub async fn find(
    conn: &mut Conn,
    search: &Search,
    narrowing: &Narrowing,
    mut after: Option<Entry>,
    limit: usize,
) -> Result<Found> {
    let mut found = Found::default();
    let mut left = EXAMINED;
    // Mostly all fit: the first look is not much longer than the page.
    let mut size = (2 * limit).clamp(1, BATCH);
    while left > 0 {
        let rows = batch(conn, search, narrowing, after.as_ref(), size.min(left)).await?;
        let is_last = rows.len() < size.min(left);
        left -= rows.len();
        for row in rows {
            let entry = Entry { term: row.term, user_name_key: row.user_name_key, user_id: row.user_id.into() };
            if row.fits && found.entries.len() == limit {
                found.next = found.entries.last().cloned();
                return Ok(found);
            }
            if row.fits {
                found.entries.push(entry.clone());
            }
            after = Some(entry);
        }
        if is_last {
            return Ok(found);
        }
        size = BATCH;
    }
    found.next = after;
    Ok(found)
}

/// The next entries that begin with the first word, and whether each fits: a user counts at the first of their words.
async fn batch(
    conn: &mut Conn,
    search: &Search,
    narrowing: &Narrowing,
    after: Option<&Entry>,
    size: usize,
) -> Result<Vec<Row>> {
    let until = format!("{}{LAST}", search.first);
    let mut query = QueryBuilder::new(
        "SELECT t.term, t.user_name_key, t.user_id, NOT EXISTS (SELECT 1 FROM user_terms AS earlier \
         WHERE earlier.user_id = t.user_id AND earlier.term >= ",
    );
    query.push_bind(search.first.clone()).push(" AND earlier.term < t.term)");
    for word in &search.others {
        query
            .push(" AND EXISTS (SELECT 1 FROM user_terms AS other WHERE other.user_id = t.user_id AND other.term >= ")
            .push_bind(word.clone())
            .push(" AND other.term < ")
            .push_bind(format!("{word}{LAST}"))
            .push(")");
    }
    query.push(" AND EXISTS (SELECT 1 FROM people AS p WHERE p.id = t.user_id");
    narrowing.push_fits(&mut query);
    query.push(") AS fits FROM user_terms AS t WHERE t.term < ").push_bind(until);
    match after {
        None => query.push(" AND t.term >= ").push_bind(search.first.clone()),
        Some(after) => query
            .push(" AND (t.term, t.user_name_key, t.user_id) > (")
            .push_bind(after.term.clone())
            .push(", ")
            .push_bind(after.user_name_key.clone())
            .push(", ")
            .push_bind(after.user_id.0)
            .push(")"),
    };
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    query.push(" ORDER BY t.term, t.user_name_key, t.user_id LIMIT ").push_bind(limit);
    Ok(query.build_query_as().fetch_all(conn).await?)
}

/// Makes the entries of a user what they shall be, touching only those that differ.
pub(crate) async fn keep(conn: &mut Conn, user: &User) -> Result<()> {
    let key = name_key(&user.user_name);
    let wanted = of(user);
    let present: Vec<(String, String)> =
        sqlx::query_as("SELECT term, user_name_key FROM user_terms WHERE user_id = $1")
            .bind(user.id.0)
            .fetch_all(&mut *conn)
            .await?;
    let stays = |(term, of): &(String, String)| *of == key && wanted.contains(term);
    for (term, of) in present.iter().filter(|entry| !stays(entry)) {
        sqlx::query("DELETE FROM user_terms WHERE term = $1 AND user_name_key = $2 AND user_id = $3")
            .bind(term)
            .bind(of)
            .bind(user.id.0)
            .execute(&mut *conn)
            .await?;
    }
    for term in &wanted {
        if !present.iter().any(|entry| stays(entry) && entry.0 == *term) {
            insert(conn, term, &key, user.id).await?;
        }
    }
    Ok(())
}

/// The entries of a user who has none yet.
pub(crate) async fn begin(conn: &mut Conn, user: &User) -> Result<()> {
    let key = name_key(&user.user_name);
    for term in of(user) {
        insert(conn, &term, &key, user.id).await?;
    }
    Ok(())
}

async fn insert(conn: &mut Conn, term: &str, key: &str, user: UserId) -> Result<()> {
    sqlx::query("INSERT INTO user_terms (term, user_name_key, user_id) VALUES ($1, $2, $3)")
        .bind(term)
        .bind(key)
        .bind(user.0)
        .execute(conn)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_word_leads_and_words_are_bounded() {
        let search = Search::read("  An  LOVElace an ").unwrap();
        assert_eq!(search, Search { first: "lovelace".to_owned(), others: vec!["an".to_owned()] });
        assert_eq!(Search::read("   "), None);
        let many = Search::read("a b c d e f g h").unwrap();
        assert_eq!(many.others.len() + 1, WORDS);
        let long = Search::read(&"é".repeat(1_000)).unwrap();
        assert_eq!(long.first.chars().count(), TERM);
    }
}
