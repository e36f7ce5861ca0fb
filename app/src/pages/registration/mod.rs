//! Somebody signs themselves up: plain pages, before the console.

pub mod api;
#[cfg(feature = "ssr")]
mod door;
#[cfg(feature = "ssr")]
pub mod proof;
#[cfg(feature = "ssr")]
pub mod register;
#[cfg(feature = "ssr")]
pub mod sent;
#[cfg(feature = "ssr")]
pub mod verify;
pub mod view;
