//! Start and stop of everything.

use std::{net::SocketAddr, time::Duration};

use app::pages::settings::installation::Installation;
use auth::oidc::Oidc;
use axum::Router;
use directory::Directory;
use domain::{Ids, Timestamp};
use egress::{
    Egress, Policy,
    mail::{MailSetupError, Mailer},
};
use storage::{Db, Vault};
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::{
    config::{Administrator, Config, is_loopback},
    console::assets::Assets,
    data_folder::{self, DataFolder, Held},
    http::metrics,
    listen, router,
    state::AppState,
};

/// How long the database is waited for when the process stops.
const CLOSE_LIMIT: Duration = Duration::from_secs(5);
/// What was built, where the build says it: `cargo xtask build --release` does.
const COMMIT: Option<&str> = option_env!("USHER_COMMIT");
/// How often old measurements are folded away.
const METRICS_UPKEEP: Duration = Duration::from_secs(5);

/// What a start needs beside its configuration.
#[derive(Debug)]
pub struct Surroundings {
    /// Clock and dice of everything.
    pub ids: Ids,
    pub assets: Assets,
    /// Single ports of this machine that connectors may call, for the demo.
    pub allow_ports: Vec<SocketAddr>,
}

#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error(transparent)]
    Folder(#[from] data_folder::Problem),
    #[error(
        "The master key is not the one that the database in {0} was made with. Give the right one in \
         USHER_MASTER_KEY, USHER_MASTER_KEY_FILE or the file master.key."
    )]
    WrongKey(std::path::PathBuf),
    #[error("The database cannot be opened: {0}.")]
    Database(storage::Error),
    #[error("The address {address} cannot be listened on: {why}.")]
    Listen { address: SocketAddr, why: std::io::Error },
    #[error(transparent)]
    Egress(#[from] egress::SetupError),
    #[error("Mail cannot be set up: {0}.")]
    Mail(MailSetupError),
    #[error("The first administrator (USHER_ADMIN_USERNAME, USHER_ADMIN_PASSWORD) cannot be made: {0}")]
    Administrator(directory::Error),
    #[error("The engine cannot be started: {0}")]
    Engine(directory::Error),
}

/// Usher while it runs.
#[derive(Debug)]
pub struct Usher {
    address: SocketAddr,
    state: AppState,
    router: Router,
    engine: provisioning::Running,
    stop: CancellationToken,
    tasks: Vec<JoinHandle<()>>,
    closed: storage::db::Closed,
    _held: Held,
}

