//! Outbound connectors.

use std::collections::BTreeMap;

use auth::grants::{ConnectionsRead, ConnectionsWrite};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use directory::connectors::{ConnectorChange, ConnectorStatus};
use domain::{
    ConnectionId, ConnectorId, Timestamp,
    config::{Properties, Report, Typed},
    connection,
    validation::FieldErrors,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use utoipa::ToSchema;

use super::{
    Proof,
    answer::{created, expected, removed, resource},
    input::{Document, Id, OptionalDocument, Parameters},
    merge_patch::Patch,
    page::{List, PageParameters},
    policy::{self, DeleteParameters, not_removable},
    problem::{Problem, Result},
};
use crate::state::AppState;

/// One configured target inside a connection, at most one of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Connector {
    #[schema(value_type = String, format = "uuid")]
    id: ConnectorId,
    #[schema(value_type = String, format = "uuid")]
    connection_id: ConnectionId,
    /// As in `/connector-kinds`.
    #[schema(example = "scim2")]
    kind: String,
    /// Off: nothing is called, nobody is deprovisioned, deliveries wait.
    enabled: bool,
    state: policy::State,
    /// Why nothing is called at present, although it is enabled.
    pause: Option<Pause>,
    /// Accounts that are linked here.
    accounts: i64,
    /// Deliveries that are not done.
    open_deliveries: i64,
    /// Strings and booleans by key, as `/connector-kinds` describes them; without secrets.
    #[schema(value_type = Object)]
    properties: Properties,
    /// Which secrets are set, and since when. Their values are never returned.
    secrets: BTreeMap<String, Secret>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Secret {
    set: bool,
    #[schema(value_type = String, format = DateTime)]
    set_at: Timestamp,
}

impl Secret {
    pub(super) fn since(set_at: Timestamp) -> Self {
        Self { set: true, set_at }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct Pause {
    /// `manual`, `down`, `credentials`, `configuration` or `refusals`.
    kind: &'static str,
    /// What happened and what to do.
    text: String,
    #[schema(value_type = String, format = DateTime)]
    since: Timestamp,
}

impl From<connection::Pause> for Pause {
    fn from(pause: connection::Pause) -> Self {
        Self { kind: pause.kind.as_str(), text: pause.text, since: pause.since }
    }
}

impl From<ConnectorStatus> for Connector {
    fn from(status: ConnectorStatus) -> Self {
        let ConnectorStatus { connector, pause, accounts, open } = status;
        let secret = |(key, set_at)| (key, Secret::since(set_at));
        Self {
            id: connector.id,
            connection_id: connector.connection_id,
            kind: connector.kind,
            enabled: connector.enabled,
            state: connector.life.into(),
            pause: pause.map(Into::into),
            accounts,
            open_deliveries: open,
            properties: connector.properties,
            secrets: connector.secrets.into_iter().map(secret).collect(),
            created_at: connector.created_at,
            updated_at: connector.updated_at,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConnector {
    #[schema(example = "scim2")]
    kind: String,
    #[serde(default)]
    enabled: bool,
    /// Strings and booleans by key, as `/connector-kinds` describes them; secrets among them.
    #[serde(default)]
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
}

/// A JSON Merge Patch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedConnector {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    enabled: Patch<bool>,
    /// Merged key by key: what is left out stays, null takes a property away. Secrets can be replaced.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    properties: Patch<Map<String, Value>>,
    /// Needed when an address changes while accounts are linked.
    #[serde(default)]
    #[schema(value_type = Option<Moved>)]
    moved: Patch<Moved>,
}

/// Whether a new address is the same system at another place (the links stay), or another system (the accounts at the
/// old one are let go as they are).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum Moved {
    Same,
    Another,
}

/// What to try instead of what is saved.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TestedConnector {
    /// Merged with what is saved, as in a PATCH, and not saved.
    #[schema(value_type = Object)]
    properties: Map<String, Value>,
}

/// What "Test connection" or "Test sign-in" found.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct TestReport {
    /// Whether every check is.
    ok: bool,
    checks: Vec<Check>,
}

#[derive(Debug, Serialize, ToSchema)]
struct Check {
    name: String,
    ok: bool,
    /// What was found, or what is wrong and what to do.
    text: String,
}

impl From<Report> for TestReport {
    fn from(report: Report) -> Self {
        let ok = report.is_ok();
        let check = |check: domain::config::Check| Check { name: check.name, ok: check.ok, text: check.text };
        Self { ok, checks: report.checks.into_iter().map(check).collect() }
    }
}

/// List all connectors
#[utoipa::path(
    get, path = "/api/v1/connectors", tag = "connectors",
    params(
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Connector>)),
)]
pub(super) async fn list(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<PageParameters>,
) -> Result<Json<List<Connector>>> {
    let window = asked.window::<ConnectorId>()?;
    let (found, next) = window.page_of_all(state.directory().connectors(&proof.who).await?, |connector| connector.id);
    let mut items = Vec::with_capacity(found.len());
    for connector in found {
        match state.directory().connector(&proof.who, connector.id).await {
            Ok(status) => items.push(status.into()),
            // It went away meanwhile.
            Err(directory::Error::NotFound(_)) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(Json(List { items, next }))
}

/// List the connectors of a connection
#[utoipa::path(
    get, path = "/api/v1/connections/{id}/connectors", tag = "connectors", params(("id" = String, Path)),
    responses((status = 200, body = List<Connector>), (status = 404, body = Problem)),
)]
pub(super) async fn list_of_connection(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Id(id): Id<ConnectionId>,
) -> Result<Json<List<Connector>>> {
    let found = state.directory().connectors_of(&proof.who, id).await?;
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next: None }))
}

