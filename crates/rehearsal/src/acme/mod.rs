//! Acme Cloud: a SCIM 2.0 service (RFC 7643, RFC 7644) in memory, with a page that shows its accounts live.
//!
//! What it answers is `service`, on what `store` holds; who may ask is `access`; how it misbehaves is `faults`, put
//! around each request by `exchange`; `log` keeps what was asked, `page` shows it all to people on a port of its own,
//! which stays open while the service is switched off; `kept` is what a file remembers between two starts.

mod access;
mod exchange;
mod faults;
mod kept;
mod log;
mod page;
mod service;
mod store;
mod switches;
mod view;

use std::{
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{Router, response::Redirect, routing};
use domain::{Clock, Timestamp, validation::name_key};
use serde_json::Value;
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, watch},
};

pub use access::Access;
pub use faults::{ALWAYS, Faults};
pub use log::Logged;
pub use store::{Account, Group};

use crate::{
    kept::{Keeper, read},
    line::{Line, Lines},
    running::{Running, bind},
    system::WallClock,
};
use kept::Kept;
use service::Service;
use switches::Switch;

/// How long [`AcmeCloud::wait_for_request`] and [`AcmeCloud::wait_until`] wait before they fail the test.
const WAIT_LIMIT: Duration = Duration::from_secs(30);

/// Acme Cloud while it runs. Clones are handles on the same one; it stops when the last of them is dropped.
#[derive(Clone)]
pub struct AcmeCloud {
    shared: Arc<Shared>,
    port: Arc<Port>,
    keeper: Option<Arc<Keeper>>,
    /// Ends when dropped.
    _page: Arc<Running>,
}

/// Where the service listens, while it does.
type Port = AsyncMutex<Option<Running>>;

/// What the handle and the handlers have in common.
struct Shared {
    name: String,
    address: SocketAddr,
    page_address: SocketAddr,
    /// Where it listened at an earlier start.
    former: Option<SocketAddr>,
    access: Access,
    clock: Arc<dyn Clock>,
    /// User names that the switch "Out of licences" is about.
    unlicensed: Vec<String>,
    /// What is there outlives the process.
    kept: bool,
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
    /// When it was off, the last of them perhaps still.
    outages: Vec<Outage>,
    /// Somebody has looked at the page.
    opened: bool,
    /// Rises when all that are held are to be cut instead of released.
    drops: u64,
}

impl Cloud {
    /// Empty, and well.
    fn new(url: &str, name: &str) -> Self {
        Self {
            service: Service::new(url, name),
            faults: Faults::default(),
            log: log::Log::default(),
            stopped: false,
            outages: Vec::new(),
            opened: false,
            drops: 0,
        }
    }
}

/// A time during which nothing listened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Outage {
    pub from: Timestamp,
    /// None while it lasts.
    pub until: Option<Timestamp>,
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

    fn page_url(&self) -> String {
        format!("http://{}", self.page_address)
    }

    fn is_off(&self) -> bool {
        self.cloud().stopped
    }

    /// Hangs up on everybody and closes the port.
    async fn close(&self, port: &Port) {
        let mut port = port.lock().await;
        let now = self.clock.now();
        self.change(|cloud| {
            cloud.drops += 1;
            if !cloud.stopped {
                cloud.stopped = true;
                cloud.outages.push(Outage { from: now, until: None });
            }
        });
        if let Some(running) = port.take() {
            running.stop().await;
        }
    }

    /// Listens again on the same address.
    async fn open(self: &Arc<Self>, port: &Port) -> io::Result<()> {
        let mut port = port.lock().await;
        if port.is_some() {
            return Ok(());
        }
        let listener = TcpListener::bind(self.address).await?;
        let now = self.clock.now();
        self.change(|cloud| {
            cloud.stopped = false;
            if let Some(outage) = cloud.outages.last_mut() {
                outage.until.get_or_insert(now);
            }
        });
        *port = Some(serve(Arc::clone(self), listener));
        Ok(())
    }
}

