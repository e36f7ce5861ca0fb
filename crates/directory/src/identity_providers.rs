//! How connections sign people in: set, tried, and read by the sign-in page.

use auth::{
    Authorised,
    grants::{ConnectionsRead, ConnectionsWrite},
    oidc::{self, ClientAuthentication, Endpoints, Provider},
};
use domain::{
    ConnectionId, Timestamp,
    config::{Report, origin_of},
    connection::{Connection, ConnectionInput},
    identity::{IdentityProvider, Protocol, signs_in},
    limits,
    validation::FieldErrors,
};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value};
use storage::{
    Conn, connections,
    identity_providers::{self, Kept},
};
use url::Url;

use crate::{
    Directory, Error, Result,
    change::{About, Context, as_seen, staying},
    connections::{insert_connection, new_connection},
    details::{Told, between, came},
};

/// A provider as it is set.
#[derive(Clone, Debug)]
pub struct SetProvider {
    pub settings: IdentityProvider,
    /// Since when there is a client secret.
    pub secret_at: Option<Timestamp>,
    pub version: i64,
}

/// A connection on the sign-in page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Way {
    pub connection: ConnectionId,
    pub name: String,
}

impl Told for IdentityProvider {
    fn told(&self) -> Map<String, Value> {
        match serde_json::to_value(self) {
            Ok(Value::Object(told)) => told,
            _ => Map::new(),
        }
    }
}

