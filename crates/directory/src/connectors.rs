//! Outbound connectors: configured, tried, switched, taken away.

use std::collections::BTreeMap;

use auth::{
    Authorised,
    grants::{ConnectionsRead, ConnectionsWrite},
};
use domain::{
    ConnectionId, ConnectorId,
    config::{ConfigSchema, Configuration, Properties, Report, Secrets, Typed, origin_of},
    connection::{Connector, Life, Pause, PauseKind},
    provisioner::Removal,
    validation::FieldErrors,
};
use serde_json::Value;
use storage::{Conn, connections, connectors, deliveries, links, runs};

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen, staying},
    details::{Details, between, came, went},
    engine::Trial,
    removal::{self, Removed},
};

/// Whether a new address is the same system at another place, or another system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moved {
    /// Links stay.
    Same,
    /// A new generation: the accounts of the old system are let go as they are.
    Another,
}

#[derive(Clone, Debug, Default)]
pub struct ConnectorChange {
    /// The whole configuration as typed; secrets left out or empty keep what is stored.
    pub properties: Option<Typed>,
    pub enabled: Option<bool>,
    pub moved: Option<Moved>,
    /// The version that the caller saw.
    pub expected: Option<i64>,
}

/// A connector and how it fares.
#[derive(Clone, Debug)]
pub struct ConnectorStatus {
    pub connector: Connector,
    pub pause: Option<Pause>,
    pub accounts: i64,
    /// Deliveries that are not done.
    pub open: i64,
}

impl Directory {
    /// The kinds of connectors that can be configured.
    pub fn connector_schemas(&self, _who: &Authorised<ConnectionsRead>) -> Result<Vec<ConfigSchema>> {
        Ok(self.engine()?.schemas())
    }

    pub async fn connector(&self, _who: &Authorised<ConnectionsRead>, id: ConnectorId) -> Result<ConnectorStatus> {
        let mut conn = self.db().read().await?;
        let connector = connectors::get(&mut conn, id).await?.ok_or(Error::NotFound("connector"))?;
        status(&mut conn, connector).await
    }

    pub async fn connectors_of(
        &self,
        _who: &Authorised<ConnectionsRead>,
        connection: ConnectionId,
    ) -> Result<Vec<ConnectorStatus>> {
        let mut conn = self.db().read().await?;
        connections::get(&mut conn, connection).await?.ok_or(Error::NotFound("connection"))?;
        let mut found = Vec::new();
        // At most one of a kind.
        for connector in connectors::of_connection(&mut conn, connection).await? {
            found.push(status(&mut conn, connector).await?);
        }
        Ok(found)
    }

    /// All connectors, without their figures.
    pub async fn connectors(&self, _who: &Authorised<ConnectionsRead>) -> Result<Vec<Connector>> {
        let mut conn = self.db().read().await?;
        Ok(connectors::all(&mut conn).await?)
    }

    /// Checks a configuration without saving it; for the steps of a wizard.
    pub fn check_configuration(
        &self,
        _who: &Authorised<ConnectionsWrite>,
        kind: &str,
        typed: &Typed,
    ) -> Result<Configuration> {
        self.checked(&self.schema(kind)?, typed, &[])
    }

    pub async fn create_connector(
        &self,
        who: &Authorised<ConnectionsWrite>,
        connection: ConnectionId,
        kind: &str,
        typed: &Typed,
        enabled: bool,
    ) -> Result<Connector> {
        let configuration = self.checked(&self.schema(kind)?, typed, &[])?;
        let context = self.context(who);
        let connector = Connector {
            id: context.ids.make(),
            connection_id: connection,
            kind: kind.to_owned(),
            enabled,
            life: Life::Active,
            properties: configuration.properties,
            secrets: configuration.secrets.0.keys().map(|field| (field.clone(), context.now)).collect(),
            generation: 1,
            version: 1,
            created_at: context.now,
            updated_at: context.now,
        };
        let (made, secrets) = (connector.clone(), configuration.secrets);
        self.commit::<_, Error, _>(move |conn| {
            let (context, connector, secrets) = (context.clone(), connector.clone(), secrets.clone());
            Box::pin(async move { insert(conn, &context, connector, secrets).await })
        })
        .await?;
        Ok(made)
    }

