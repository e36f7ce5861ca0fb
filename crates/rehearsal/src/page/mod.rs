//! What the pages for people have in common: who may look, how they look, and how they show changes at once.

use std::{
    fmt::{self, Write},
    net::SocketAddr,
    time::Duration,
};

use axum::{
    Router,
    extract::{Request, State},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use domain::Timestamp;
use serde::Deserialize;
use tokio::sync::watch;

/// How long the script's question stays open when nothing changes.
const PATIENCE: Duration = Duration::from_secs(25);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// Style sheet and script, at `/page.css` and `/page.js`.
pub(crate) fn assets(style: &'static str) -> Router {
    let asset = |kind: &'static str, content: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], content) })
    };
    Router::new()
        .route("/page.css", asset("text/css; charset=utf-8", style))
        .route("/page.js", asset("text/javascript; charset=utf-8", include_str!("live.js")))
}

/// Another site that a browser is on must neither read the page (by rebinding its name to 127.0.0.1) nor press its
/// buttons.
pub(crate) fn guarded(router: Router, address: SocketAddr) -> Router {
    router.layer(middleware::from_fn_with_state(address, guard))
}

/// For endpoints that programs call, which show who they are by other means than where they come from.
pub(crate) fn addressed(router: Router, address: SocketAddr) -> Router {
    router.layer(middleware::from_fn_with_state(address, address_guard))
}

async fn guard(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    let allowed =
        is_ours(address, request.headers()) && (request.method().is_safe() || is_from_here(request.headers()));
    answer(allowed, request, next).await
}

async fn address_guard(State(address): State<SocketAddr>, request: Request, next: Next) -> Response {
    answer(is_ours(address, request.headers()), request, next).await
}

async fn answer(allowed: bool, request: Request, next: Next) -> Response {
    let mut response = if allowed {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Open this page at its own address.").into_response()
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().entry(name).or_insert(HeaderValue::from_static(value));
    }
    response
}

/// The policy of a page whose forms end at another site: browsers ask it of the redirect that follows, too.
pub(crate) fn policy_with_forms_to(origin: &str) -> Option<HeaderValue> {
    let form_action = format!("form-action 'self' {origin}");
    HeaderValue::try_from(POLICY.replace("form-action 'self'", &form_action)).ok()
}

fn is_ours(address: SocketAddr, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let port = address.port();
    host.is_some_and(|host| {
        host == address.to_string() || host == format!("localhost:{port}") || host == format!("127.0.0.1:{port}")
    })
}

/// A form of this very page: its `Origin` is the `Host` that was found to be ours.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same_site = text(HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin");
    let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    same_site && origin.is_some() && origin == text(header::HOST)
}

/// What the script knows.
#[derive(Clone, Copy, Deserialize)]
pub(crate) struct After {
    after: u64,
}

/// Answers once there is something newer than the number that the script knows, or nothing happened for a while.
pub(crate) async fn changes(changes: &watch::Sender<u64>, After { after }: After) -> StatusCode {
    let mut changes = changes.subscribe();
    let newer = changes.wait_for(|number| *number != after);
    match tokio::time::timeout(PATIENCE, newer).await {
        Ok(Ok(_)) => StatusCode::OK,
        _ => StatusCode::NO_CONTENT,
    }
}

/// Everything of a page before its content.
pub(crate) struct Head<'a> {
    pub(crate) title: &'a str,
    /// Whose page it is.
    pub(crate) system: &'a str,
    /// What it shows, where it shows changes at once.
    pub(crate) version: Option<u64>,
}

impl fmt::Display for Head<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>{title}</title>\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <meta name=\"color-scheme\" content=\"light dark\">\
             <link rel=\"icon\" href=\"data:,\"><link rel=\"stylesheet\" href=\"/page.css\">",
            title = Escaped(self.title),
        )?;
        match self.version {
            None => f.write_str("</head><body><div>"),
            Some(version) => write!(
                f,
                "<script src=\"/page.js\" type=\"module\"></script></head><body>\
                 <p id=\"gone\" role=\"status\" hidden>{system} does not answer any more: the demo has ended. What \
                 stands here is how it was last.</p><div id=\"live\" data-version=\"{version}\">",
                system = Escaped(self.system),
            ),
        }
    }
}

/// What ends a page that [`Head`] began.
pub(crate) const FOOT: &str = "</div></body></html>";

/// For pages that show changes at once where there is JavaScript.
pub(crate) const AS_IT_WAS: &str = "<noscript><p class=\"hint plain\">Without JavaScript this page shows how things \
                                    were when it was loaded. <a href=\"\">Show the latest</a></p></noscript>";

/// The first letter of a name, for its mark.
pub(crate) fn letter(name: &str) -> String {
    name.chars().take(1).collect()
}

/// `14:05:05 UTC`, of an RFC 3339 time.
pub(crate) fn clock_time(at: Timestamp) -> String {
    let text = at.to_string();
    text.get(11..19).map_or_else(|| text.clone(), |time| format!("{time} UTC"))
}

/// Text between tags or in a quoted attribute.
pub(crate) struct Escaped<'a>(pub(crate) &'a str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.chars().try_for_each(|c| match c {
            '&' => f.write_str("&amp;"),
            '<' => f.write_str("&lt;"),
            '>' => f.write_str("&gt;"),
            '"' => f.write_str("&quot;"),
            '\'' => f.write_str("&#39;"),
            c => f.write_char(c),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markup_in_a_text_stays_text() {
        assert_eq!(
            Escaped("<img src=x onerror='alert(1)'>&\"").to_string(),
            "&lt;img src=x onerror=&#39;alert(1)&#39;&gt;&amp;&quot;"
        );
    }

    #[test]
    fn times_read_well() {
        assert_eq!(clock_time(Timestamp::from_micros(1_773_324_305_123_456)), "14:05:05 UTC");
    }

    #[test]
    fn a_page_may_send_its_forms_to_one_more_site() {
        let policy = policy_with_forms_to("http://127.0.0.1:8080").unwrap();
        assert!(policy.to_str().unwrap().contains("; form-action 'self' http://127.0.0.1:8080; base-uri 'none'"));
        assert!(policy_with_forms_to("a\nb").is_none());
    }
}
