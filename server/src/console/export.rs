//! The audit trail as a file, as the page Logs links to it.

use app::pages::audit::{asked, view::Filter};
use auth::Caller;
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{HeaderValue, Request, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
};
use futures::stream;

use super::{Console, sign_in_first};
use crate::audit_export::{Export, Format, MOST};

/// What the list is narrowed to, newest first, up to [`MOST`] events. It is sent as it is read.
pub(super) async fn download(State(console): State<Console>, request: Request<Body>) -> Response {
    if let Some(to) = sign_in_first(&request) {
        return Redirect::to(&to).into_response();
    }
    let caller = request.extensions().get().cloned().unwrap_or_else(|| Caller::nobody(""));
    let Ok(who) = caller.authorise() else {
        return (StatusCode::FORBIDDEN, "Your role does not include this. Ask an administrator.").into_response();
    };
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let format = url::form_urlencoded::parse(query).find(|(name, _)| name == "format");
    let Some(format) = format.and_then(|(_, format)| format.parse::<Format>().ok()) else {
        return (StatusCode::BAD_REQUEST, "Say which format: csv or jsonl.").into_response();
    };
    let matching = match asked::matching(&Filter::read(url::form_urlencoded::parse(query))) {
        Ok(matching) => matching,
        Err(wrong) => return (StatusCode::BAD_REQUEST, wrong).into_response(),
    };
    let day: String = console.directory.ids().now().to_minute().chars().take("2026-03-12".len()).collect();
    let name = format!("attachment; filename=\"usher-audit-{day}.{}\"", format.extension());
    let export = Export::new(console.directory, who, matching, format, MOST);
    let pieces = stream::try_unfold(export, |mut export| async move {
        let piece = export.piece().await.inspect_err(|error| {
            tracing::error!(error = %error, "An export of the audit trail was broken off.");
        })?;
        Ok::<_, directory::Error>(piece.map(|piece| (Bytes::from(piece), export)))
    });
    let mut response = Body::from_stream(pieces).into_response();
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(format.media_type()));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    if let Ok(name) = HeaderValue::from_str(&name) {
        headers.insert(header::CONTENT_DISPOSITION, name);
    }
    response
}
