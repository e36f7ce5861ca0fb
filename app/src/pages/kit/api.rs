//! Server functions of the kit page; their data lives in memory and means nothing.

use std::collections::BTreeMap;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::ConsoleError, outcome::Outcome, read::Read, routes::Page};

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Memory {
    pub enabled: bool,
    pub note: String,
    pub draft: String,
}

#[cfg(feature = "ssr")]
static STATE: std::sync::Mutex<Memory> =
    std::sync::Mutex::new(Memory { enabled: false, note: String::new(), draft: String::new() });

#[cfg(feature = "ssr")]
fn kept() -> std::sync::MutexGuard<'static, Memory> {
    STATE.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

#[server(prefix = "/console/-", endpoint = "kit/state", protocol = Read)]
pub async fn state() -> Result<Memory, ConsoleError> {
    Ok(kept().clone())
}

#[server(prefix = "/console/-", endpoint = "kit/toggle")]
pub async fn toggle(enabled: bool) -> Result<Outcome, ConsoleError> {
    kept().enabled = enabled;
    Ok(Outcome::done(&Page::Kit, if enabled { "Enabled." } else { "Disabled." }))
}

#[server(prefix = "/console/-", endpoint = "kit/save")]
pub async fn save(
    #[server(default)] name: String,
    #[server(default)] note: String,
    #[server(default)] properties: BTreeMap<String, String>,
    #[server(default)] blocking: bool,
    #[server(default)] fail: bool,
) -> Result<Outcome, ConsoleError> {
    use domain::validation::FieldErrors;

    if fail {
        return Err(crate::ssr::internal(&"the kit was asked to fail"));
    }
    let mut errors = FieldErrors::default();
    if name.trim().len() < 3 {
        errors.add("name", "Use 3 to 120 characters.");
    }
    if properties.get("user_endpoint").is_none_or(|url| !url.starts_with("http")) {
        errors.add("properties[user_endpoint]", "Enter a full address that begins with https:// or http://.");
    }
    if !errors.is_empty() {
        return Ok(Outcome::Invalid(errors));
    }
    kept().note = format!("{name} / {note:?} / blocking {blocking}");
    Ok(Outcome::done(&Page::Kit, "Saved."))
}

#[server(prefix = "/console/-", endpoint = "kit/start")]
pub async fn start(#[server(default)] name: String) -> Result<Outcome, ConsoleError> {
    if name.trim().is_empty() {
        return Ok(Outcome::invalid("name", "Name is required."));
    }
    kept().draft = name;
    let draft = "018f0000-0000-7000-8000-000000000000".parse().map_err(|_| ConsoleError::Malformed)?;
    Ok(Outcome::go(&super::wizard(draft)))
}

#[server(prefix = "/console/-", endpoint = "kit/draft", protocol = Read)]
pub async fn draft(id: String) -> Result<String, ConsoleError> {
    let _ = id;
    let draft = kept().draft.clone();
    if draft.is_empty() { Err(ConsoleError::NotFound { what: "The draft".to_owned() }) } else { Ok(draft) }
}

#[server(prefix = "/console/-", endpoint = "kit/finish")]
pub async fn finish(draft: String) -> Result<Outcome, ConsoleError> {
    let _ = draft;
    let name = std::mem::take(&mut kept().draft);
    Ok(Outcome::done(&Page::Kit, format!("{name} was made.")))
}
