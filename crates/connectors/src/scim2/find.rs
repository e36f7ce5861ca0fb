//! Looking an account up, by our id and then by its name.

use std::collections::HashSet;

use domain::validation::name_key;
use http::Method;
use scim::{client::RemoteList, filter};
use serde_json::Value;
use url::Url;

use super::{answer::Answer, learned::Learned, users, wire::Wire};
use crate::{Failure, Found, Keys, MatchedBy, Remote};

/// Users asked for with one page, where a target has to be read through.
const PAGE: usize = 100;
/// Pages that are read before it is given up.
const PAGES: usize = 20;

/// What a look-up by one attribute came to.
enum Looked {
    Found(Found),
    /// The target says that there is none.
    Absent,
    /// The filter did nothing. All accounts were read instead, and it is not among them.
    NotAmongAll,
    /// The filter did nothing, and there are too many accounts to read.
    Ignored,
    /// The target does not take this filter.
    NotTaken(Answer),
    /// It is known not to take this filter.
    NotTried,
}

/// What is asked for.
#[derive(Clone, Copy)]
enum Attribute<'a> {
    ExternalId(&'a str),
    UserName(&'a str),
}

impl Attribute<'_> {
    fn filter(self) -> String {
        match self {
            Self::ExternalId(id) => filter::eq("externalId", id),
            Self::UserName(name) => filter::eq("userName", name),
        }
    }

    fn is_user_name(self) -> bool {
        matches!(self, Self::UserName(_))
    }
}

pub(super) async fn find(wire: &Wire<'_>, keys: &Keys<'_>) -> Result<Option<Found>, Failure> {
    let by_id = by_external_id(wire, keys).await?;
    match by_id {
        Looked::Found(found) => return Ok(Some(found)),
        Looked::NotAmongAll => return Ok(None),
        Looked::Absent | Looked::Ignored | Looked::NotTaken(_) | Looked::NotTried => {}
    }
    let Some(user_name) = keys.user_name else { return without_name(wire, keys, &by_id).await };
    // What the first filter did not narrow down was read through already.
    let read_on = !matches!(by_id, Looked::Ignored);
    let found = match look(wire, keys, Attribute::UserName(user_name), read_on).await? {
        Looked::Found(found) => Some(found),
        Looked::Absent | Looked::NotAmongAll | Looked::NotTried => None,
        Looked::Ignored => return Err(ignores_filters()),
        Looked::NotTaken(answer) => return Err(answer.failure()),
    };
    if matches!(by_id, Looked::NotTaken(_) | Looked::Ignored) {
        Learned::update(wire.call, |learned| learned.external_id_filter = Some(false));
    }
    Ok(found)
}

async fn by_external_id(wire: &Wire<'_>, keys: &Keys<'_>) -> Result<Looked, Failure> {
    if Learned::of(wire.call).external_id_filter == Some(false) {
        return Ok(Looked::NotTried);
    }
    let looked = look(wire, keys, Attribute::ExternalId(keys.external_id), true).await?;
    if let Looked::NotTaken(answer) = &looked
        && answer.scim_type.as_deref().is_some_and(|kind| kind.eq_ignore_ascii_case("invalidFilter"))
    {
        Learned::update(wire.call, |learned| learned.external_id_filter = Some(false));
    }
    Ok(looked)
}

/// For an account whose name is not known, and that the filter by our id did not settle.
async fn without_name(wire: &Wire<'_>, keys: &Keys<'_>, by_id: &Looked) -> Result<Option<Found>, Failure> {
    match by_id {
        Looked::Absent => Ok(None),
        Looked::Ignored => Err(ignores_filters()),
        _ => match read_through(wire, keys, None, Vec::new()).await? {
            Looked::Found(found) => Ok(Some(found)),
            Looked::Ignored => Err(Failure::Refused {
                text: format!(
                    "cannot look accounts up by externalId, and has more than the {} that can be read through",
                    PAGE * PAGES
                ),
                status: 400,
            }),
            _ => Ok(None),
        },
    }
}

