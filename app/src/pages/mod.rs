//! One folder per noun: its views, its server functions (`api.rs`) and what they carry (`view.rs`).

pub mod home;
#[cfg(feature = "kit")]
pub mod kit;
pub mod not_found;
pub mod session;
