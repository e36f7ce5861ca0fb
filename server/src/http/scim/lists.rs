//! Lists (RFC 7644 section 3.4.2, RFC 9865): by address or by body, of one type or of all, by index or by cursor.

use auth::{Authorised, grants::UsersRead};
use axum::{
    body::Body,
    http::{Request, StatusCode, Uri},
    response::Response,
};
use directory::{listing::Page, schemas::Schemas};
use domain::group::Group;
use scim::{
    ScimError,
    cursor::{Cursor, Place},
    list::{CursorResponse, ListResponse, Query},
    schema::{self, ResourceSchema},
};
use serde_json::Value;
use storage::filters::{Listing, Window};

use super::{
    answer::{base_url, groups_of, of_group, user_text, written},
    fault::Result,
    request::{json, query},
};
use crate::state::AppState;

/// Resources on a page, unless the client says otherwise.
pub(super) const DEFAULT_RESULTS: u64 = 100;
/// Resources on a page at most.
pub(super) const MAX_RESULTS: u64 = 200;
/// Members altogether of the groups on a page: with more, the page is shorter, but has one group at least.
pub(super) const MEMBERS_ON_A_PAGE: i64 = 50_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    User,
    Group,
}

impl Kind {
    pub(super) const ALL: [Self; 2] = [Self::User, Self::Group];

    /// Below the base URL.
    pub(super) fn endpoint(self) -> &'static str {
        match self {
            Self::User => schema::user().endpoint,
            Self::Group => schema::served_group().endpoint,
        }
    }

    pub(super) fn schema(self, schemas: &Schemas) -> &ResourceSchema {
        match self {
            Self::User => &schemas.users,
            Self::Group => schema::served_group(),
        }
    }
}

pub(super) async fn by_address(
    state: &AppState,
    who: &Authorised<UsersRead>,
    kinds: &[Kind],
    uri: &Uri,
) -> Result<Response> {
    answer(state, who, kinds, &query(uri)?).await
}

/// A list whose query is a body: what is asked for stays out of logs and histories of addresses.
pub(super) async fn by_body(
    state: &AppState,
    who: &Authorised<UsersRead>,
    kinds: &[Kind],
    request: Request<Body>,
) -> Result<Response> {
    let query = Query::from_search(&json(request).await?)?;
    answer(state, who, kinds, &query).await
}

async fn answer(state: &AppState, who: &Authorised<UsersRead>, kinds: &[Kind], query: &Query) -> Result<Response> {
    let schemas = state.directory().schemas_now().await?;
    check(kinds, query, &schemas)?;
    let base = base_url(state);
    let lists = Lists { state, who, query, base: &base, schemas: &schemas };
    match (kinds, query.cursor.as_deref()) {
        ([kind], Some(_)) => lists.by_cursor(*kind).await,
        (_, Some(_)) => Err(ScimError::invalid_value(
            "Resources of all types together are turned by \"startIndex\". Cursors are for /Users and /Groups.",
        )
        .into()),
        (kinds, None) => lists.by_index(kinds).await,
    }
}

/// Whether the attributes are there to filter and to sort by, in one of the types at least.
fn check(kinds: &[Kind], query: &Query, schemas: &Schemas) -> Result<()> {
    let schemas: Vec<&ResourceSchema> = kinds.iter().map(|kind| kind.schema(schemas)).collect();
    if let Some(filter) = &query.filter {
        filter.check_any(&schemas)?;
    }
    if let Some(sort) = &query.sort {
        let mut outcomes = schemas.iter().map(|schema| sort.check(schema).map(drop));
        let first = outcomes.next().unwrap_or(Ok(()));
        if first.is_err() && !outcomes.any(|outcome| outcome.is_ok()) {
            first?;
        }
    }
    Ok(())
}

struct Lists<'a> {
    state: &'a AppState,
    who: &'a Authorised<UsersRead>,
    query: &'a Query,
    base: &'a str,
    schemas: &'a Schemas,
}

/// A page's resources as texts.
struct Texts {
    resources: Vec<String>,
    first: Option<Place>,
    last: Option<Place>,
    more: bool,
}

