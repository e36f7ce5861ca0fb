//! Several layers become one [`Config`].

use std::{fmt, net::IpAddr, path::PathBuf, str::FromStr, time::Duration};

use directory::audit::{RETENTION, RETENTIONS};
use egress::mail::Mailer;
use ipnet::IpNet;
use secrecy::SecretString;
use tracing_subscriber::EnvFilter;
use url::Url;

use super::{Administrator, Config, KeySource, Layer, LogSettings, MailSettings, Problem, is_loopback, span::span};
use crate::{
    data_folder::{KEY_FORMAT, parse_key},
    logs::Format,
};

const DEFAULT_LISTEN: &str = "127.0.0.1:8080";
const DEFAULT_DATA_DIR: &str = "./usher-data";
const DEFAULT_LOG: &str = "info";

/// Where a value came from.
#[derive(Clone, Debug)]
enum Origin {
    Flag,
    Environment,
    File(PathBuf),
    Default,
}

/// A value as text, and what an error about it has to name.
struct Given {
    /// The name in the TOML file, from which the others follow.
    key: &'static str,
    text: String,
    origin: Origin,
}

impl fmt::Display for Given {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.origin {
            Origin::Flag => write!(f, "the flag --{}", self.key.replace('_', "-")),
            Origin::Environment => write!(f, "the environment variable USHER_{}", self.key.to_uppercase()),
            Origin::File(path) => write!(f, "{} in the file {}", self.key, path.display()),
            Origin::Default => f.write_str("the default"),
        }
    }
}

impl Given {
    fn parse<T: FromStr>(&self, expected: &'static str) -> Result<T, Problem> {
        self.text.trim().parse().map_err(|_| self.wrong(expected))
    }

    fn wrong(&self, expected: &'static str) -> Problem {
        Problem::Value { setting: self.key, value: self.text.clone(), origin: self.to_string(), expected }
    }

    fn wrong_secret(&self, expected: &'static str) -> Problem {
        Problem::Secret { setting: self.key, origin: self.to_string(), expected }
    }
}

/// Flags, environment and file, the strongest first.
struct Layers {
    flags: Layer,
    environment: Layer,
    file: Option<(PathBuf, Layer)>,
}

impl Layers {
    fn get(&self, key: &'static str, field: impl Fn(&Layer) -> Option<&String>) -> Option<Given> {
        let given = |layer, origin| {
            let text: Option<&String> = field(layer);
            text.map(|text| Given { key, text: text.clone(), origin })
        };
        given(&self.flags, Origin::Flag).or_else(|| given(&self.environment, Origin::Environment)).or_else(|| {
            let (path, layer) = self.file.as_ref()?;
            given(layer, Origin::File(path.clone()))
        })
    }

    fn get_or(&self, key: &'static str, field: impl Fn(&Layer) -> Option<&String>, default: &str) -> Given {
        self.get(key, field).unwrap_or_else(|| Given { key, text: default.to_owned(), origin: Origin::Default })
    }
}

/// The configuration of this process: its flags, its environment, and the file that one of them names.
pub fn load(flags: Layer, file: Option<PathBuf>) -> Result<Config, Problem> {
    let file = match file {
        Some(path) => Some(path),
        None => variable("USHER_CONFIG")?.filter(|path| !path.is_empty()).map(PathBuf::from),
    };
    let file = file.map(|path| Layer::of_file(&path).map(|layer| (path, layer))).transpose()?;
    resolve(flags, Layer::of_environment(variable)?, file)
}

fn variable(name: &str) -> Result<Option<String>, Problem> {
    match std::env::var(name) {
        Ok(value) => Ok(Some(value)),
        Err(std::env::VarError::NotPresent) => Ok(None),
        Err(std::env::VarError::NotUnicode(_)) => Err(Problem::NotText(name.to_owned())),
    }
}

