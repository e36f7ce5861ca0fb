//! One source of settings, as text.

use std::path::Path;

use serde::Deserialize;

use super::Problem;

/// Settings as they came, unchecked. The names are those of the TOML file.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    pub listen: Option<String>,
    pub data_dir: Option<String>,
    pub public_url: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub target_allow: Option<String>,
    #[serde(default, deserialize_with = "list")]
    pub trusted_proxies: Option<String>,
    #[serde(skip)]
    pub admin_username: Option<String>,
    #[serde(skip)]
    pub admin_password: Option<String>,
    #[serde(skip)]
    pub master_key: Option<String>,
    pub master_key_file: Option<String>,
    pub metrics_listen: Option<String>,
    pub audit_retention: Option<String>,
    pub smtp_url: Option<String>,
    pub mail_from: Option<String>,
    pub log: Option<String>,
    pub log_format: Option<String>,
}

/// `["10.0.0.0/8", "fd00::/8"]` as well as `"10.0.0.0/8, fd00::/8"`.
fn list<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged, expecting = "expected a list of strings, or one string with commas")]
    enum Given {
        List(Vec<String>),
        Text(String),
    }
    Ok(Some(match Given::deserialize(deserializer)? {
        Given::List(items) => items.join(","),
        Given::Text(text) => text,
    }))
}

impl Layer {
    /// `variable` reads one environment variable.
    pub fn of_environment(mut variable: impl FnMut(&str) -> Result<Option<String>, Problem>) -> Result<Self, Problem> {
        // An empty variable is one that was not set, as in `USHER_LOG= usher serve`.
        let mut read = |name: &str| variable(name).map(|value| value.filter(|value| !value.is_empty()));
        Ok(Self {
            listen: read("USHER_LISTEN")?,
            data_dir: read("USHER_DATA_DIR")?,
            public_url: read("USHER_PUBLIC_URL")?,
            target_allow: read("USHER_TARGET_ALLOW")?,
            trusted_proxies: read("USHER_TRUSTED_PROXIES")?,
            admin_username: read("USHER_ADMIN_USERNAME")?,
            admin_password: read("USHER_ADMIN_PASSWORD")?,
            master_key: read("USHER_MASTER_KEY")?,
            master_key_file: read("USHER_MASTER_KEY_FILE")?,
            metrics_listen: read("USHER_METRICS_LISTEN")?,
            audit_retention: read("USHER_AUDIT_RETENTION")?,
            smtp_url: read("USHER_SMTP_URL")?,
            mail_from: read("USHER_MAIL_FROM")?,
            log: read("USHER_LOG")?,
            log_format: read("USHER_LOG_FORMAT")?,
        })
    }

    pub fn of_file(path: &Path) -> Result<Self, Problem> {
        let text = std::fs::read_to_string(path).map_err(|why| Problem::Unreadable { path: path.to_owned(), why })?;
        Self::of_toml(&text).map_err(|why| Problem::NotToml { path: path.to_owned(), why })
    }

    pub(super) fn of_toml(text: &str) -> Result<Self, String> {
        toml::from_str(text).map_err(|error| error.to_string().trim_end().to_owned())
    }
}