async fn look(wire: &Wire<'_>, keys: &Keys<'_>, by: Attribute<'_>, read_on: bool) -> Result<Looked, Failure> {
    let filter = by.filter();
    let answer = wire.send(Method::GET, users::filtered(&wire.settings.users, &filter), None).await?;
    if matches!(answer.status.as_u16(), 400 | 501) {
        return Ok(Looked::NotTaken(answer));
    }
    let first = listed(answer)?;
    if first.is_empty() {
        return Ok(Looked::Absent);
    }
    match matching(&first, keys)? {
        // Our id may still be on another one, where it was asked for and the name alone was found.
        Some(found) if found.by == MatchedBy::ExternalId || by.is_user_name() => Ok(Looked::Found(found)),
        _ if !read_on => Ok(Looked::Ignored),
        _ => read_through(wire, keys, Some(&filter), first).await,
    }
}

/// Reads page after page and checks each account: for targets that answer with what was not asked for.
async fn read_through(
    wire: &Wire<'_>,
    keys: &Keys<'_>,
    filter: Option<&str>,
    first: Vec<Remote>,
) -> Result<Looked, Failure> {
    let mut seen: HashSet<String> = HashSet::new();
    let mut by_name = None;
    let mut page = first;
    for number in 0..PAGES {
        if number > 0 || page.is_empty() {
            // Targets cap their pages at will: the next one begins after what really came.
            let url: Url = users::page(&wire.settings.users, filter, seen.len() + 1, PAGE);
            page = listed(wire.send(Method::GET, url, None).await?)?;
        }
        match matching(&page, keys)? {
            Some(found) if found.by == MatchedBy::ExternalId => return Ok(Looked::Found(found)),
            Some(found) => by_name = by_name.or(Some(found)),
            None => {}
        }
        let before = seen.len();
        seen.extend(page.drain(..).map(|remote| remote.id));
        // The end; or the same page again, from a target that does not page.
        if seen.len() == before {
            return Ok(by_name.map_or(Looked::NotAmongAll, Looked::Found));
        }
    }
    Ok(by_name.map_or(Looked::Ignored, Looked::Found))
}

fn ignores_filters() -> Failure {
    Failure::misconfigured(format!(
        "ignores filters, and the account is not among the first {} that it lists: look-ups need “userName eq”",
        PAGE * PAGES
    ))
}

/// The account that carries our id, else the one of that name. `externalId` is exact, `userName` is not (RFC 7643
/// sections 3.1 and 4.1.1).
fn matching(page: &[Remote], keys: &Keys<'_>) -> Result<Option<Found>, Failure> {
    let ours: Vec<&Remote> = page.iter().filter(|r| r.external_id.as_deref() == Some(keys.external_id)).collect();
    if let Some(remote) = only(&ours, "externalId", keys.external_id)? {
        return Ok(Some(Found { remote, by: MatchedBy::ExternalId }));
    }
    let Some(wanted) = keys.user_name else { return Ok(None) };
    let key = name_key(wanted);
    let named: Vec<&Remote> =
        page.iter().filter(|r| r.user_name.as_deref().map(name_key).as_ref() == Some(&key)).collect();
    Ok(only(&named, "userName", wanted)?.map(|remote| Found { remote, by: MatchedBy::UserName }))
}

fn only(matches: &[&Remote], attribute: &str, value: &str) -> Result<Option<Remote>, Failure> {
    match matches {
        [] => Ok(None),
        [first, rest @ ..] if rest.iter().all(|other| other.id == first.id) => Ok(Some((*first).clone())),
        several => Err(Failure::Refused {
            text: format!(
                "has {} accounts with the {attribute} “{value}”: remove all but one of them there",
                several.len()
            ),
            status: 200,
        }),
    }
}

/// The accounts in an answer to a look-up.
fn listed(answer: Answer) -> Result<Vec<Remote>, Failure> {
    let status = answer.status.as_u16();
    if matches!(status, 404 | 405 | 410 | 501) {
        return Err(Failure::Misconfigured {
            text: format!("has no users at this address: {}. Check the User Endpoint", answer.words()),
            status: Some(status),
        });
    }
    let list = RemoteList::read(answer.into_document()?).map_err(|_| Failure::Misconfigured {
        text: "answered with something that is no list of users: check the User Endpoint".to_owned(),
        status: Some(status),
    })?;
    Ok(list.resources.into_iter().map(remote).collect())
}

fn remote(remote: scim::client::Remote) -> Remote {
    let scim::client::Remote { id, external_id, user_name, active, document } = remote;
    Remote { id, external_id, user_name, active, document: without_password(document) }
}

/// Some targets echo what they should never return.
fn without_password(mut document: Value) -> Value {
    if let Some(fields) = document.as_object_mut() {
        fields.retain(|name, _| !name.eq_ignore_ascii_case("password"));
    }
    document
}