/// How Acme Cloud is set up; see [`AcmeCloud::builder`].
#[derive(Debug)]
pub struct Builder {
    name: String,
    access: Access,
    address: SocketAddr,
    page_address: SocketAddr,
    listener: Option<TcpListener>,
    clock: Arc<dyn Clock>,
    unlicensed: Vec<String>,
    file: Option<PathBuf>,
}

impl Builder {
    /// What it is called where it speaks of itself.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// A static bearer token. One that is remembered from an earlier start ([`Self::kept_in`]) stays the right one.
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

    /// Where the page is; without it a free port of 127.0.0.1.
    #[must_use]
    pub fn page(self, page_address: SocketAddr) -> Self {
        Self { page_address, ..self }
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

    /// Adds the switch "Out of licences", turned on: these accounts are refused.
    #[must_use]
    pub fn unlicensed<'n>(self, user_names: impl IntoIterator<Item = &'n str>) -> Self {
        Self { unlicensed: user_names.into_iter().map(str::to_owned).collect(), ..self }
    }

    /// Accounts, groups, switches, the token, and where it listens if that port is still free, are remembered in this
    /// file. Written a moment after each change: an account made just before the process is killed may be forgotten.
    #[must_use]
    pub fn kept_in(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// # Errors
    /// An address cannot be listened on, or the file of [`Self::kept_in`] cannot be read.
    pub async fn start(self) -> io::Result<AcmeCloud> {
        let kept: Option<Kept> = self.file.as_deref().map(read).transpose()?.flatten();
        let listener = match self.listener {
            Some(listener) => listener,
            None => bind(self.address, kept.as_ref().map(|kept| kept.address)).await?,
        };
        let page = bind(self.page_address, kept.as_ref().map(|kept| kept.page_address)).await?;
        let (address, page_address) = (listener.local_addr()?, page.local_addr()?);
        let former = kept.as_ref().map(|kept| kept.address);
        let access = match (self.access, kept.as_ref().and_then(|kept| kept.token.clone())) {
            (Access::Bearer(_), Some(token)) => Access::Bearer(token),
            (access, _) => access,
        };
        let mut cloud = Cloud::new(&format!("http://{address}"), &self.name);
        match kept {
            Some(kept) => kept.restore(&mut cloud, &self.unlicensed, self.clock.now()),
            None => Switch::OutOfLicences.set(&mut cloud.faults, &self.unlicensed, true),
        }
        let off = cloud.stopped;
        let shared = Arc::new(Shared {
            name: self.name,
            address,
            page_address,
            former,
            access,
            clock: self.clock,
            unlicensed: self.unlicensed,
            kept: self.file.is_some(),
            cloud: Mutex::new(cloud),
            changes: watch::Sender::new(0),
        });
        let port = Arc::new(Port::new((!off).then(|| serve(Arc::clone(&shared), listener))));
        let page = Arc::new(page::serve(Arc::clone(&shared), Arc::downgrade(&port), page));
        let keeper = self.file.map(|file| {
            let desk = Arc::clone(&shared);
            Arc::new(Keeper::start(file, shared.changes.subscribe(), move || Kept::of(&desk)))
        });
        Ok(AcmeCloud { shared, port, keeper, _page: page })
    }
}

fn serve(shared: Arc<Shared>, listener: TcpListener) -> Running {
    let page = shared.page_url();
    let router = Router::new()
        .route("/", routing::get(|| async move { Redirect::temporary(&page) }))
        .route("/oauth/token", routing::any(exchange::token))
        .fallback(exchange::scim)
        .with_state(shared);
    Running::spawn(|stopped| {
        axum::serve(Lines(listener), router.into_make_service_with_connect_info::<Line>())
            .with_graceful_shutdown(stopped)
            .into_future()
    })
}

impl AcmeCloud {
    /// From now on its users may have the attributes of one more schema.
    pub fn extend(&self, schema: scim::schema::Schema) {
        self.shared.change(|cloud| cloud.service.extend(schema));
    }

