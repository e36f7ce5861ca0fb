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
    /// Address and port of its page for people; loopback only, a free port unless given
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:0")]
    page: SocketAddr,
    /// The bearer token that it asks for; without one it is open to everybody on this machine
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
}

impl Target {
    pub(super) async fn run(self) -> Result<(), Failure> {
        for address in [self.listen, self.page] {
            if !crate::config::is_loopback(address.ip()) {
                return Err(
                    format!("{address} is not a loopback address: Acme Cloud is for this machine alone.").into()
                );
            }
        }
        let mut builder = AcmeCloud::builder().address(self.listen).page(self.page);
        if let Some(token) = &self.token {
            builder = builder.token(token);
        }
        let (listen, page) = (self.listen, self.page);
        let cloud = builder
            .start()
            .await
            .map_err(|why| format!("Acme Cloud cannot listen at {listen}, with its page at {page}: {why}."))?;
        println!("Acme Cloud is at {}", cloud.page_url());
        println!("Users endpoint:  {}", cloud.users_endpoint());
        println!("Groups endpoint: {}", cloud.groups_endpoint());
        process::stop_signal().await?;
        cloud.stop().await;
        Ok(())
    }
}