/// Add a connector to a connection
#[utoipa::path(
    post, path = "/api/v1/connections/{id}/connectors", tag = "connectors", params(("id" = String, Path)),
    request_body = NewConnector,
    responses(
        (status = 201, body = Connector),
        (status = 409, description = "There is one of this kind already", body = Problem),
    ),
)]
pub(super) async fn create(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(connection): Id<ConnectionId>,
    Document(new): Document<NewConnector>,
) -> Result<Response> {
    let typed = merged(&Properties::default(), &BTreeMap::new(), new.properties)?;
    let made = state.directory().create_connector(&proof.who, connection, &new.kind, &typed, new.enabled).await?;
    let status = state.directory().connector(&proof.who.caller().authorise()?, made.id).await?;
    Ok(created(&state, &format!("/connectors/{}", made.id), made.version, &Connector::from(status)))
}

/// Read a connector
#[utoipa::path(
    get, path = "/api/v1/connectors/{id}", tag = "connectors", params(("id" = String, Path)),
    responses((status = 200, body = Connector), (status = 404, body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
    Id(id): Id<ConnectorId>,
) -> Result<Response> {
    let status = state.directory().connector(&proof.who, id).await?;
    Ok(resource(StatusCode::OK, status.connector.version, &Connector::from(status)))
}

/// Change a connector
///
/// Switching on or off does not change the version. A new address demands the secrets again (400), and where accounts
/// are linked also `moved`.
#[utoipa::path(
    patch, path = "/api/v1/connectors/{id}", tag = "connectors",
    params(
        ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that the change builds on; 412 if it is an older one"),
    ),
    request_body(content = ChangedConnector, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Connector), (status = 412, body = Problem)),
)]
pub(super) async fn change(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectorId>,
    headers: HeaderMap,
    Document(change): Document<ChangedConnector>,
) -> Result<Response> {
    let insisted = expected(&headers)?;
    let reader = proof.who.caller().authorise()?;
    let before = state.directory().connector(&reader, id).await?.connector;
    let properties = match change.properties {
        Patch::Keep => None,
        Patch::Clear => return not_removable("properties"),
        Patch::Set(patch) => Some(merged(&before.properties, &before.secrets, patch)?),
    };
    let change = ConnectorChange {
        // What was merged above was read at this version.
        expected: insisted.or_else(|| properties.is_some().then_some(before.version)),
        properties,
        enabled: match change.enabled {
            Patch::Clear => return not_removable("enabled"),
            enabled => enabled.or_default(false),
        },
        moved: match change.moved {
            Patch::Keep | Patch::Clear => None,
            Patch::Set(Moved::Same) => Some(directory::connectors::Moved::Same),
            Patch::Set(Moved::Another) => Some(directory::connectors::Moved::Another),
        },
    };
    state.directory().change_connector(&proof.who, id, change).await?;
    let status = state.directory().connector(&reader, id).await?;
    Ok(resource(StatusCode::OK, status.connector.version, &Connector::from(status)))
}