    /// Open to everybody unless told otherwise.
    pub fn builder() -> Builder {
        Builder {
            name: "Acme Cloud".to_owned(),
            access: Access::Open,
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            page_address: (Ipv4Addr::LOCALHOST, 0).into(),
            listener: None,
            clock: Arc::new(WallClock),
            unlicensed: Vec::new(),
            file: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.shared.name
    }

    /// Where the service listens.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// Where the page for people listens.
    pub fn page_address(&self) -> SocketAddr {
        self.shared.page_address
    }

    /// The service: `http://127.0.0.1:7001`.
    pub fn url(&self) -> String {
        self.shared.url()
    }

    /// The page for people.
    pub fn page_url(&self) -> String {
        self.shared.page_url()
    }

    /// The bearer token it asks for, if that is how clients prove who they are.
    pub fn token(&self) -> Option<&str> {
        match &self.shared.access {
            Access::Bearer(token) => Some(token),
            _ => None,
        }
    }

    pub fn users_endpoint(&self) -> String {
        format!("{}{}/Users", self.url(), service::BASE)
    }

    /// Where it found people at the start before this one ([`Builder::kept_in`]), if there was one.
    pub fn former_users_endpoint(&self) -> Option<String> {
        self.shared.former.map(|address| format!("http://{address}{}/Users", service::BASE))
    }

    pub fn groups_endpoint(&self) -> String {
        format!("{}{}/Groups", self.url(), service::BASE)
    }

    /// Where client credentials become an access token ([`Access::ClientCredentials`]).
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth/token", self.url())
    }

    /// Whether somebody has looked at the page.
    pub fn was_opened(&self) -> bool {
        self.shared.cloud().opened
    }

    /// Whether it is switched off at present.
    pub fn is_off(&self) -> bool {
        self.shared.is_off()
    }

    /// When it was switched off since its start.
    pub fn outages(&self) -> Vec<Outage> {
        self.shared.cloud().outages.clone()
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
        let Ok(logged) = tokio::time::timeout(WAIT_LIMIT, self.find(find)).await else {
            panic!("no such request came within {WAIT_LIMIT:?}; there were: {:#?}", self.requests())
        };
        logged
    }

    /// Waits until something is so, such as that an account has arrived.
    ///
    /// # Panics
    /// If it is not so within 30 seconds.
    pub async fn wait_until(&self, condition: impl Fn(&Self) -> bool) {
        let met = tokio::time::timeout(WAIT_LIMIT, self.until(condition)).await.ok();
        assert!(met.is_some(), "this was not so within {WAIT_LIMIT:?}; accounts: {:#?}", self.accounts());
    }

    /// Waits until something is so, however long that takes.
    pub async fn until(&self, condition: impl Fn(&Self) -> bool) {
        self.find(|| condition(self).then_some(())).await;
    }

    async fn find<T>(&self, find: impl Fn() -> Option<T>) -> T {
        let mut changes = self.shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            if let Some(found) = find() {
                return found;
            }
            // Its other end lives as long as this handle.
            let _ = changes.changed().await;
        }
    }

    /// Hangs up on everybody and closes the service's port; the page stays. Accounts, groups and faults are kept for
    /// [`Self::restart`].
    pub async fn stop(&self) {
        self.shared.close(&self.port).await;
    }

    /// Listens again on the same address.
    ///
    /// # Errors
    /// The address cannot be listened on any more.
    pub async fn restart(&self) -> io::Result<()> {
        self.shared.close(&self.port).await;
        self.shared.open(&self.port).await
    }

    /// Writes what is to be remembered at once; without [`Builder::kept_in`] nothing.
    pub async fn keep(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.write().await;
        }
    }
}

impl fmt::Debug for AcmeCloud {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AcmeCloud({})", self.url())
    }
}
