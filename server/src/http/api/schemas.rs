//! Extension schemas of users: the attributes that an administrator defines.

use auth::grants::{SchemasRead, SchemasWrite};
use axum::{
    Json,
    extract::State,
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use directory::schemas::SchemaChange;
use domain::{
    SchemaId, Timestamp,
    extension::{self, Definition, Extension, NewExtension},
};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    Proof,
    answer::{created, expected, removed, resource},
    input::{Document, Id, Parameters},
    merge_patch::Patch,
    page::{List, PageParameters},
    policy::same_words,
    problem::{Problem, Result},
};
use crate::state::AppState;

/// Attributes that users have beyond the standard ones. Served at `/scim2/Schemas` too, in the form of RFC 7643.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct Schema {
    #[schema(value_type = String, format = "uuid")]
    id: SchemaId,
    /// Never changes.
    urn: String,
    name: String,
    description: String,
    attributes: Vec<Attribute>,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

impl From<Extension> for Schema {
    fn from(schema: Extension) -> Self {
        Self {
            id: schema.id,
            urn: schema.urn,
            name: schema.name,
            description: schema.description,
            attributes: schema.attributes.into_iter().map(|attribute| attribute.definition.into()).collect(),
            created_at: schema.created_at,
            updated_at: schema.updated_at,
        }
    }
}

/// One attribute. What is left out is false, empty, or the first of the choices.
#[derive(Clone, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "they are the contract's")]
pub(super) struct Attribute {
    /// A letter, then letters, digits, `-` and `_`. Never changes: another name is another attribute.
    name: String,
    /// What the console calls it; the name where that is empty.
    label: String,
    description: String,
    /// Fixed while somebody has a value.
    r#type: Type,
    /// Fixed while somebody has a value.
    multi_valued: bool,
    /// Of whoever has another value of this schema.
    required: bool,
    /// Texts differ by case.
    case_exact: bool,
    mutability: Mutability,
    returned: Returned,
    /// No two users have the same value. Fixed while somebody has a value.
    unique: bool,
    /// The texts to choose from; any where there are none.
    canonical_values: Vec<String>,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
#[schema(as = AttributeType)]
enum Type {
    #[default]
    String,
    Boolean,
    Integer,
    Decimal,
    DateTime,
    Reference,
}

#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Mutability {
    #[default]
    ReadWrite,
    /// Set once, then never changed.
    Immutable,
}

/// When a value is part of an answer over SCIM.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "camelCase")]
enum Returned {
    #[default]
    Default,
    Always,
    /// If the client asks for it by name.
    Request,
}

same_words!(Type = extension::Kind { String, Boolean, Integer, Decimal, DateTime, Reference });
same_words!(Mutability = extension::Mutability { ReadWrite, Immutable });
same_words!(Returned = extension::Returned { Default, Always, Request });

impl From<Definition> for Attribute {
    fn from(definition: Definition) -> Self {
        Self {
            name: definition.name,
            label: definition.label,
            description: definition.description,
            r#type: definition.kind.into(),
            multi_valued: definition.multi_valued,
            required: definition.required,
            case_exact: definition.case_exact,
            mutability: definition.mutability.into(),
            returned: definition.returned.into(),
            unique: definition.unique,
            canonical_values: definition.canonical_values,
        }
    }
}

impl From<Attribute> for Definition {
    fn from(attribute: Attribute) -> Self {
        Self {
            name: attribute.name,
            label: attribute.label,
            description: attribute.description,
            kind: attribute.r#type.into(),
            multi_valued: attribute.multi_valued,
            required: attribute.required,
            case_exact: attribute.case_exact,
            mutability: attribute.mutability.into(),
            returned: attribute.returned.into(),
            unique: attribute.unique,
            canonical_values: attribute.canonical_values,
        }
    }
}

fn definitions(attributes: Vec<Attribute>) -> Vec<Definition> {
    attributes.into_iter().map(Into::into).collect()
}

/// The words of the contract in the errors of definitions.
fn renamed(error: directory::Error) -> Problem {
    let of = |errors: domain::validation::FieldErrors| {
        let fields = errors.0.into_iter().map(|(field, message)| match field.strip_suffix(".kind") {
            Some(attribute) => (format!("{attribute}.type"), message),
            None => (field, message),
        });
        domain::validation::FieldErrors(fields.collect())
    };
    match error {
        directory::Error::Invalid(errors) => directory::Error::Invalid(of(errors)).into(),
        other => other.into(),
    }
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewSchema {
    /// A URN such as `urn:example:scim:schemas:2.0:Staff`.
    urn: String,
    name: String,
    #[serde(default)]
    description: String,
    #[serde(default)]
    attributes: Vec<Attribute>,
}

/// A JSON Merge Patch.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangedSchema {
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    name: Patch<String>,
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    description: Patch<String>,
    /// All of them, known by their names: one that is left out is deleted with its values.
    #[serde(default)]
    #[schema(value_type = Option<Vec<Attribute>>)]
    attributes: Patch<Vec<Attribute>>,
}

