//! The organization's looks as files: a style for its colour, and its logo. Everybody may see them.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::branding::Branding;

use super::Console;

/// Their addresses change with every change.
const KEPT: HeaderValue = HeaderValue::from_static("public, max-age=86400");
/// An image runs nothing and fetches nothing, also where it is opened by itself.
const IMAGE_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox");
const POLICY: HeaderName = header::CONTENT_SECURITY_POLICY;

pub(super) async fn style(State(console): State<Console>) -> Response {
    let Some(branding) = read(&console).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let colour = &branding.colour;
    let style = format!(":root{{--brand:{colour};--on-brand:{}}}", branding.ink());
    (
        [(header::CONTENT_TYPE, HeaderValue::from_static("text/css; charset=utf-8")), (header::CACHE_CONTROL, KEPT)],
        style,
    )
        .into_response()
}

pub(super) async fn logo(State(console): State<Console>) -> Response {
    let Some(branding) = read(&console).await else { return StatusCode::INTERNAL_SERVER_ERROR.into_response() };
    let kind = HeaderValue::from_static("image/svg+xml");
    let headers = [(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, KEPT), (POLICY, IMAGE_POLICY)];
    (headers, branding.logo).into_response()
}

async fn read(console: &Console) -> Option<Branding> {
    let kept = console.directory.branding().await;
    kept.inspect_err(|error| tracing::error!(error = %error, "The branding could not be read."))
        .ok()
        .map(|kept| kept.value)
}
