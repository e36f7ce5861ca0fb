//! Globex ID: an OpenID Connect provider in memory, where whoever signs in chooses who they are.
//!
//! `personas` are those who can, `applications` those who may send them; `authorize` is the page on which they sign in, `endpoints` what applications ask
//! themselves, `tokens` what those are told and how it is signed, `sign_out` the ways to end it; `page` shows and
//! changes all of it, as `view` draws it; `kept` is what a file remembers between two starts.

mod applications;
mod authorize;
mod endpoints;
mod kept;
mod page;
mod personas;
mod sign_out;
mod tokens;
mod view;

use std::{
    collections::{BTreeMap, VecDeque},
    fmt, io,
    net::{Ipv4Addr, SocketAddr},
    path::PathBuf,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{Clock, Dice, Timestamp};
use tokio::{
    net::TcpListener,
    sync::{Mutex as AsyncMutex, watch},
};

pub use personas::Persona;
pub use sign_out::Told;

use crate::{
    kept::{Keeper, read},
    running::{Running, bind},
    system::{SystemDice, WallClock},
};
use applications::Client;
use kept::Kept;
use tokens::Key;

/// Sessions that are kept; older ones are forgotten.
const MAX_SESSIONS: usize = 1_000;
const MAX_PERSONAS: usize = 100;
/// Keys that are published: the one that signs, and those that did before.
const MAX_KEYS: usize = 3;
/// Of what happened, as the page tells it.
const MAX_EVENTS: usize = 12;

/// The provider while it runs. Clones are handles on the same one; it stops when the last of them is dropped.
#[derive(Clone)]
pub struct Provider {
    shared: Arc<Shared>,
    port: Arc<AsyncMutex<Option<Running>>>,
    keeper: Option<Arc<Keeper>>,
}

/// What the handle and the handlers have in common.
struct Shared {
    name: String,
    address: SocketAddr,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    claims_in_id_token: bool,
    /// Who can sign in to what outlives the process.
    kept: bool,
    world: Mutex<World>,
    /// Counts changes of anything in `world`.
    changes: watch::Sender<u64>,
}

struct World {
    personas: Vec<Persona>,
    clients: BTreeMap<String, Client>,
    /// The oldest first.
    sessions: VecDeque<Session>,
    /// The first one signs.
    keys: Vec<Key>,
    /// The latest first.
    events: VecDeque<(Timestamp, String)>,
    /// Applications wait so long for each answer.
    delay: Duration,
    /// Somebody has looked at the page.
    opened: bool,
}

/// Somebody who is signed in to an application.
#[derive(Clone, Debug)]
struct Session {
    sid: String,
    sub: String,
    client_id: String,
    redirect_uri: String,
    scopes: Vec<String>,
    nonce: Option<String>,
    challenge: Option<String>,
    started: Timestamp,
    code: String,
    /// Once the code was used.
    access_token: Option<String>,
    id_token: Option<String>,
}

impl World {
    fn happened(&mut self, at: Timestamp, text: String) {
        self.events.truncate(MAX_EVENTS - 1);
        self.events.push_front((at, text));
    }

    /// The user name of somebody.
    fn called(&self, sub: &str) -> String {
        let persona = self.personas.iter().find(|persona| persona.sub == sub);
        persona.map_or_else(|| sub.to_owned(), |persona| persona.user_name.clone())
    }

    /// Takes the place of the persona with the same `sub`, or comes as another one.
    fn put(&mut self, persona: Persona) -> Result<(), &'static str> {
        if let Some(problem) = persona.problem(&self.personas) {
            return Err(problem);
        }
        match self.personas.iter().position(|known| known.sub == persona.sub) {
            Some(place) => self.personas[place] = persona,
            None if self.personas.len() == MAX_PERSONAS => return Err("There are as many people as there can be."),
            None => self.personas.push(persona),
        }
        Ok(())
    }
}

impl Shared {
    fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Changes something, and lets whoever waits for it know.
    fn change<T>(&self, change: impl FnOnce(&mut World) -> T) -> T {
        let result = change(&mut self.world());
        self.changes.send_modify(|number| *number += 1);
        result
    }

    fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

/// How the provider is set up; see [`Provider::builder`].
#[derive(Debug)]
pub struct Builder {
    name: String,
    address: SocketAddr,
    clock: Arc<dyn Clock>,
    dice: Arc<dyn Dice>,
    claims_in_id_token: bool,
    personas: Option<Vec<Persona>>,
    file: Option<PathBuf>,
}

impl Builder {
    /// What it is called where it speaks of itself.
    #[must_use]
    pub fn name(self, name: &str) -> Self {
        Self { name: name.to_owned(), ..self }
    }

    /// Where to listen, which is also what its issuer is called by; without it a free port of 127.0.0.1.
    #[must_use]
    pub fn address(self, address: SocketAddr) -> Self {
        Self { address, ..self }
    }

    #[must_use]
    pub fn clock(self, clock: Arc<dyn Clock>) -> Self {
        Self { clock, ..self }
    }

    /// What keys, codes and tokens are made of.
    #[must_use]
    pub fn dice(self, dice: Arc<dyn Dice>) -> Self {
        Self { dice, ..self }
    }

    /// Whether an ID token tells of somebody, or only who it is: the rest is then told at `/userinfo` alone.
    #[must_use]
    pub fn claims_in_id_token(self, claims_in_id_token: bool) -> Self {
        Self { claims_in_id_token, ..self }
    }

    /// Who can sign in, instead of the five who are there otherwise.
    #[must_use]
    pub fn personas(self, personas: impl IntoIterator<Item = Persona>) -> Self {
        Self { personas: Some(personas.into_iter().collect()), ..self }
    }

    /// People, applications, and where it listens if that port is still free, are remembered in this file. Written a
    /// moment after each change. Keys and sessions are not: whoever is signed in signs in again.
    #[must_use]
    pub fn kept_in(self, file: PathBuf) -> Self {
        Self { file: Some(file), ..self }
    }

    /// # Errors
    /// The address cannot be listened on, or the file of [`Self::kept_in`] cannot be read.
    pub async fn start(self) -> io::Result<Provider> {
        let kept: Option<Kept> = self.file.as_deref().map(read).transpose()?.flatten();
        let listener = bind(self.address, kept.as_ref().map(|kept| kept.address)).await?;
        let (personas, clients) = match kept {
            Some(kept) => (kept.personas, kept.clients),
            None => (self.personas.unwrap_or_else(|| personas::standard("globex.example")), BTreeMap::new()),
        };
        let world = World {
            personas,
            clients,
            sessions: VecDeque::new(),
            keys: vec![Key::roll(&*self.dice)],
            events: VecDeque::new(),
            delay: Duration::ZERO,
            opened: false,
        };
        let shared = Arc::new(Shared {
            name: self.name,
            address: listener.local_addr()?,
            clock: self.clock,
            dice: self.dice,
            claims_in_id_token: self.claims_in_id_token,
            kept: self.file.is_some(),
            world: Mutex::new(world),
            changes: watch::Sender::new(0),
        });
        let port = Arc::new(AsyncMutex::new(Some(page::serve(&shared, listener))));
        let keeper = self.file.map(|file| {
            let desk = Arc::clone(&shared);
            Arc::new(Keeper::start(file, shared.changes.subscribe(), move || Kept::of(&desk)))
        });
        Ok(Provider { shared, port, keeper })
    }
}

impl Provider {
    pub fn builder() -> Builder {
        Builder {
            name: "Globex ID".to_owned(),
            address: (Ipv4Addr::LOCALHOST, 0).into(),
            clock: Arc::new(WallClock),
            dice: Arc::new(SystemDice),
            claims_in_id_token: true,
            personas: None,
            file: None,
        }
    }

    pub fn name(&self) -> &str {
        &self.shared.name
    }

    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// `http://127.0.0.1:7003`.
    pub fn issuer(&self) -> String {
        self.shared.url()
    }

