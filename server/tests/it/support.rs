//! [`TestApp`]: Usher as a test meets it.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use app::wire;
use auth::Caller;
use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Method, Request, header},
};
use directory::tokens::NewToken;
use domain::{
    Ids,
    permission::{Role, Scope},
    user::User,
};
use http_body_util::BodyExt as _;
use ipnet::IpNet;
use secrecy::{ExposeSecret as _, SecretString};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use server::{
    config::{Config, KeySource, LogSettings, MailSettings},
    console::assets::Assets,
    listen::Peer,
    logs::Format,
    process::{Surroundings, Usher},
};
use tempfile::TempDir;
use testkit::{HandClock, SeededDice};
use tower::ServiceExt as _;

pub(crate) const PASSWORD: &str = "correct horse battery staple";
pub(crate) const USER_SCHEMA: &str = "urn:ietf:params:scim:schemas:core:2.0:User";

/// Tokens of each scope.
#[derive(Debug)]
pub(crate) struct Tokens {
    pub admin: String,
    pub admin_read: String,
    pub scim: String,
    pub scim_read: String,
}

pub(crate) struct TestApp {
    pub usher: Usher,
    pub clock: HandClock,
    pub tokens: Tokens,
    router: Router,
    _folder: TempDir,
}

/// What a test may want otherwise.
#[derive(Clone, Debug, Default)]
pub(crate) struct Setting {
    pub public_url: Option<&'static str>,
    pub trusted_proxies: Vec<IpNet>,
    pub allow_ports: Vec<SocketAddr>,
    /// Where mail goes out.
    pub smtp_url: Option<String>,
}

pub(crate) fn config(folder: &TempDir) -> Config {
    Config {
        listen: ([127, 0, 0, 1], 0).into(),
        data_dir: folder.path().join("usher-data"),
        public_url: None,
        target_allow: Vec::new(),
        trusted_proxies: Vec::new(),
        administrator: None,
        master_key: KeySource::DataFolder,
        audit_retention: directory::audit::RETENTION,
        mail: None,
        metrics_listen: None,
        log: LogSettings { filter: "off".to_owned(), format: Format::Text },
    }
}

pub(crate) fn surroundings(clock: &HandClock, seed: u64) -> Surroundings {
    let ids = Ids::new(Arc::new(clock.clone()), Arc::new(SeededDice::new(seed)));
    Surroundings { ids, assets: Assets::default(), allow_ports: Vec::new() }
}

impl TestApp {
    pub(crate) async fn start() -> Self {
        Self::with(Setting::default()).await
    }

    pub(crate) async fn with(setting: Setting) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let config = Config {
            public_url: setting.public_url.map(|url| url.parse().unwrap()),
            trusted_proxies: setting.trusted_proxies,
            mail: setting.smtp_url.map(|url| MailSettings { url: url.into(), from: "usher@example.org".to_owned() }),
            ..config(&folder)
        };
        let clock = HandClock::new();
        let surroundings = Surroundings { allow_ports: setting.allow_ports, ..surroundings(&clock, 1) };
        let usher = Usher::start(&config, surroundings).await.unwrap();
        let tokens = Tokens {
            admin: token(&usher, &[Scope::Admin]).await,
            admin_read: token(&usher, &[Scope::AdminRead]).await,
            scim: token(&usher, &[Scope::Scim]).await,
            scim_read: token(&usher, &[Scope::ScimRead]).await,
        };
        let router = usher.router();
        Self { usher, clock, tokens, router, _folder: folder }
    }

    pub(crate) async fn administrator(&self, user_name: &str) {
        let who = Caller::system().authorise().unwrap();
        self.usher.directory().create_administrator(&who, user_name, &SecretString::from(PASSWORD)).await.unwrap();
    }

    /// A user whose console role only reads.
    pub(crate) async fn auditor(&self, user_name: &str) {
        self.holder(user_name, Some(Role::Auditor)).await;
    }

    /// A user who holds a console role, or none, and can sign in; also where nobody is an administrator.
    pub(crate) async fn holder(&self, user_name: &str, role: Option<Role>) {
        self.administrator(user_name).await;
        let name = user_name.to_owned();
        let demoted = self.usher.directory().db().write::<(), storage::Error, _>(move |conn| {
            let name = name.clone();
            Box::pin(async move {
                let user = storage::users::by_name(conn, &name).await?.unwrap();
                storage::users::update(conn, &User { role, ..user }).await
            })
        });
        demoted.await.unwrap();
    }

    /// Signs in; answers the cookie.
    pub(crate) async fn sign_in(&self, user_name: &str) -> String {
        let answer = self.try_sign_in(user_name, PASSWORD).send().await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        answer.cookie("usher").unwrap_or_else(|| panic!("no cookie: {}", answer.text()))
    }

    pub(crate) fn try_sign_in(&self, user_name: &str, password: &str) -> Ask<'_> {
        self.call("session/sign-in", fields(&[("user_name", user_name), ("password", password)]))
    }

    /// Calls a server function with a form, and is answered with JSON.
    pub(crate) fn call(&self, function: &str, form: impl Into<Vec<u8>>) -> Ask<'_> {
        self.form("application/json", function, form)
    }

    /// Posts a form as a browser does by itself, without JavaScript.
    pub(crate) fn submit(&self, function: &str, form: impl Into<Vec<u8>>) -> Ask<'_> {
        self.form("text/html,application/xhtml+xml", function, form)
    }

    fn form(&self, accept: &str, function: &str, form: impl Into<Vec<u8>>) -> Ask<'_> {
        self.post(format!("/console/-/{function}"))
            .header("accept", accept)
            .header("sec-fetch-site", "same-origin")
            .body("application/x-www-form-urlencoded", form)
    }

    pub(crate) fn ask(&self, method: Method, path: impl Into<String>) -> Ask<'_> {
        let peer = Peer(([192, 0, 2, 7], 40_000).into());
        Ask { app: self, method, path: path.into(), headers: HeaderMap::new(), body: Vec::new(), peer }
    }

    pub(crate) fn get(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::GET, path)
    }

    pub(crate) fn post(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::POST, path)
    }

    pub(crate) fn put(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::PUT, path)
    }

    pub(crate) fn patch(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::PATCH, path)
    }

    pub(crate) fn delete(&self, path: impl Into<String>) -> Ask<'_> {
        self.ask(Method::DELETE, path)
    }

    /// Creates a user over SCIM and returns its document.
    pub(crate) async fn user(&self, user_name: &str) -> Value {
        let answer = self.post("/scim2/Users").token(&self.tokens.scim).scim(&user(user_name)).await;
        assert_eq!(answer.status, 201, "{}", answer.text());
        answer.json()
    }
}

