//! Which kinds of connectors there are, and how each is configured.

use auth::grants::ConnectionsRead;
use axum::{Json, extract::State};
use domain::config::{self, ConfigSchema, Control};
use serde::Serialize;
use utoipa::ToSchema;

use super::{Proof, page::List, problem::Result};
use crate::state::AppState;

/// A kind of connector.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ConnectorKind {
    #[schema(example = "scim2")]
    kind: String,
    name: String,
    description: String,
    properties: Vec<Property>,
}

/// One property of a connector's configuration.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Property {
    key: String,
    label: String,
    hint: Option<String>,
    /// `secret`: write-only.
    r#type: Type,
    /// The accepted values of a `choice`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    choices: Vec<String>,
    required: bool,
    default: Option<String>,
    /// Read, and required, only while another property has one of these values.
    only_when: Option<Condition>,
}

#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
#[schema(as = PropertyType)]
enum Type {
    Text,
    Url,
    Secret,
    Boolean,
    Choice,
}

#[derive(Debug, Serialize, ToSchema)]
struct Condition {
    key: String,
    values: Vec<String>,
}

impl From<ConfigSchema> for ConnectorKind {
    fn from(schema: ConfigSchema) -> Self {
        Self {
            kind: schema.kind,
            name: schema.name,
            description: schema.description,
            properties: schema.fields.into_iter().map(Into::into).collect(),
        }
    }
}

impl From<config::Field> for Property {
    fn from(field: config::Field) -> Self {
        let (r#type, choices) = match field.control {
            Control::Text | Control::Lines => (Type::Text, Vec::new()),
            Control::Url => (Type::Url, Vec::new()),
            Control::Secret => (Type::Secret, Vec::new()),
            Control::Checkbox => (Type::Boolean, Vec::new()),
            Control::Choice { choices } => (Type::Choice, choices.into_iter().map(|choice| choice.value).collect()),
        };
        Self {
            key: field.key,
            label: field.label,
            hint: field.hint,
            r#type,
            choices,
            required: field.required,
            default: field.default,
            only_when: field.only_when.map(|when| Condition { key: when.key, values: when.values }),
        }
    }
}

/// List the kinds of connectors
#[utoipa::path(
    get, path = "/api/v1/connector-kinds", tag = "connectors",
    responses((status = 200, body = List<ConnectorKind>)),
)]
pub(super) async fn list(
    proof: Proof<ConnectionsRead>,
    State(state): State<AppState>,
) -> Result<Json<List<ConnectorKind>>> {
    let kinds = state.directory().connector_schemas(&proof.who)?;
    Ok(Json(List { items: kinds.into_iter().map(Into::into).collect(), next: None }))
}
