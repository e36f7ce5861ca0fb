//! Access tokens by client credentials (RFC 6749 section 4.4), kept until shortly before they expire.

use std::{
    collections::HashMap,
    fmt,
    sync::{
        Arc, Mutex as StdMutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use domain::{ConnectorId, Timestamp};
use egress::{Request, Response, Trouble};
use http::{HeaderValue, Method, StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::form_urlencoded;

use super::{
    answer::Answer,
    learned::{ClientAuthentication, Learned},
    scrub::Scrubber,
    settings::ClientCredentials,
};
use crate::{Call, Exchange, Failure};

/// A token is not used in the last minute before it expires, nor in the second half of a life shorter than two.
const MARGIN: Duration = Duration::from_mins(1);
/// How long a token is taken to live whose answer does not say.
const UNSTATED_LIFE: Duration = Duration::from_mins(5);
/// The longest that a token is kept, whatever its answer says.
const LONGEST_LIFE: Duration = Duration::from_hours(24);

const FORM: HeaderValue = HeaderValue::from_static("application/x-www-form-urlencoded");
const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// The tokens of all connectors, one for each.
#[derive(Default)]
pub(super) struct Tokens {
    slots: StdMutex<HashMap<ConnectorId, Arc<Slot>>>,
}

/// Its `Debug` shows no token.
impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tokens").finish_non_exhaustive()
    }
}

struct Slot {
    version: i64,
    credentials: ClientCredentials,
    /// Requests that have ended: whoever waited for one takes its outcome, good or bad.
    ended: AtomicU64,
    outcome: Mutex<Option<Result<Token, Failure>>>,
}

#[derive(Clone)]
struct Token {
    secret: SecretString,
    fresh_until: Timestamp,
}

impl Tokens {
    /// The token at hand, or a new one. Calls that need one at the same time share one request.
    pub(super) async fn get(&self, call: &Call<'_>, credentials: &ClientCredentials) -> Result<SecretString, Failure> {
        let slot = self.slot(call, credentials);
        let seen = slot.ended.load(Ordering::SeqCst);
        let mut outcome = slot.outcome.lock().await;
        let waited = slot.ended.load(Ordering::SeqCst) != seen;
        match &*outcome {
            Some(Ok(token)) if token.fresh_until > call.clock.now() => return Ok(token.secret.clone()),
            Some(shared) if waited => return shared.clone().map(|token| token.secret),
            _ => {}
        }
        let fetched = fetch(call, credentials).await;
        *outcome = Some(fetched.clone());
        slot.ended.fetch_add(1, Ordering::SeqCst);
        fetched.map(|token| token.secret)
    }

    /// Drops a token that was not accepted, unless another took its place already.
    pub(super) async fn forget(&self, call: &Call<'_>, credentials: &ClientCredentials, token: &SecretString) {
        let slot = self.slot(call, credentials);
        let mut outcome = slot.outcome.lock().await;
        if let Some(Ok(kept)) = &*outcome
            && kept.secret.expose_secret() == token.expose_secret()
        {
            *outcome = None;
        }
    }

    /// A token belongs to one version of the configuration, and to the very credentials that it was issued for: a
    /// test may try others before they are saved.
    fn slot(&self, call: &Call<'_>, credentials: &ClientCredentials) -> Arc<Slot> {
        let mut slots = self.slots.lock().unwrap_or_else(PoisonError::into_inner);
        let (id, version) = (call.target.connector_id, call.target.version);
        match slots.get(&id) {
            Some(slot) if slot.version == version && slot.credentials == *credentials => slot.clone(),
            _ => {
                let slot = Arc::new(Slot {
                    version,
                    credentials: credentials.clone(),
                    ended: AtomicU64::new(0),
                    outcome: Mutex::new(None),
                });
                slots.insert(id, slot.clone());
                slot
            }
        }
    }
}

/// Client authentication by header first, as RFC 6749 section 2.3.1 wants it; in the body where that is not taken.
async fn fetch(call: &Call<'_>, credentials: &ClientCredentials) -> Result<Token, Failure> {
    use ClientAuthentication::{ClientSecretBasic, ClientSecretPost};
    let order = match Learned::of(call).token_authentication {
        Some(ClientSecretPost) => [ClientSecretPost, ClientSecretBasic],
        _ => [ClientSecretBasic, ClientSecretPost],
    };
    let first = request(call, credentials, order[0]).await?;
    if first.status.is_success() {
        return first.token();
    }
    if first.blames_the_client() {
        let second = request(call, credentials, order[1]).await?;
        if second.status.is_success() {
            let token = second.token()?;
            Learned::update(call, |learned| learned.token_authentication = Some(order[1]));
            return Ok(token);
        }
    }
    Err(first.failure())
}

async fn request(
    call: &Call<'_>,
    credentials: &ClientCredentials,
    authentication: ClientAuthentication,
) -> Result<TokenAnswer, Failure> {
    let started = call.clock.now();
    let outcome = call.egress.send(request_of(credentials, authentication)).await;
    let now = call.clock.now();
    let (response, status) = match &outcome {
        Ok(response) => (response.status.to_string(), Some(response.status.as_u16())),
        Err(trouble) => (trouble.to_string(), None),
    };
    call.record(Exchange {
        request: format!("POST {} (for an access token; the body is not kept)", credentials.token_endpoint),
        response,
        status,
        duration: now.since(started),
    });
    match outcome {
        Ok(response) => Ok(TokenAnswer::new(&response, &Scrubber::new(call.target.secrets.0.values()), now)),
        Err(trouble @ Trouble::Blocked(_)) => Err(Failure::misconfigured(format!("Token Endpoint: {trouble}"))),
        // Nobody gets in while there are no tokens, and nothing was changed: it is the whole target that is down.
        Err(trouble) => Err(Failure::Down { text: format!("no access token: {trouble}") }),
    }
}

fn request_of(credentials: &ClientCredentials, authentication: ClientAuthentication) -> Request {
    let secret = credentials.client_secret.expose_secret();
    let mut request = Request::new(Method::POST, credentials.token_endpoint.clone()).header(header::ACCEPT, JSON);
    let mut form = form_urlencoded::Serializer::new(String::new());
    form.append_pair("grant_type", "client_credentials");
    if let Some(scopes) = &credentials.scopes {
        form.append_pair("scope", scopes);
    }
    match authentication {
        ClientAuthentication::ClientSecretBasic => {
            let encoded = |text: &str| form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>();
            let pair = format!("{}:{}", encoded(&credentials.client_id), encoded(secret));
            let value = SecretString::from(format!("Basic {}", BASE64_STANDARD.encode(pair)));
            request = request
                .secret_header(header::AUTHORIZATION, &value)
                .expect("base64 is made of letters that a header can carry");
        }
        ClientAuthentication::ClientSecretPost => {
            form.append_pair("client_id", &credentials.client_id).append_pair("client_secret", secret);
        }
    }
    request.body(FORM, form.finish())
}

struct TokenAnswer {
    status: StatusCode,
    issued: Option<Issued>,
    /// `invalid_client` and its like (RFC 6749 section 5.2).
    error: String,
    answer: Answer,
    now: Timestamp,
}

/// RFC 6749 section 5.1. Some servers write the number as text.
#[derive(Deserialize)]
struct Issued {
    access_token: SecretString,
    token_type: Option<String>,
    expires_in: Option<Value>,
}

impl TokenAnswer {
    fn new(response: &Response, scrub: &Scrubber, now: Timestamp) -> Self {
        let error = response.json::<Value>().ok();
        let error = error.as_ref().and_then(|json| json.get("error")?.as_str()).unwrap_or_default();
        Self {
            status: response.status,
            issued: response.json().ok(),
            error: error.to_owned(),
            answer: Answer::new(response.clone(), scrub, now),
            now,
        }
    }

    /// Whether another way of client authentication may help.
    fn blames_the_client(&self) -> bool {
        match self.status {
            StatusCode::UNAUTHORIZED => true,
            StatusCode::BAD_REQUEST => {
                !matches!(self.error.as_str(), "invalid_scope" | "unsupported_grant_type" | "unauthorized_client")
            }
            _ => false,
        }
    }

    fn token(self) -> Result<Token, Failure> {
        let Some(issued) = self.issued.filter(|issued| !issued.access_token.expose_secret().is_empty()) else {
            return Err(Failure::Misconfigured {
                text: "Token Endpoint: answered without an access token. Check its address.".to_owned(),
                status: Some(self.status.as_u16()),
            });
        };
        if let Some(kind) = issued.token_type.filter(|kind| !kind.eq_ignore_ascii_case("bearer")) {
            return Err(Failure::Misconfigured {
                text: format!("Token Endpoint: issues tokens of type “{kind}”, and only bearer tokens can be used."),
                status: Some(self.status.as_u16()),
            });
        }
        let life = issued.expires_in.as_ref().and_then(seconds).unwrap_or(UNSTATED_LIFE).min(LONGEST_LIFE);
        let fresh_until = self.now.plus(life.saturating_sub(MARGIN.min(life / 2)));
        Ok(Token { secret: issued.access_token, fresh_until })
    }

    fn failure(&self) -> Failure {
        let words = self.answer.words();
        let status = Some(self.status.as_u16());
        match (self.status.as_u16(), self.error.as_str()) {
            (_, "invalid_scope") => {
                Failure::Misconfigured { text: format!("Token Endpoint: does not grant these scopes: {words}"), status }
            }
            (400, "unsupported_grant_type") => Failure::Misconfigured {
                text: format!("Token Endpoint: does not offer client credentials: {words}"),
                status,
            },
            (400 | 401 | 403, _) => {
                Failure::Unauthorised { text: format!("Token Endpoint: did not accept the client: {words}") }
            }
            (429, _) => self.answer.failure(),
            (500.., _) => Failure::Down { text: format!("no access token: the token endpoint failed: {words}") },
            _ => Failure::Misconfigured {
                text: format!("Token Endpoint: issues no token at this address: {words}"),
                status,
            },
        }
    }
}

fn seconds(value: &Value) -> Option<Duration> {
    let seconds = value.as_u64().or_else(|| value.as_str()?.trim().parse().ok())?;
    Some(Duration::from_secs(seconds))
}
