//! What the process is told: flags over environment over TOML file over defaults, each value checked once.
//!
//! A bad value is an error that names the setting, where it came from and what is expected.

mod layer;
mod problem;
mod resolve;
pub mod span;

use std::{
    fmt,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    time::Duration,
};

use ipnet::IpNet;
use secrecy::SecretString;
use storage::MasterKey;
use url::Url;

pub use layer::Layer;
pub use problem::Problem;
pub use resolve::{load, resolve};

use crate::logs::Format;

/// Everything that can be set, checked.
#[derive(Clone, Debug)]
pub struct Config {
    pub listen: SocketAddr,
    pub data_dir: PathBuf,
    /// Where browsers and clients reach us: scheme, host and port alone. `None`: at the listening address.
    pub public_url: Option<Url>,
    /// Networks opened to outgoing calls beside the public internet.
    pub target_allow: Vec<IpNet>,
    /// Reverse proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<IpNet>,
    /// The first administrator; ignored once one exists.
    pub administrator: Option<Administrator>,
    pub master_key: KeySource,
    /// How long events stay in the audit trail.
    pub audit_retention: Duration,
    /// A listener of its own for `/metrics`, without a token.
    pub metrics_listen: Option<SocketAddr>,
    /// None: no mail is sent.
    pub mail: Option<MailSettings>,
    pub log: LogSettings,
}

#[derive(Clone, Debug)]
pub struct MailSettings {
    /// The server, with what it wants to know of us.
    pub url: SecretString,
    /// The sender's address.
    pub from: String,
}

#[derive(Clone, Debug)]
pub struct Administrator {
    pub user_name: String,
    pub password: SecretString,
}

/// Where the master key comes from.
#[derive(Clone, Debug)]
pub enum KeySource {
    /// `USHER_MASTER_KEY`.
    Environment(MasterKey),
    /// `USHER_MASTER_KEY_FILE`.
    File(PathBuf),
    /// `master.key` in the data folder, made at the first start.
    DataFolder,
}

/// For people; never the key.
impl fmt::Display for KeySource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Environment(_) => f.write_str("given in the environment variable USHER_MASTER_KEY"),
            Self::File(path) => write!(f, "read from the file {}", path.display()),
            Self::DataFolder => f.write_str("in the data folder, in the file master.key"),
        }
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogSettings {
    /// In the syntax of `tracing_subscriber::EnvFilter`.
    pub filter: String,
    pub format: Format,
}

impl Config {
    /// Whether only this machine can connect.
    pub fn is_loopback(&self) -> bool {
        is_loopback(self.listen.ip())
    }
}

pub(crate) fn is_loopback(address: IpAddr) -> bool {
    address.to_canonical().is_loopback()
}