    pub async fn change_connector(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectorId,
        change: ConnectorChange,
    ) -> Result<Connector> {
        let context = self.context(who);
        let before = {
            let mut conn = self.db().read().await?;
            connectors::get(&mut conn, id).await?.ok_or(Error::NotFound("connector"))?
        };
        let schema = self.schema(&before.kind)?;
        let configuration = match &change.properties {
            None => None,
            Some(typed) => Some(self.revised(&schema, &before, typed)?),
        };
        let moved_endpoints = configuration.as_ref().is_some_and(|configuration| {
            endpoints(&schema, &before.properties) != endpoints(&schema, &configuration.properties)
        });
        let elsewhere = configuration
            .as_ref()
            .is_some_and(|configuration| goes_elsewhere(&schema, &before.properties, &configuration.properties));
        let planned = Planned {
            enabled: change.enabled,
            moved: change.moved,
            moved_endpoints,
            elsewhere,
            // What was checked above was read at this version.
            expected: change.expected.or_else(|| configuration.is_some().then_some(before.version)),
            configuration,
        };
        let connector = self
            .commit(move |conn| {
                let (context, planned) = (context.clone(), planned.clone());
                Box::pin(async move { apply(conn, &context, id, planned).await })
            })
            .await?;
        Ok(connector)
    }

    /// "Test connection" of a saved connector, with what is typed in its form where that is given.
    pub async fn test_connector(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectorId,
        typed: Option<&Typed>,
    ) -> Result<Report> {
        let (connector, mut secrets) = {
            let mut conn = self.db().read().await?;
            let connector = connectors::get(&mut conn, id).await?.ok_or(Error::NotFound("connector"))?;
            let secrets = connectors::secrets(&mut conn, self.db().vault(), id).await?;
            (connector, secrets)
        };
        let mut properties = connector.properties.clone();
        if let Some(typed) = typed {
            let configuration = self.revised(&self.schema(&connector.kind)?, &connector, typed)?;
            properties = configuration.properties;
            secrets.0.extend(configuration.secrets.0);
        }
        let trial = Trial { connector_id: Some(id), kind: connector.kind, properties, secrets };
        let report = self.engine()?.test(trial).await;
        if report.is_ok() && typed.is_none() {
            self.resume(who, id).await?;
        }
        Ok(report)
    }

    /// "Test connection" before anything is saved.
    pub async fn try_configuration(
        &self,
        _who: &Authorised<ConnectionsWrite>,
        kind: &str,
        typed: &Typed,
    ) -> Result<Report> {
        let configuration = self.checked(&self.schema(kind)?, typed, &[])?;
        let trial = Trial {
            connector_id: None,
            kind: kind.to_owned(),
            properties: configuration.properties,
            secrets: configuration.secrets,
        };
        Ok(self.engine()?.test(trial).await)
    }

    /// Ends a pause that a good test has shown to be over.
    async fn resume(&self, who: &Authorised<ConnectionsWrite>, id: ConnectorId) -> Result<()> {
        let context = self.context(who);
        self.commit::<_, Error, _>(move |conn| {
            let context = context.clone();
            Box::pin(async move {
                let run = runs::get(conn, id).await?;
                if let Some(pause) = run.pause {
                    // What was refused for the same reason all along has a chance once its cause is mended.
                    let held_too = pause.kind == PauseKind::Refusals;
                    reset(conn, id, run.learned, held_too, context.now).await?;
                    let connector = connectors::get(conn, id).await?;
                    if let Some(connector) = connector.filter(|_| pause.kind != PauseKind::Manual) {
                        let details = Details::default().with("pause", pause.kind.as_str());
                        record(conn, &context, "connector.resume", &connector, details).await?;
                    }
                }
                Ok(())
            })
        })
        .await?;
        Ok(())
    }

    pub async fn delete_connector(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectorId,
        accounts: Option<Removal>,
    ) -> Result<Removed> {
        let context = self.context(who);
        let removed = self
            .commit(move |conn| {
                let context = context.clone();
                Box::pin(async move { remove(conn, &context, id, accounts).await })
            })
            .await?;
        Ok(removed)
    }

    fn schema(&self, kind: &str) -> Result<ConfigSchema> {
        let found = self.engine()?.schemas().into_iter().find(|schema| schema.kind == kind);
        found.ok_or_else(|| Error::invalid("kind", "There is no connector of this kind."))
    }

    fn checked(&self, schema: &ConfigSchema, typed: &Typed, stored: &[String]) -> Result<Configuration> {
        let configuration = schema.check(typed, stored)?;
        let mut errors = FieldErrors::default();
        for (key, url) in schema.endpoints(&configuration.properties) {
            if let Err(why) = self.engine()?.check_address(url) {
                errors.add(key, why);
            }
        }
        errors.into_result()?;
        Ok(configuration)
    }

