//! The examples of RFC 7644, as it prints them.

mod filter;
mod patch;
