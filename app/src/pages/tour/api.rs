//! Server functions of the tour.

use leptos::prelude::*;

use super::view::TourView;
use crate::{error::ConsoleError, read::Read};

#[server(prefix = "/console/-", endpoint = "tour/show", protocol = Read)]
pub async fn show() -> Result<TourView, ConsoleError> {
    super::shown::tour().await
}