impl ChangedSchema {
    fn apply(self, before: &Extension) -> SchemaChange {
        let present = || before.attributes.iter().map(|attribute| attribute.definition.clone()).collect();
        SchemaChange::Whole {
            name: self.name.or_default(String::new()).unwrap_or_else(|| before.name.clone()),
            description: self.description.or_default(String::new()).unwrap_or_else(|| before.description.clone()),
            definitions: self.attributes.or_default(Vec::new()).map_or_else(present, definitions),
        }
    }
}

/// List schemas
#[utoipa::path(
    get, path = "/api/v1/schemas", tag = "schemas",
    params(
        ("limit" = Option<u32>, Query, description = "Items on a page: 1 to 200, 50 unless given"),
        ("cursor" = Option<String>, Query, description = "The `next` of the page before"),
    ),
    responses((status = 200, body = List<Schema>)),
)]
pub(super) async fn list(
    proof: Proof<SchemasRead>,
    State(state): State<AppState>,
    Parameters(asked): Parameters<PageParameters>,
) -> Result<Json<List<Schema>>> {
    let window = asked.window::<SchemaId>()?;
    let found = state.directory().user_schemas(&proof.who).await?;
    let (found, next) = window.page_of_all(found, |schema| schema.id);
    Ok(Json(List { items: found.into_iter().map(Into::into).collect(), next }))
}

/// Create a schema
#[utoipa::path(
    post, path = "/api/v1/schemas", tag = "schemas", request_body = NewSchema,
    responses(
        (status = 201, body = Schema),
        (status = 409, description = "There is a schema of this URN already", body = Problem),
    ),
)]
pub(super) async fn create(
    proof: Proof<SchemasWrite>,
    State(state): State<AppState>,
    Document(new): Document<NewSchema>,
) -> Result<Response> {
    let NewSchema { urn, name, description, attributes } = new;
    let new = NewExtension { urn, name, description };
    let made = state.directory().create_schema(&proof.who, new, definitions(attributes)).await.map_err(renamed)?;
    Ok(created(&state, &format!("/schemas/{}", made.id), made.version, &Schema::from(made.clone())))
}

/// Read a schema
#[utoipa::path(
    get, path = "/api/v1/schemas/{id}", tag = "schemas", params(("id" = String, Path)),
    responses((status = 200, body = Schema), (status = 404, body = Problem)),
)]
pub(super) async fn show(
    proof: Proof<SchemasRead>,
    State(state): State<AppState>,
    Id(id): Id<SchemaId>,
) -> Result<Response> {
    let found = state.directory().user_schema(&proof.who, id).await?;
    Ok(resource(StatusCode::OK, found.version, &Schema::from(found)))
}

/// Change a schema
///
/// Values of an attribute that is no longer there are gone from every answer at once, and removed from users and their
/// accounts elsewhere in the background.
#[utoipa::path(
    patch, path = "/api/v1/schemas/{id}", tag = "schemas",
    params(
        ("id" = String, Path),
        ("If-Match" = Option<String>, Header, description = "The ETag that the change builds on; 412 if it is an older one"),
    ),
    request_body(content = ChangedSchema, content_type = "application/merge-patch+json"),
    responses((status = 200, body = Schema), (status = 412, body = Problem)),
)]
pub(super) async fn change(
    proof: Proof<SchemasWrite>,
    State(state): State<AppState>,
    Id(id): Id<SchemaId>,
    headers: HeaderMap,
    Document(change): Document<ChangedSchema>,
) -> Result<Response> {
    let insisted = expected(&headers)?;
    let before = state.directory().user_schema(&proof.who.caller().authorise()?, id).await?;
    // What is merged here was read at this version.
    let expected = insisted.unwrap_or(before.version);
    let change = change.apply(&before);
    let changed = state.directory().change_schema(&proof.who, id, change, Some(expected)).await.map_err(renamed)?;
    Ok(resource(StatusCode::OK, changed.version, &Schema::from(changed)))
}

/// Delete a schema
///
/// Its attributes are gone from every answer at once.
#[utoipa::path(
    delete, path = "/api/v1/schemas/{id}", tag = "schemas", params(("id" = String, Path)),
    responses(
        (status = 204, description = "It is gone"),
        (status = 202, description = "It is gone; values are being removed from users and their accounts elsewhere"),
        (status = 404, body = Problem),
    ),
)]
pub(super) async fn delete(
    proof: Proof<SchemasWrite>,
    State(state): State<AppState>,
    Id(id): Id<SchemaId>,
) -> Result<Response> {
    let left = state.directory().delete_schema(&proof.who, id, None).await?;
    let going = if left { directory::removal::Removed::Going } else { directory::removal::Removed::Gone };
    Ok(removed(going).into_response())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_attribute_is_read_as_it_is_written() {
        let json = json!({
            "name": "badge", "label": "Badge", "description": "", "type": "dateTime", "multi_valued": true,
            "required": false, "case_exact": false, "mutability": "immutable", "returned": "request",
            "unique": false, "canonical_values": [],
        });
        let attribute: Attribute = serde_json::from_value(json.clone()).unwrap();
        let definition = Definition::from(attribute);
        assert_eq!(definition.kind, extension::Kind::DateTime);
        assert_eq!(serde_json::to_value(Attribute::from(definition)).unwrap(), json);
    }
}
