//! The server function of Home.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::view::Home;
use crate::error::ConsoleError;

#[server(prefix = "/console/-", endpoint = "home/show", input = GetUrl)]
pub async fn show() -> Result<Home, ConsoleError> {
    super::shown::home().await
}
