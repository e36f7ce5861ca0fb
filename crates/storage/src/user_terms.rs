//! `user_terms`: the lower-cased words by which people are found. Kept by [`crate::users`] with the user's own row.

use std::collections::BTreeSet;

use domain::{GroupId, UserId, user::User, validation::name_key};

pub use crate::terms::{EXAMINED, Search, TERM, TERMS, WORDS};
use crate::{
    Conn, Result,
    people_lists::Narrowing,
    terms::{self, Place, Table, add, add_parts},
};

pub(crate) const TABLE: Table = Table { name: "user_terms", key: "user_name_key", id: "user_id" };

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

/// One entry: where a list stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub term: String,
    pub user_name_key: String,
    pub user_id: UserId,
}

impl From<Place> for Entry {
    fn from(place: Place) -> Self {
        Self { term: place.term, user_name_key: place.key, user_id: place.id.into() }
    }
}

impl From<Entry> for Place {
    fn from(entry: Entry) -> Self {
        Self { term: entry.term, key: entry.user_name_key, id: entry.user_id.0 }
    }
}

/// A page of what was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub entries: Vec<Entry>,
    /// Where to go on; none when there is nothing more. The page may be short, as [`EXAMINED`] bounds the work.
    pub next: Option<Entry>,
}

impl From<terms::Page> for Found {
    fn from(page: terms::Page) -> Self {
        Self { entries: page.places.into_iter().map(Entry::from).collect(), next: page.next.map(Entry::from) }
    }
}

/// Whom the search finds, in the order of the word that was found, then of user names.
pub async fn find(
    conn: &mut Conn,
    search: &Search,
    narrowing: &Narrowing,
    after: Option<Entry>,
    limit: usize,
) -> Result<Found> {
    let page = terms::find(
        conn,
        TABLE,
        search,
        |query| {
            query.push(" AND EXISTS (SELECT 1 FROM people AS p WHERE p.id = t.user_id");
            narrowing.push_fits(query);
            query.push(")");
        },
        after.map(Place::from),
        limit,
    );
    Ok(page.await?.into())
}

/// The same among those who are in a group.
pub async fn find_members(
    conn: &mut Conn,
    search: &Search,
    group: GroupId,
    after: Option<Entry>,
    limit: usize,
) -> Result<Found> {
    let page = terms::find(
        conn,
        TABLE,
        search,
        |query| {
            query.push(" AND EXISTS (SELECT 1 FROM group_members AS m WHERE m.user_id = t.user_id AND m.group_id = ");
            query.push_bind(group.0).push(")");
        },
        after.map(Place::from),
        limit,
    );
    Ok(page.await?.into())
}

/// Makes the entries of a user what they shall be, touching only those that differ.
pub(crate) async fn keep(conn: &mut Conn, user: &User) -> Result<()> {
    terms::keep(conn, TABLE, user.id.0, &name_key(&user.user_name), of(user)).await
}

/// The entries of a user who has none yet, in one statement: there are as many of those as there are numbers of words.
pub(crate) async fn begin(conn: &mut Conn, user: &User) -> Result<()> {
    terms::begin(conn, TABLE, user.id.0, &name_key(&user.user_name), of(user)).await
}