    /// Stored secrets go nowhere new: another origin demands them again.
    fn revised(&self, schema: &ConfigSchema, before: &Connector, typed: &Typed) -> Result<Configuration> {
        let stored: Vec<String> = before.secrets.keys().cloned().collect();
        let configuration = self.checked(schema, typed, &stored)?;
        if !goes_elsewhere(schema, &before.properties, &configuration.properties) {
            return Ok(configuration);
        }
        let mut errors = FieldErrors::default();
        for field in schema.secret_keys(&configuration.properties) {
            if before.secrets.contains_key(&field.key) && configuration.secrets.get(&field.key).is_none() {
                errors.add(
                    &field.key,
                    format!("Enter {} again: an address changed, and stored secrets go nowhere new.", field.label),
                );
            }
        }
        errors.into_result()?;
        Ok(configuration)
    }
}

async fn status(conn: &mut Conn, connector: Connector) -> Result<ConnectorStatus> {
    Ok(ConnectorStatus {
        pause: runs::get(conn, connector.id).await?.pause,
        accounts: links::count_at(conn, connector.id).await?,
        open: deliveries::open_at(conn, connector.id).await?,
        connector,
    })
}

fn endpoints(schema: &ConfigSchema, properties: &Properties) -> BTreeMap<String, String> {
    schema.endpoints(properties).map(|(key, url)| (key.to_owned(), url.to_owned())).collect()
}

/// Whether an address has another origin than before; one that is new has another unless some address had it.
fn goes_elsewhere(schema: &ConfigSchema, before: &Properties, after: &Properties) -> bool {
    let former: BTreeMap<&str, String> = schema.endpoints(before).map(|(key, url)| (key, origin_of(url))).collect();
    schema.endpoints(after).any(|(key, url)| {
        let origin = origin_of(url);
        match former.get(key) {
            Some(known) => *known != origin,
            None => !former.values().any(|known| *known == origin),
        }
    })
}

async fn about(conn: &mut Conn, connector: &Connector) -> Result<String> {
    let connection = connections::get(conn, connector.connection_id).await?;
    let name = connection.map_or_else(String::new, |connection| connection.name);
    Ok(format!("{name} · {}", connector.kind))
}

async fn record(
    conn: &mut Conn,
    context: &Context,
    action: &'static str,
    connector: &Connector,
    details: impl Into<Details>,
) -> Result<()> {
    let label = about(conn, connector).await?;
    context.record(conn, action, About { kind: "connector", id: Some(connector.id.0), label: &label }, details).await
}

async fn insert(conn: &mut Conn, context: &Context, connector: Connector, secrets: Secrets) -> Result<()> {
    let connection = connections::get(conn, connector.connection_id).await?.ok_or(Error::NotFound("connection"))?;
    staying("connection", connection.life)?;
    connectors::insert(conn, &connector).await?;
    put_secrets(conn, context, connector.id, &secrets).await?;
    let details = came(&connector).with_secrets("secrets_set", secrets.0.keys());
    record(conn, context, "connector.create", &connector, details).await
}

async fn put_secrets(conn: &mut Conn, context: &Context, id: ConnectorId, secrets: &Secrets) -> Result<()> {
    for (field, clear) in &secrets.0 {
        connectors::set_secret(conn, &context.vault, id, field, clear, context.now).await?;
    }
    Ok(())
}

/// A change whose input was checked.
#[derive(Clone, Debug)]
struct Planned {
    configuration: Option<Configuration>,
    enabled: Option<bool>,
    moved: Option<Moved>,
    moved_endpoints: bool,
    /// Another origin: secrets that were not entered again are forgotten, or a later change could send them there.
    elsewhere: bool,
    expected: Option<i64>,
}

async fn apply(conn: &mut Conn, context: &Context, id: ConnectorId, planned: Planned) -> Result<Connector> {
    let before = connectors::get(conn, id).await?.ok_or(Error::NotFound("connector"))?;
    as_seen(planned.expected, before.version)?;
    staying("connector", before.life)?;
    let mut after = before.clone();
    if let Some(configuration) = planned.configuration {
        let another = planned.moved_endpoints && decide_move(conn, &before, planned.moved).await? == Moved::Another;
        let mut details = Details::default();
        if another {
            details = details.with("accounts_let_go", forget_accounts(conn, id).await?);
            after.generation += 1;
        }
        if planned.elsewhere {
            let gone = forget_secrets(conn, &mut after, &configuration).await?;
            details = details.with_secrets("secrets_forgotten", gone.iter());
        }
        configure(conn, context, (&before, &mut after), configuration, details).await?;
    }
    if let Some(enabled) = planned.enabled.filter(|enabled| *enabled != before.enabled) {
        after.enabled = enabled;
        after.updated_at = context.now;
        connectors::update(conn, &after).await?;
        let action = if enabled { "connector.enable" } else { "connector.disable" };
        let switched = Connector { enabled: before.enabled, ..after.clone() };
        record(conn, context, action, &after, between(&switched, &after)).await?;
        let run = runs::get(conn, id).await?;
        if enabled && run.pause.is_some() {
            reset(conn, id, run.learned, false, context.now).await?;
        }
    }
    Ok(after)
}

