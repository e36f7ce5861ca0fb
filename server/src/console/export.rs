//! The audit trail as a file, as the page Logs links to it.

use app::pages::audit::{asked, view::Filter};
use axum::{
    body::{Body, Bytes},
    extract::State,
    http::{Request, StatusCode},
    response::Response,
};
use futures::stream;

use super::{
    Console,
    download::{self, Refused},
};
use crate::audit_export::{Export, Format, MOST};

/// What the list is narrowed to, newest first, up to [`MOST`] events.
pub(super) async fn download(State(console): State<Console>, request: Request<Body>) -> Result<Response, Refused> {
    let who = download::caller(&request)?.authorise()?;
    let query = request.uri().query().unwrap_or_default().as_bytes();
    let format = url::form_urlencoded::parse(query).find(|(name, _)| name == "format");
    let format: Format = format
        .and_then(|(_, format)| format.parse().ok())
        .ok_or_else(|| Refused::because(StatusCode::BAD_REQUEST, "Say which format: csv or jsonl."))?;
    let matching = asked::matching(&Filter::read(url::form_urlencoded::parse(query)))
        .map_err(|wrong| Refused::because(StatusCode::BAD_REQUEST, wrong))?;
    let day: String = console.directory.ids().now().to_minute().chars().take("2026-03-12".len()).collect();
    let name = format!("usher-audit-{day}.{}", format.extension());
    let export = Export::new(console.directory, who, matching, format, MOST);
    let pieces = stream::try_unfold(export, |mut export| async move {
        let piece = export.piece().await?;
        Ok::<_, directory::Error>(piece.map(|piece| (Bytes::from(piece), export)))
    });
    Ok(download::file(format.media_type(), &name, pieces))
}
