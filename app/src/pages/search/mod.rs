//! Search over people, groups, connections and pages.

pub mod api;
#[cfg(feature = "ssr")]
mod places;
pub mod show;
pub mod view;
