//! The audit trail.

use auth::grants::AuditRead;
use axum::{Json, extract::State};
use directory::audit::{self, Matching};
use domain::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Proof,
    input::{Id, Parameters},
    page::{List, Window},
    problem::{Problem, Result},
};
use crate::state::AppState;

/// Who did what to whom or what, when and from where.
#[derive(Debug, Serialize, ToSchema)]
pub(crate) struct Event {
    /// Rises by one with each event.
    number: i64,
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    actor: Actor,
    /// Such as `user.update`.
    action: String,
    subject: Subject,
    /// What changed: an attribute is `{"before": …, "after": …}`, with one of the two where it came or went; anything
    /// else is a fact. Never a secret: of a password no more than that it changed.
    details: Value,
}

#[derive(Debug, Serialize, ToSchema)]
struct Actor {
    /// `user`, `token`, `cli`, `system` or `nobody`.
    kind: String,
    #[schema(value_type = Option<String>, format = "uuid")]
    id: Option<Uuid>,
    name: String,
    /// The client's address; empty for what ran on this machine.
    address: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Subject {
    /// Such as `user`.
    kind: String,
    #[schema(value_type = Option<String>, format = "uuid")]
    id: Option<Uuid>,
    /// As it was called at that time.
    name: String,
}

impl From<audit::Event> for Event {
    fn from(event: audit::Event) -> Self {
        Self {
            number: event.seq,
            at: event.at,
            actor: Actor {
                kind: event.actor_kind,
                id: event.actor_id,
                name: event.actor_label,
                address: event.address,
            },
            action: event.action,
            subject: Subject { kind: event.subject_kind, id: event.subject_id, name: event.subject_label },
            details: event.details,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ListParameters {
    actor: Option<String>,
    action: Option<String>,
    subject: Option<String>,
    subject_id: Option<Uuid>,
    from: Option<String>,
    until: Option<String>,
    limit: Option<String>,
    cursor: Option<String>,
}

/// List events, newest first
///
/// A page looks at 5,000 events at most: it may be short, or empty, and still have a `next`.
#[utoipa::path(
    get, path = "/api/v1/audit", tag = "audit",
    params(
        ("actor" = Option<String>, Query, description = "Only what somebody did whose name begins so"),
        ("action" = Option<String>, Query, description = "Only this action, such as `user.update`"),
        ("subject" = Option<String>, Query, description = "Only what was done to what has a name that begins so"),
        ("subject_id" = Option<String>, Query, description = "Only what was done to this, which may be deleted by now"),
        ("from" = Option<String>, Query, description = "Only from then on: RFC 3339, or a day in UTC"),
        ("until" = Option<String>, Query, description = "Only before then: RFC 3339, or a day in UTC with all of it"),
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Event>)),
)]
pub(super) async fn list(
    proof: Proof<AuditRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<ListParameters>,
) -> Result<Json<List<Event>>> {
    let window = Window::<(i64, i64)>::of(asked.limit.as_deref(), asked.cursor.as_deref())?;
    let matching = Matching {
        actor: asked.actor,
        subject: asked.subject,
        subject_id: asked.subject_id,
        action: asked.action,
        from: moment("from", asked.from.as_deref(), audit::from)?,
        until: moment("until", asked.until.as_deref(), audit::until)?,
    };
    let before = window.after.map(|(at, number)| (Timestamp::from_micros(at), number));
    let found = state.directory().find_events(&proof.who, &matching, before, window.limit).await?;
    let next = found.next.map(|(at, number)| Window::seal(&(at.as_micros(), number)));
    Ok(Json(List { items: found.entries.into_iter().map(Into::into).collect(), next }))
}

fn moment(field: &str, text: Option<&str>, read: impl Fn(&str) -> Option<Timestamp>) -> Result<Option<Timestamp>> {
    let wrong = || Problem::field(field, "Write a day or a time, such as 2026-03-12 or 2026-03-12T14:05:00Z.");
    text.map(|text| read(text).ok_or_else(wrong)).transpose()
}

/// Read an event
#[utoipa::path(
    get, path = "/api/v1/audit/{id}", tag = "audit",
    params(("id" = i64, Path, description = "The event's number")),
    responses((status = 200, body = Event), (status = 404, description = "Never recorded, or trimmed", body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<AuditRead>,
    State(state): State<AppState>,
    Id(number): Id<i64>,
) -> Result<Json<Event>> {
    Ok(Json(state.directory().event(&proof.who, number).await?.into()))
}
