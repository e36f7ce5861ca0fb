//! My Account: what everybody sees and does of their own, whatever their role. Pages of HTML alone: most who see them
//! never see the console, and load nothing of it.

#[cfg(feature = "ssr")]
pub mod address;
pub mod api;
#[cfg(feature = "ssr")]
pub mod password;
#[cfg(feature = "ssr")]
pub mod profile;
#[cfg(feature = "ssr")]
mod profiled;
#[cfg(feature = "ssr")]
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;
