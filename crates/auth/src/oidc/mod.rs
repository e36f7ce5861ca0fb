//! Signing in elsewhere: OpenID Connect's code flow, and OAuth2 where a provider has no more than that.
//!
//! [`Oidc::begin`] says where to send the browser, [`Oidc::finish`] takes what it brought back and says who somebody
//! is. Whether the `state` is one of ours, and this browser's, is the caller's to know; so is what an identity means
//! here. Every call goes through the guard of `egress`, takes ten seconds at most, and follows no redirect.
//!
//! To tell another failure apart: a variant of [`Problem`] or [`Fault`], and its test in `tests/it/oidc`.

mod call;
mod checks;
mod claims;
mod discovery;
mod exchange;
mod problem;
mod provider;
mod shelf;
mod token;
mod userinfo;

use std::{sync::Arc, time::Duration};

use domain::Ids;
use egress::Egress;
use oauth2::{AuthUrl, CsrfToken, PkceCodeChallenge, PkceCodeVerifier, Scope};
use openidconnect::core::CoreJsonWebKeySet;
use secrecy::{ExposeSecret, SecretString};
use url::Url;

pub use problem::{Fault, Kind, Part, Problem};
pub use provider::{
    Ask, Begun, Callback, ClientAuthentication, Endpoints, Identity, Kept, LoggedOut, Protocol, Provider,
};

use crate::Token;
use call::Calls;
use claims::{Claims, Expected};
use discovery::{Document, Place};
use exchange::Tokens;
use problem::shown;
use shelf::Shelf;

const OPENID: &str = "openid";

/// Clones share what was fetched.
#[derive(Clone, Debug)]
pub struct Oidc {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    calls: Calls,
    ids: Ids,
    documents: Shelf<Document>,
    keys: Shelf<CoreJsonWebKeySet>,
}

impl Oidc {
    pub fn new(egress: Egress, ids: Ids) -> Self {
        Self::of(Calls::new(egress), ids)
    }

    /// With another limit of time for each call.
    pub fn with_limit(egress: Egress, ids: Ids, limit: Duration) -> Self {
        Self::of(Calls::with_limit(egress, limit), ids)
    }

    fn of(calls: Calls, ids: Ids) -> Self {
        let (documents, keys) = (Shelf::new(ids.clock().clone()), Shelf::new(ids.clock().clone()));
        Self { inner: Arc::new(Inner { calls, ids, documents, keys }) }
    }