/// Delete a connector
///
/// Refused (409) while it is enabled, and where accounts exist and `accounts` does not say what becomes of them; the
/// problem then has their number in `accounts`.
#[utoipa::path(
    delete, path = "/api/v1/connectors/{id}", tag = "connectors",
    params(
        ("id" = String, Path),
        ("accounts" = Option<policy::Removal>, Query, description = "What becomes of the accounts at the target"),
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
    Id(id): Id<ConnectorId>,
    Parameters(asked): Parameters<DeleteParameters>,
) -> Result<Response> {
    Ok(removed(state.directory().delete_connector(&proof.who, id, asked.accounts()).await?))
}

/// Test a connector
///
/// Signs in and looks up, changing nothing anywhere. A good test of what is saved ends a pause, unless it was made by
/// hand.
#[utoipa::path(
    post, path = "/api/v1/connectors/{id}/test", tag = "connectors", params(("id" = String, Path)),
    request_body(content = Option<TestedConnector>, content_type = "application/json"),
    responses((status = 200, body = TestReport), (status = 404, body = Problem)),
)]
pub(super) async fn test(
    proof: Proof<ConnectionsWrite>,
    State(state): State<AppState>,
    Id(id): Id<ConnectorId>,
    OptionalDocument(tested): OptionalDocument<TestedConnector>,
) -> Result<Json<TestReport>> {
    let typed = match tested {
        None => None,
        Some(TestedConnector { properties }) => {
            let before = state.directory().connector(&proof.who.caller().authorise()?, id).await?.connector;
            Some(merged(&before.properties, &before.secrets, properties)?)
        }
    };
    Ok(Json(state.directory().test_connector(&proof.who, id, typed.as_ref()).await?.into()))
}

/// The configuration as forms type it: what there is, changed by the patch.
fn merged(before: &Properties, secrets: &BTreeMap<String, Timestamp>, patch: Map<String, Value>) -> Result<Typed> {
    let mut typed: Typed = before.0.iter().map(|(key, value)| (key.clone(), value.as_text().to_owned())).collect();
    let mut errors = FieldErrors::default();
    for (key, value) in patch {
        match value {
            Value::Null if secrets.contains_key(&key) => {
                errors.add(&key, "A secret can be replaced, not taken away.");
            }
            Value::Null => {
                typed.remove(&key);
            }
            Value::Bool(value) => {
                typed.insert(key, value.to_string());
            }
            Value::String(value) => {
                typed.insert(key, value);
            }
            _ => errors.add(&key, "This must be a string, true or false."),
        }
    }
    errors.into_result()?;
    Ok(typed)
}

#[cfg(test)]
mod tests {
    use domain::config::Property;
    use serde_json::json;

    use super::*;

    fn merge(patch: Value) -> Result<Typed> {
        let before = [("mode", Property::Text("bearer".to_owned())), ("verify", Property::Bool(true))];
        let before = Properties(before.into_iter().map(|(key, value)| (key.to_owned(), value)).collect());
        let secrets = BTreeMap::from([("token".to_owned(), Timestamp::from_micros(0))]);
        let Value::Object(patch) = patch else { panic!("{patch} is no object") };
        merged(&before, &secrets, patch)
    }

    #[test]
    fn properties_merge_key_by_key() {
        let typed = merge(json!({"mode": "none", "verify": null, "extra": false, "token": "t"})).unwrap();
        let expected = [("extra", "false"), ("mode", "none"), ("token", "t")];
        assert_eq!(typed, expected.map(|(key, value)| (key.to_owned(), value.to_owned())).into());
    }

    #[test]
    fn what_cannot_be_a_property_is_refused_by_name() {
        let problem = serde_json::to_value(merge(json!({"mode": 7, "token": null})).unwrap_err()).unwrap();
        assert!(problem["errors"]["mode"].is_string() && problem["errors"]["token"].is_string(), "{problem}");
    }
}
