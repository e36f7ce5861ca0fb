//! `/Groups` (RFC 7644 section 3). Changes of members cost as much as they name, however large the group is.

use std::sync::Arc;

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use axum::{
    body::Body,
    extract::{Path, State},
    http::{HeaderMap, Request, StatusCode, Uri},
    response::{IntoResponse, Response},
};
use directory::{
    groups::{NewGroup, ReviseGroup},
    users::Refused,
};
use domain::{
    GroupId, UserId,
    group::{Group, GroupInput, MemberChange},
};
use scim::{
    Filter, ScimError,
    group::{self, ANSWERED_WHOLE, GroupPayload, MemberOperation},
    patch::{self as operations, Operation},
    projection::Projection,
    schema,
};

use super::{
    Proof,
    answer::{base_url, mark, of_group, unchanged},
    fault::Result,
    lists::{self, Kind},
    request::{Asked, json, projection},
};
use crate::{http::conditional::Tags, state::AppState};

/// Members that are looked at together by an unusual filter.
const EXAMINED_AT_ONCE: i64 = 1_000;

pub(super) async fn list(proof: Proof<UsersRead>, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    lists::by_address(&state, &proof.who, &[Kind::Group], &uri).await
}

pub(super) async fn search(
    proof: Proof<UsersRead>,
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Response> {
    lists::by_body(&state, &proof.who, &[Kind::Group], request).await
}

pub(super) async fn show(
    proof: Proof<UsersRead>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response> {
    let projection = projection(&uri)?;
    let group = state.directory().group(&proof.who, parse(&id)?).await?;
    if let Some(unchanged) = unchanged(&Tags::if_none_match(&headers), group.version) {
        return Ok(unchanged);
    }
    Ok(of_group(&state, &proof.who, &group, &projection).await?.answer(StatusCode::OK))
}

pub(super) async fn create(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    uri: Uri,
    request: Request<Body>,
) -> Result<Response> {
    let projection = projection(&uri)?;
    let GroupPayload { input, members } = group::read(&json(request).await?)?;
    let made = state.directory().create_group(&proof.who, NewGroup { input, members }).await?;
    let reader = proof.who.caller().authorise::<UsersRead>()?;
    Ok(of_group(&state, &reader, &made, &projection).await?.answer(StatusCode::CREATED))
}

pub(super) async fn replace(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let GroupPayload { input, members } = group::read(&json(request).await?)?;
    let revise = move |_: &Group| Ok(input.clone());
    let changed =
        change(&state, &proof.who, parse(&id)?, &asked, Arc::new(revise), vec![MemberChange::Replace(members)]).await?;
    let reader = proof.who.caller().authorise::<UsersRead>()?;
    Ok(of_group(&state, &reader, &changed, &asked.projection).await?.answer(StatusCode::OK))
}

pub(super) async fn patch(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let patch = group::patch(operations::parse(&json(request).await?)?)?;
    let (id, base) = (parse(&id)?, base_url(&state));
    let reader = proof.who.caller().authorise::<UsersRead>()?;
    let members = changes(&state, &reader, id, patch.members).await?;
    let revise = move |group: &Group| patched(group, &patch.attributes, &base);
    let changed = change(&state, &proof.who, id, &asked, Arc::new(revise), members).await?;
    if answers_nothing(&changed, &asked.projection) {
        let mut response = StatusCode::NO_CONTENT.into_response();
        let location = format!("{}/Groups/{id}", base_url(&state));
        mark(&mut response, StatusCode::NO_CONTENT, &location, changed.version);
        return Ok(response);
    }
    Ok(of_group(&state, &reader, &changed, &asked.projection).await?.answer(StatusCode::OK))
}

pub(super) async fn delete(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let id = parse(&id)?;
    let expected = expected(&state, &proof.who, id, &Asked::bare(&headers)).await?;
    state.directory().delete_group(&proof.who, id, expected).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Whether a PATCH of a large group says no more than that it was done: the client did not say which attributes it
/// wants to see.
fn answers_nothing(group: &Group, projection: &Projection) -> bool {
    group.size > ANSWERED_WHOLE && *projection == Projection::Default
}

async fn change(
    state: &AppState,
    who: &Authorised<UsersWrite>,
    id: GroupId,
    asked: &Asked,
    revise: ReviseGroup,
    members: Vec<MemberChange>,
) -> Result<Group> {
    let expected = expected(state, who, id, asked).await?;
    Ok(state.directory().revise_group(who, id, expected, revise, members).await?)
}

fn patched(group: &Group, attributes: &[Operation], base: &str) -> std::result::Result<GroupInput, Refused> {
    if attributes.is_empty() {
        return Ok(GroupInput::of(group));
    }
    let mut document = group::write(group, base);
    operations::apply(&mut document, attributes, schema::served_group())?;
    Ok(group::read(&document)?.input)
}

/// What becomes of members, with those named whom a filter chooses.
async fn changes(
    state: &AppState,
    who: &Authorised<UsersRead>,
    id: GroupId,
    operations: Vec<MemberOperation>,
) -> Result<Vec<MemberChange>> {
    let mut changes = Vec::with_capacity(operations.len());
    for operation in operations {
        match operation {
            MemberOperation::Add(users) => changes.push(MemberChange::Add(users)),
            MemberOperation::Remove(users) => changes.push(MemberChange::Remove(users)),
            MemberOperation::Replace(users) => changes.push(MemberChange::Replace(users)),
            MemberOperation::RemoveWhere(filter) => {
                changes.push(MemberChange::Remove(chosen(state, who, id, &filter).await?));
            }
            MemberOperation::Require(users) => {
                let present = state.directory().members_among(who, id, &users).await?;
                if let Some(stranger) = users.iter().find(|user| !present.contains(user)) {
                    return Err(ScimError::no_target(format!("User {stranger} is no member of this group.")).into());
                }
            }
        }
    }
    Ok(changes)
}

async fn chosen(state: &AppState, who: &Authorised<UsersRead>, id: GroupId, filter: &Filter) -> Result<Vec<UserId>> {
    let base = base_url(state);
    let (mut chosen, mut after) = (Vec::new(), None);
    loop {
        let members = state.directory().members(who, id, after, EXAMINED_AT_ONCE).await?;
        let Some(last) = members.last() else { return Ok(chosen) };
        after = Some(last.id);
        let fitting = members.iter().filter(|member| group::chooses(filter, &group::member(member, &base)));
        chosen.extend(fitting.map(|member| member.id));
    }
}

async fn expected(state: &AppState, who: &Authorised<UsersWrite>, id: GroupId, asked: &Asked) -> Result<Option<i64>> {
    asked.expected(who, async |who| Ok(state.directory().group(who, id).await?.version)).await
}

/// Other ids than ours name no group.
fn parse(id: &str) -> Result<GroupId> {
    Ok(id.parse().map_err(|_| ScimError::not_found(&format!("Group {id}")))?)
}