impl Lists<'_> {
    /// The types one after the other, each in its order.
    async fn by_index(&self, kinds: &[Kind]) -> Result<Response> {
        let page = self.query.page;
        let mut total = 0;
        let mut skip = as_signed(page.offset());
        let mut left = as_signed(page.limit(DEFAULT_RESULTS, MAX_RESULTS));
        let mut texts = Vec::new();
        for kind in kinds {
            let count = self.count(*kind).await?;
            total += count;
            let expected = left.min(count - skip);
            if expected > 0 {
                let found = self.page(*kind, &Window::Offset(skip), left).await?;
                // After a page that was cut short, the next begins where this ends.
                let whole = as_signed(found.resources.len() as u64) >= expected;
                left = if whole { left - expected } else { 0 };
                texts.extend(found.resources);
            }
            skip = (skip - count).max(0);
        }
        let envelope =
            ListResponse { total_results: as_unsigned(total), start_index: page.start_index, resources: Vec::new() };
        Ok(enclosed(envelope.into_value(), &texts))
    }

    async fn by_cursor(&self, kind: Kind) -> Result<Response> {
        let (query, endpoint) = (self.query, kind.endpoint());
        let cursor = query.cursor_of(endpoint)?.unwrap_or(Cursor::First);
        let limit = as_signed(query.page.limit(DEFAULT_RESULTS, MAX_RESULTS));
        let total_results = match cursor {
            Cursor::First => Some(as_unsigned(self.count(kind).await?)),
            _ => None,
        };
        let backward = matches!(cursor, Cursor::Before(_));
        let begun = cursor != Cursor::First;
        let found = if limit == 0 {
            Texts { resources: Vec::new(), first: None, last: None, more: false }
        } else {
            self.page(kind, &Window::Cursor(cursor), limit).await?
        };
        let digest = query.digest(endpoint);
        let next = found.last.filter(|_| found.more || backward).map(|place| Cursor::After(place).write(digest));
        let previous = found
            .first
            .filter(|_| if backward { found.more } else { begun })
            .map(|place| Cursor::Before(place).write(digest));
        let envelope = CursorResponse { total_results, resources: Vec::new(), next, previous };
        Ok(enclosed(envelope.into_value(), &found.resources))
    }

    fn listing(&self, kind: Kind) -> Listing<'_> {
        let (filter, sort) = (self.query.filter.as_ref(), self.query.sort.as_ref());
        Listing { schema: kind.schema(self.schemas), filter, sort, base_url: self.base }
    }

    async fn count(&self, kind: Kind) -> Result<i64> {
        let directory = self.state.directory();
        Ok(match kind {
            Kind::User => directory.count_users(self.who, &self.listing(kind)).await?,
            Kind::Group => directory.count_groups(self.who, &self.listing(kind)).await?,
        })
    }

    async fn page(&self, kind: Kind, window: &Window, limit: i64) -> Result<Texts> {
        match kind {
            Kind::User => self.users(window, limit).await,
            Kind::Group => self.groups(window, limit).await,
        }
    }

    async fn users(&self, window: &Window, limit: i64) -> Result<Texts> {
        let projection = &self.query.projection;
        let page = self.state.directory().find_users(self.who, &self.listing(Kind::User), window, limit).await?;
        let ids: Vec<_> = page.items.iter().map(|person| person.id).collect();
        let groups = groups_of(self.state, self.who, &ids, projection).await?;
        let (none, schema) = (Vec::new(), &self.schemas.users);
        let texts = page
            .items
            .iter()
            .map(|person| user_text(person, groups.get(&person.id).unwrap_or(&none), self.base, projection, schema));
        let texts = texts.collect();
        Ok(Texts { resources: texts, first: page.first, last: page.last, more: page.more })
    }

    async fn groups(&self, window: &Window, limit: i64) -> Result<Texts> {
        let projection = &self.query.projection;
        let directory = self.state.directory();
        let listing = self.listing(Kind::Group);
        let mut page = directory.find_groups(self.who, &listing, window, limit).await?;
        if projection.wants("members", schema::served_group()) {
            let backward = matches!(window, Window::Cursor(Cursor::Before(_)));
            let fitting = fitting(&page, backward);
            if fitting < page.items.len() {
                page = directory.find_groups(self.who, &listing, window, as_signed(fitting as u64)).await?;
            }
        }
        let mut texts = Vec::with_capacity(page.items.len());
        for group in &page.items {
            texts.push(of_group(self.state, self.who, group, projection).await?.text);
        }
        Ok(Texts { resources: texts, first: page.first, last: page.last, more: page.more })
    }
}

/// How many of the groups have no more members together than a page may hold, from where the page was turned.
fn fitting(page: &Page<Group>, backward: bool) -> usize {
    let mut sizes: Vec<i64> = page.items.iter().map(|group| group.size).collect();
    if backward {
        sizes.reverse();
    }
    let mut members = 0;
    let fits = sizes.iter().take_while(|size| {
        members += **size;
        members <= MEMBERS_ON_A_PAGE
    });
    fits.count().max(1)
}

/// The answer's outer part with the resources put into it.
fn enclosed(mut envelope: Value, texts: &[String]) -> Response {
    const EMPTY: &str = "\"Resources\":[]";
    envelope["itemsPerPage"] = texts.len().into();
    let outer = envelope.to_string();
    let text = match outer.split_once(EMPTY) {
        Some((before, after)) => format!("{before}\"Resources\":[{}]{after}", texts.join(",")),
        None => outer,
    };
    written(StatusCode::OK, text)
}

fn as_signed(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn as_unsigned(number: i64) -> u64 {
    u64::try_from(number).unwrap_or_default()
}
