//! The built console's files, from a table inside the binary.

use app::{pages::registration::proof, ssr::Files};
use assets::{Asset, Entry};
use axum::{
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::Console;

/// The files, and which of them a page names.
#[derive(Clone, Copy, Debug, Default)]
pub struct Assets {
    pub table: &'static [Asset],
    /// `None` where no console was built.
    pub entry: Option<Entry>,
}

const ICON: &str = include_str!("icon.svg");
const ICON_PATH: &str = "/favicon.ico";

impl Assets {
    /// Those inside this binary.
    pub fn embedded() -> Self {
        Self { table: ::assets::table(), entry: ::assets::entry() }
    }

    pub fn is_empty(&self) -> bool {
        self.entry.is_none()
    }

    pub(super) fn files(&self) -> Files {
        let path = |name: &str| format!("/assets/{name}");
        Files {
            style: self.entry.map(|entry| path(entry.css)),
            hydrate: self.entry.map(|entry| (path(entry.js), path(entry.wasm))),
            icon: ICON_PATH,
        }
    }

    fn find(&self, name: &str) -> Option<&'static Asset> {
        self.table.iter().find(|asset| asset.name == name)
    }
}

/// One file. Its name changes with its content, so it may be kept for ever.
pub(super) async fn serve(State(console): State<Console>, Path(name): Path<String>, headers: HeaderMap) -> Response {
    let Some(asset) = console.assets.find(&name) else { return StatusCode::NOT_FOUND.into_response() };
    let etag = format!("\"{}\"", asset.hash);
    let shared = [
        (header::CACHE_CONTROL, HeaderValue::from_static("public, max-age=31536000, immutable")),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
        (header::ETAG, HeaderValue::from_str(&etag).unwrap_or(HeaderValue::from_static("\"\""))),
    ];
    if lists(&headers, header::IF_NONE_MATCH, &etag) {
        return (StatusCode::NOT_MODIFIED, shared).into_response();
    }
    let kind = [(header::CONTENT_TYPE, asset.content_type)];
    if accepts_brotli(&headers) {
        return (shared, kind, [(header::CONTENT_ENCODING, "br")], Bytes::from_static(asset.brotli)).into_response();
    }
    (shared, kind, Bytes::from_static(asset.bytes)).into_response()
}

pub(super) async fn icon() -> Response {
    let headers = [(header::CONTENT_TYPE, "image/svg+xml"), (header::CACHE_CONTROL, "public, max-age=86400")];
    (headers, ICON).into_response()
}

/// The one script of the pages before the console. Its address changes with it.
pub(super) async fn proof_of_work() -> Response {
    let headers = [
        (header::CONTENT_TYPE, "text/javascript; charset=utf-8"),
        (header::CACHE_CONTROL, "public, max-age=31536000, immutable"),
    ];
    (headers, proof::SCRIPT).into_response()
}

fn lists(headers: &HeaderMap, name: header::HeaderName, wanted: &str) -> bool {
    let values = headers.get_all(name);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|value| {
        let value = value.trim();
        value == "*" || value.trim_start_matches("W/") == wanted
    })
}

/// RFC 9110 section 12.5.3; a quality of zero forbids.
fn accepts_brotli(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING);
    values.iter().filter_map(|value| value.to_str().ok()).flat_map(|value| value.split(',')).any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let forbidden = parts.any(|part| part.strip_prefix("q=").is_some_and(|q| q.parse() == Ok(0.0)));
        name.eq_ignore_ascii_case("br") && !forbidden
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn brotli_is_sent_to_whoever_takes_it() {
        let accepts = |value| accepts_brotli(&headers(header::ACCEPT_ENCODING, value));
        assert!(accepts("gzip, deflate, br, zstd"));
        assert!(accepts("br;q=0.5"));
        assert!(!accepts("gzip, br;q=0"));
        assert!(!accepts("gzip"));
        assert!(!accepts_brotli(&HeaderMap::new()));
    }

    #[test]
    fn a_known_tag_is_found_in_a_list() {
        let lists = |value| lists(&headers(header::IF_NONE_MATCH, value), header::IF_NONE_MATCH, "\"a\"");
        assert!(lists("\"b\", W/\"a\""));
        assert!(!lists("\"b\""));
    }
}
