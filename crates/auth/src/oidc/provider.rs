//! What is known of a provider, what is asked of it, and what comes back.

use std::time::Duration;

use secrecy::SecretString;
use serde_json::{Map, Value};
use url::Url;

/// How a provider tells who somebody is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// By a signed ID token.
    OpenIdConnect,
    /// By an answer to whoever holds the access token; GitHub does it so.
    OAuth2,
}

/// How we show the token endpoint who we are (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientAuthentication {
    Basic,
    Post,
}

/// The settings of one connection that signs people in.
#[derive(Clone, Debug)]
pub struct Provider {
    pub protocol: Protocol,
    /// Compared letter by letter with what the provider says of itself. OAuth2 may do without.
    pub issuer: Option<String>,
    /// Typed by hand; discovered below the issuer where there are none.
    pub endpoints: Option<Endpoints>,
    pub client_id: String,
    pub client_secret: Option<SecretString>,
    /// `openid` is added where it is missing and needed.
    pub scopes: Vec<String>,
    pub pkce: bool,
    pub client_authentication: ClientAuthentication,
    /// OAuth2 alone: which member of its answer never changes; `id` if none is named.
    pub subject_claim: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoints {
    pub authorization: Url,
    pub token: Url,
    pub userinfo: Option<Url>,
    /// The key set; OpenID Connect needs it.
    pub jwks: Option<Url>,
    pub end_session: Option<Url>,
    /// A list of mail addresses, each primary or not and verified or not, as GitHub's `/user/emails`.
    pub emails: Option<Url>,
}

/// What may be asked of a sign-in beyond the ordinary.
#[derive(Clone, Debug, Default)]
pub struct Ask {
    /// `login`, `consent`, `select_account` or `none`.
    pub prompt: Option<String>,
    /// Whoever signed in there longer ago does it again. Keep it until [`super::Oidc::finish`], which checks it.
    pub max_age: Option<Duration>,
    pub login_hint: Option<String>,
}

/// A sign-in on its way: send the browser to `url`, keep the rest for when it comes back.
#[derive(Clone, Debug)]
pub struct Begun {
    pub url: Url,
    pub state: SecretString,
    pub nonce: SecretString,
    pub verifier: Option<SecretString>,
}

/// What the browser brought back, once its `state` was found to be one of ours.
#[derive(Clone, Debug)]
pub struct Callback {
    pub code: SecretString,
    /// The parameter of RFC 9207.
    pub iss: Option<String>,
}

/// What the caller kept of [`Begun`] and [`Ask`].
#[derive(Clone, Debug)]
pub struct Kept {
    pub nonce: SecretString,
    pub verifier: Option<SecretString>,
    pub max_age: Option<Duration>,
}

/// Who signed in, as the provider has it. `issuer` and `subject` together are theirs for ever; nothing else is.
#[derive(Clone, Debug)]
pub struct Identity {
    pub issuer: String,
    pub subject: String,
    /// Of the ID token and of the user info, none of them null.
    pub claims: Map<String, Value>,
    /// Kept for signing out at the provider.
    pub id_token: Option<SecretString>,
    /// The provider's session (`sid`): a back-channel sign-out may name it.
    pub session_id: Option<String>,
}

/// Whom a provider signed out: a subject everywhere, or one session. At least one is named.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoggedOut {
    pub subject: Option<String>,
    pub session_id: Option<String>,
    /// Of the token: the same one twice is a replay.
    pub jti: String,
}