pub(crate) async fn token(usher: &Usher, scopes: &[Scope]) -> String {
    let lifetime = Duration::from_hours(24);
    let new = NewToken { name: "test".to_owned(), scopes: scopes.to_vec(), lifetime };
    let who = Caller::system().authorise().unwrap();
    let (_, clear) = usher.directory().create_token(&who, new).await.unwrap();
    clear.expose_secret().to_owned()
}

/// A minimal document of a user.
pub(crate) fn user(user_name: &str) -> Value {
    json!({
        "schemas": [USER_SCHEMA],
        "userName": user_name,
        "emails": [{"value": format!("{user_name}@example.org"), "type": "work", "primary": true}],
    })
}

/// A form's body.
pub(crate) fn fields(pairs: &[(&str, &str)]) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish()
}

/// Where a server function leads on to.
#[track_caller]
pub(crate) fn to(outcome: &Value) -> &str {
    outcome["done"]["to"].as_str().unwrap_or_else(|| panic!("not done: {outcome}"))
}

pub(crate) fn last_part(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

/// The console as the administrator `root` meets it.
pub(crate) struct Console {
    pub app: TestApp,
    pub cookie: String,
}

impl Console {
    pub(crate) async fn start() -> Self {
        let app = TestApp::start().await;
        app.administrator("root").await;
        let cookie = app.sign_in("root").await;
        Self { app, cookie }
    }

    pub(crate) async fn get(&self, path: &str) -> Answer {
        self.app.get(path).header("cookie", &self.cookie).send().await
    }

    /// Calls a server function; answers what became of it.
    pub(crate) async fn post(&self, function: &str, pairs: &[(&str, &str)]) -> Value {
        self.app.call(function, fields(pairs)).header("cookie", &self.cookie).send().await.json()
    }

    /// Posts the form of this id on this page, without JavaScript.
    pub(crate) async fn submit(&self, function: &str, page: &str, form: &str, pairs: &[(&str, &str)]) -> Answer {
        let around = [("_form", form), ("_page", page)];
        self.app.submit(function, fields(&[&around, pairs].concat())).header("cookie", &self.cookie).send().await
    }
}

/// A request to be sent.
pub(crate) struct Ask<'a> {
    app: &'a TestApp,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: Vec<u8>,
    peer: Peer,
}

impl Ask<'_> {
    pub(crate) fn token(self, token: &str) -> Self {
        self.header("authorization", &format!("Bearer {token}"))
    }

    pub(crate) fn header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.append(name, value.parse().unwrap());
        self
    }

    /// Answered as a page that is alive reads it: without names.
    pub(crate) fn for_page(mut self) -> Self {
        self.headers.insert(header::ACCEPT, wire::ACCEPT.parse().unwrap());
        self
    }

    pub(crate) fn from(mut self, peer: [u8; 4]) -> Self {
        self.peer = Peer((peer, 40_000).into());
        self
    }

    pub(crate) fn body(mut self, kind: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self.header("content-type", kind)
    }

    pub(crate) async fn json(self, body: &Value) -> Answer {
        self.body("application/json", body.to_string()).send().await
    }

    pub(crate) async fn scim(self, body: &Value) -> Answer {
        self.body("application/scim+json", body.to_string()).send().await
    }

    pub(crate) async fn send(self) -> Answer {
        let mut request = Request::builder().method(self.method).uri(&self.path).body(Body::from(self.body)).unwrap();
        *request.headers_mut() = self.headers;
        request.extensions_mut().insert(self.peer);
        let response = self.app.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status.as_u16(), headers: parts.headers, body }
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub status: u16,
    headers: HeaderMap,
    body: Vec<u8>,
}

impl Answer {
    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.text()))
    }

    /// What a page reads of it.
    pub(crate) fn travelled<Data: DeserializeOwned>(&self) -> Data {
        assert_eq!(self.kind(), wire::ACCEPT, "{}", self.text());
        wire::read(&self.body).unwrap_or_else(|error| panic!("{error:?}: {}", self.text()))
    }

    /// Empty where there is none.
    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().unwrap())
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.body.is_empty()
    }

    pub(crate) fn kind(&self) -> &str {
        self.header(header::CONTENT_TYPE.as_str())
    }

    /// The session's cookie, as a browser sends it back.
    pub(crate) fn cookie(&self, name: &str) -> Option<String> {
        let all = self.headers.get_all(header::SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
        let pairs = all.filter_map(|cookie| cookie.split(';').next());
        pairs.map(str::to_owned).find(|pair| pair.starts_with(&format!("{name}=")))
    }
}