    pub async fn begin(&self, provider: &Provider, redirect_uri: &Url, ask: &Ask) -> Result<Begun, Problem> {
        let place = self.place(provider).await?;
        let (state, nonce) = (self.random(), self.random());
        let verifier = provider.pkce.then(|| self.random());

        let client = exchange::client(provider, redirect_uri).set_auth_uri(AuthUrl::from_url(place.authorization));
        let mut request = client
            .authorize_url(|| CsrfToken::new(state.expose_secret().to_owned()))
            .add_scopes(scopes(provider).into_iter().map(Scope::new));
        if provider.protocol == Protocol::OpenIdConnect {
            request = request.add_extra_param("nonce", nonce.expose_secret().to_owned());
        }
        if let Some(verifier) = &verifier {
            let verifier = PkceCodeVerifier::new(verifier.expose_secret().to_owned());
            request = request.set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier));
        }
        let max_age = ask.max_age.map(|age| age.as_secs().to_string());
        for (name, value) in [("prompt", &ask.prompt), ("max_age", &max_age), ("login_hint", &ask.login_hint)] {
            if let Some(value) = value {
                request = request.add_extra_param(name, value.clone());
            }
        }
        let (url, _) = request.url();
        Ok(Begun { url, state, nonce, verifier })
    }

    /// Who somebody is who came back from the provider.
    pub async fn finish(
        &self,
        provider: &Provider,
        redirect_uri: &Url,
        callback: &Callback,
        kept: &Kept,
    ) -> Result<Identity, Problem> {
        let place = self.place(provider).await?;
        came_from(provider, &place, callback)?;
        let tokens = self.exchange(provider, &place, redirect_uri, &callback.code, kept.verifier.as_ref()).await?;
        match provider.protocol {
            Protocol::OpenIdConnect => self.by_id_token(provider, place, tokens, kept).await,
            Protocol::OAuth2 => {
                let (subject, claims) = self.of_oauth2(provider, &place, &tokens.access).await?;
                Ok(Identity { issuer: place.issuer, subject, claims, id_token: None, session_id: None })
            }
        }
    }

    /// Where to send the browser to sign out there too (RP-Initiated Logout 1.0); none where the provider offers none.
    /// `back_to` has to be registered there, and `state` comes back with it.
    pub async fn end_session_url(
        &self,
        provider: &Provider,
        id_token: Option<&SecretString>,
        back_to: &Url,
        state: Option<&str>,
    ) -> Result<Option<Url>, Problem> {
        let Some(mut url) = self.place(provider).await?.end_session else { return Ok(None) };
        {
            let mut query = url.query_pairs_mut();
            query.append_pair("client_id", &provider.client_id);
            query.append_pair("post_logout_redirect_uri", back_to.as_str());
            if let Some(token) = id_token {
                query.append_pair("id_token_hint", token.expose_secret());
            }
            if let Some(state) = state {
                query.append_pair("state", state);
            }
        }
        Ok(Some(url))
    }

    /// Whom the provider says it signed out (Back-Channel Logout 1.0). That the same `jti` comes once is the caller's
    /// to know.
    pub async fn read_logout_token(&self, provider: &Provider, jwt: &str) -> Result<LoggedOut, Problem> {
        if provider.protocol == Protocol::OAuth2 {
            return Err(Problem::Settings("OAuth2 knows no sign-out tokens".to_owned()));
        }
        let place = self.place(provider).await?;
        let signed = self.signed(&place, Kind::LogoutToken, jwt).await?;
        let found = self.expected(provider, &place).logout_token(&Claims(&signed.claims));
        found.map_err(|fault| Problem::Token { kind: Kind::LogoutToken, fault })
    }

    async fn by_id_token(
        &self,
        provider: &Provider,
        place: Place,
        tokens: Tokens,
        kept: &Kept,
    ) -> Result<Identity, Problem> {
        let refused = |fault| Problem::Token { kind: Kind::IdToken, fault };
        let id_token = tokens.id.ok_or(Problem::NoIdToken)?;
        let signed = self.signed(&place, Kind::IdToken, id_token.expose_secret()).await?;
        let claims = Claims(&signed.claims);
        let subject = self.expected(provider, &place).id_token(&claims, &kept.nonce, kept.max_age).map_err(refused)?;
        let session_id = claims.session_id().map_err(refused)?;
        if let Some(hash) = claims.text("at_hash").map_err(refused)?
            && !signed.hash_matches(hash, tokens.access.expose_secret())
        {
            return Err(refused(Fault::AccessToken));
        }
        let claims = self.with_userinfo(&place, signed.claims, &subject, &tokens.access).await?;
        Ok(Identity { issuer: place.issuer, subject, claims, id_token: Some(id_token), session_id })
    }

    fn expected<'a>(&self, provider: &'a Provider, place: &'a Place) -> Expected<'a> {
        Expected { issuer: &place.issuer, client_id: &provider.client_id, now: self.inner.ids.now() }
    }

    /// 256 bits as 43 letters, which is also the form of a PKCE verifier.
    fn random(&self) -> SecretString {
        Token::make("", &**self.inner.ids.dice()).clear
    }
}

fn scopes(provider: &Provider) -> Vec<String> {
    let mut scopes = provider.scopes.clone();
    if provider.protocol == Protocol::OpenIdConnect && !scopes.iter().any(|scope| scope == OPENID) {
        scopes.insert(0, OPENID.to_owned());
    }
    scopes
}

/// A code of one provider is never shown to another (RFC 9207).
fn came_from(provider: &Provider, place: &Place, callback: &Callback) -> Result<(), Problem> {
    // An OAuth2 provider publishes no name that its answers could be compared with.
    if provider.protocol == Protocol::OAuth2 && !place.names_itself {
        return Ok(());
    }
    match &callback.iss {
        Some(iss) if *iss == place.issuer => Ok(()),
        None if !place.names_itself => Ok(()),
        iss => Err(Problem::Answered { expected: place.issuer.clone(), found: iss.as_deref().map(shown) }),
    }
}
