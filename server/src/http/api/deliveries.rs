//! Deliveries, their attempts, and the retry.

use auth::grants::{DeliveriesAct, DeliveriesRead};
use axum::{
    Json,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use directory::deliveries::{Query, Shown};
use domain::{
    AttemptId, ConnectorId, DeliveryId, GroupId, SubjectId, Timestamp, UserId, attempt,
    delivery::{self, State as DeliveryState},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Proof,
    input::{Id, Parameters},
    page::{List, PageParameters, Window},
    problem::{Problem, Result},
};
use crate::state::AppState;

/// What one user or group shall be at one connector, and how far that has come.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Delivery {
    #[schema(value_type = String, format = "uuid")]
    id: DeliveryId,
    /// Set for a user, who may be deleted by now.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    user_id: Option<UserId>,
    /// Set for a group.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = "uuid")]
    group_id: Option<GroupId>,
    /// The user's or group's name when this was last planned.
    name: String,
    #[schema(value_type = String, format = "uuid")]
    connector_id: ConnectorId,
    /// `present`, `disabled` or `absent`.
    wanted: &'static str,
    /// `due`, `running`, `waiting`, `held` or `done`.
    state: &'static str,
    /// When a wait ends; null where nobody can tell.
    #[schema(value_type = Option<String>, format = DateTime)]
    until: Option<Timestamp>,
    /// Why it waits or is held.
    reason: Option<Reason>,
    /// The account's id at the target.
    remote_id: Option<String>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

#[derive(Debug, Serialize, ToSchema)]
struct Reason {
    /// `retry`, `target_down`, `paused`, `switched_off`, `name_taken`, `grace`, `fuse`, `refused`, `adoption`,
    /// `credentials` or `configuration`.
    kind: &'static str,
    /// What is so and what to do.
    text: String,
}

impl From<&delivery::Reason> for Reason {
    fn from(reason: &delivery::Reason) -> Self {
        Self { kind: reason.kind.as_str(), text: reason.text.clone() }
    }
}

impl From<Shown> for Delivery {
    fn from(shown: Shown) -> Self {
        let Shown { delivery, state, remote_id } = shown;
        let (user_id, group_id) = match delivery.subject {
            SubjectId::User(id) => (Some(id), None),
            SubjectId::Group(id) => (None, Some(id)),
        };
        let until = match &state {
            DeliveryState::Waiting { until, .. } if *until != Timestamp::NEVER => Some(*until),
            _ => None,
        };
        Self {
            id: delivery.id,
            user_id,
            group_id,
            name: delivery.subject_label,
            connector_id: delivery.connector_id,
            wanted: delivery.wanted.as_str(),
            state: state.as_str(),
            until,
            reason: state.reason().map(Into::into),
            remote_id,
            created_at: delivery.created_at,
            updated_at: delivery.updated_at,
        }
    }
}

/// One try of a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Attempt {
    #[schema(value_type = String, format = "uuid")]
    id: AttemptId,
    #[schema(value_type = String, format = "uuid")]
    delivery_id: DeliveryId,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `create`, `update`, `delete`, `retry` or `sweep`.
    trigger: &'static str,
    /// `look_up`, `create`, `adopt`, `update`, `disable`, `remove`, `let_go` or `nothing`.
    operation: &'static str,
    /// `delivered`, or the failure's kind.
    outcome: String,
    /// The failure in words.
    #[serde(skip_serializing_if = "String::is_empty")]
    text: String,
    /// HTTP status of the target's last answer, where there was one.
    status: Option<i64>,
    /// Milliseconds.
    duration_ms: i64,
    /// What was sent, without secrets, 16 kB at most. Kept for failures and the last success, and shown to tokens of
    /// the scope `admin`.
    request: Option<String>,
    /// What came back, as `request`.
    response: Option<String>,
}

