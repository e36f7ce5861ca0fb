//! Provisioners.

use auth::grants::{ProvisionersRead, ProvisionersWrite};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::Response,
};
use directory::provisioners::NewProvisioner as New;
use domain::{
    ConnectionId, ConnectorId, ProvisionerId, Timestamp,
    provisioner::{self, Rules},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Proof,
    answer::{created, expected, removed, resource},
    input::{Document, Id, Parameters},
    merge_patch::Patch,
    page::{List, PageParameters},
    policy::{self, DeleteParameters, Removal},
    problem::{Problem, Result},
};
use crate::state::AppState;

/// The organization-level rule: everybody in scope has an account at this connector.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Provisioner {
    #[schema(value_type = String, format = "uuid")]
    id: ProvisionerId,
    #[schema(value_type = String, format = "uuid")]
    connection_id: ConnectionId,
    #[schema(value_type = String, format = "uuid")]
    connector_id: ConnectorId,
    /// A creation waits for the target's answer.
    blocking: bool,
    /// Also users who came by first sign-in through another identity provider.
    jit_outbound: bool,
    on_blocking_failure: OnFailure,
    /// Milliseconds that a creation waits at most.
    time_limit_ms: i64,
    on_delete: Removal,
    on_leave: Removal,
    state: policy::State,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<provisioner::Provisioner> for Provisioner {
    fn from(provisioner: provisioner::Provisioner) -> Self {
        let rules = provisioner.rules;
        Self {
            id: provisioner.id,
            connection_id: provisioner.connection_id,
            connector_id: provisioner.connector_id,
            blocking: rules.blocking,
            jit_outbound: rules.jit_outbound,
            on_blocking_failure: rules.on_blocking_failure.into(),
            time_limit_ms: rules.time_limit_ms,
            on_delete: rules.on_delete.into(),
            on_leave: rules.on_leave.into(),
            state: provisioner.life.into(),
            created_at: provisioner.created_at,
            updated_at: provisioner.updated_at,
        }
    }
}

/// What becomes of a creation that a Blocking provisioner's target did not accept: the user is not created, or is
/// created and delivery goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum OnFailure {
    Refuse,
    Keep,
}

impl From<OnFailure> for provisioner::OnFailure {
    fn from(rule: OnFailure) -> Self {
        match rule {
            OnFailure::Refuse => Self::Refuse,
            OnFailure::Keep => Self::Keep,
        }
    }
}

impl From<provisioner::OnFailure> for OnFailure {
    fn from(rule: provisioner::OnFailure) -> Self {
        match rule {
            provisioner::OnFailure::Refuse => Self::Refuse,
            provisioner::OnFailure::Keep => Self::Keep,
        }
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProvisioner {
    #[schema(value_type = String, format = "uuid")]
    connection_id: ConnectionId,
    /// A connector of that connection, enabled, without a provisioner so far.
    #[schema(value_type = String, format = "uuid")]
    connector_id: ConnectorId,
    #[serde(default)]
    blocking: bool,
    #[serde(default)]
    jit_outbound: bool,
    /// `refuse` unless given.
    on_blocking_failure: Option<OnFailure>,
    /// Milliseconds, 100 to 60000; 10000 unless given.
    time_limit_ms: Option<i64>,
    /// What happens to the account of a user who is deleted here; `delete` unless given.
    on_delete: Option<Removal>,
    /// What happens to the account of a user who left the scope; `delete` unless given.
    on_leave: Option<Removal>,
}

/// A JSON Merge Patch; null means the default again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedProvisioner {
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    blocking: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<bool>)]
    jit_outbound: Patch<bool>,
    #[serde(default)]
    #[schema(value_type = Option<OnFailure>)]
    on_blocking_failure: Patch<OnFailure>,
    /// Milliseconds, 100 to 60000.
    #[serde(default)]
    #[schema(value_type = Option<i64>)]
    time_limit_ms: Patch<i64>,
    #[serde(default)]
    #[schema(value_type = Option<Removal>)]
    on_delete: Patch<Removal>,
    #[serde(default)]
    #[schema(value_type = Option<Removal>)]
    on_leave: Patch<Removal>,
}

impl ChangedProvisioner {
    fn apply(self, rules: &Rules) -> Rules {
        let default = Rules::default();
        let removal = |change: Patch<Removal>, before, default: provisioner::Removal| {
            change.or_default(default.into()).map_or(before, Into::into)
        };
        Rules {
            blocking: self.blocking.or_default(default.blocking).unwrap_or(rules.blocking),
            jit_outbound: self.jit_outbound.or_default(default.jit_outbound).unwrap_or(rules.jit_outbound),
            on_blocking_failure: self
                .on_blocking_failure
                .or_default(default.on_blocking_failure.into())
                .map_or(rules.on_blocking_failure, Into::into),
            time_limit_ms: self.time_limit_ms.or_default(default.time_limit_ms).unwrap_or(rules.time_limit_ms),
            on_delete: removal(self.on_delete, rules.on_delete, default.on_delete),
            on_leave: removal(self.on_leave, rules.on_leave, default.on_leave),
        }
    }
}

