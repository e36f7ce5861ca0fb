//! `group_terms`: the lower-cased words by which groups are found. Kept by [`crate::groups`] with the group's own row.

use std::collections::BTreeSet;

use domain::{GroupId, group::Group, validation::name_key};

use crate::{
    Conn, Result,
    terms::{self, Place, Search, Table, add, add_parts},
};

pub(crate) const TABLE: Table = Table { name: "group_terms", key: "name_key", id: "group_id" };

/// The words by which this group is found: its name whole, each word of it and the word's parts.
pub fn of(group: &Group) -> BTreeSet<String> {
    let name = name_key(&group.display_name);
    let mut terms = BTreeSet::new();
    add(&mut terms, &name);
    for word in name.split_whitespace() {
        add(&mut terms, word);
        add_parts(&mut terms, word);
    }
    terms
}

/// One entry: where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub term: String,
    pub name_key: String,
    pub group_id: GroupId,
}

impl From<Place> for Entry {
    fn from(place: Place) -> Self {
        Self { term: place.term, name_key: place.key, group_id: place.id.into() }
    }
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub entries: Vec<Entry>,
    /// Where to go on; none when there is nothing more. The page may be short, as [`terms::EXAMINED`] bounds the work.
    pub next: Option<Entry>,
}

/// Which groups the search finds, in the order of the word that was found, then of names.
pub async fn find(conn: &mut Conn, search: &Search, after: Option<Entry>, limit: usize) -> Result<Found> {
    let after = after.map(|entry| Place { term: entry.term, key: entry.name_key, id: entry.group_id.0 });
    let page = terms::find(conn, TABLE, search, |_| (), after, limit).await?;
    Ok(Found { entries: page.places.into_iter().map(Entry::from).collect(), next: page.next.map(Entry::from) })
}

/// Makes the entries of a group what they shall be, touching only those that differ.
pub(crate) async fn keep(conn: &mut Conn, group: &Group) -> Result<()> {
    terms::keep(conn, TABLE, group.id.0, &name_key(&group.display_name), of(group)).await
}

/// The entries of a group that has none yet.
pub(crate) async fn begin(conn: &mut Conn, group: &Group) -> Result<()> {
    terms::begin(conn, TABLE, group.id.0, &name_key(&group.display_name), of(group)).await
}
