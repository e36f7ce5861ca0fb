//! Server functions of imports.

use domain::ImportId;
use leptos::prelude::*;

use super::view::Sheet;
use crate::{error::ConsoleError, outcome::Outcome, read::Read};

/// Reads a list. A file comes beside the form: see `upload`.
#[server(prefix = "/console/-", endpoint = "imports/read")]
pub async fn read_list(#[server(default)] text: String) -> Result<Outcome, ConsoleError> {
    super::given::read(text).await
}

/// One import; without an id the list of all.
#[server(prefix = "/console/-", endpoint = "imports/show", protocol = Read)]
pub async fn show(
    #[server(default)] id: String,
    /// The part of its lines: `bad`, `groupless`, `failed`, `created`, `all`; empty for what matters most.
    #[server(default)]
    part: String,
    #[server(default)] after: String,
) -> Result<Sheet, ConsoleError> {
    super::shown::sheet(&id, &part, &after).await
}

#[server(prefix = "/console/-", endpoint = "imports/start")]
pub async fn start(id: ImportId, #[server(default)] create_groups: bool) -> Result<Outcome, ConsoleError> {
    use crate::{routes::Page, ssr};

    let (directory, who) = ssr::authorise()?;
    let started = directory.start_import(&who, id, create_groups).await;
    ssr::outcome(started, |()| Outcome::go(&Page::Import(id)))
}

/// Of one that was not started nothing remains; one that runs begins with nobody else.
#[server(prefix = "/console/-", endpoint = "imports/cancel")]
pub async fn cancel(id: ImportId) -> Result<Outcome, ConsoleError> {
    super::shown::cancel(id).await
}
