//! The wizard's draft: what its steps gather until Finish.

use std::collections::BTreeMap;

use auth::{
    Authorised,
    grants::{ConnectionsRead, ConnectionsWrite},
};
use directory::{Directory, Error};
use domain::{
    ConnectionId, DraftId,
    config::{ConfigSchema, Control, Report, Typed},
};
use serde::{Deserialize, Serialize};

use super::{
    configuration::PROPERTIES,
    view::{Configuration, Draft},
};
use crate::{error::ConsoleError, outcome::Outcome, routes::Page, ssr};

#[derive(Clone, Debug, Serialize, Deserialize)]
struct NewConnector {
    connection: ConnectionId,
    kind: String,
    /// With its secrets: drafts are encrypted.
    typed: Typed,
    report: Option<Report>,
}

pub(super) async fn begin(connection: ConnectionId, kind: String) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise::<ConnectionsWrite>()?;
    if kind.is_empty() {
        return Ok(Outcome::invalid("kind", "Choose the type of the new connector."));
    }
    if schema(&directory, &kind)?.is_none() {
        return Ok(Outcome::invalid("kind", "There is no connector of this kind."));
    }
    let draft = NewConnector { connection, kind, typed: Typed::new(), report: None };
    let saved = directory.save_draft(&who, None, &draft).await;
    ssr::outcome(saved, |id| Outcome::go(&Page::ConfigureConnector(connection, id)))
}

pub(super) async fn shown(connection: ConnectionId, id: DraftId) -> Result<Draft, ConsoleError> {
    let (directory, who) = ssr::authorise()?;
    let draft = read(&directory, &who, connection, id).await?;
    let schema = schema(&directory, &draft.kind)?.ok_or_else(gone)?;
    let (secrets, values): (BTreeMap<_, _>, BTreeMap<_, _>) =
        draft.typed.into_iter().partition(|(key, _)| is_secret(&schema, key));
    let secrets = secrets.into_keys().map(|key| (key, None)).collect();
    Ok(Draft { configuration: Configuration { schema, values, secrets }, report: draft.report })
}

pub(super) async fn configure(
    connection: ConnectionId,
    id: DraftId,
    properties: Typed,
) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise()?;
    let before = read(&directory, &who, connection, id).await?;
    let schema = schema(&directory, &before.kind)?.ok_or_else(gone)?;
    let typed = keeping_secrets(&schema, before.typed, properties);
    let checked = directory.check_configuration(&who, &before.kind, &typed);
    let next = ssr::outcome_within(PROPERTIES, checked, |_| Outcome::go(&Page::SummariseConnector(connection, id)))?;
    if matches!(next, Outcome::Done { .. }) {
        let draft = NewConnector { connection, kind: before.kind, typed, report: None };
        directory.save_draft(&who, Some(id), &draft).await?;
    }
    Ok(next)
}

pub(super) async fn test(connection: ConnectionId, id: DraftId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise()?;
    let draft = read(&directory, &who, connection, id).await?;
    let report = directory.try_configuration(&who, &draft.kind, &draft.typed).await?;
    let saved = directory.save_draft(&who, Some(id), &NewConnector { report: Some(report), ..draft }).await;
    ssr::outcome(saved, |_| Outcome::go(&Page::SummariseConnector(connection, id)))
}

pub(super) async fn finish(connection: ConnectionId, id: DraftId) -> Result<Outcome, ConsoleError> {
    let (directory, who) = ssr::authorise()?;
    let draft = read(&directory, &who, connection, id).await?;
    let made = directory.create_connector(&who, connection, &draft.kind, &draft.typed, false).await;
    if made.is_ok() {
        directory.discard_draft(&who, id).await?;
    }
    let message = "The connector was added. Switch it on to start provisioning.";
    ssr::outcome_within(PROPERTIES, made, |_| Outcome::done(&Page::OutboundProvisioning(connection), message))
}

async fn read(
    directory: &Directory,
    who: &Authorised<ConnectionsWrite>,
    connection: ConnectionId,
    id: DraftId,
) -> Result<NewConnector, ConsoleError> {
    let draft: Result<NewConnector, Error> = directory.draft(who, id).await;
    draft.ok().filter(|draft| draft.connection == connection).ok_or_else(gone)
}

fn gone() -> ConsoleError {
    ConsoleError::NotFound { what: "This draft".to_owned() }
}

fn schema(directory: &Directory, kind: &str) -> Result<Option<ConfigSchema>, ConsoleError> {
    let (_, reader) = ssr::authorise::<ConnectionsRead>()?;
    Ok(directory.connector_schemas(&reader)?.into_iter().find(|schema| schema.kind == kind))
}

fn is_secret(schema: &ConfigSchema, key: &str) -> bool {
    schema.field(key).is_some_and(|field| field.control == Control::Secret)
}

/// A secret that comes back empty was typed before: its field never shows it.
fn keeping_secrets(schema: &ConfigSchema, before: Typed, mut typed: Typed) -> Typed {
    for (key, secret) in before {
        if is_secret(schema, &key) && typed.get(&key).is_none_or(String::is_empty) {
            typed.insert(key, secret);
        }
    }
    typed.retain(|key, value| !(is_secret(schema, key) && value.is_empty()));
    typed
}
