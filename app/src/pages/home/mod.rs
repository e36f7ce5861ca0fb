//! The first page after sign-in: what needs somebody, what is, and what to do first.

pub mod show;
