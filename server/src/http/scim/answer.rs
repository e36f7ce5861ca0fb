//! Resources as they are sent.

use auth::{Authorised, grants::UsersRead};
use axum::{
    Json,
    body::Body,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    ConnectorId, UserId,
    group::{Group, Membership},
    user::User,
};
use scim::{
    group,
    projection::Projection,
    schema::{self, ResourceSchema},
    user::{self, etag},
};
use serde_json::{Value, json};

use super::{
    BASE,
    fault::{MEDIA_TYPE, Result},
};
use crate::{http::conditional::Tags, state::AppState};

/// Ids of the connectors that have not followed a change yet although their provisioner is Blocking.
const PENDING: HeaderName = HeaderName::from_static("usher-pending");

/// Members that are read at once.
const MEMBERS_AT_ONCE: i64 = 1_000;

pub(super) fn base_url(state: &AppState) -> String {
    state.link(BASE)
}

pub(super) fn document(status: StatusCode, document: &Value) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], Json(document).into_response().into_body()).into_response()
}

/// A document that is text already.
pub(super) fn written(status: StatusCode, text: String) -> Response {
    (status, [(header::CONTENT_TYPE, MEDIA_TYPE)], Body::from(text)).into_response()
}

/// A resource that was asked for or changed: its text, where it is, and its version.
pub(super) struct Resource {
    pub text: String,
    pub location: String,
    pub version: i64,
}

impl Resource {
    pub(super) fn answer(self, status: StatusCode) -> Response {
        let mut response = written(status, self.text);
        mark(&mut response, status, &self.location, self.version);
        response
    }
}

/// Where a resource is, and its version.
pub(super) fn mark(response: &mut Response, status: StatusCode, location: &str, version: i64) {
    let headers = response.headers_mut();
    if let Ok(location) = HeaderValue::from_str(location) {
        let name = if status == StatusCode::CREATED { header::LOCATION } else { header::CONTENT_LOCATION };
        headers.insert(name, location);
    }
    if let Ok(tag) = HeaderValue::from_str(&etag(version)) {
        headers.insert(header::ETAG, tag);
    }
}

/// 304 for a client that has this version.
pub(super) fn unchanged(tags: &Tags, version: i64) -> Option<Response> {
    tags.name(version).then(|| {
        let mut response = StatusCode::NOT_MODIFIED.into_response();
        response.headers_mut().extend(HeaderValue::from_str(&etag(version)).ok().map(|tag| (header::ETAG, tag)));
        response
    })
}

/// The part of a user that was asked for.
pub(super) async fn of_user(
    state: &AppState,
    who: &Authorised<UsersRead>,
    person: &User,
    projection: &Projection,
) -> Result<Resource> {
    let groups = groups_of(state, who, &[person.id], projection).await?.remove(&person.id).unwrap_or_default();
    let (base, schemas) = (base_url(state), state.directory().schemas_now().await?);
    Ok(Resource {
        text: user_text(person, &groups, &base, projection, &schemas.users),
        location: format!("{base}/Users/{}", person.id),
        version: person.version,
    })
}

/// The groups of users, unless the client does without them.
pub(super) async fn groups_of(
    state: &AppState,
    who: &Authorised<UsersRead>,
    users: &[UserId],
    projection: &Projection,
) -> Result<std::collections::HashMap<UserId, Vec<Membership>>> {
    if !projection.wants("groups", schema::user()) {
        return Ok(std::collections::HashMap::new());
    }
    Ok(state.directory().memberships(who, users).await?)
}

pub(super) fn user_text(
    person: &User,
    groups: &[Membership],
    base: &str,
    projection: &Projection,
    schema: &ResourceSchema,
) -> String {
    projection.apply(user::write_with(person, groups, base, schema), schema).to_string()
}

/// The part of a group that was asked for. Members are read and written piece by piece, and not at all if they are not
/// wanted.
pub(super) async fn of_group(
    state: &AppState,
    who: &Authorised<UsersRead>,
    group: &Group,
    projection: &Projection,
) -> Result<Resource> {
    let base = base_url(state);
    let mut text = projection.apply(group::write(group, &base), schema::served_group()).to_string();
    if group.size > 0 && projection.wants("members", schema::served_group()) {
        append_members(state, who, group, projection, &base, &mut text).await?;
    }
    Ok(Resource { text, location: format!("{base}/Groups/{}", group.id), version: group.version })
}

async fn append_members(
    state: &AppState,
    who: &Authorised<UsersRead>,
    group: &Group,
    projection: &Projection,
    base: &str,
    text: &mut String,
) -> Result<()> {
    text.pop();
    text.push_str(",\"members\":[");
    let mut after = None;
    loop {
        let members = state.directory().members(who, group.id, after, MEMBERS_AT_ONCE).await?;
        for member in &members {
            if !text.ends_with('[') {
                text.push(',');
            }
            let whole = json!({ "members": [group::member(member, base)] });
            let part = projection.apply(whole, schema::served_group());
            text.push_str(&part["members"][0].to_string());
        }
        match members.last() {
            Some(last) if members.len() >= usize::try_from(MEMBERS_AT_ONCE).unwrap_or(usize::MAX) => {
                after = Some(last.id);
            }
            _ => break,
        }
    }
    text.push_str("]}");
    Ok(())
}

pub(super) fn with_pending(mut response: Response, pending: &[ConnectorId]) -> Response {
    if !pending.is_empty() {
        let ids: Vec<String> = pending.iter().map(ToString::to_string).collect();
        if let Ok(value) = HeaderValue::from_str(&ids.join(", ")) {
            response.headers_mut().insert(PENDING, value);
        }
    }
    response
}
