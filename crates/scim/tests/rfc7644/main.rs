//! The examples of RFC 7644, as it prints them.

mod bulk;
mod filter;
mod list;
mod patch;
mod resource;
