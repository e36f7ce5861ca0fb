//! Signing in by another system: to the provider and back, and what becomes of whoever comes.
//!
//! What is under way waits in a row of its own, found by the hash of a token: the `state` while the browser is at the
//! provider, then the token of a page that asks, waits or explains (`stages`). Such a page changes nothing by being
//! opened: where a new account has to be waited for, the browser is given the token of a session that begins once the
//! account is there (`arriving`). Whose account it is decides `matching`; what the provider says by now is taken over by
//! `following`; who signs out here or there, by `leaving`. `trying` goes the same way and lets nobody in.

mod arriving;
mod following;
mod leaving;
mod links;
mod matching;
mod stages;
mod trying;

use auth::{
    Token, hash_token,
    oidc::{Ask, Callback, Identity, Kept, Problem},
};
use domain::{
    ConnectionId,
    connection::{Connection, Life},
    identity::IdentityProvider,
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use storage::{
    audit::{Actor, ActorKind},
    connections, identity_providers,
    sessions::Source,
};

pub(crate) use self::links::{Newcomer, linked};
use self::stages::{Stage, is_same};
pub use self::{
    arriving::not_made,
    links::LinkedProvider,
    stages::{LIFETIME, Standing},
    trying::Trying,
};
use crate::{
    Directory, Error, Result,
    registration::Visitor,
    sign_in::{By, SignedIn},
};

/// Where to send a browser that wants to sign in.
#[derive(Debug)]
pub struct Started {
    /// The page that sends it on to the provider.
    pub page: SecretString,
    /// The browser keeps it: only the browser that began may come back.
    pub browser: SecretString,
}

/// What the provider sent the browser back with.
#[derive(Clone, Debug, Default)]
pub struct Brought {
    pub state: String,
    pub code: Option<SecretString>,
    pub iss: Option<String>,
    pub error: Option<String>,
    pub error_description: Option<String>,
}

impl Brought {
    fn callback(self) -> Result<Callback, Problem> {
        match (self.error, self.code) {
            (None, Some(code)) => Ok(Callback { code, iss: self.iss }),
            (error, _) => {
                let error = error.unwrap_or_else(|| "no code came back".to_owned());
                Err(Problem::of_callback(&error, self.error_description.as_deref()))
            }
        }
    }
}

/// What became of a sign-in.
#[derive(Debug)]
pub enum Arrived {
    In {
        signed_in: SignedIn,
        return_to: String,
    },
    /// The page at this token tells the rest; the session, if any, begins once the account is there.
    Page {
        token: SecretString,
        session: Option<SecretString>,
    },
}

/// Somebody as a provider says that they are.
#[derive(Clone, Serialize, Deserialize)]
struct Seen {
    subject: String,
    claims: Map<String, Value>,
    session: Option<String>,
    id_token: Option<String>,
}

impl From<Identity> for Seen {
    fn from(identity: Identity) -> Self {
        let Identity { subject, claims, id_token, session_id, .. } = identity;
        let id_token = id_token.map(|token| token.expose_secret().to_owned());
        Self { subject, claims, session: session_id, id_token }
    }
}

impl Seen {
    /// How they are known there.
    fn label(&self) -> String {
        let names = ["email", "preferred_username", "login", "name"];
        let label = names.iter().find_map(|name| self.claims.get(*name)?.as_str()).unwrap_or(&self.subject);
        label.chars().take(200).collect()
    }

    fn by(&self, connection: &Connection) -> By {
        By::Provider {
            source: Source {
                connection_id: connection.id,
                provider_session: self.session.clone(),
                id_token: self.id_token.clone().map(SecretString::from),
            },
            subject: self.subject.clone(),
            name: connection.name.clone(),
        }
    }
}

/// A sign-in once the provider has said who it is.
struct Coming {
    connection: Connection,
    settings: IdentityProvider,
    seen: Seen,
    return_to: String,
    /// Of the token that the browser holds which began.
    browser: Vec<u8>,
    visitor: Visitor,
}

impl Directory {
    /// Begins a sign-in at a connection. As often as somebody may try to sign in.
    ///
    /// `anew` has the provider ask again whoever is signed in there: an open session of theirs is not somebody who signed in
    /// a moment ago.
    pub async fn begin_sign_in_at(
        &self,
        id: ConnectionId,
        return_to: &str,
        anew: bool,
        address: &str,
    ) -> Result<Started> {
        // Many begin at one connection at the same time: their addresses alone are counted.
        self.inner.sign_in_limits.try_address(address)?;
        let (connection, provider) = self.open_connection(id).await?;
        let ask = Ask { prompt: anew.then(|| "login".to_owned()), ..Ask::default() };
        let begun = self.oidc()?.clone().begin(&provider, &self.callback(id)?, &ask).await;
        let begun = begun.map_err(|problem| told(&connection, &problem))?;
        let browser = Token::make("", &**self.ids().dice());
        let stage = Stage::AtProvider {
            nonce: begun.nonce.expose_secret().to_owned(),
            verifier: begun.verifier.as_ref().map(|verifier| verifier.expose_secret().to_owned()),
            browser: browser.hash.to_vec(),
            return_to: return_to.to_owned(),
        };
        self.keep_stage(id, hash_token(begun.state.expose_secret()).to_vec(), stage).await?;
        let page = self.page(id, Stage::Going { url: begun.url.to_string() }).await?;
        Ok(Started { page, browser: browser.clear })
    }

    /// Takes whoever comes back from a provider. [`Error::Conflict`] where this sign-in is none of this browser's, or was
    /// taken before; everything else that goes wrong is told by a page.
    pub async fn finish_sign_in_at(
        &self,
        id: ConnectionId,
        brought: Brought,
        browser: Option<&str>,
        visitor: Visitor,
    ) -> Result<Arrived> {
        self.inner.sign_in_limits.try_address(&visitor.address)?;
        let (nonce, verifier, return_to) = self.take_state(id, &brought.state, browser).await?;
        let (connection, provider) = self.open_connection(id).await?;
        let callback = match brought.callback() {
            Ok(callback) => callback,
            Err(problem) => return self.refused_by(&connection, &problem, return_to, &visitor).await,
        };
        let kept = Kept { nonce: nonce.into(), verifier: verifier.map(SecretString::from), max_age: None };
        let settings = {
            let mut conn = self.db().read().await?;
            identity_providers::get(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?.settings
        };
        match self.oidc()?.clone().finish(&provider, &self.callback(id)?, &callback, &kept).await {
            Ok(identity) => {
                let browser = browser.map(|token| hash_token(token).to_vec()).unwrap_or_default();
                let coming = Coming { connection, settings, seen: identity.into(), return_to, browser, visitor };
                self.come(coming, false).await
            }
            Err(problem) => self.refused_by(&connection, &problem, return_to, &visitor).await,
        }
    }

    /// Somebody agrees that an account is made of what their provider told.
    pub async fn consent_to_sign_in(&self, token: &str, browser: Option<&str>, visitor: Visitor) -> Result<Arrived> {
        let gone = || Error::Conflict("This sign-in has expired. Start again.".to_owned());
        let (found, stage) = self.find_stage(token).await?.ok_or_else(gone)?;
        let Stage::Consent { seen, browser: begun, return_to } = stage else { return Err(gone()) };
        if !is_same(browser, &begun) {
            return Err(Error::Conflict("This sign-in was begun in another browser. Start again.".to_owned()));
        }
        if !self.take_row(found.0).await? {
            return Err(gone());
        }
        let (connection, _) = self.open_connection(found.1).await?;
        let settings = {
            let mut conn = self.db().read().await?;
            identity_providers::get(&mut conn, found.1).await?.ok_or_else(gone)?.settings
        };
        self.come(Coming { connection, settings, seen, return_to, browser: begun, visitor }, true).await
    }

    /// A connection that is switched on, as the protocol wants it.
    async fn open_connection(&self, id: ConnectionId) -> Result<(Connection, auth::oidc::Provider)> {
        let mut conn = self.db().read().await?;
        let open = connections::get(&mut conn, id).await?.filter(|one| one.enabled && one.life == Life::Active);
        let connection = open.ok_or(Error::NotFound("connection"))?;
        let provider = self.provider(&mut conn, id).await?.ok_or(Error::NotFound("connection"))?;
        Ok((connection, provider))
    }
}

fn nobody(address: &str) -> Actor {
    Actor { kind: ActorKind::Nobody, id: None, label: String::new(), address: address.to_owned() }
}

fn told(connection: &Connection, problem: &Problem) -> Error {
    tracing::warn!(connection = %connection.name, "A sign-in could not begin: {problem}");
    Error::Conflict(format!("{}: {}", connection.name, problem.for_visitors()))
}
