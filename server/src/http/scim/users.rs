//! `/Users` (RFC 7644 section 3).

use std::sync::Arc;

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, Request, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use directory::{
    Error,
    users::{NewUser, Refused, Revise, Revision},
};
use domain::{UserId, user::Origin};
use scim::{
    ScimError,
    list::{ListResponse, Query},
    patch::{self as operations, Operation},
    projection::Projection,
    schema,
    user::{self, UserPayload},
};
use serde_json::Value;

use super::{
    Proof,
    answer::{base_url, document, resource, with_pending},
    fault::{MEDIA_TYPE, Result},
    narrow::{DEFAULT_RESULTS, MAX_RESULTS, Narrowed, narrow},
};
use crate::{
    http::{body, conditional::Tags},
    state::AppState,
};

pub(super) async fn list(proof: Proof<UsersRead>, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    answer_query(&state, &proof.who, &query(&uri)?).await
}

/// A list whose query is a body: what is asked for stays out of logs and histories of addresses.
pub(super) async fn search(
    proof: Proof<UsersRead>,
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Response> {
    let query = Query::from_search(&json(request).await?)?;
    answer_query(&state, &proof.who, &query).await
}

pub(super) async fn show(
    proof: Proof<UsersRead>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let projection = projection(&uri)?;
    let person = state.directory().user(&proof.who, parse(&id)?).await?;
    if Tags::if_none_match(&headers).name(person.version) {
        let tag = HeaderValue::from_str(&user::etag(person.version)).ok();
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().extend(tag.map(|tag| (header::ETAG, tag)));
        return Ok(response);
    }
    Ok(resource(&state, StatusCode::OK, &person, &projection))
}

pub(super) async fn create(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    uri: Uri,
    request: Request<Body>,
) -> Result<Response> {
    let projection = projection(&uri)?;
    let UserPayload { input, password } = user::read(&json(request).await?)?;
    let made = state.directory().create_user(&proof.who, NewUser { input, password, origin: Origin::Api }).await?;
    Ok(with_pending(resource(&state, StatusCode::CREATED, &made.user, &projection), &made.pending))
}

pub(super) async fn replace(
    proof: Proof<UsersWrite>,
    state: State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let UserPayload { input, password } = user::read(&json(request).await?)?;
    let revise = move |_: &domain::user::User| Ok(Revision { input: input.clone(), password: password.clone() });
    change(&state, &proof.who, parse(&id)?, asked, Arc::new(revise)).await
}

pub(super) async fn patch(
    proof: Proof<UsersWrite>,
    state: State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let operations = operations::parse(&json(request).await?)?;
    let base = base_url(&state);
    let revise = move |person: &domain::user::User| patched(user::write(person, &[], &base), &operations);
    change(&state, &proof.who, parse(&id)?, asked, Arc::new(revise)).await
}

pub(super) async fn delete(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let id = parse(&id)?;
    let expected = expected(&state, &proof.who, id, Tags::if_match(&headers)).await?;
    let pending = state.directory().delete_user(&proof.who, id, expected).await?;
    Ok(with_pending(StatusCode::NO_CONTENT.into_response(), &pending))
}

/// What the request of a change says beside its body.
struct Asked {
    projection: Projection,
    if_match: Tags,
}

impl Asked {
    fn of(request: &Request<Body>) -> Result<Self> {
        Ok(Self { projection: projection(request.uri())?, if_match: Tags::if_match(request.headers()) })
    }
}

async fn change(
    state: &AppState,
    who: &Authorised<UsersWrite>,
    id: UserId,
    asked: Asked,
    revise: Revise,
) -> Result<Response> {
    let expected = expected(state, who, id, asked.if_match).await?;
    let made = state.directory().revise_user(who, id, expected, revise).await?;
    Ok(with_pending(resource(state, StatusCode::OK, &made.user, &asked.projection), &made.pending))
}

fn patched(mut document: Value, operations: &[Operation]) -> std::result::Result<Revision, Refused> {
    operations::apply(&mut document, operations, schema::user())?;
    let UserPayload { input, password } = user::read(&document)?;
    Ok(Revision { input, password })
}

/// The version that the client insists on; with several in `If-Match`, the one that is current.
async fn expected(state: &AppState, who: &Authorised<UsersWrite>, id: UserId, tags: Tags) -> Result<Option<i64>> {
    match &tags {
        Tags::None | Tags::Any => Ok(None),
        Tags::Versions(versions) => {
            if let [version] = versions[..] {
                return Ok(Some(version));
            }
            let who = who.caller().authorise::<UsersRead>()?;
            let version = state.directory().user(&who, id).await?.version;
            if tags.name(version) { Ok(Some(version)) } else { Err(Error::Stale.into()) }
        }
    }
}

async fn answer_query(state: &AppState, who: &Authorised<UsersRead>, query: &Query) -> Result<Response> {
    let limit = query.page.limit(DEFAULT_RESULTS, MAX_RESULTS);
    let (users, total) = match narrow(query.filter.as_ref())? {
        Narrowed::ToNobody => (Vec::new(), 0),
        Narrowed::To(matching) => {
            let offset = i64::try_from(query.page.offset()).unwrap_or(i64::MAX);
            let limit = i64::try_from(limit).unwrap_or(i64::MAX);
            let page = state.directory().users(who, &matching, offset, limit).await?;
            (page.users, page.total)
        }
    };
    let base = base_url(state);
    let resources =
        users.iter().map(|person| query.projection.apply(user::write(person, &[], &base), schema::user())).collect();
    let list = ListResponse {
        total_results: u64::try_from(total).unwrap_or_default(),
        start_index: query.page.start_index,
        resources,
    };
    Ok(document(StatusCode::OK, &list.into_value()))
}

/// Other ids than ours name nobody.
fn parse(id: &str) -> Result<UserId> {
    Ok(id.parse().map_err(|_| ScimError::not_found(&format!("User {id}")))?)
}

fn query(uri: &Uri) -> Result<Query> {
    let pairs: Vec<_> = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
    Ok(Query::from_parameters(pairs.iter().map(|(name, value)| (&**name, &**value)))?)
}

fn projection(uri: &Uri) -> Result<Projection> {
    Ok(query(uri)?.projection)
}

async fn json(request: Request<Body>) -> Result<Value> {
    let accepted = [MEDIA_TYPE, "application/json"];
    let body = body::read(request, &accepted, MEDIA_TYPE).await?;
    Ok(body.ok_or_else(|| ScimError::invalid_syntax("The body is empty."))?)
}