impl Usher {
    /// Opens the data folder, starts the engine and listens.
    pub async fn start(config: &Config, surroundings: Surroundings) -> Result<Self, Problem> {
        let Surroundings { ids, assets, allow_ports } = surroundings;
        let folder = DataFolder::new(&config.data_dir);
        let held = folder.hold()?;
        let key = folder.key_or_new(&config.master_key, &**ids.dice())?;
        let (db, closed) =
            Db::open(folder.path(), Vault::new(&key, ids.clone())).await.map_err(|error| database(&folder, error))?;
        let directory = Directory::new(db, ids);
        directory.keep_audit_for(config.audit_retention);
        if let Some(administrator) = &config.administrator {
            first_administrator(&directory, administrator).await.map_err(Problem::Administrator)?;
        }

        let listener = bind(config.listen).await?;
        let address = listener.local_addr().map_err(|why| Problem::Listen { address: config.listen, why })?;
        let public_url = config.public_url.clone().unwrap_or_else(|| http(address));
        let policy = Policy {
            allow: config.target_allow.clone(),
            allow_ports,
            own_origins: own_origins(&public_url, address),
            ..Policy::default()
        };
        directory.serve_at(public_url.clone());
        let egress = Egress::new(policy)?;
        directory.sign_in_by(Oidc::new(egress.clone(), directory.ids().clone()));
        let engine = start_engine(&directory, egress, mailer(config)?).await?;

        let installation = installation(config, &folder, &public_url, address, directory.ids().now());
        let state = AppState::new(directory, public_url, config.trusted_proxies.clone(), metrics::recorder());
        let router = router::router(&state, assets, installation);
        let stop = CancellationToken::new();
        let mut tasks = vec![
            tokio::spawn(imports(state.directory().clone(), stop.clone())),
            tokio::spawn(listen::serve(listener, router.clone(), stop.clone())),
            tokio::spawn(upkeep(state.metrics().clone(), stop.clone())),
        ];
        if let Some(address) = config.metrics_listen {
            let router = metrics::open_router(state.metrics().clone());
            tasks.push(tokio::spawn(listen::serve(bind(address).await?, router, stop.clone())));
        }
        Ok(Self { address, state, router, engine, stop, tasks, closed, _held: held })
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn state(&self) -> &AppState {
        &self.state
    }

    pub fn directory(&self) -> &Directory {
        self.state.directory()
    }

    /// The whole router, to be called without a socket.
    pub fn router(&self) -> Router {
        self.router.clone()
    }

    /// Stops accepting, finishes what is in flight, and closes the database.
    pub async fn stop(self) {
        self.stop.cancel();
        for task in self.tasks {
            if let Err(error) = task.await {
                tracing::error!(error = %error, "A part of the server did not stop cleanly.");
            }
        }
        self.engine.stop().await;
        let db = self.state.directory().db().clone();
        drop((self.router, self.state));
        db.close().await;
        // It ends with the last handle. Every change was answered after it was on disk, so nothing is lost without.
        if tokio::time::timeout(CLOSE_LIMIT, self.closed).await.is_err() {
            tracing::warn!("The database is still in use by a part of the server and is left as it is.");
        }
    }
}

fn installation(
    config: &Config,
    folder: &DataFolder,
    public_url: &Url,
    address: SocketAddr,
    started_at: Timestamp,
) -> Installation {
    let path = std::path::absolute(folder.path()).unwrap_or_else(|_| folder.path().to_owned());
    Installation {
        version: env!("CARGO_PKG_VERSION"),
        commit: COMMIT,
        started_at,
        folder: path.display().to_string(),
        master_key: config.master_key.to_string(),
        public_url: public_url.as_str().trim_end_matches('/').to_owned(),
        listens_at: address.to_string(),
        metrics_at: config.metrics_listen.map(|address| address.to_string()),
    }
}

fn mailer(config: &Config) -> Result<Option<Mailer>, Problem> {
    config.mail.as_ref().map(|mail| Mailer::new(&mail.url, &mail.from)).transpose().map_err(Problem::Mail)
}

async fn start_engine(
    directory: &Directory,
    egress: Egress,
    mailer: Option<Mailer>,
) -> Result<provisioning::Running, Problem> {
    let registry = connectors::Registry::standard();
    let deps = provisioning::Deps { directory: directory.clone(), egress, mailer, registry };
    let (_, running) = provisioning::Engine::start(deps).await.map_err(Problem::Engine)?;
    Ok(running)
}

pub(crate) fn database(folder: &DataFolder, error: storage::Error) -> Problem {
    match error {
        storage::Error::WrongKey => Problem::WrongKey(folder.path().to_owned()),
        error => Problem::Database(error),
    }
}

async fn bind(address: SocketAddr) -> Result<TcpListener, Problem> {
    TcpListener::bind(address).await.map_err(|why| Problem::Listen { address, why })
}

fn http(address: SocketAddr) -> Url {
    format!("http://{address}").parse().expect("a socket address makes a URL")
}

/// A target that is ourselves would provision in a circle: neither by the public URL nor by the port behind it.
fn own_origins(public_url: &Url, address: SocketAddr) -> Vec<Url> {
    let mut own = vec![public_url.clone(), http(address)];
    if is_loopback(address.ip()) || address.ip().is_unspecified() {
        let names = ["localhost", "127.0.0.1", "[::1]"];
        own.extend(names.iter().filter_map(|name| format!("http://{name}:{}", address.port()).parse().ok()));
    }
    own
}

/// Once an administrator exists the setting is without effect.
async fn first_administrator(directory: &Directory, administrator: &Administrator) -> directory::Result<()> {
    let system = auth::Caller::system();
    if directory.has_administrator(&system.authorise()?).await? {
        return Ok(());
    }
    directory.create_administrator(&system.authorise()?, &administrator.user_name, &administrator.password).await?;
    tracing::info!(user.name = %administrator.user_name, "The first administrator was made.");
    Ok(())
}

/// Carries out imports. What is broken off at a stop goes on with the next start.
async fn imports(directory: Directory, stop: CancellationToken) {
    tokio::select! {
        () = stop.cancelled() => {}
        _ = directory.run_imports() => {}
    }
}

async fn upkeep(metrics: metrics_exporter_prometheus::PrometheusHandle, stop: CancellationToken) {
    let mut tick = tokio::time::interval(METRICS_UPKEEP);
    loop {
        tokio::select! {
            () = stop.cancelled() => return,
            _ = tick.tick() => metrics.run_upkeep(),
        }
    }
}

/// Ends when the process is asked to stop: SIGTERM, or SIGINT from a terminal.
pub async fn stop_signal() -> std::io::Result<()> {
    use tokio::signal::unix::{SignalKind, signal};
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    Ok(())
}
