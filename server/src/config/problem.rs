use std::path::PathBuf;

/// Why the configuration cannot be used; each says what to write instead.
#[derive(Debug, thiserror::Error)]
pub enum Problem {
    #[error("{setting} is \"{value}\" (from {origin}). Expected {expected}.")]
    Value { setting: &'static str, value: String, origin: String, expected: &'static str },
    /// As [`Problem::Value`], for what must not be shown.
    #[error("{setting} (from {origin}) cannot be used. Expected {expected}.")]
    Secret { setting: &'static str, origin: String, expected: &'static str },
    #[error("The configuration file {path} cannot be read: {why}.")]
    Unreadable { path: PathBuf, why: std::io::Error },
    #[error("The configuration file {path} cannot be understood: {why}")]
    NotToml { path: PathBuf, why: String },
    #[error("The environment variable {0} is not text in UTF-8.")]
    NotText(String),
    #[error(
        "Listening on {0} makes Usher reachable from other machines. Set the public URL too (--public-url or \
         USHER_PUBLIC_URL), such as https://id.example.org."
    )]
    NoPublicUrl(std::net::SocketAddr),
    #[error("USHER_ADMIN_USERNAME and USHER_ADMIN_PASSWORD belong together. Set both or neither.")]
    HalfAnAdministrator,
}
