//! An application that signs people in, step by step, and their browser.

use std::{collections::BTreeMap, sync::Arc};

use base64::{Engine, prelude::BASE64_STANDARD};
use egress::{Egress, Policy, Request, Response};
use http::{HeaderName, HeaderValue, Method, header};
use openidconnect::{
    ClientId, ClientSecret, IdToken, IdTokenVerifier, IssuerUrl, JsonWebKeySet, Nonce, PkceCodeChallenge,
    PkceCodeVerifier,
    core::{CoreGenderClaim, CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm},
};
use rehearsal::Provider;
use serde_json::Value;
use testkit::{HandClock, SeededDice};
use url::Url;

pub(crate) const BACK: &str = "http://127.0.0.1:8080/back?app=1";
pub(crate) const AFTER: &str = "http://127.0.0.1:8080/after";
pub(crate) const VERIFIER: &str = "a-verifier-of-at-least-forty-three-characters";

pub(crate) struct App {
    pub(crate) provider: Provider,
    pub(crate) clock: HandClock,
    egress: Egress,
}

/// With the client `app`.
pub(crate) async fn app() -> App {
    app_with(|builder| builder).await
}

pub(crate) async fn app_with(set_up: impl FnOnce(rehearsal::provider::Builder) -> rehearsal::provider::Builder) -> App {
    let clock = HandClock::new();
    let builder = Provider::builder().clock(Arc::new(clock.clone())).dice(Arc::new(SeededDice::new(7)));
    let provider = set_up(builder).start().await.unwrap();
    provider.register_client("app", "s:e c+r%et", [BACK], [AFTER]);
    let egress = Egress::new(Policy { allow_ports: vec![provider.address()], ..Policy::default() }).unwrap();
    App { provider, clock, egress }
}

