//! Acme Cloud: a SCIM 2.0 service (RFC 7643, RFC 7644) in memory, with a page that shows its accounts live.
//!
//! What it answers is `service`, on what `store` holds; who may ask is `access`; how it misbehaves is `faults`, put
//! around each request by `exchange`; `log` keeps what was asked, `page` shows it all to people.

mod access;
mod exchange;
mod faults;
mod log;
mod page;
mod service;
mod store;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, routing};
use domain::{Clock, Timestamp, validation::name_key};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{oneshot, watch},
    task::JoinHandle,
};

pub use access::Access;
pub use faults::{ALWAYS, Faults};
pub use log::Logged;
pub use store::{Account, Group};

use crate::line::{Line, Lines};
use service::Service;

/// How long [`AcmeCloud::stop`] waits for clients that keep a half-sent request open.
const STOP_LIMIT: Duration = Duration::from_secs(2);
/// How long [`AcmeCloud::wait_for_request`] and [`AcmeCloud::wait_until`] wait before they fail the test.
const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// Acme Cloud while it runs. Clones are handles on the same one; it stops when the last of them is dropped.
#[derive(Clone)]
pub struct AcmeCloud {
    shared: Arc<Shared>,
    running: Arc<Mutex<Option<Running>>>,
}

struct Running {
    /// Dropped: no more connections are accepted.
    stop: oneshot::Sender<()>,
    task: JoinHandle<io::Result<()>>,
}

/// What the handle and the handlers have in common.
struct Shared {
    address: SocketAddr,
    access: Access,
    clock: Arc<dyn Clock>,
    cloud: Mutex<Cloud>,
    /// Counts changes of anything in `cloud`.
    changes: watch::Sender<u64>,
}

struct Cloud {
    service: Service,
    faults: Faults,
    log: log::Log,
    /// Switched off by [`AcmeCloud::stop`]: whatever still comes in is cut.
    stopped: bool,
    /// Rises when all that are held are to be cut instead of released.
    drops: u64,
}

