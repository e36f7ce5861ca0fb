//! Settings: API tokens, the sessions of whoever looks, appearance, and what runs here.

pub mod about;
#[cfg(feature = "ssr")]
pub(crate) mod agent;
pub mod api;
pub mod appearance;
#[cfg(feature = "ssr")]
pub mod installation;
pub mod sessions;
pub mod show;
#[cfg(feature = "ssr")]
pub(crate) mod shown;
pub mod theme;
pub mod tokens;
pub mod view;

/// Where the list of dependencies and their licences is served: a plain text, no page.
pub const LICENCES: &str = "/console/licences.txt";