pub(crate) fn encoded(fields: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

pub(crate) fn text(answer: &Response) -> String {
    String::from_utf8(answer.body.to_vec()).unwrap()
}

/// Where an answer leads, and its parameters.
pub(crate) fn target(answer: &Response) -> (String, BTreeMap<String, String>) {
    assert_eq!(answer.status, 303, "{}", text(answer));
    let url = Url::parse(answer.headers[header::LOCATION].to_str().unwrap()).unwrap();
    (url[..url::Position::AfterPath].to_owned(), url.query_pairs().into_owned().collect())
}

impl App {
    pub(crate) async fn send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&'static str, &str)],
        form: Option<&[(&str, &str)]>,
    ) -> Response {
        let url = Url::parse(&format!("{}{path}", self.provider.issuer())).unwrap();
        let mut request = Request::new(method, url);
        for (name, value) in headers {
            request = request.header(HeaderName::from_static(name), HeaderValue::from_str(value).unwrap());
        }
        if let Some(form) = form {
            request = request.body(HeaderValue::from_static("application/x-www-form-urlencoded"), encoded(form));
        }
        self.egress.send(request).await.unwrap()
    }

    pub(crate) async fn get(&self, path: &str) -> Response {
        self.send(Method::GET, path, &[], None).await
    }

    pub(crate) async fn json(&self, path: &str) -> Value {
        let answer = self.get(path).await;
        assert_eq!(answer.status, 200);
        answer.json().unwrap()
    }

    /// A form of the provider's own pages.
    pub(crate) async fn press(&self, path: &str, form: &[(&str, &str)]) -> Response {
        self.send(Method::POST, path, &[("origin", &self.provider.issuer())], Some(form)).await
    }

    /// Somebody signs in; the code.
    pub(crate) async fn code_for(&self, user_name: &str) -> String {
        let sub = self.provider.persona(user_name).unwrap().sub;
        let challenge = challenge();
        let mut form = ask(&challenge);
        form.push(("persona", &sub));
        target(&self.press("/sign-in", &form).await).1["code"].clone()
    }

    pub(crate) async fn exchange(&self, form: &[(&str, &str)]) -> (u16, Value) {
        let basic = format!("Basic {}", BASE64_STANDARD.encode("app:s%3Ae+c%2Br%25et"));
        let answer = self.send(Method::POST, "/token", &[("authorization", &basic)], Some(form)).await;
        (answer.status.as_u16(), answer.json().unwrap())
    }

    /// Somebody signs in; what the application gets for the code.
    pub(crate) async fn tokens_of(&self, user_name: &str) -> Value {
        let code = self.code_for(user_name).await;
        let (status, tokens) = self.exchange(&grant(&code)).await;
        assert_eq!(status, 200, "{tokens}");
        tokens
    }

    /// The claims of an ID token whose signature, issuer, audience, time and nonce are right.
    pub(crate) async fn claims(&self, tokens: &Value, nonce: Option<&str>) -> Value {
        let token: Token = tokens["id_token"].as_str().unwrap().parse().unwrap();
        let keys: JsonWebKeySet<CoreJsonWebKey> = serde_json::from_value(self.json("/jwks").await).unwrap();
        let micros = domain::Clock::now(&self.clock).as_micros().cast_unsigned();
        let now = std::time::UNIX_EPOCH + std::time::Duration::from_micros(micros);
        let verifier = IdTokenVerifier::new_confidential_client(
            ClientId::new("app".to_owned()),
            ClientSecret::new("s:e c+r%et".to_owned()),
            IssuerUrl::new(self.provider.issuer()).unwrap(),
            keys,
        )
        .set_allowed_algs([CoreJwsSigningAlgorithm::EdDsa])
        .set_time_fn(move || now.into());
        let nonce = nonce.map(|nonce| Nonce::new(nonce.to_owned()));
        let right = |told: Option<&Nonce>| match (told, &nonce) {
            (None, None) => Ok(()),
            (Some(told), Some(nonce)) if told.secret() == nonce.secret() => Ok(()),
            _ => Err("another nonce".to_owned()),
        };
        serde_json::to_value(token.claims(&verifier, right).unwrap()).unwrap()
    }

    pub(crate) async fn user_info(&self, tokens: &Value) -> (u16, Value) {
        let bearer = format!("Bearer {}", tokens["access_token"].as_str().unwrap());
        let answer = self.send(Method::GET, "/userinfo", &[("authorization", &bearer)], None).await;
        (answer.status.as_u16(), answer.json().unwrap_or_default())
    }
}

/// What this library has no fields for.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) struct Extra(serde_json::Map<String, Value>);

impl openidconnect::AdditionalClaims for Extra {}

type Token = IdToken<Extra, CoreGenderClaim, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm>;

pub(crate) fn challenge() -> String {
    PkceCodeChallenge::from_code_verifier_sha256(&PkceCodeVerifier::new(VERIFIER.to_owned())).as_str().to_owned()
}

/// A request that can be met.
pub(crate) fn ask(challenge: &str) -> Vec<(&'static str, &str)> {
    vec![
        ("client_id", "app"),
        ("redirect_uri", BACK),
        ("response_type", "code"),
        ("scope", "openid profile email groups"),
        ("state", "the & state"),
        ("nonce", "the nonce"),
        ("code_challenge", challenge),
        ("code_challenge_method", "S256"),
    ]
}

pub(crate) fn grant(code: &str) -> Vec<(&'static str, &str)> {
    vec![("grant_type", "authorization_code"), ("code", code), ("redirect_uri", BACK), ("code_verifier", VERIFIER)]
}

/// The same with one field changed, or without it.
pub(crate) fn but<'a>(
    fields: &[(&'static str, &'a str)],
    name: &'static str,
    value: Option<&'a str>,
) -> Vec<(&'static str, &'a str)> {
    let others = fields.iter().copied().filter(|(key, _)| *key != name);
    others.chain(value.map(|value| (name, value))).collect()
}
