//! Server functions of the tour.

use leptos::{prelude::*, server_fn::codec::GetUrl};

use super::view::TourView;
use crate::error::ConsoleError;

#[server(prefix = "/console/-", endpoint = "tour/show", input = GetUrl)]
pub async fn show() -> Result<TourView, ConsoleError> {
    super::shown::tour().await
}