async fn decide_move(conn: &mut Conn, connector: &Connector, moved: Option<Moved>) -> Result<Moved> {
    let count = links::count_at(conn, connector.id).await?;
    match moved {
        Some(moved) => Ok(moved),
        None if count == 0 => Ok(Moved::Same),
        None => Err(Error::invalid(
            "moved",
            format!(
                "{count} accounts are linked at the old address. Say whether the new address is the same system \
                 (the links stay) or another one (the accounts at the old one are let go as they are)."
            ),
        )),
    }
}

async fn forget_secrets(conn: &mut Conn, connector: &mut Connector, but: &Configuration) -> Result<Vec<String>> {
    let gone: Vec<String> = connector.secrets.keys().filter(|key| but.secrets.get(key).is_none()).cloned().collect();
    for key in &gone {
        connectors::delete_secret(conn, connector.id, key).await?;
        connector.secrets.remove(key);
    }
    Ok(gone)
}

/// Answers how many there were.
async fn forget_accounts(conn: &mut Conn, id: ConnectorId) -> Result<i64> {
    let count = links::count_at(conn, id).await?;
    while let Some(last) = links::batch(conn, id, None, domain::sweep::BATCH).await?.pop() {
        links::delete_through(conn, id, last.id).await?;
    }
    Ok(count)
}

/// Saves a new configuration, and lets what the old one held up go out.
async fn configure(
    conn: &mut Conn,
    context: &Context,
    (before, after): (&Connector, &mut Connector),
    configuration: Configuration,
    details: Details,
) -> Result<()> {
    let secrets_changed = !configuration.secrets.0.is_empty();
    if before.properties == configuration.properties && !secrets_changed {
        return Ok(());
    }
    after.properties = configuration.properties;
    for field in configuration.secrets.0.keys() {
        after.secrets.insert(field.clone(), context.now);
    }
    after.version += 1;
    after.updated_at = context.now;
    connectors::update(conn, after).await?;
    put_secrets(conn, context, after.id, &configuration.secrets).await?;
    let details = between(before, after).and(details).with_secrets("secrets_set", configuration.secrets.0.keys());
    record(conn, context, "connector.update", after, details).await?;
    reset(conn, after.id, Value::Null, true, context.now).await
}

/// Ends a pause, unless it was made by hand, and lets out what waited for a retry; what is held too, where the cause
/// may be gone.
async fn reset(conn: &mut Conn, id: ConnectorId, learned: Value, held_too: bool, now: domain::Timestamp) -> Result<()> {
    let pause = runs::get(conn, id).await?.pause.filter(|pause| pause.kind == PauseKind::Manual);
    runs::put(conn, id, &runs::Run { pause, learned, ..runs::Run::default() }).await?;
    deliveries::release(conn, id, held_too, now).await?;
    Ok(())
}

async fn remove(conn: &mut Conn, context: &Context, id: ConnectorId, accounts: Option<Removal>) -> Result<Removed> {
    let connector = connectors::get(conn, id).await?.ok_or(Error::NotFound("connector"))?;
    match (connector.life, accounts) {
        (Life::Active, _) if connector.enabled => {
            return Err(Error::Conflict("This connector is enabled. Switch it off first.".to_owned()));
        }
        (Life::Active, _) => {
            let count = removal::accounts_at(conn, id).await?;
            let details = removal::decided(went(&connector), accounts, count)?;
            record(conn, context, "connector.delete", &connector, details).await?;
            removal::begin(conn, context, connector, accounts.unwrap_or_default()).await?;
        }
        (Life::Removing, None) => {}
        (Life::Removing, Some(policy)) => {
            record(conn, context, "connector.delete", &connector, removal::decided_again(policy)).await?;
            removal::decide_again(conn, context, id, policy).await?;
        }
    }
    Ok(Removed::leaving(connectors::get(conn, id).await?.as_ref()))
}
