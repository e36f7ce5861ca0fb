use std::path::PathBuf;

use clap::Args;

use super::Failure;
use crate::{
    config::{self, Layer},
    console::assets::Assets,
    logs,
    process::{self, Surroundings, Usher},
    system,
};

#[derive(Debug, Args)]
pub(super) struct Serve {
    /// Address and port to listen on [default: 127.0.0.1:8080, or `USHER_LISTEN`]
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// Where browsers and clients reach this server, such as <https://id.example.org> [or `USHER_PUBLIC_URL`]
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
}

impl Serve {
    pub(super) async fn run(self, flags: Layer, file: Option<PathBuf>, assets: Assets) -> Result<(), Failure> {
        let flags = Layer { listen: self.listen, public_url: self.public_url, ..flags };
        let config = config::load(flags, file)?;
        logs::start(&config.log);
        let surroundings = Surroundings { ids: system::ids(), assets, allow_ports: Vec::new() };
        let usher = Usher::start(&config, surroundings).await?;
        tracing::info!(listen = %usher.address(), "Usher is ready at {}", usher.state().link("/console"));
        process::stop_signal().await?;
        tracing::info!("Usher is stopping.");
        usher.stop().await;
        tracing::info!("Usher has stopped.");
        Ok(())
    }
}
