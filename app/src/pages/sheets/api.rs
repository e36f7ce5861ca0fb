//! Server functions of sheets.

use std::collections::BTreeMap;

use leptos::prelude::*;

use super::view::Sheet;
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

#[server(prefix = "/console/-", endpoint = "sheets/show", protocol = Read)]
pub async fn show(#[server(default)] at: String) -> Result<Sheet, ConsoleError> {
    super::place::show(&at).await
}

#[server(prefix = "/console/-", endpoint = "sheets/test")]
pub async fn test(#[server(default)] at: String) -> Result<Outcome, ConsoleError> {
    super::place::test(&at).await
}

#[server(prefix = "/console/-", endpoint = "sheets/save")]
pub async fn save(
    #[server(default)] at: String,
    #[server(default)] version: i64,
    #[server(default)] properties: BTreeMap<String, String>,
) -> Result<Outcome, ConsoleError> {
    super::place::save(&at, version, &properties).await
}
