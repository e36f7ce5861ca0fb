//! The server function of Home.

use leptos::prelude::*;

use super::view::Home;
use crate::{error::ConsoleError, read::Read};

#[server(prefix = "/console/-", endpoint = "home/show", protocol = Read)]
pub async fn show() -> Result<Home, ConsoleError> {
    super::shown::home().await
}