impl Directory {
    pub async fn identity_provider(&self, _who: &Authorised<ConnectionsRead>, id: ConnectionId) -> Result<SetProvider> {
        let mut conn = self.db().read().await?;
        let Kept { settings, secret_at, version, .. } =
            identity_providers::get(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?;
        Ok(SetProvider { settings, secret_at, version })
    }

    /// Makes a connection that signs people in.
    pub async fn create_identity_provider(
        &self,
        who: &Authorised<ConnectionsWrite>,
        input: ConnectionInput,
        template: &str,
        settings: IdentityProvider,
        secret: Option<SecretString>,
        enabled: bool,
    ) -> Result<Connection> {
        if !signs_in(template) {
            return Err(Error::invalid("template", "Connections of this template do not sign people in."));
        }
        let mut errors = FieldErrors::default();
        let input = collect(&mut errors, input.check());
        let settings = collect(&mut errors, self.checked_provider(settings));
        let secret = collect(&mut errors, checked_secret(secret));
        let (Some(input), Some(settings), Some(secret)) = (input, settings, secret) else { return Err(errors.into()) };
        let context = self.context(who);
        let connection = new_connection(&context, input, template, enabled);
        let made = connection.clone();
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, connection) = (context.clone(), connection.clone());
                let (settings, secret) = (settings.clone(), secret.clone());
                Box::pin(async move {
                    insert_connection(conn, &context, &connection).await?;
                    let kept = Kept { connection_id: connection.id, settings, secret_at: None, version: 1 };
                    identity_providers::put(conn, &context.vault, &kept, secret.as_ref(), context.now).await?;
                    let about = About { kind: "connection", id: Some(connection.id.0), label: &connection.name };
                    context.record(conn, "connection.sign_in", about, came(&kept.settings)).await
                })
            })
            .await?;
        Ok(made)
    }

    /// Changes how a connection signs people in, by `change` of what is there. A secret that is not given stays, unless
    /// it would be sent to another place than before.
    pub async fn change_identity_provider(
        &self,
        who: &Authorised<ConnectionsWrite>,
        id: ConnectionId,
        change: impl Fn(&mut IdentityProvider) + Send + Sync + Clone + 'static,
        secret: Option<SecretString>,
        expected: Option<i64>,
    ) -> Result<()> {
        let before = {
            let mut conn = self.db().read().await?;
            identity_providers::get(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?
        };
        let mut settings = before.settings.clone();
        change(&mut settings);
        let mut errors = FieldErrors::default();
        let settings = collect(&mut errors, self.checked_provider(settings));
        let secret = collect(&mut errors, checked_secret(secret));
        let (Some(settings), Some(secret)) = (settings, secret) else { return Err(errors.into()) };
        let moved = secret_goes_to(&settings) != secret_goes_to(&before.settings);
        if moved && secret.is_none() && before.secret_at.is_some() {
            let why = "The secret would go to another address now: enter it again.";
            return Err(Error::invalid("client_secret", why));
        }
        let context = self.context(who);
        self.db()
            .write::<_, Error, _>(move |conn| {
                let (context, settings, secret) = (context.clone(), settings.clone(), secret.clone());
                let seen = before.version;
                Box::pin(async move { write(conn, &context, id, settings, secret, expected.or(Some(seen))).await })
            })
            .await
    }

    /// "Test sign-in": what can be told without anybody signing in.
    pub async fn test_identity_provider(
        &self,
        _who: &Authorised<ConnectionsWrite>,
        id: ConnectionId,
    ) -> Result<Report> {
        let provider = {
            let mut conn = self.db().read().await?;
            self.provider(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?
        };
        let (oidc, callback) = (self.oidc()?.clone(), self.callback(id)?);
        Ok(oidc.check(&provider, &callback).await)
    }

    /// The connections that are switched on and sign people in, by name.
    pub async fn ways_in(&self) -> Result<Vec<Way>> {
        let mut conn = self.db().read().await?;
        let ways = identity_providers::enabled(&mut conn).await?;
        Ok(ways.into_iter().map(|(connection, name)| Way { connection, name }).collect())
    }

    /// Where the provider sends people back to.
    pub fn callback(&self, id: ConnectionId) -> Result<Url> {
        self.link(&format!("/sign-in/callback/{id}")).parse().map_err(|_| Error::NoEngine)
    }

    fn checked_provider(&self, settings: IdentityProvider) -> Result<IdentityProvider> {
        let settings = settings.check()?;
        let mut errors = FieldErrors::default();
        let engine = self.engine()?;
        for (field, address) in settings.endpoints() {
            if let Err(why) = engine.check_address(address) {
                errors.add(field, why);
            }
        }
        errors.into_result()?;
        Ok(settings)
    }

    /// As the protocol wants it, with its secret.
    pub(crate) async fn provider(&self, conn: &mut Conn, id: ConnectionId) -> Result<Option<Provider>> {
        let Some(kept) = identity_providers::get(conn, id).await? else { return Ok(None) };
        let secret = identity_providers::secret(conn, self.db().vault(), id).await?;
        Ok(Some(provider(&kept.settings, secret)))
    }
}

fn checked_secret(secret: Option<SecretString>) -> Result<Option<SecretString>, FieldErrors> {
    let Some(given) = &secret else { return Ok(None) };
    let text = given.expose_secret();
    let wrong = |why: String| Err(FieldErrors::of("client_secret", why));
    if text.trim().is_empty() {
        return wrong("This is empty. Leave it out to keep the secret that is there.".to_owned());
    }
    if text.chars().count() > limits::SECRET {
        return wrong(format!("At most {} characters.", limits::SECRET));
    }
    if text.contains(char::is_control) {
        return wrong("No control characters.".to_owned());
    }
    Ok(secret)
}

fn collect<T>(errors: &mut FieldErrors, checked: Result<T, impl Into<Error>>) -> Option<T> {
    match checked.map_err(Into::into) {
        Ok(value) => Some(value),
        Err(Error::Invalid(wrong)) => {
            wrong.0.into_iter().for_each(|(field, message)| errors.add(&field, message));
            None
        }
        Err(other) => {
            errors.add("", other.to_string());
            None
        }
    }
}

/// The origins that are told the client secret; with discovery the issuer says where that is.
fn secret_goes_to(settings: &IdentityProvider) -> String {
    origin_of(if settings.discovery { &settings.issuer } else { &settings.token_endpoint })
}

async fn write(
    conn: &mut Conn,
    context: &Context,
    id: ConnectionId,
    settings: IdentityProvider,
    secret: Option<SecretString>,
    expected: Option<i64>,
) -> Result<()> {
    let connection = connections::get(conn, id).await?.ok_or(Error::NotFound("connection"))?;
    staying("connection", connection.life)?;
    let before = identity_providers::get(conn, id).await?.ok_or(Error::NotFound("connection"))?;
    as_seen(expected, before.version)?;
    let mut details = between(&before.settings, &settings);
    if secret.is_some() {
        details = details.with("client_secret", "changed");
    }
    let kept = Kept { settings, version: before.version + 1, ..before };
    identity_providers::put(conn, &context.vault, &kept, secret.as_ref(), context.now).await?;
    let about = About { kind: "connection", id: Some(id.0), label: &connection.name };
    context.record(conn, "connection.sign_in", about, details).await
}

fn provider(settings: &IdentityProvider, client_secret: Option<SecretString>) -> Provider {
    let set = |text: &str| Url::parse(text).ok();
    // What was checked when it was saved is an address.
    let endpoints = (!settings.discovery).then(|| {
        Some(Endpoints {
            authorization: set(&settings.authorization_endpoint)?,
            token: set(&settings.token_endpoint)?,
            userinfo: set(&settings.userinfo_endpoint),
            jwks: set(&settings.jwks_uri),
            end_session: set(&settings.end_session_endpoint),
            emails: set(&settings.emails_endpoint),
        })
    });
    Provider {
        protocol: match settings.protocol {
            Protocol::OpenIdConnect => oidc::Protocol::OpenIdConnect,
            Protocol::OAuth2 => oidc::Protocol::OAuth2,
        },
        issuer: Some(settings.issuer.clone()).filter(|issuer| !issuer.is_empty()),
        endpoints: endpoints.flatten(),
        client_id: settings.client_id.clone(),
        client_secret,
        scopes: settings.scopes.split_whitespace().map(str::to_owned).collect(),
        pkce: settings.pkce,
        client_authentication: if settings.client_secret_post {
            ClientAuthentication::Post
        } else {
            ClientAuthentication::Basic
        },
        subject_claim: None,
    }
}
