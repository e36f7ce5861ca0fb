//! Signing in and out, and who one is.

pub mod api;
pub mod sign_in;
pub mod view;