    /// The page for people.
    pub fn page_url(&self) -> String {
        self.shared.url()
    }

    /// Somebody has looked at the page.
    pub fn was_opened(&self) -> bool {
        self.shared.world().opened
    }

    /// An application that may send people here from now on. One of the same id is replaced, but is still told of
    /// sign-outs where it was.
    pub fn register_client<'u>(
        &self,
        id: &str,
        secret: &str,
        redirect_uris: impl IntoIterator<Item = &'u str>,
        post_logout_uris: impl IntoIterator<Item = &'u str>,
    ) {
        let owned = |uris: Vec<&str>| uris.into_iter().map(str::to_owned).collect();
        let redirect_uris = owned(redirect_uris.into_iter().collect());
        let post_logout_uris = owned(post_logout_uris.into_iter().collect());
        self.shared.change(|world| {
            let client = world.clients.entry(id.to_owned()).or_default();
            secret.clone_into(&mut client.secret);
            client.redirect_uris = redirect_uris;
            client.post_logout_uris = post_logout_uris;
        });
    }

    /// Where a client is told that somebody has signed out: at an address of this machine. False if there is no such
    /// client.
    pub fn register_back_channel(&self, id: &str, uri: &str) -> bool {
        self.shared.change(|world| {
            let client = world.clients.get_mut(id);
            client.map(|client| client.back_channel = Some(uri.to_owned())).is_some()
        })
    }

    /// Whether there is an application of this id, such as from an earlier start.
    pub fn has_client(&self, id: &str) -> bool {
        self.shared.world().clients.contains_key(id)
    }

    pub fn personas(&self) -> Vec<Persona> {
        self.shared.world().personas.clone()
    }

    /// By user name.
    pub fn persona(&self, user_name: &str) -> Option<Persona> {
        self.personas().into_iter().find(|persona| persona.user_name == user_name)
    }

    /// Takes the place of the persona with the same `sub`, or comes as another one.
    ///
    /// # Panics
    /// If that cannot be: its user name is somebody else's, or a text is too long.
    pub fn put(&self, persona: Persona) {
        self.shared.change(|world| world.put(persona)).expect("this is a persona that can be");
    }

    /// How many sessions somebody has, by user name.
    pub fn sessions(&self, user_name: &str) -> usize {
        let Some(persona) = self.persona(user_name) else { return 0 };
        self.shared.world().sessions.iter().filter(|session| session.sub == persona.sub).count()
    }

    /// Ends all sessions of somebody, by user name, and tells every application that has a back channel.
    pub async fn sign_out_everywhere(&self, user_name: &str) -> Vec<Told> {
        match self.persona(user_name) {
            Some(persona) => sign_out::everywhere(&self.shared, &persona.sub).await,
            None => Vec::new(),
        }
    }

    /// From now on another key signs. The one before stays published, for what it signed.
    pub fn rotate_keys(&self) {
        let key = Key::roll(&*self.shared.dice);
        self.shared.change(|world| {
            world.keys.truncate(MAX_KEYS - 1);
            world.keys.insert(0, key);
        });
    }

    /// Applications wait so long for each answer; people do not.
    pub fn slow(&self, delay: Duration) {
        self.shared.change(|world| world.delay = delay);
    }

    /// Hangs up on everybody; everything is kept for [`Self::restart`].
    pub async fn stop(&self) {
        if let Some(running) = self.port.lock().await.take() {
            running.stop().await;
        }
    }

    /// Listens again on the same address.
    ///
    /// # Errors
    /// The address cannot be listened on any more.
    pub async fn restart(&self) -> io::Result<()> {
        self.stop().await;
        let listener = TcpListener::bind(self.shared.address).await?;
        *self.port.lock().await = Some(page::serve(&self.shared, listener));
        Ok(())
    }

    /// Writes what is to be remembered at once; without [`Builder::kept_in`] nothing.
    pub async fn keep(&self) {
        if let Some(keeper) = &self.keeper {
            keeper.write().await;
        }
    }
}

impl fmt::Debug for Provider {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Provider({})", self.issuer())
    }
}
