//! What was sent to the systems, and what they said.

pub mod list;
pub mod show;