/// List provisioners
#[utoipa::path(
    get, path = "/api/v1/provisioners", tag = "provisioners",
    params(
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Provisioner>)),
)]
pub(super) async fn list(
    proof: Proof<ProvisionersRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<PageParameters>,
) -> Result<Json<List<Provisioner>>> {
    let window = asked.window::<ProvisionerId>()?;
    let found = state.directory().provisioners(&proof.who).await?;
    let (found, next) = window.page_of_all(found, |provisioner| provisioner.id);
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next }))
}

/// Create a provisioner
#[utoipa::path(
    post, path = "/api/v1/provisioners", tag = "provisioners", request_body = NewProvisioner,
    responses(
        (status = 201, body = Provisioner),
        (status = 409, description = "The connector has one already", body = Problem),
    ),
)]
pub(super) async fn create(
    proof: Proof<ProvisionersWrite>,
    State(state): State<AppState>,
    Document(new): Document<NewProvisioner>,
) -> Result<Response> {
    let default = Rules::default();
    let rules = Rules {
        blocking: new.blocking,
        jit_outbound: new.jit_outbound,
        on_blocking_failure: new.on_blocking_failure.map_or(default.on_blocking_failure, Into::into),
        time_limit_ms: new.time_limit_ms.unwrap_or(default.time_limit_ms),
        on_delete: new.on_delete.map_or(default.on_delete, Into::into),
        on_leave: new.on_leave.map_or(default.on_leave, Into::into),
    };
    let new = New { connection_id: new.connection_id, connector_id: new.connector_id, rules };
    let made = state.directory().create_provisioner(&proof.who, new).await?;
    Ok(created(&state, &format!("/provisioners/{}", made.id), made.version, &Provisioner::from(made.clone())))
}

/// Read a provisioner
#[utoipa::path(
    get, path = "/api/v1/provisioners/{id}", tag = "provisioners", params(("id" = String, Path)),
    responses((status = 200, body = Provisioner), (status = 404, body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<ProvisionersRead>,
    State(state): State<AppState>,
    Id(id): Id<ProvisionerId>,
) -> Result<Response> {
    let found = state.directory().provisioner(&proof.who, id).await?;
    Ok(resource(StatusCode::OK, found.version, &Provisioner::from(found)))
}

/// Change a provisioner
#[utoipa::path(
    patch, path = "/api/v1/provisioners/{id}", tag = "provisioners",
    params(
        ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that the change builds on; 412 if it is an older one"),
    ),
    request_body(content = ChangedProvisioner, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Provisioner), (status = 412, body = Problem)),
)]
pub(super) async fn change(
    proof: Proof<ProvisionersWrite>,
    State(state): State<AppState>,
    Id(id): Id<ProvisionerId>,
    headers: HeaderMap,
    Document(change): Document<ChangedProvisioner>,
) -> Result<Response> {
    let insisted = expected(&headers)?;
    let before = state.directory().provisioner(&proof.who.caller().authorise()?, id).await?;
    // What is merged here was read at this version.
    let expected = insisted.unwrap_or(before.version);
    let rules = change.apply(&before.rules);
    let changed = state.directory().change_provisioner(&proof.who, id, rules, Some(expected)).await?;
    Ok(resource(StatusCode::OK, changed.version, &Provisioner::from(changed)))
}

/// Delete a provisioner
///
/// Refused (409) where accounts exist and `accounts` does not say what becomes of them; the problem then has their
/// number in `accounts`.
#[utoipa::path(
    delete, path = "/api/v1/provisioners/{id}", tag = "provisioners",
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
    proof: Proof<ProvisionersWrite>,
    State(state): State<AppState>,
    Id(id): Id<ProvisionerId>,
    Parameters(asked): Parameters<DeleteParameters>,
) -> Result<Response> {
    Ok(removed(state.directory().delete_provisioner(&proof.who, id, asked.accounts()).await?))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_patch_keeps_what_it_leaves_out_and_null_is_the_default() {
        let before = Rules { blocking: true, time_limit_ms: 500, ..Rules::default() };
        let change: ChangedProvisioner =
            serde_json::from_value(json!({"time_limit_ms": null, "on_leave": "leave", "on_blocking_failure": "keep"}))
                .unwrap();
        let after = change.apply(&before);
        assert!(after.blocking);
        assert_eq!(after.time_limit_ms, Rules::default().time_limit_ms);
        assert_eq!(after.on_leave, provisioner::Removal::Leave);
        assert_eq!(after.on_delete, provisioner::Removal::Delete);
        assert_eq!(after.on_blocking_failure, provisioner::OnFailure::Keep);
    }
}