impl From<attempt::Attempt> for Attempt {
    fn from(attempt: attempt::Attempt) -> Self {
        Self {
            id: attempt.id,
            delivery_id: attempt.delivery_id,
            at: attempt.at,
            trigger: attempt.trigger.as_str(),
            operation: attempt.operation.as_str(),
            outcome: attempt.outcome,
            text: attempt.text,
            status: attempt.status,
            duration_ms: attempt.duration_ms,
            request: attempt.request,
            response: attempt.response,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub(super) enum StateFilter {
    Due,
    Running,
    Waiting,
    Held,
    Done,
}

impl StateFilter {
    fn as_str(self) -> &'static str {
        match self {
            Self::Due => "due",
            Self::Running => "running",
            Self::Waiting => "waiting",
            Self::Held => "held",
            Self::Done => "done",
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    state: Option<StateFilter>,
    user_id: Option<UserId>,
    connector_id: Option<ConnectorId>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// List deliveries, newest first
#[utoipa::path(
    get, path = "/api/v1/deliveries", tag = "deliveries",
    params(
        ("state" = Option<StateFilter>, Query, description = "Only those in this state"),
        ("user_id" = Option<String>, Query, description = "Only this user's, who may be deleted by now"),
        ("connector_id" = Option<String>, Query, description = "Only those to this connector"),
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Delivery>)),
)]
pub(super) async fn list(
    proof: Proof<DeliveriesRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<ListParameters>,
) -> Result<Json<List<Delivery>>> {
    let query = Query {
        state: asked.state.map(|state| state.as_str().to_owned()),
        user: asked.user_id,
        connector: asked.connector_id,
        ..Query::default()
    };
    page(&state, &proof, query, asked.limit.as_deref(), asked.cursor.as_deref()).await.map(Json)
}

/// List a user's deliveries, newest first
///
/// They stay readable after the user is deleted.
#[utoipa::path(
    get, path = "/api/v1/users/{id}/deliveries", tag = "deliveries",
    params(
        ("id" = String, Path),
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Delivery>), (status = 404, body = Problem)),
)]
pub(super) async fn list_of_user(
    proof: Proof<DeliveriesRead>,
    State(state): State<AppState>,
    Id(id): Id<UserId>,
    Parameters(asked): Parameters<PageParameters>,
) -> Result<Json<List<Delivery>>> {
    let query = Query { user: Some(id), ..Query::default() };
    let list = page(&state, &proof, query, asked.limit.as_deref(), asked.cursor.as_deref()).await?;
    if list.items.is_empty() && asked.cursor.is_none() {
        // Nobody, or somebody without deliveries?
        state.directory().user(&proof.who.caller().authorise()?, id).await?;
    }
    Ok(Json(list))
}

async fn page(
    state: &AppState,
    proof: &Proof<DeliveriesRead>,
    query: Query,
    limit: Option<&str>,
    cursor: Option<&str>,
) -> Result<List<Delivery>> {
    let window = Window::<DeliveryId>::of(limit, cursor)?;
    let query = Query { before: window.after, limit: window.ask_for(), ..query };
    let found = state.directory().deliveries(&proof.who, query).await?;
    let (found, next) = window.page(found, |last| last.delivery.id);
    Ok(List { items: found.into_iter().map(Into::into).collect(), next })
}

/// Read a delivery
#[utoipa::path(
    get, path = "/api/v1/deliveries/{id}", tag = "deliveries", params(("id" = String, Path)),
    responses((status = 200, body = Delivery), (status = 404, body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<DeliveriesRead>,
    State(state): State<AppState>,
    Id(id): Id<DeliveryId>,
) -> Result<Json<Delivery>> {
    Ok(Json(state.directory().delivery(&proof.who, id).await?.into()))
}

/// List the attempts of a delivery, newest first
#[utoipa::path(
    get, path = "/api/v1/deliveries/{id}/attempts", tag = "deliveries",
    params(
        ("id" = String, Path),
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Attempt>), (status = 404, body = Problem)),
)]
pub(super) async fn attempts(
    proof: Proof<DeliveriesRead>,
    State(state): State<AppState>,
    Id(id): Id<DeliveryId>,
    Parameters(asked): Parameters<PageParameters>,
) -> Result<Json<List<Attempt>>> {
    let window = asked.window::<AttemptId>()?;
    let found = state.directory().attempts(&proof.who, id, window.after, window.ask_for()).await?;
    let (found, next) = window.page(found, |last| last.id);
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next }))
}

/// Try a delivery again now
#[utoipa::path(
    post, path = "/api/v1/deliveries/{id}/retry", tag = "deliveries", params(("id" = String, Path)),
    responses(
        (status = 202, description = "It is due, or being tried right now", body = Delivery),
        (status = 409, description = "The account was let go, or its connector is gone", body = Problem),
    ),
)]
pub(super) async fn retry(
    proof: Proof<DeliveriesAct>,
    State(state): State<AppState>,
    Id(id): Id<DeliveryId>,
) -> Result<Response> {
    state.directory().retry(&proof.who, id).await?;
    let shown = state.directory().delivery(&proof.who.caller().authorise()?, id).await?;
    Ok((StatusCode::ACCEPTED, Json(Delivery::from(shown))).into_response())
}
