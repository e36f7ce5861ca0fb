use std::net::SocketAddr;

use clap::Args;
use rehearsal::AcmeCloud;

use super::Failure;
use crate::process;

#[derive(Debug, Args)]
pub(super) struct Target {
    /// Address and port to listen on; loopback only
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7001")]
    listen: SocketAddr,
    /// The bearer token that it asks for; without one it is open to everybody on this machine
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
}

impl Target {
    pub(super) async fn run(self) -> Result<(), Failure> {
        if !crate::config::is_loopback(self.listen.ip()) {
            return Err(
                format!("{} is not a loopback address: Acme Cloud is for this machine alone.", self.listen).into()
            );
        }
        let mut builder = AcmeCloud::builder().address(self.listen);
        if let Some(token) = &self.token {
            builder = builder.token(token);
        }
        let cloud = builder
            .start()
            .await
            .map_err(|why| format!("The address {} cannot be listened on: {why}.", self.listen))?;
        println!("Acme Cloud is at {}", cloud.url());
        println!("Users endpoint:  {}", cloud.users_endpoint());
        println!("Groups endpoint: {}", cloud.groups_endpoint());
        process::stop_signal().await?;
        cloud.stop().await;
        Ok(())
    }
}
