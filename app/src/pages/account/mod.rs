//! My Account: what everybody sees and does of their own, whatever their role.

pub mod api;
pub mod password;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;
