//! A page that needs nothing but the style: what is shown when the console itself cannot answer.

use app::routes::Page;
use axum::{
    http::{HeaderName, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::assets::Assets;

const HEADERS: [(HeaderName, HeaderValue); 3] = [
    (header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8")),
    (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static(
            "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
             frame-ancestors 'none'",
        ),
    ),
];

/// Says what happened and leads on.
pub fn page(status: StatusCode, detail: &str) -> Response {
    let title = match status {
        StatusCode::SERVICE_UNAVAILABLE => "Not available at the moment",
        status if status.is_server_error() => "Something went wrong here",
        _ => "This cannot be shown",
    };
    let style = Assets::embedded().files().style;
    let style = style.map(|path| format!("<link rel=\"stylesheet\" href=\"{path}\">")).unwrap_or_default();
    let (home, detail) = (Page::Home.path(), escaped(detail));
    let body = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" \
         content=\"width=device-width, initial-scale=1\"><meta name=\"color-scheme\" content=\"light dark\">{style}\
         <title>{title} · Usher</title></head><body><main class=\"bare\"><section class=\"problem\"><h1>{title}</h1>\
         <p>{detail}</p><p class=\"problem-ways\"><a class=\"button button-secondary\" href=\"{home}\">Go to Home</a> \
         <a class=\"button button-quiet\" href=\"\">Try again</a></p></section></main></body></html>"
    );
    (status, HEADERS, body).into_response()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use axum::body::to_bytes;

    use super::*;

    #[tokio::test]
    async fn what_it_says_stays_text() {
        let answer = page(StatusCode::INTERNAL_SERVER_ERROR, "<script>alert(1)</script>");
        let body = to_bytes(answer.into_body(), 4096).await.unwrap();
        let body = String::from_utf8_lossy(&body);
        assert!(!body.contains("<script") && body.contains("&lt;script&gt;"), "{body}");
    }
}
