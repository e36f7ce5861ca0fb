//! Who may ask: the ways in which SCIM services authenticate their clients.

use std::collections::HashSet;

use axum::http::{HeaderMap, HeaderName, StatusCode, header};
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::{Value, json};

/// How long an access token is good for, as its answer says. Acme Cloud itself forgets tokens only on demand, see
/// [`super::AcmeCloud::expire_tokens`].
const TOKEN_LIFETIME_S: u32 = 3600;

/// What a client has to show.
#[derive(Clone, Debug)]
pub enum Access {
    Open,
    Basic {
        username: String,
        password: String,
    },
    Bearer(String),
    ApiKey {
        header: String,
        value: String,
    },
    /// OAuth 2.0 (RFC 6749 section 4.4): an access token from `/oauth/token`.
    ClientCredentials {
        client_id: String,
        client_secret: String,
    },
}

/// Access tokens that were given out and are still good.
#[derive(Debug, Default)]
pub(super) struct Tokens {
    good: HashSet<String>,
    made: u64,
}

impl Tokens {
    fn make(&mut self) -> String {
        self.made += 1;
        let token = format!("acme-access-token-{}", self.made);
        self.good.insert(token.clone());
        token
    }

    pub(super) fn expire(&mut self) {
        self.good.clear();
    }
}

impl Access {
    pub(super) fn admits(&self, headers: &HeaderMap, tokens: &Tokens) -> bool {
        let shown = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
        let authorization = || shown("authorization")?.split_once(' ');
        match self {
            Self::Open => true,
            Self::Basic { username, password } => {
                authorization().is_some_and(|(scheme, shown)| is_basic(scheme, shown, username, password))
            }
            Self::Bearer(token) => {
                authorization().is_some_and(|(scheme, shown)| scheme.eq_ignore_ascii_case("bearer") && shown == token)
            }
            Self::ApiKey { header, value } => shown(header) == Some(value.as_str()),
            Self::ClientCredentials { .. } => authorization()
                .is_some_and(|(scheme, shown)| scheme.eq_ignore_ascii_case("bearer") && tokens.good.contains(shown)),
        }
    }

    /// The headers without what is shown here, for the log.
    pub(super) fn without_proof(&self, mut headers: HeaderMap) -> HeaderMap {
        headers.remove(header::AUTHORIZATION);
        if let Self::ApiKey { header, .. } = self {
            headers.remove(header.as_str());
        }
        headers
    }

    /// For `WWW-Authenticate` (RFC 9110 section 11.6.1).
    pub(super) fn challenge(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "Basic realm=\"SCIM\"",
            _ => "Bearer realm=\"SCIM\"",
        }
    }

    /// For `authenticationSchemes` (RFC 7643 section 5).
    pub(super) fn scheme(&self) -> &'static str {
        match self {
            Self::Basic { .. } => "httpbasic",
            Self::ClientCredentials { .. } => "oauth2",
            Self::Open | Self::Bearer(_) | Self::ApiKey { .. } => "oauthbearertoken",
        }
    }

    /// The token endpoint (RFC 6749 section 4.4): the client shows itself by Basic or in the form.
    pub(super) fn token(&self, headers: &HeaderMap, form: &Value, tokens: &mut Tokens) -> (StatusCode, Value) {
        let Self::ClientCredentials { client_id, client_secret } = self else {
            return (StatusCode::NOT_FOUND, json!({"error": "invalid_request"}));
        };
        if form["grant_type"] != "client_credentials" {
            return (StatusCode::BAD_REQUEST, json!({"error": "unsupported_grant_type"}));
        }
        let by_basic = headers
            .get(header::AUTHORIZATION)
            .and_then(|value| value.to_str().ok()?.split_once(' '))
            .is_some_and(|(scheme, shown)| is_basic(scheme, shown, client_id, client_secret));
        let by_form = form["client_id"] == client_id.as_str() && form["client_secret"] == client_secret.as_str();
        if !by_basic && !by_form {
            return (StatusCode::UNAUTHORIZED, json!({"error": "invalid_client"}));
        }
        let answer = json!({
            "access_token": tokens.make(), "token_type": "Bearer", "expires_in": TOKEN_LIFETIME_S,
        });
        (StatusCode::OK, answer)
    }
}

fn is_basic(scheme: &str, shown: &str, username: &str, password: &str) -> bool {
    scheme.eq_ignore_ascii_case("basic") && shown == BASE64_STANDARD.encode(format!("{username}:{password}"))
}

impl super::Builder {
    #[must_use]
    pub fn basic(self, username: &str, password: &str) -> Self {
        self.access(Access::Basic { username: username.to_owned(), password: password.to_owned() })
    }

    /// # Panics
    /// If no header can have this name.
    #[must_use]
    pub fn api_key(self, header: &str, value: &str) -> Self {
        let header = HeaderName::try_from(header).expect("a test names a header that HTTP can carry");
        self.access(Access::ApiKey { header: header.to_string(), value: value.to_owned() })
    }

    #[must_use]
    pub fn client_credentials(self, client_id: &str, client_secret: &str) -> Self {
        self.access(Access::ClientCredentials {
            client_id: client_id.to_owned(),
            client_secret: client_secret.to_owned(),
        })
    }
}

impl super::AcmeCloud {
    /// Access tokens that were given out so far are refused from now on.
    pub fn expire_tokens(&self) {
        self.shared.change(|cloud| cloud.service.tokens.expire());
    }
}
