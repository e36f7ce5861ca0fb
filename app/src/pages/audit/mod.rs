//! Who did what to whom or what, when and from where.

pub mod api;
#[cfg(feature = "ssr")]
pub mod asked;
pub mod list;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;
#[cfg(feature = "ssr")]
mod words;

/// Where the console's server sends events as a file.
pub const EXPORT: &str = "/console/logs/export";
