use std::net::SocketAddr;

use clap::Args;

use super::Failure;
use crate::{config::Layer, console::assets::Assets};

#[derive(Debug, Args)]
pub(super) struct Demo {
    /// Address and port of the console; loopback only, a free port unless given
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    listen: SocketAddr,
}

impl Demo {
    pub(super) async fn run(self, flags: Layer, assets: Assets) -> Result<(), Failure> {
        crate::demo::run(self.listen, flags.data_dir.map(Into::into), assets).await
    }
}