impl Shared {
    fn cloud(&self) -> MutexGuard<'_, Cloud> {
        self.cloud.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and lets whoever waits for it know.
    fn change<T>(&self, change: impl FnOnce(&mut Cloud) -> T) -> T {
        let result = change(&mut self.cloud());
        self.changes.send_modify(|number| *number += 1);
        result
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// How Acme Cloud is set up; see [`AcmeCloud::builder`].
#[derive(Debug)]
pub struct Builder {
    access: Access,
    address: SocketAddr,
    listener: Option<TcpListener>,
    clock: Arc<dyn Clock>,
}

impl Builder {
    /// A static bearer token.
    #[must_use]
    pub fn token(self, token: &str) -> Self {
        self.access(Access::Bearer(token.to_owned()))
    }

    #[must_use]
    pub fn access(self, access: Access) -> Self {
        Self { access, ..self }
    }

    /// Where to listen; without it a free port of 127.0.0.1.
    #[must_use]
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    /// A listener that is already bound.
    #[must_use]
    pub fn listener(self, listener: TcpListener) -> Self {
        Self { listener: Some(listener), ..self }
    }

    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// # Errors
    /// The address cannot be listened on.
    pub async fn start(self) -> io::Result<AcmeCloud> {
        let listener = match self.listener {
            Some(listener) => listener,
            None => TcpListener::bind(self.address).await?,
        };
        let address = listener.local_addr()?;
        let shared = Arc::new(Shared {
            address,
            access: self.access,
            clock: self.clock,
            cloud: Mutex::new(Cloud {
                service: Service::new(&format!("http://{address}")),
                faults: Faults::default(),
                log: log::Log::default(),
                stopped: false,
                drops: 0,
            }),
            changes: watch::Sender::new(0),
        });
        let running = Arc::new(Mutex::new(Some(serve(shared.clone(), listener))));
        Ok(AcmeCloud { shared, running })
    }
}

fn serve(shared: Arc<Shared>, listener: TcpListener) -> Running {
    let router = Router::new()
        .merge(page::routes(shared.clone()))
        .route("/oauth/token", routing::any(exchange::token))
        .fallback(exchange::scim)
        .with_state(shared);
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(Lines(listener), router.into_make_service_with_connect_info::<Line>())
        .with_graceful_shutdown(async {
            let _ = stopped.await;
        });
    Running { stop, task: tokio::spawn(server.into_future()) }
}

impl AcmeCloud {
    /// Open to everybody unless told otherwise.
    pub fn builder() -> Builder {
        Builder {
            access: Access::Open,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            listener: None,
            clock: Arc::new(WallClock),
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Where the page is: `http://127.0.0.1:7001`.
    pub fn url(&self) -> String {
        self.shared.url()
    }

    pub fn users_endpoint(&self) -> String {
        format!("{}{}/Users", self.url(), service::BASE)
    }

    pub fn groups_endpoint(&self) -> String {
        format!("{}{}/Groups", self.url(), service::BASE)
    }

    /// Where client credentials become an access token ([`Access::ClientCredentials`]).
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.url())
    }

    /// In the order in which they were made.
    pub fn accounts(&self) -> Vec<Account> {
        self.shared.cloud().service.users.accounts()
    }

    /// By user name, in any case.
    pub fn account(&self, user_name: &str) -> Option<Account> {
        self.accounts().into_iter().find(|account| name_key(&account.user_name) == name_key(user_name))
    }

    pub fn groups(&self) -> Vec<Group> {
        self.shared.cloud().service.groups.groups()
    }

    /// An account that somebody made by other means than Usher.
    ///
    /// # Panics
    /// If SCIM would refuse it.
    pub fn seed(&self, user: &Value) -> Account {
        let now = self.shared.clock.now();
        let id = self.shared.change(|cloud| cloud.service.seed(user, now));
        self.accounts().into_iter().find(|account| account.id == id).expect("it was just made")
    }

    /// Somebody removes an account behind Usher's back. False if there is none of this id.
    pub fn remove(&self, id: &str) -> bool {
        self.shared.change(|cloud| cloud.service.remove_user(id))
    }

    /// Everything that was asked since the start or [`Self::forget_requests`], oldest first.
    pub fn requests(&self) -> Vec<Logged> {
        self.shared.cloud().log.all()
    }

    pub fn forget_requests(&self) {
        self.shared.change(|cloud| cloud.log.clear());
    }

    /// The first request in the log that is `wanted`, waiting for it if need be. An entry appears without a status
    /// when the request arrives, and gets its status when it was processed, before the answer leaves.
    ///
    /// # Panics
    /// If none comes within 30 seconds.
    pub async fn wait_for_request(&self, wanted: impl Fn(&Logged) -> bool) -> Logged {
        let find = || self.shared.cloud().log.all().into_iter().find(|logged| wanted(logged));
        match self.wait_for(find).await {
            Some(logged) => logged,
            None => panic!("no such request came within {WAIT_LIMIT:?}; there were: {:#?}", self.requests()),
        }
    }

    /// Waits until something is so, such as that an account has arrived.
    ///
    /// # Panics
    /// If it is not so within 30 seconds.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let met = self.wait_for(|| condition(self).then_some(())).await;
        assert!(met.is_some(), "this was not so within {WAIT_LIMIT:?}; accounts: {:#?}", self.accounts());
    }

    async fn wait_for<T>(&self, find: impl Fn() -> Option<T>) -> Option<T> {
        let mut changes = self.shared.changes.subscribe();
        let search = async {
            loop {
                changes.borrow_and_update();
                if let Some(found) = find() {
                    return Some(found);
                }
                changes.changed().await.ok()?;
            }
        };
        tokio::time::timeout(WAIT_LIMIT, search).await.ok().flatten()
    }

    /// Hangs up on everybody and closes the port. Accounts, groups and faults are kept for [`Self::restart`].
    pub async fn stop(&self) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner).take();
        self.shared.change(|cloud| {
            cloud.stopped = true;
            cloud.drops += 1;
        });
        if let Some(Running { stop, task }) = running {
            drop(stop);
            let _ = tokio::time::timeout(STOP_LIMIT, task).await;
        }
    }

    /// Listens again on the same address.
    ///
    /// # Errors
    /// The address cannot be listened on any more.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.shared.address).await?;
        self.shared.change(|cloud| cloud.stopped = false);
        *self.running.lock().unwrap_or_else(PoisonError::into_inner) = Some(serve(self.shared.clone(), listener));
        Ok(())
    }
}

impl fmt::Debug for AcmeCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AcmeCloud({})", self.url())
    }
}

#[derive(Debug)]
struct WallClock;

impl Clock for WallClock {
    #[expect(clippy::disallowed_methods, reason = "another company's system has a clock of its own")]
    fn now(&self) -> Timestamp {
        let since_epoch = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        Timestamp::from_micros(0).plus(since_epoch)
    }
}
