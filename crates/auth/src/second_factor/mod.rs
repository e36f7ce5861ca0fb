//! What somebody shows beside their password: codes of an app, passkeys, and recovery codes for whoever has lost both.
//!
//! Here is what they are and whether one is right; who has which, and which was used, is the directory's.

pub mod app;
pub mod passkey;
pub mod recovery;
