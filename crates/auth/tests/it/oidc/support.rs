//! A provider on this machine: documents at paths, and tokens signed by keys of its own.

use std::{
    sync::atomic::{AtomicU8, Ordering},
    time::Duration,
};

use auth::oidc::{
    Ask, Begun, Callback, ClientAuthentication, Endpoints, Fault, Identity, Kept, Kind, Oidc, Problem, Protocol,
    Provider,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use egress::{Egress, Policy};
use openidconnect::{
    JsonWebKeyId, PrivateSigningKey,
    core::{
        CoreEdDsaPrivateSigningKey, CoreHmacKey, CoreJsonWebKey, CoreJwsSigningAlgorithm as Algorithm,
        CoreRsaPrivateSigningKey,
    },
};
use secrecy::SecretString;
use serde_json::{Map, Value, json};
use testkit::HandClock;
use url::Url;
use wiremock::{Mock, MockServer, ResponseTemplate, matchers::path};

pub(crate) const CLIENT: &str = "usher";
pub(crate) const NONCE: &str = "n-0S6_WzA2Mj";
pub(crate) const DISCOVERY: &str = "/.well-known/openid-configuration";
pub(crate) const RSA: &str = include_str!("../keys/rsa-one.pem");
pub(crate) const ANOTHER_RSA: &str = include_str!("../keys/rsa-two.pem");
const ED25519: &str = include_str!("../keys/ed25519.pem");

pub(crate) struct Elsewhere {
    pub(crate) server: MockServer,
    pub(crate) clock: HandClock,
    pub(crate) oidc: Oidc,
    pub(crate) key: Key,
    /// Of the next answer: the later one wins.
    priority: AtomicU8,
}

pub(crate) struct Key {
    pub(crate) kid: &'static str,
    alg: &'static str,
    algorithm: Algorithm,
    signer: Box<dyn PrivateSigningKey<VerificationKey = CoreJsonWebKey> + Send + Sync>,
}

impl Key {
    pub(crate) fn rsa(kid: &'static str, pem: &str) -> Self {
        Self::rsa_with(kid, pem, "RS256", Algorithm::RsaSsaPkcs1V15Sha256)
    }

    pub(crate) fn rsa_with(kid: &'static str, pem: &str, alg: &'static str, algorithm: Algorithm) -> Self {
        let signer = CoreRsaPrivateSigningKey::from_pem(pem, Some(JsonWebKeyId::new(kid.to_owned()))).unwrap();
        Self { kid, alg, algorithm, signer: Box::new(signer) }
    }

    pub(crate) fn ed25519(kid: &'static str) -> Self {
        let kid_of_key = Some(JsonWebKeyId::new(kid.to_owned()));
        let signer = CoreEdDsaPrivateSigningKey::from_ed25519_pem(ED25519, kid_of_key).unwrap();
        Self { kid, alg: "EdDSA", algorithm: Algorithm::EdDsa, signer: Box::new(signer) }
    }

    pub(crate) fn hmac(kid: &'static str, secret: &[u8]) -> Self {
        Self { kid, alg: "HS256", algorithm: Algorithm::HmacSha256, signer: Box::new(CoreHmacKey::new(secret)) }
    }

    pub(crate) fn public(&self) -> Value {
        serde_json::to_value(self.signer.as_verification_key()).unwrap()
    }

    pub(crate) fn token(&self, claims: &Value) -> String {
        self.token_with(&json!({"alg": self.alg, "kid": self.kid, "typ": "JWT"}), claims)
    }

    pub(crate) fn token_with(&self, header: &Value, claims: &Value) -> String {
        let message = unsigned(header, claims);
        let signature = self.signer.sign(&self.algorithm, message.as_bytes()).unwrap();
        format!("{message}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
    let encoded = |part: &Value| URL_SAFE_NO_PAD.encode(part.to_string());
    format!("{}.{}", encoded(header), encoded(claims))
}

impl Elsewhere {
    /// With a discovery document, an RSA key and no user info endpoint.
    pub(crate) async fn start() -> Self {
        Self::with(|policy, ids| Oidc::new(Egress::new(policy).unwrap(), ids)).await
    }

    pub(crate) async fn impatient() -> Self {
        let brief = Duration::from_millis(150);
        Self::with(|policy, ids| Oidc::with_limit(Egress::new(policy).unwrap(), ids, brief)).await
    }

    async fn with(make: impl FnOnce(Policy, domain::Ids) -> Oidc) -> Self {
        let (server, clock) = (MockServer::start().await, HandClock::new());
        let policy = Policy { allow_ports: vec![*server.address()], max_response: 64 * 1024, ..Policy::default() };
        let oidc = make(policy, testkit::ids_with(&clock));
        let key = Key::rsa("one", RSA);
        let elsewhere = Self { server, clock, oidc, key, priority: AtomicU8::new(255) };
        elsewhere.serve(DISCOVERY, elsewhere.document()).await;
        elsewhere.serve_keys(&[&elsewhere.key]).await;
        elsewhere
    }

    pub(crate) fn issuer(&self) -> String {
        self.server.uri()
    }

    pub(crate) fn url(&self, path: &str) -> Url {
        Url::parse(&format!("{}{path}", self.server.uri())).unwrap()
    }

    pub(crate) fn document(&self) -> Value {
        json!({
            "issuer": self.issuer(),
            "authorization_endpoint": self.url("/auth"),
            "token_endpoint": self.url("/token"),
            "jwks_uri": self.url("/keys"),
        })
    }

    /// The document with these members too.
    pub(crate) async fn discoverable(&self, more: Value) {
        self.serve(DISCOVERY, with(self.document(), more)).await;
    }

    pub(crate) fn provider(&self) -> Provider {
        Provider {
            protocol: Protocol::OpenIdConnect,
            issuer: Some(self.issuer()),
            endpoints: None,
            client_id: CLIENT.to_owned(),
            client_secret: Some(SecretString::from("s3cret")),
            scopes: vec!["openid".to_owned(), "email".to_owned()],
            pkce: true,
            client_authentication: ClientAuthentication::Basic,
            subject_claim: None,
        }
    }

    pub(crate) fn endpoints(&self) -> Endpoints {
        Endpoints {
            authorization: self.url("/auth"),
            token: self.url("/token"),
            userinfo: None,
            jwks: Some(self.url("/keys")),
            end_session: None,
            emails: None,
        }
    }

    pub(crate) async fn serve(&self, at: &str, body: Value) {
        self.answer(at, ResponseTemplate::new(200).set_body_json(body)).await;
    }

    pub(crate) async fn answer(&self, at: &str, answer: ResponseTemplate) {
        let priority = self.priority.fetch_sub(1, Ordering::SeqCst);
        Mock::given(path(at)).respond_with(answer).with_priority(priority).mount(&self.server).await;
    }

    pub(crate) async fn serve_keys(&self, keys: &[&Key]) {
        let keys: Vec<Value> = keys.iter().map(|key| key.public()).collect();
        self.serve("/keys", json!({ "keys": keys })).await;
    }

    pub(crate) async fn calls(&self, at: &str) -> usize {
        let requests = self.server.received_requests().await.unwrap();
        requests.iter().filter(|request| request.url.path() == at).count()
    }

    pub(crate) fn now(&self) -> i64 {
        domain::Clock::now(&self.clock).as_micros() / 1_000_000
    }

    /// What a good ID token claims.
    pub(crate) fn claims(&self) -> Value {
        json!({
            "iss": self.issuer(),
            "sub": "248289761001",
            "aud": CLIENT,
            "nonce": NONCE,
            "iat": self.now(),
            "exp": self.now() + 300,
            "email": "ada@acme.example",
        })
    }

    pub(crate) async fn issue(&self, id_token: &str) {
        let tokens = json!({"access_token": "at-1", "token_type": "Bearer", "id_token": id_token});
        self.serve("/token", tokens).await;
    }

    pub(crate) async fn begin(&self, provider: &Provider) -> Result<Begun, Problem> {
        self.oidc.begin(provider, &redirect_uri(), &Ask::default()).await
    }

    pub(crate) async fn finish(&self, provider: &Provider) -> Result<Identity, Problem> {
        self.oidc.finish(provider, &redirect_uri(), &callback(), &kept()).await
    }

    /// Somebody signs in, and the provider issues this token.
    pub(crate) async fn sign_in(&self, id_token: &str) -> Result<Identity, Problem> {
        self.issue(id_token).await;
        self.finish(&self.provider()).await
    }

    /// What is wrong with an ID token that claims what a good one does, but for this.
    pub(crate) async fn fault(&self, other: Value) -> Fault {
        self.fault_of(&self.key.token(&with(self.claims(), other))).await
    }

    pub(crate) async fn fault_of(&self, id_token: &str) -> Fault {
        match self.sign_in(id_token).await.unwrap_err() {
            Problem::Token { kind: Kind::IdToken, fault } => fault,
            other => panic!("{other}"),
        }
    }
}

/// Members that are null are taken away.
pub(crate) fn with(base: Value, more: Value) -> Value {
    let (mut base, more): (Map<String, Value>, Map<String, Value>) =
        (serde_json::from_value(base).unwrap(), serde_json::from_value(more).unwrap());
    base.extend(more);
    base.retain(|_, value| !value.is_null());
    Value::Object(base)
}

pub(crate) fn redirect_uri() -> Url {
    Url::parse("https://usher.example/sign-in/callback").unwrap()
}

pub(crate) fn callback() -> Callback {
    Callback { code: SecretString::from("c0de"), iss: None }
}

pub(crate) fn kept() -> Kept {
    let verifier = SecretString::from("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk");
    Kept { nonce: SecretString::from(NONCE), verifier: Some(verifier), max_age: None }
}
