//! Settings: API tokens, the sessions of whoever looks, appearance, and what runs here.

pub mod about;
pub mod appearance;
pub mod sessions;
pub mod show;
pub mod tokens;
