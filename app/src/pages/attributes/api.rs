//! Server functions of attributes.

#![expect(clippy::too_many_arguments, reason = "one per field of the form")]
#![cfg_attr(feature = "ssr", expect(clippy::fn_params_excessive_bools, reason = "one per box of the form"))]

use domain::{AttributeId, SchemaId};
use leptos::prelude::*;

use super::view::{Schema, SchemaList};
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "attributes/list", protocol = Read)]
pub async fn list() -> Result<SchemaList, ConsoleError> {
    super::shown::list().await
}

#[server(prefix = "/console/-", endpoint = "attributes/show", protocol = Read)]
pub async fn show(id: SchemaId) -> Result<Schema, ConsoleError> {
    super::shown::schema(id).await
}

#[server(prefix = "/console/-", endpoint = "attributes/create")]
pub async fn create(
    #[server(default)] urn: String,
    #[server(default)] name: String,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    super::shown::create(urn, name, description).await
}

/// Name and description of a schema.
#[server(prefix = "/console/-", endpoint = "attributes/describe")]
pub async fn describe(
    id: SchemaId,
    version: i64,
    #[server(default)] name: String,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    super::shown::describe(id, version, name, description).await
}

/// A schema with all its attributes.
#[server(prefix = "/console/-", endpoint = "attributes/delete")]
pub async fn delete(id: SchemaId, version: i64) -> Result<Outcome, ConsoleError> {
    super::shown::delete(id, version).await
}

#[server(prefix = "/console/-", endpoint = "attributes/add")]
pub async fn add(
    id: SchemaId,
    version: i64,
    #[server(default)] name: String,
    #[server(default)] label: String,
    #[server(default)] kind: String,
    #[server(default)] returned: String,
    #[server(default)] canonical_values: String,
    #[server(default)] multi_valued: bool,
    #[server(default)] required: bool,
    #[server(default)] unique: bool,
    #[server(default)] case_exact: bool,
    #[server(default)] immutable: bool,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    use super::shown::{self, Typed};

    let texts = [name, label, kind, returned, canonical_values, description];
    shown::add(id, version, Typed { texts, boxes: [multi_valued, required, unique, case_exact, immutable] }).await
}

#[server(prefix = "/console/-", endpoint = "attributes/alter")]
pub async fn alter(
    id: SchemaId,
    attribute: AttributeId,
    version: i64,
    #[server(default)] label: String,
    #[server(default)] kind: String,
    #[server(default)] returned: String,
    #[server(default)] canonical_values: String,
    #[server(default)] multi_valued: bool,
    #[server(default)] required: bool,
    #[server(default)] unique: bool,
    #[server(default)] case_exact: bool,
    #[server(default)] immutable: bool,
    #[server(default)] description: String,
) -> Result<Outcome, ConsoleError> {
    use super::shown::{self, Typed};

    let texts = [String::new(), label, kind, returned, canonical_values, description];
    let typed = Typed { texts, boxes: [multi_valued, required, unique, case_exact, immutable] };
    shown::alter(id, attribute, version, typed).await
}

#[server(prefix = "/console/-", endpoint = "attributes/remove")]
pub async fn remove(id: SchemaId, attribute: AttributeId, version: i64) -> Result<Outcome, ConsoleError> {
    super::shown::remove(id, attribute, version).await
}
