//! `usher demo`: the console, and an external system beside it, connected, switched on and filled with people.
//!
//! Everything is set up through the use cases that the console uses. It is for this machine alone: the console listens
//! on loopback, and connectors may call the demo's own ports and nothing else that is private.

mod folder;
mod people;
mod scene;

use std::{
    io::{self, Write as _},
    net::SocketAddr,
    path::PathBuf,
};

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::Dice;
use rehearsal::AcmeCloud;
use secrecy::{ExposeSecret as _, SecretString};

use self::{folder::Folder, scene::Scene};
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
    let folder = Folder::open(folder)?;
    let log = std::env::var("USHER_LOG").ok().filter(|log| !log.is_empty());
    let flags = Layer {
        listen: Some(listen.to_string()),
        data_dir: Some(folder.path().to_string_lossy().into_owned()),
        log: Some(log.unwrap_or_else(|| LOG.to_owned())),
        ..Layer::default()
    };
    let config = config::resolve(flags, Layer::default(), None)?;
    logs::start(&config.log);

    let ids = system::ids();
    let access_token = secret(&**ids.dice());
    let acme = AcmeCloud::builder()
        .token(access_token.expose_secret())
        .start()
        .await
        .map_err(|why| format!("Acme Cloud cannot listen: {why}."))?;
    let surroundings = Surroundings { ids, assets, allow_ports: vec![acme.address()] };
    let usher = Usher::start(&config, surroundings).await?;
    let scene = Scene::set(usher.directory(), &acme, &access_token).await?;
    say(&usher, &acme, &scene)?;
    process::stop_signal().await?;
    usher.stop().await;
    acme.stop().await;
    Ok(())
}

/// Made anew at each start.
fn secret(dice: &dyn Dice) -> SecretString {
    let mut bytes = [0; 15];
    dice.fill(&mut bytes);
    SecretString::from(URL_SAFE_NO_PAD.encode(bytes))
}

/// Where everything is, on standard output.
fn say(usher: &Usher, acme: &AcmeCloud, scene: &Scene) -> io::Result<()> {
    let users = usher.state().link("/scim2/Users");
    let token = scene.token.expose_secret();
    let mut out = io::stdout().lock();
    writeln!(
        out,
        "The demo is ready. It ends, and forgets everything unless --data-dir names a folder, with Ctrl-C.\n"
    )?;
    writeln!(out, "  Console     {}", usher.state().link("/console"))?;
    writeln!(out, "  User name   {}", scene::ADMINISTRATOR)?;
    writeln!(out, "  Password    {}", scene.password.expose_secret())?;
    writeln!(out, "  Acme Cloud  {}", acme.url())?;
    writeln!(out, "  API token   {token}\n")?;
    writeln!(out, "Create somebody, and watch them appear in Acme Cloud:\n")?;
    writeln!(
        out,
        "  curl -X POST {users} -H 'Authorization: Bearer {token}' -H 'Content-Type: application/scim+json' \
         -d '{{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],\"userName\":\"joan\",\
         \"name\":{{\"givenName\":\"Joan\",\"familyName\":\"Clarke\"}},\
         \"emails\":[{{\"value\":\"joan@example.org\",\"primary\":true}}]}}'\n"
    )?;
    out.flush()
}
