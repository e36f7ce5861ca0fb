//! The use cases: everything that the console, the APIs, the command line and the demo do, they do through here.
//!
//! Each authorises by a proof value, validates once, lets `domain` plan which deliveries follow, and commits row,
//! audit event and deliveries in one transaction. This crate's own code opens no socket: what it needs of the engine
//! it states as the trait [`Engine`].
//!
//! To add a use case: a method on [`Directory`] in the file of its noun, taking `&Authorised<P>`; call it from a
//! server function, an API handler or the command line; add a row to the endpoint sweep.

mod attributes;
pub mod audit;
pub mod branding;
mod change;
pub mod connections;
pub mod connectors;
pub mod database;
pub mod deliveries;
mod details;
pub mod drafts;
pub mod engine;
pub mod error;
pub mod federation;
pub mod figures;
pub mod flashes;
pub mod groups;
pub mod identity_providers;
pub mod imports;
pub mod listing;
pub mod lock;
pub mod mails;
pub mod memberships;
pub mod my_account;
pub mod onboarding;
pub mod own_profile;
pub mod password_links;
pub mod people;
pub mod provisioners;
pub mod recovery;
pub mod registration;
pub mod removal;
pub mod roles;
pub mod schemas;
pub mod search;
pub mod second_factors;
pub mod selection;
pub mod sessions;
pub mod settings;
pub mod setup;
pub mod sign_in;
pub mod spreadsheet;
pub mod tokens;
mod topology;
pub mod users;

use std::{
    pin::Pin,
    sync::{Arc, OnceLock, Weak},
    time::Duration,
};

use auth::{Hasher, ProofOfWork, RegistrationLimits, SignInLimits, oidc::Oidc};
use domain::{Ids, Timestamp};
use storage::{Conn, Db};
use url::Url;

pub use engine::Engine;
pub use error::{Error, Result};

/// The use cases, and what they need. Cheap to clone.
#[derive(Clone)]
pub struct Directory {
    inner: Arc<Inner>,
}

struct Inner {
    db: Db,
    ids: Ids,
    hasher: Hasher,
    sign_in_limits: SignInLimits,
    registration_limits: RegistrationLimits,
    proof_of_work: ProofOfWork,
    audit_retention: OnceLock<Duration>,
    public_url: OnceLock<Url>,
    oidc: OnceLock<Oidc>,
    /// The engine holds the directory, so the directory does not hold the engine: both end together.
    engine: OnceLock<Weak<dyn Engine>>,
    schemas: schemas::Snapshot,
    /// Told when an import is started.
    import_started: tokio::sync::Notify,
}

impl std::fmt::Debug for Directory {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Directory").finish_non_exhaustive()
    }
}

impl Directory {
    pub fn new(db: Db, ids: Ids) -> Self {
        let hasher = Hasher::new(Arc::clone(ids.dice()));
        let proof_of_work = ProofOfWork::new(db.vault().challenge_key());
        let inner = Inner {
            db,
            ids,
            hasher,
            sign_in_limits: SignInLimits::default(),
            registration_limits: RegistrationLimits::default(),
            proof_of_work,
            audit_retention: OnceLock::new(),
            public_url: OnceLock::new(),
            oidc: OnceLock::new(),
            engine: OnceLock::new(),
            import_started: tokio::sync::Notify::new(),
            schemas: schemas::Snapshot::default(),
        };
        Self { inner: Arc::new(inner) }
    }

    /// Ties the engine; the command line runs without one, and what it commits is picked up by the server's.
    pub fn attach(&self, engine: Weak<dyn Engine>) {
        // A second one would be a mistake in the wiring; the first stays.
        let _ = self.inner.engine.set(engine);
    }

    /// Where people reach the console, for the links in mails.
    pub fn serve_at(&self, public_url: Url) {
        let _ = self.inner.public_url.set(public_url);
    }

    /// Asks sign-in providers by it.
    pub fn sign_in_by(&self, oidc: Oidc) {
        let _ = self.inner.oidc.set(oidc);
    }

    pub(crate) fn oidc(&self) -> Result<&Oidc> {
        self.inner.oidc.get().ok_or(Error::NoEngine)
    }

    pub fn db(&self) -> &Db {
        &self.inner.db
    }

    pub fn ids(&self) -> &Ids {
        &self.inner.ids
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.inner.ids.now()
    }

    pub(crate) fn engine(&self) -> Result<Arc<dyn Engine>> {
        self.inner.engine.get().and_then(Weak::upgrade).ok_or(Error::NoEngine)
    }

    /// Commits a change that the engine has to hear of; a caller that hangs up keeps neither from happening.
    pub(crate) async fn commit<T, E, F>(&self, change: F) -> Result<T, E>
    where
        F: for<'c> Fn(&'c mut Conn) -> Pin<Box<dyn Future<Output = Result<T, E>> + Send + 'c>> + Send + 'static,
        T: Send + 'static,
        E: From<storage::Error> + Send + 'static,
    {
        let directory = self.clone();
        let committed = tokio::spawn(async move {
            let result = directory.db().write(change).await;
            if let Ok(engine) = directory.engine() {
                engine.wake();
            }
            result
        });
        committed.await.unwrap_or_else(|_| Err(storage::Error::Closed.into()))
    }

    /// Lets go of what is kept about sign-ins of long ago; the engine calls it now and then.
    pub fn forget_quiet(&self) {
        self.inner.sign_in_limits.forget_quiet();
        self.inner.registration_limits.forget_quiet();
    }
}
