//! The first page after sign-in: what needs somebody, what is, and what to do first.

pub mod api;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;
