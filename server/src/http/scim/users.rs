//! `/Users` (RFC 7644 section 3).

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
use directory::users::{NewUser, Refused, Revise, Revision};
use domain::{
    UserId,
    user::{Origin, User},
};
use scim::{
    ScimError,
    patch::{self as operations, Operation},
    projection::Projection,
    schema::ResourceSchema,
    user::{self, UserPayload},
};
use serde_json::Value;

use super::{
    Proof,
    answer::{base_url, groups_of, of_user, unchanged, with_pending},
    fault::Result,
    lists::{self, Kind},
    request::{Asked, json, projection},
};
use crate::{http::conditional::Tags, state::AppState};

pub(super) async fn list(proof: Proof<UsersRead>, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    lists::by_address(&state, &proof.who, &[Kind::User], &uri).await
}

pub(super) async fn search(
    proof: Proof<UsersRead>,
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Response> {
    lists::by_body(&state, &proof.who, &[Kind::User], request).await
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
    if let Some(unchanged) = unchanged(&Tags::if_none_match(&headers), person.version) {
        return Ok(unchanged);
    }
    Ok(of_user(&state, &proof.who, &person, &projection).await?.answer(StatusCode::OK))
}

pub(super) async fn create(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    uri: Uri,
    request: Request<Body>,
) -> Result<Response> {
    let projection = projection(&uri)?;
    let schemas = state.directory().schemas_now().await?;
    let UserPayload { input, password } = user::read_with(&json(request).await?, &schemas.users)?;
    let made = state.directory().create_user(&proof.who, NewUser { input, password, origin: Origin::Api }).await?;
    let reader = proof.who.caller().authorise::<UsersRead>()?;
    let resource = of_user(&state, &reader, &made.user, &projection).await?;
    Ok(with_pending(resource.answer(StatusCode::CREATED), &made.pending))
}

pub(super) async fn replace(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let schemas = state.directory().schemas_now().await?;
    let UserPayload { input, password } = user::read_with(&json(request).await?, &schemas.users)?;
    let revise = move |_: &User| Ok(Revision { input: input.clone(), password: password.clone() });
    change(&state, &proof.who, parse(&id)?, asked, Arc::new(revise)).await
}

pub(super) async fn patch(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    request: Request<Body>,
) -> Result<Response> {
    let asked = Asked::of(&request)?;
    let operations = operations::parse(&json(request).await?)?;
    let (id, base) = (parse(&id)?, base_url(&state));
    // For those who repeat what is readOnly as it is.
    let reader = proof.who.caller().authorise::<UsersRead>()?;
    let groups = groups_of(&state, &reader, &[id], &Projection::Default).await?.remove(&id).unwrap_or_default();
    let schemas = state.directory().schemas_now().await?;
    let revise = move |person: &User| {
        patched(user::write_with(person, &groups, &base, &schemas.users), &operations, &schemas.users)
    };
    change(&state, &proof.who, id, asked, Arc::new(revise)).await
}

pub(super) async fn delete(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response> {
    let id = parse(&id)?;
    let expected = expected(&state, &proof.who, id, &Asked::bare(&headers)).await?;
    let pending = state.directory().delete_user(&proof.who, id, expected).await?;
    Ok(with_pending(StatusCode::NO_CONTENT.into_response(), &pending))
}

async fn change(
    state: &AppState,
    who: &Authorised<UsersWrite>,
    id: UserId,
    asked: Asked,
    revise: Revise,
) -> Result<Response> {
    let expected = expected(state, who, id, &asked).await?;
    let made = state.directory().revise_user(who, id, expected, revise).await?;
    let reader = who.caller().authorise::<UsersRead>()?;
    let resource = of_user(state, &reader, &made.user, &asked.projection).await?;
    Ok(with_pending(resource.answer(StatusCode::OK), &made.pending))
}

fn patched(
    mut document: Value,
    operations: &[Operation],
    schema: &ResourceSchema,
) -> std::result::Result<Revision, Refused> {
    operations::apply(&mut document, operations, schema)?;
    let UserPayload { input, password } = user::read_patched(&document, schema)?;
    Ok(Revision { input, password })
}

async fn expected(state: &AppState, who: &Authorised<UsersWrite>, id: UserId, asked: &Asked) -> Result<Option<i64>> {
    asked.expected(who, async |who| Ok(state.directory().user(who, id).await?.version)).await
}

/// Other ids than ours name nobody.
fn parse(id: &str) -> Result<UserId> {
    Ok(id.parse().map_err(|_| ScimError::not_found(&format!("User {id}")))?)
}
