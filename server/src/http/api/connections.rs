//! Connections.

use auth::grants::{ConnectionsRead, ConnectionsWrite};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use directory::connections::ConnectionChange;
use domain::{
    ConnectionId, Timestamp,
    connection::{self, CUSTOM_CONNECTOR, ConnectionInput},
    identity::{IdentityProvider, signs_in},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Proof,
    answer::{created, expected, removed, resource},
    input::{Document, Id, Parameters},
    merge_patch::Patch,
    page::{List, Window},
    policy::{self, DeleteParameters, not_removable},
    problem::{Problem, Result},
    sign_in::{ChangedSignIn, renamed},
};
use crate::state::AppState;

/// A named tie to one external system.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Connection {
    #[schema(value_type = String, format = "uuid")]
    id: ConnectionId,
    name: String,
    description: String,
    /// `/connections/{id}/sign-in` says how those sign people in that are not a `custom-connector`.
    #[schema(example = "custom-connector")]
    template: String,
    /// Off: nothing is called, nobody is deprovisioned, deliveries wait.
    enabled: bool,
    state: policy::State,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<connection::Connection> for Connection {
    fn from(connection: connection::Connection) -> Self {
        Self {
            id: connection.id,
            name: connection.name,
            description: connection.description,
            template: connection.template,
            enabled: connection.enabled,
            state: connection.life.into(),
            created_at: connection.created_at,
            updated_at: connection.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConnection {
    /// 3 to 120 characters, unique without regard to case.
    #[schema(example = "Acme Cloud")]
    name: String,
    /// At most 300 characters.
    #[serde(default)]
    description: String,
    /// `custom-connector`, or one that signs people in: `standard-based-idp`, `google`, `microsoft`, `github`.
    #[serde(default = "custom_connector")]
    #[schema(example = "custom-connector")]
    template: String,
    #[serde(default = "on")]
    #[schema(default = true)]
    enabled: bool,
    /// How it signs people in; what is left out is as the template has it.
    sign_in: Option<ChangedSignIn>,
}

fn custom_connector() -> String {
    CUSTOM_CONNECTOR.to_owned()
}

fn on() -> bool {
    true
}

/// A JSON Merge Patch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedConnection {
    /// 3 to 120 characters, unique without regard to case.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    /// At most 300 characters; null empties it.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    enabled: Patch<bool>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    limit: Option<String>,
    cursor: Option<String>,
    search: Option<String>,
}

/// List connections, by name
#[utoipa::path(
    get, path = "/api/v1/connections", tag = "connections",
    params(
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
        ("search" = Option<String>, Query, description = "Only those whose name contains this"),
    ),
    responses((status = 200, body = List<Connection>)),
)]
pub(super) async fn list(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<ListParameters>,
) -> Result<Json<List<Connection>>> {
    let window = Window::<(String, ConnectionId)>::of(asked.limit.as_deref(), asked.cursor.as_deref())?;
    let after = window.after.as_ref().map(|(name, id)| (name.as_str(), *id));
    let found = state.directory().connections(&proof.who, asked.search.as_deref(), after, window.ask_for()).await?;
    let (found, next) = window.page(found, |last| (last.name.clone(), last.id));
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next }))
}

/// Create a connection
///
/// One that signs people in does so from here on; `/connections/{id}/sign-in` has the address to register at the
/// provider.
#[utoipa::path(
    post, path = "/api/v1/connections", tag = "connections", request_body = NewConnection,
    responses((status = 201, body = Connection), (status = 409, description = "The name is taken", body = Problem)),
)]
pub(super) async fn create(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Document(new): Document<NewConnection>,
) -> Result<Response> {
    let input = ConnectionInput { name: new.name, description: new.description };
    let directory = state.directory();
    let made = match (signs_in(&new.template), new.sign_in) {
        (false, None) => directory.create_connection(&proof.who, input, &new.template, new.enabled).await?,
        (false, Some(_)) => return Err(Problem::field("sign_in", "Connections of this template sign nobody in.")),
        (true, given) => {
            let given = given.unwrap_or_default();
            let secret = given.new_secret();
            let tile = IdentityProvider::of_template(&new.template);
            let mut settings = tile.clone();
            given.apply(tile, &mut settings);
            let made = directory
                .create_identity_provider(&proof.who, input, &new.template, settings, secret, new.enabled)
                .await;
            made.map_err(|error| renamed(error, "sign_in."))?
        }
    };
    Ok(created(&state, &format!("/connections/{}", made.id), made.version, &Connection::from(made.clone())))
}

/// Read a connection
#[utoipa::path(
    get, path = "/api/v1/connections/{id}", tag = "connections", params(("id" = String, Path)),
    responses((status = 200, body = Connection), (status = 404, body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
) -> Result<Response> {
    let found = state.directory().connection(&proof.who, id).await?;
    Ok(resource(StatusCode::OK, found.version, &Connection::from(found)))
}

/// Change a connection
///
/// Switching on or off does not change the version.
#[utoipa::path(
    patch, path = "/api/v1/connections/{id}", tag = "connections",
    params(
        ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that the change builds on; 412 if it is an older one"),
    ),
    request_body(content = ChangedConnection, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Connection), (status = 412, body = Problem)),
)]
pub(super) async fn change(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
    headers: HeaderMap,
    Document(change): Document<ChangedConnection>,
) -> Result<Response> {
    let change = ConnectionChange {
        name: match change.name {
            Patch::Clear => return not_removable("name"),
            name => name.or_default(String::new()),
        },
        description: change.description.or_default(String::new()),
        enabled: match change.enabled {
            Patch::Clear => return not_removable("enabled"),
            enabled => enabled.or_default(true),
        },
        expected: expected(&headers)?,
    };
    let changed = state.directory().change_connection(&proof.who, id, change).await?;
    Ok(resource(StatusCode::OK, changed.version, &Connection::from(changed)))
}

/// Delete a connection with its connectors
///
/// Refused (409) while one of its connectors is enabled, and where accounts exist and `accounts` does not say what
/// becomes of them; the problem then has their number in `accounts`.
#[utoipa::path(
    delete, path = "/api/v1/connections/{id}", tag = "connections",
    params(
        ("id" = String, Path),
        ("accounts" = Option<policy::Removal>, Query, description = "What becomes of the accounts at its targets"),
    ),
    responses(
        (status = 204, description = "It is gone"),
        (status = 202, description = "Accounts are being let go; GET shows `\"state\": \"removing\"` until the last one is"),
        (status = 409, body = Problem),
    ),
)]
pub(super) async fn delete(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
    Parameters(asked): Parameters<DeleteParameters>,
) -> Result<Response> {
    Ok(removed(state.directory().delete_connection(&proof.who, id, asked.accounts()).await?))
}