pub fn resolve(flags: Layer, environment: Layer, file: Option<(PathBuf, Layer)>) -> Result<Config, Problem> {
    const ADDRESS: &str = "an address and a port, such as 127.0.0.1:8080";
    let layers = Layers { flags, environment, file };
    let listen = layers.get_or("listen", |layer| layer.listen.as_ref(), DEFAULT_LISTEN).parse(ADDRESS)?;
    let data_dir = layers.get_or("data_dir", |layer| layer.data_dir.as_ref(), DEFAULT_DATA_DIR);
    if data_dir.text.is_empty() {
        return Err(data_dir.wrong("a folder, such as /var/lib/usher"));
    }
    let metrics = layers.get("metrics_listen", |layer| layer.metrics_listen.as_ref());
    let mut config = Config {
        listen,
        data_dir: PathBuf::from(data_dir.text),
        public_url: layers.get("public_url", |layer| layer.public_url.as_ref()).map(|g| public_url(&g)).transpose()?,
        target_allow: networks(layers.get("target_allow", |layer| layer.target_allow.as_ref()))?,
        trusted_proxies: networks(layers.get("trusted_proxies", |layer| layer.trusted_proxies.as_ref()))?,
        administrator: administrator(&layers)?,
        master_key: master_key(&layers)?,
        metrics_listen: metrics.map(|given| given.parse(ADDRESS)).transpose()?,
        audit_retention: audit_retention(&layers)?,
        mail: None,
        log: log(&layers)?,
    };
    if config.public_url.is_none() && !is_loopback(config.listen.ip()) {
        return Err(Problem::NoPublicUrl(config.listen));
    }
    config.mail = mail(&layers, &config)?;
    Ok(config)
}

/// The sender is `usher@` the public URL's host, unless another is set.
fn mail(layers: &Layers, config: &Config) -> Result<Option<MailSettings>, Problem> {
    let Some(url) = layers.get("smtp_url", |layer| layer.smtp_url.as_ref()) else { return Ok(None) };
    let host = config.public_url.as_ref().and_then(Url::host_str).unwrap_or("localhost");
    let from = layers.get_or("mail_from", |layer| layer.mail_from.as_ref(), &format!("usher@{host}"));
    let settings = MailSettings { url: SecretString::from(url.text.trim()), from: from.text.trim().to_owned() };
    if !domain::validation::is_mail(&settings.from) {
        return Err(from.wrong("a mail address, such as usher@example.org"));
    }
    if Mailer::new(&settings.url, &settings.from).is_err() {
        return Err(url.wrong_secret("smtp://host:port or smtps://user:password@host:port"));
    }
    Ok(Some(settings))
}

fn public_url(given: &Given) -> Result<Url, Problem> {
    const EXPECTED: &str = "scheme, host and port alone, such as https://id.example.org";
    let url: Url = given.parse(EXPECTED)?;
    let plain = matches!(url.scheme(), "http" | "https")
        && url.has_host()
        && url.username().is_empty()
        && url.password().is_none()
        && url.path() == "/"
        && url.query().is_none()
        && url.fragment().is_none();
    if plain { Ok(url) } else { Err(given.wrong(EXPECTED)) }
}

/// Comma-separated; a single address is a network of one.
fn networks(given: Option<Given>) -> Result<Vec<IpNet>, Problem> {
    const EXPECTED: &str = "networks separated by commas, such as 10.0.0.0/8, fd00::/8";
    let Some(given) = given else { return Ok(Vec::new()) };
    let parts = given.text.split(',').map(str::trim).filter(|part| !part.is_empty());
    parts
        .map(|part| part.parse::<IpNet>().or_else(|_| part.parse::<IpAddr>().map(IpNet::from)))
        .collect::<Result<_, _>>()
        .map_err(|_| given.wrong(EXPECTED))
}

fn administrator(layers: &Layers) -> Result<Option<Administrator>, Problem> {
    let user_name = layers.get("admin_username", |layer| layer.admin_username.as_ref());
    let password = layers.get("admin_password", |layer| layer.admin_password.as_ref());
    match (user_name, password) {
        (None, None) => Ok(None),
        (Some(user_name), Some(password)) => {
            Ok(Some(Administrator { user_name: user_name.text, password: SecretString::from(password.text) }))
        }
        _ => Err(Problem::HalfAnAdministrator),
    }
}

