//! What clients learn the service by (RFC 7644 section 4). For every valid token, whatever its scope.

use axum::{
    extract::{Path, State},
    http::{StatusCode, Uri},
    response::Response,
};
use directory::schemas::Schemas;
use domain::limits;
use scim::{
    ScimError, bulk,
    discovery::{self, AuthenticationScheme, Bulk, Capabilities, Limits, Pagination},
    filter, group,
    list::ListResponse,
    patch,
    schema::ResourceSchema,
};
use serde_json::Value;

use super::{
    answer::{base_url, document},
    fault::{Fault, Result},
    lists::{DEFAULT_RESULTS, Kind, MAX_RESULTS},
    request::projection,
};
use crate::{http::proof, state::AppState};

type Holder = proof::Holder<Fault>;

fn types(schemas: &Schemas) -> [&ResourceSchema; 2] {
    Kind::ALL.map(|kind| kind.schema(schemas))
}

pub(super) async fn service_provider_config(_: Holder, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    let asked = discovery::asks_for_limits(&projection(&uri)?);
    let capabilities = Capabilities {
        documentation_uri: None,
        patch: true,
        bulk: Some(Bulk { max_operations: bulk::MAX_OPERATIONS as u64, max_payload_size: bulk::MAX_PAYLOAD as u64 }),
        filter: Some(MAX_RESULTS),
        pagination: Some(Pagination { default_page_size: DEFAULT_RESULTS, max_page_size: MAX_RESULTS }),
        change_password: true,
        sort: true,
        etag: true,
        authentication: vec![AuthenticationScheme::bearer()],
        limits: asked.then_some(LIMITS),
    };
    Ok(document(StatusCode::OK, &discovery::service_provider_config(&capabilities, &base_url(&state))))
}

const LIMITS: Limits = Limits {
    filter_length: filter::MAX_LENGTH as u64,
    filter_depth: filter::MAX_DEPTH as u64,
    patch_operations: patch::MAX_OPERATIONS as u64,
    group_members: limits::GROUP_MEMBERS as u64,
    group_members_answered: group::ANSWERED_WHOLE.unsigned_abs(),
};

pub(super) async fn resource_types(_: Holder, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    let schemas = state.directory().schemas_now().await?;
    whole(&uri, discovery::resource_types(&types(&schemas), &base_url(&state)))
}

pub(super) async fn resource_type(
    _: Holder,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response> {
    let schemas = state.directory().schemas_now().await?;
    one("Resource type", &id, discovery::resource_types(&types(&schemas), &base_url(&state)))
}

pub(super) async fn schemas(_: Holder, State(state): State<AppState>, uri: Uri) -> Result<Response> {
    let schemas = state.directory().schemas_now().await?;
    whole(&uri, discovery::schemas(&types(&schemas), &base_url(&state)))
}

pub(super) async fn schema(_: Holder, State(state): State<AppState>, Path(id): Path<String>) -> Result<Response> {
    let schemas = state.directory().schemas_now().await?;
    one("Schema", &id, discovery::schemas(&types(&schemas), &base_url(&state)))
}

/// RFC 7644 section 4: a filter is answered with 403, paging and the like are ignored.
fn whole(uri: &Uri, documents: Vec<Value>) -> Result<Response> {
    let mut parameters = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes());
    if parameters.any(|(name, _)| name.eq_ignore_ascii_case("filter")) {
        return Err(ScimError::new(403, "This list cannot be filtered.").into());
    }
    Ok(document(StatusCode::OK, &ListResponse::whole(documents).into_value()))
}

fn one(what: &str, id: &str, documents: Vec<Value>) -> Result<Response> {
    let found = documents.into_iter().find(|document| document["id"].as_str() == Some(id));
    let found = found.ok_or_else(|| ScimError::not_found(&format!("{what} {id}")))?;
    Ok(document(StatusCode::OK, &found))
}
