//! `usher demo`: the console, and beside it three external systems, connected, switched on and filled with people, an
//! OpenID provider with a few personas, and an inbox that shows every mail.
//!
//! Everything is set up through the use cases that the console uses. It is for this machine alone: the console listens
//! on loopback, and connectors may call the demo's own ports and nothing else that is private.

mod doors;
mod filling;
mod folder;
mod people;
mod scene;
mod systems;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
    sync::Arc,
};

use app::pages::tour::stage::Facts;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Dice;
use secrecy::{ExposeSecret as _, SecretString};

use self::{
    folder::Folder,
    systems::{OnStage, Systems},
};
use crate::{
    cli::Failure,
    config::{self, Layer},
    console::assets::Assets,
    logs,
    process::{self, Surroundings, Usher},
    system,
};

/// What is worth a line between the addresses of the demo and whoever reads them.
const LOG: &str = "warn";

pub(crate) async fn run(listen: SocketAddr, folder: Option<PathBuf>, assets: Assets) -> Result<(), Failure> {
    if !config::is_loopback(listen.ip()) {
        return Err(format!("{listen} is not a loopback address: the demo is for this machine alone.").into());
    }
    let folder = Arc::new(Folder::open(folder)?);
    let log = std::env::var("USHER_LOG").ok().filter(|log| !log.is_empty());
    let ids = system::ids();
    let systems = Systems::start(folder.kept(), &**ids.dice())
        .await
        .map_err(|why| format!("The external systems of the demo cannot be started: {why}."))?;
    let systems = Arc::new(systems);
    let flags = Layer {
        smtp_url: Some(systems.inbox.smtp_url()),
        mail_from: Some("usher@example.org".to_owned()),
        listen: Some(listen.to_string()),
        data_dir: Some(folder.path().to_string_lossy().into_owned()),
        log: Some(log.unwrap_or_else(|| LOG.to_owned())),
        ..Layer::default()
    };
    let config = config::resolve(flags, Layer::default(), None)?;
    logs::start(&config.log);

    let mut allow_ports: Vec<SocketAddr> = systems.all().map(|(system, _)| system.address()).into();
    allow_ports.push(systems.globex.address());
    let usher = Usher::start(&config, Surroundings { ids, assets, allow_ports }).await?;
    let stage = set(&usher, &systems, &folder).await?;
    say(&usher, &systems, &stage)?;
    process::stop_signal().await?;
    if let Some(filling) = stage.filling {
        filling.abort();
        let _ = filling.await;
    }
    usher.stop().await;
    systems.keep().await;
    Ok(())
}

/// What somebody needs to know to begin.
struct Stage {
    password: SecretString,
    token: SecretString,
    /// People who are still coming in.
    filling: Option<tokio::task::JoinHandle<()>>,
}

async fn set(usher: &Usher, systems: &Arc<Systems>, folder: &Arc<Folder>) -> directory::Result<Stage> {
    let directory = usher.directory();
    let password = scene::administrator(directory).await?;
    let token = scene::token(directory).await?;
    usher.state().tour().offer(Facts {
        system: Box::new(OnStage(systems.acme.clone())),
        token: token.clone(),
        users_url: usher.state().link("/scim2/Users"),
        register_url: usher.state().link("/register"),
        sign_in_url: usher.state().link("/sign-in"),
        inbox: systems.inbox.page_url(),
        provider: systems.globex.page_url(),
    });
    scene::reconnect(directory, systems).await?;
    doors::open(directory, systems).await?;
    let filling = if folder.is_filled() {
        None
    } else {
        scene::connect(directory, systems).await?;
        Some(tokio::spawn(fill(directory.clone(), Arc::clone(systems), Arc::clone(folder))))
    };
    Ok(Stage { password, token, filling })
}

async fn fill(directory: directory::Directory, systems: Arc<Systems>, folder: Arc<Folder>) {
    match filling::fill(&directory, &systems).await {
        Ok(()) => {
            if let Err(error) = folder.mark_filled() {
                tracing::warn!(error = %error, "The next start of this demo looks again whether everybody is there.");
            }
        }
        Err(error) => tracing::error!(error = %error, "The demo could not be filled with people."),
    }
}

/// Made anew at each start.
fn secret(dice: &dyn Dice) -> SecretString {
    let mut bytes = [0; 15];
    dice.fill(&mut bytes);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where everything is, on standard output.
fn say(usher: &Usher, systems: &Systems, stage: &Stage) -> io::Result<()> {
    let users = usher.state().link("/scim2/Users");
    let token = stage.token.expose_secret();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "The demo is ready. It ends, and forgets everything unless --data-dir names a folder, with Ctrl-C.\n"
    )?;
    writeln!(out, "  Console       {}", usher.state().link("/console"))?;
    writeln!(out, "  User name     {}", scene::ADMINISTRATOR)?;
    writeln!(out, "  Password      {}", stage.password.expose_secret())?;
    for (system, _) in systems.all() {
        writeln!(out, "  {:<13} {}", system.name(), system.page_url())?;
    }
    writeln!(out, "  {:<13} {}", systems.globex.name(), systems.globex.page_url())?;
    writeln!(out, "  {:<13} {}", systems.inbox.name(), systems.inbox.page_url())?;
    writeln!(out, "  API token     {token}\n")?;
    writeln!(out, "Sign in and take the tour, or create somebody here, and watch them appear in Acme Cloud:\n")?;
    let line = app::pages::tour::stage::create_line(&users, token, "joan", "Joan", "Clarke");
    for part in line.lines() {
        writeln!(out, "  {part}")?;
    }
    writeln!(out)?;
    out.flush()
}