fn master_key(layers: &Layers) -> Result<KeySource, Problem> {
    if let Some(given) = layers.get("master_key", |layer| layer.master_key.as_ref()) {
        let key = parse_key(&given.text).ok_or_else(|| given.wrong_secret(KEY_FORMAT))?;
        return Ok(KeySource::Environment(key));
    }
    let file = layers.get("master_key_file", |layer| layer.master_key_file.as_ref());
    Ok(file.map_or(KeySource::DataFolder, |given| KeySource::File(PathBuf::from(given.text))))
}

fn audit_retention(layers: &Layers) -> Result<Duration, Problem> {
    let Some(given) = layers.get("audit_retention", |layer| layer.audit_retention.as_ref()) else {
        return Ok(RETENTION);
    };
    let kept = span(given.text.trim()).filter(|kept| RETENTIONS.contains(kept));
    kept.ok_or_else(|| given.wrong("a length of time from 1d to 36500d, such as 400d"))
}

fn log(layers: &Layers) -> Result<LogSettings, Problem> {
    let filter = layers.get_or("log", |layer| layer.log.as_ref(), DEFAULT_LOG);
    if EnvFilter::try_new(&filter.text).is_err() {
        return Err(filter.wrong("a level or a filter, such as info, or warn,usher=debug"));
    }
    let format = layers.get_or("log_format", |layer| layer.log_format.as_ref(), Format::Text.as_str());
    let format = format.parse("text or json")?;
    Ok(LogSettings { filter: filter.text, format })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Layer {
        let find = |name: &str| pairs.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
        Layer::of_environment(|name| Ok(find(name))).unwrap()
    }

    fn of(pairs: &[(&str, &str)]) -> Result<Config, Problem> {
        resolve(Layer::default(), environment(pairs), None)
    }

    fn problem(pairs: &[(&str, &str)]) -> String {
        of(pairs).unwrap_err().to_string()
    }

    #[test]
    fn without_any_setting_it_listens_on_loopback() {
        let config = of(&[]).unwrap();
        assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
        assert_eq!(config.data_dir, PathBuf::from("./usher-data"));
        assert!(config.public_url.is_none() && config.administrator.is_none() && config.target_allow.is_empty());
        assert!(matches!(config.master_key, KeySource::DataFolder));
    }

    #[test]
    fn flags_win_over_the_environment_and_that_over_the_file() {
        let flags = Layer { listen: Some("127.0.0.1:1".to_owned()), ..Layer::default() };
        let environment = environment(&[("USHER_LISTEN", "127.0.0.1:2"), ("USHER_DATA_DIR", "from-environment")]);
        let toml = "listen = '127.0.0.1:3'\ndata_dir = 'from-file'\nlog_format = 'json'";
        let file = Layer::of_toml(toml).unwrap();
        let config = resolve(flags, environment, Some((PathBuf::from("usher.toml"), file))).unwrap();
        assert_eq!(config.listen.port(), 1);
        assert_eq!(config.data_dir, PathBuf::from("from-environment"));
        assert_eq!(config.log.format, Format::Json);
    }

    #[test]
    fn a_bad_value_is_named_with_its_origin_and_what_is_expected() {
        assert_eq!(
            problem(&[("USHER_LISTEN", "everywhere")]),
            "listen is \"everywhere\" (from the environment variable USHER_LISTEN). Expected an address and a port, \
             such as 127.0.0.1:8080."
        );
        let file = Layer::of_toml("metrics_listen = 'x'").unwrap();
        let error = resolve(Layer::default(), Layer::default(), Some(("usher.toml".into(), file))).unwrap_err();
        assert!(error.to_string().contains("metrics_listen in the file usher.toml"), "{error}");
        let flags = Layer { public_url: Some("ftp://x".to_owned()), ..Layer::default() };
        let error = resolve(flags, Layer::default(), None).unwrap_err();
        assert!(error.to_string().contains("the flag --public-url"), "{error}");
        assert!(problem(&[("USHER_LOG_FORMAT", "xml")]).contains("Expected text or json."));
        assert!(problem(&[("USHER_LOG", "usher=loud")]).contains("Expected a level"));
    }

    #[test]
    fn a_public_url_is_an_origin() {
        for url in ["https://id.example.org/usher", "https://u:p@id.example.org", "https://id.example.org/?a", "id"] {
            assert!(of(&[("USHER_PUBLIC_URL", url)]).is_err(), "{url}");
        }
        assert!(of(&[("USHER_PUBLIC_URL", "https://id.example.org/")]).unwrap().public_url.is_some());
    }

    #[test]
    fn beyond_loopback_a_public_url_is_needed() {
        assert!(problem(&[("USHER_LISTEN", "0.0.0.0:80")]).contains("--public-url"));
        assert!(problem(&[("USHER_LISTEN", "[::]:80")]).contains("USHER_PUBLIC_URL"));
        assert!(of(&[("USHER_LISTEN", "[::1]:80")]).is_ok());
        assert!(of(&[("USHER_LISTEN", "0.0.0.0:80"), ("USHER_PUBLIC_URL", "https://id.example.org")]).is_ok());
    }

    #[test]
    fn networks_are_separated_by_commas_and_an_address_is_one() {
        let config = of(&[("USHER_TARGET_ALLOW", "10.0.0.0/8, 127.0.0.1 ,fd00::/8,")]).unwrap();
        let shown: Vec<String> = config.target_allow.iter().map(ToString::to_string).collect();
        assert_eq!(shown, ["10.0.0.0/8", "127.0.0.1/32", "fd00::/8"]);
        assert!(problem(&[("USHER_TRUSTED_PROXIES", "10.0.0.0/99")]).contains("trusted_proxies"));
        let file = Layer::of_toml("target_allow = ['10.0.0.0/8', '192.168.0.0/16']").unwrap();
        let config = resolve(Layer::default(), Layer::default(), Some(("usher.toml".into(), file))).unwrap();
        assert_eq!(config.target_allow.len(), 2);
    }

    #[test]
    fn an_unknown_name_in_the_file_is_refused() {
        let error = Layer::of_toml("lisen = '127.0.0.1:80'").unwrap_err();
        assert!(error.contains("unknown field `lisen`"), "{error}");
    }

    #[test]
    fn a_key_that_is_none_is_refused_without_showing_it() {
        let text = problem(&[("USHER_MASTER_KEY", "hunter2")]);
        assert!(text.contains("USHER_MASTER_KEY") && !text.contains("hunter2"), "{text}");
    }

    #[test]
    fn the_audit_trail_is_kept_for_a_set_time() {
        assert_eq!(of(&[]).unwrap().audit_retention, Duration::from_hours(400 * 24));
        assert_eq!(of(&[("USHER_AUDIT_RETENTION", "90d")]).unwrap().audit_retention, Duration::from_hours(90 * 24));
        for wrong in ["0d", "23h", "36501d", "400", "for ever"] {
            let text = problem(&[("USHER_AUDIT_RETENTION", wrong)]);
            assert!(text.contains("USHER_AUDIT_RETENTION") && text.contains("such as 400d"), "{text}");
        }
    }

    #[tokio::test]
    async fn mail_goes_out_by_the_server_that_is_named() {
        assert!(of(&[]).unwrap().mail.is_none());
        let mail = |pairs: &[(&str, &str)]| of(pairs).map(|config| config.mail.unwrap());
        let url = ("USHER_SMTP_URL", "smtp://u:secret@mail.example.org:587?tls=required");
        assert_eq!(mail(&[url]).unwrap().from, "usher@localhost");
        let public = ("USHER_PUBLIC_URL", "https://id.example.org");
        assert_eq!(mail(&[url, public]).unwrap().from, "usher@id.example.org");
        assert_eq!(mail(&[url, ("USHER_MAIL_FROM", "id@example.org")]).unwrap().from, "id@example.org");
        assert!(problem(&[url, ("USHER_MAIL_FROM", "id")]).contains("USHER_MAIL_FROM"));
        let text = problem(&[("USHER_SMTP_URL", "secret.example.org:25")]);
        assert!(text.contains("USHER_SMTP_URL") && !text.contains("secret"), "{text}");
    }

    #[test]
    fn half_an_administrator_is_refused() {
        assert!(problem(&[("USHER_ADMIN_USERNAME", "admin")]).contains("belong together"));
    }
}
