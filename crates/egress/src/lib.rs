//! The guarded HTTP client that every outgoing call uses: connectors, sign-in providers, webhooks, alerts.
//!
//! What it guards: an administrator types the addresses that Usher calls, so they must not reach what only Usher's
//! machine can reach. [`Egress::check`] looks at a URL when it is saved; [`Egress::send`] looks again, resolves the
//! name itself and connects only to the very addresses it looked at. Redirects are answers like any other, proxy
//! variables of the environment are ignored, and every call has limits of time and size.
//!
//! [`mail`] is the way out for mail: one server, which whoever runs Usher names.
//!
//! To open another kind of address: a row in `address::RANGES` and its test. To tell another failure apart: a variant
//! of [`Trouble`], its text, and what [`Trouble::may_have_arrived`] and [`Trouble::unreachable`] say of it.

mod address;
mod exchange;
mod guard;
mod lookup;
pub mod mail;
mod trouble;

use std::{
    collections::{HashMap, hash_map::Entry},
    net::SocketAddr,
    sync::Arc,
    time::Duration,
};

use ipnet::IpNet;
use url::Url;

pub use address::Range;
pub use exchange::{Request, Response};
pub use guard::AddressProblem;
pub use lookup::{Lookup, SystemLookup};
pub use trouble::Trouble;

use guard::Guard;
use lookup::GuardedResolver;

/// Finding the name, connecting and the TLS handshake together.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// From the call until the last byte of the answer.
pub const TOTAL_TIMEOUT: Duration = Duration::from_secs(30);
/// Bytes of an answer's body.
pub const MAX_RESPONSE: usize = 2 * 1024 * 1024;
/// Shorter than the keep-alive of common servers (Node.js: 5 s), so that a request rarely meets a connection that the
/// other side is just closing: whether such a request arrived cannot be told.
const POOL_IDLE: Duration = Duration::from_secs(4);

pub const USER_AGENT: &str = concat!("Usher/", env!("CARGO_PKG_VERSION"));

/// Where calls may go, and how long and how much they may be.
#[derive(Clone, Debug)]
pub struct Policy {
    /// Networks opened beside the public internet (`USHER_TARGET_ALLOW`). Link-local addresses are opened only by a
    /// network within link-local space.
    pub allow: Vec<IpNet>,
    /// Single ports of otherwise closed addresses, such as the helpers of the demo.
    pub allow_ports: Vec<SocketAddr>,
    /// Our own public URLs: a target that is ourselves would provision in a circle.
    pub own_origins: Vec<Url>,
    pub connect_timeout: Duration,
    /// Used where a request names no limit of its own.
    pub total_timeout: Duration,
    /// Bytes of an answer's body.
    pub max_response: usize,
    /// Everything goes through it. It resolves the names, so only literal addresses are checked then.
    pub proxy: Option<Url>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            allow_ports: Vec::new(),
            own_origins: Vec::new(),
            connect_timeout: CONNECT_TIMEOUT,
            total_timeout: TOTAL_TIMEOUT,
            max_response: MAX_RESPONSE,
            proxy: None,
        }
    }
}

/// The client could not be made, which only a setting (the proxy's URL) can cause.
#[derive(Debug, thiserror::Error)]
#[error("the client for outgoing calls cannot be set up: {0}")]
pub struct SetupError(#[from] reqwest::Error);

/// The one way out. Clones share their connections.
#[derive(Clone, Debug)]
pub struct Egress {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    guard: Guard,
    client: reqwest::Client,
    /// For the ports of [`Policy::allow_ports`]: a resolver is not told the port, so these have clients of their own.
    by_port: HashMap<u16, reqwest::Client>,
    policy: Policy,
}

impl Egress {
    pub fn new(policy: Policy) -> Result<Self, SetupError> {
        Self::with_lookup(policy, SystemLookup)
    }

    /// With another source of addresses than the system's resolver; the guard judges what it returns all the same.
    pub fn with_lookup(policy: Policy, lookup: impl Lookup) -> Result<Self, SetupError> {
        install_crypto();
        let lookup = Arc::new(lookup);
        let guard = Guard::of(&policy);
        let client = |port| {
            let resolver = GuardedResolver::new(guard.clone(), port, lookup.clone());
            client(&policy, resolver)
        };
        let mut by_port = HashMap::new();
        for socket in &policy.allow_ports {
            if let Entry::Vacant(vacant) = by_port.entry(socket.port()) {
                vacant.insert(client(Some(socket.port()))?);
            }
        }
        let inner = Inner { client: client(None)?, by_port, guard, policy };
        Ok(Self { inner: Arc::new(inner) })
    }

    /// What can be said of a URL without calling it: its form, its scheme, a literal address in it, our own origin.
    /// Names are judged by the addresses they lead to, when they are called.
    pub fn check(&self, url: &str) -> Result<Url, AddressProblem> {
        self.inner.guard.parse(url)
    }

    /// Calls and reads the whole answer, whatever its status; a redirect is an answer and is not followed.
    pub async fn send(&self, request: Request) -> Result<Response, Trouble> {
        let inner = &*self.inner;
        inner.guard.check(&request.url)?;
        let call = trouble::Call {
            host: shown_host(&request.url),
            connect_limit: inner.policy.connect_timeout,
            limit: request.timeout.unwrap_or(inner.policy.total_timeout),
        };
        let port = request.url.port_or_known_default();
        let client = port.and_then(|port| inner.by_port.get(&port)).unwrap_or(&inner.client);
        let mut outgoing = client.request(request.method, request.url).headers(request.headers).timeout(call.limit);
        if let Some(body) = request.body {
            outgoing = outgoing.body(body);
        }
        let answer = outgoing.send().await.map_err(|error| call.trouble(&error))?;
        exchange::read(answer, inner.policy.max_response, &call).await
    }
}

/// Host, and port where it is not the scheme's own: how an administrator knows the target.
fn shown_host(url: &Url) -> String {
    let host = url.host_str().unwrap_or_default();
    url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"))
}

/// reqwest takes the process's default provider; somebody else may have installed one already.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // Fails only when another thread was faster, with the same provider.
        let _ = rustls::crypto::ring::default_provider().install_default();
    }
}

fn client(policy: &Policy, resolver: GuardedResolver) -> Result<reqwest::Client, SetupError> {
    let resolver = Arc::new(resolver);
    builder(policy, resolver.clone())?.build().or_else(|error| {
        // A machine without any certificate authority must still start, and reach targets over plain http.
        tracing::warn!(%error, "No certificate authorities were found on this machine: calls over https will fail.");
        Ok(builder(policy, resolver)?.tls_certs_only([]).build()?)
    })
}

fn builder(policy: &Policy, resolver: Arc<GuardedResolver>) -> Result<reqwest::ClientBuilder, SetupError> {
    #[expect(clippy::disallowed_methods, reason = "this is the guard that everybody else goes through")]
    let builder = reqwest::Client::builder()
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(policy.connect_timeout)
        .pool_idle_timeout(POOL_IDLE)
        .no_proxy()
        .dns_resolver(resolver);
    Ok(match &policy.proxy {
        Some(proxy) => builder.proxy(reqwest::Proxy::all(proxy.clone())?),
        None => builder,
    })
}
