//! Words by which something is found: what `user_terms` and `group_terms` have in common.

use std::collections::BTreeSet;

use domain::validation::name_key;
use sqlx::{FromRow, QueryBuilder, Sqlite};
use uuid::Uuid;

use crate::{Conn, Result};

/// Words kept of one thing.
pub const TERMS: usize = 64;
/// Characters kept of a word.
pub const TERM: usize = 128;
/// Words of a search that count.
pub const WORDS: usize = 5;
/// Entries looked at for one page, however few of them fit.
pub const EXAMINED: usize = 4_000;
/// Entries read at once.
pub(crate) const BATCH: usize = 500;

/// Follows every text that begins with what it is appended to.
pub(crate) const LAST: char = char::MAX;

pub(crate) fn add(terms: &mut BTreeSet<String>, word: &str) {
    if !word.is_empty() && terms.len() < TERMS {
        terms.insert(word.chars().take(TERM).collect());
    }
}

pub(crate) fn add_parts(terms: &mut BTreeSet<String>, word: &str) {
    for part in word.split(|c: char| !c.is_alphanumeric()) {
        add(terms, part);
    }
}

/// What is looked for: every word must begin one of a thing's words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Search {
    /// The longest word: it leads.
    first: String,
    others: Vec<String>,
}

impl Search {
    pub(crate) fn words(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.first).chain(&self.others).map(String::as_str)
    }

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

/// A table of words, and what it calls the things that they are of.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Table {
    pub name: &'static str,
    /// The thing's own name, lower-cased.
    pub key: &'static str,
    pub id: &'static str,
}

/// One entry: where a list stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub term: String,
    pub key: String,
    pub id: Uuid,
}

#[derive(FromRow)]
struct Row {
    term: String,
    name: String,
    id: Uuid,
    fits: bool,
}

/// A page of what was found, and where to go on. The page may be short, as [`EXAMINED`] bounds the work.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub places: Vec<Place>,
    pub next: Option<Place>,
}

/// What the search finds, in the order of the word that was found, then of names. `further` appends conditions on
/// `t`, the entry; it begins with AND.
pub(crate) async fn find(
    conn: &mut Conn,
    table: Table,
    search: &Search,
    further: impl Fn(&mut QueryBuilder<Sqlite>),
    mut after: Option<Place>,
    limit: usize,
) -> Result<Page> {
    let mut found = Page::default();
    let mut left = EXAMINED;
    // Mostly all fit: the first look is not much longer than the page.
    let mut size = (2 * limit).clamp(1, BATCH);
    while left > 0 {
        let mut query = batch(table, search, &further, after.as_ref(), size.min(left));
        let rows: Vec<Row> = query.build_query_as().fetch_all(&mut *conn).await?;
        let is_last = rows.len() < size.min(left);
        left -= rows.len();
        for row in rows {
            let place = Place { term: row.term, key: row.name, id: row.id };
            if row.fits && found.places.len() == limit {
                found.next = found.places.last().cloned();
                return Ok(found);
            }
            if row.fits {
                found.places.push(place.clone());
            }
            after = Some(place);
        }
        if is_last {
            return Ok(found);
        }
        size = BATCH;
    }
    found.next = after;
    Ok(found)
}

/// The next entries that begin with the first word, and whether each fits: a thing counts at the first of its words.
fn batch(
    table: Table,
    search: &Search,
    further: &impl Fn(&mut QueryBuilder<Sqlite>),
    after: Option<&Place>,
    size: usize,
) -> QueryBuilder<Sqlite> {
    let Table { name, key, id } = table;
    let mut query = QueryBuilder::new(format!(
        "SELECT t.term, t.{key} AS name, t.{id} AS id, NOT EXISTS (SELECT 1 FROM {name} AS earlier \
         WHERE earlier.{id} = t.{id} AND earlier.term >= "
    ));
    query.push_bind(search.first.clone()).push(" AND earlier.term < t.term)");
    for word in &search.others {
        has_word(&mut query, table, &format!("t.{id}"), word);
    }
    further(&mut query);
    query.push(format!(" AS fits FROM {name} AS t WHERE t.term < ")).push_bind(until(&search.first));
    match after {
        None => query.push(" AND t.term >= ").push_bind(search.first.clone()),
        Some(after) => query
            .push(format!(" AND (t.term, t.{key}, t.{id}) > ("))
            .push_bind(after.term.clone())
            .push(", ")
            .push_bind(after.key.clone())
            .push(", ")
            .push_bind(after.id)
            .push(")"),
    };
    let limit = i64::try_from(size).unwrap_or(i64::MAX);
    query.push(format!(" ORDER BY t.term, t.{key}, t.{id} LIMIT ")).push_bind(limit);
    query
}

/// `AND` one of the words of `of`, an id, begins with this one.
pub(crate) fn has_word(query: &mut QueryBuilder<Sqlite>, table: Table, of: &str, word: &str) {
    let Table { name, id, .. } = table;
    query
        .push(format!(" AND EXISTS (SELECT 1 FROM {name} AS other WHERE other.{id} = {of} AND other.term >= "))
        .push_bind(word.to_owned())
        .push(" AND other.term < ")
        .push_bind(until(word))
        .push(")");
}

fn until(word: &str) -> String {
    format!("{word}{LAST}")
}

/// Makes the entries of a thing what they shall be, touching only those that differ.
pub(crate) async fn keep(conn: &mut Conn, table: Table, id: Uuid, key: &str, wanted: BTreeSet<String>) -> Result<()> {
    let Table { name, key: key_column, id: id_column } = table;
    let present: Vec<(String, String)> =
        QueryBuilder::new(format!("SELECT term, {key_column} FROM {name} WHERE {id_column} = "))
            .push_bind(id)
            .build_query_as()
            .fetch_all(&mut *conn)
            .await?;
    let stays = |(term, of): &(String, String)| *of == key && wanted.contains(term);
    for (term, of) in present.iter().filter(|entry| !stays(entry)) {
        QueryBuilder::new(format!("DELETE FROM {name} WHERE term = "))
            .push_bind(term)
            .push(format!(" AND {key_column} = "))
            .push_bind(of)
            .push(format!(" AND {id_column} = "))
            .push_bind(id)
            .build()
            .execute(&mut *conn)
            .await?;
    }
    for term in &wanted {
        if !present.iter().any(|entry| stays(entry) && entry.0 == *term) {
            insert(conn, table, term, key, id).await?;
        }
    }
    Ok(())
}

/// The entries of a thing that has none yet.
pub(crate) async fn begin(conn: &mut Conn, table: Table, id: Uuid, key: &str, terms: BTreeSet<String>) -> Result<()> {
    if terms.is_empty() {
        return Ok(());
    }
    let Table { name, key: key_column, id: id_column } = table;
    let mut query = QueryBuilder::new(format!("INSERT INTO {name} (term, {key_column}, {id_column}) "));
    query.push_values(terms, |mut row, term| {
        row.push_bind(term).push_bind(key.to_owned()).push_bind(id);
    });
    query.build().execute(conn).await?;
    Ok(())
}

async fn insert(conn: &mut Conn, table: Table, term: &str, key: &str, id: Uuid) -> Result<()> {
    let Table { name, key: key_column, id: id_column } = table;
    QueryBuilder::new(format!("INSERT INTO {name} (term, {key_column}, {id_column}) VALUES ("))
        .push_bind(term)
        .push(", ")
        .push_bind(key)
        .push(", ")
        .push_bind(id)
        .push(")")
        .build()
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
