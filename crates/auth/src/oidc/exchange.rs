//! The code for the tokens (RFC 6749 section 4.1.3), by the library, over the guarded client.

use oauth2::{
    AuthType, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet, ExtraTokenFields, PkceCodeVerifier,
    RedirectUrl, RequestTokenError, StandardRevocableToken, StandardTokenResponse, TokenResponse, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{
    Oidc,
    discovery::Place,
    problem::{Part, Problem, shown},
    provider::{ClientAuthentication, Provider},
};

/// The ID token stays a text until its signature was checked.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(super) struct WithIdToken {
    id_token: Option<Hidden>,
}

/// A text that does not show when it is printed.
#[derive(Clone, Deserialize, Serialize)]
struct Hidden(String);

impl std::fmt::Debug for Hidden {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[REDACTED]")
    }
}

impl ExtraTokenFields for WithIdToken {}

pub(super) type Client<Authorization = EndpointNotSet, Token = EndpointNotSet> = oauth2::Client<
    BasicErrorResponse,
    StandardTokenResponse<WithIdToken, BasicTokenType>,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    Authorization,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    Token,
>;

#[derive(Debug)]
pub(super) struct Tokens {
    pub(super) access: SecretString,
    pub(super) id: Option<SecretString>,
}

pub(super) fn client(provider: &Provider, redirect_uri: &Url) -> Client {
    let client = Client::new(ClientId::new(provider.client_id.clone()))
        .set_redirect_uri(RedirectUrl::from_url(redirect_uri.clone()))
        .set_auth_type(match provider.client_authentication {
            ClientAuthentication::Basic => AuthType::BasicAuth,
            ClientAuthentication::Post => AuthType::RequestBody,
        });
    match &provider.client_secret {
        Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose_secret().to_owned())),
        None => client,
    }
}

impl Oidc {
    pub(super) async fn exchange(
        &self,
        provider: &Provider,
        place: &Place,
        redirect_uri: &Url,
        code: &SecretString,
        verifier: Option<&SecretString>,
    ) -> Result<Tokens, Problem> {
        let client = client(provider, redirect_uri).set_token_uri(TokenUrl::from_url(place.token.clone()));
        let mut request = client.exchange_code(AuthorizationCode::new(code.expose_secret().to_owned()));
        if let Some(verifier) = verifier {
            request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.expose_secret().to_owned()));
        }
        let answer = request.request_async(&self.inner.calls).await.map_err(problem)?;
        let access = SecretString::from(answer.access_token().secret().clone());
        let id = answer.extra_fields().id_token.clone().map(|token| SecretString::from(token.0));
        Ok(Tokens { access, id })
    }
}

fn problem(error: RequestTokenError<Problem, BasicErrorResponse>) -> Problem {
    let unreadable = |why: &str| Problem::Unreadable { part: Part::Token, why: shown(why) };
    match error {
        RequestTokenError::Request(problem) => problem,
        RequestTokenError::ServerResponse(refusal) => {
            Problem::refused(refusal.error().as_ref(), refusal.error_description().map(String::as_str))
        }
        // GitHub refuses with status 200.
        RequestTokenError::Parse(error, body) => refusal(&body).unwrap_or_else(|| unreadable(&error.to_string())),
        RequestTokenError::Other(why) => unreadable(&why),
    }
}

fn refusal(body: &[u8]) -> Option<Problem> {
    let json: Value = serde_json::from_slice(body).ok()?;
    let text = |name| json.get(name).and_then(Value::as_str);
    Some(Problem::refused(text("error")?, text("error_description")))
}
