//! One line in the log, and one count in the metrics, for each request.

use std::time::Instant;

use axum::{body::Body, extract::MatchedPath, http::Request, middleware::Next, response::Response};
use tracing::Instrument as _;

use super::{client_address::ClientAddress, request_id::RequestId};

/// What requests that match no route are counted under: anybody can make up paths.
const NO_ROUTE: &str = "none";

/// The query is left out: it may hold names and addresses of people.
pub async fn record(request: Request<Body>, next: Next) -> Response {
    let started = Instant::now();
    let method = request.method().clone();
    let path = without_token(request.uri().path()).to_owned();
    let route = request.extensions().get::<MatchedPath>().map_or(NO_ROUTE, MatchedPath::as_str).to_owned();
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let address = request.extensions().get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default();
    let span = tracing::info_span!("request", request.id = %id);
    let response = next.run(request).instrument(span).await;
    let (status, duration) = (response.status(), started.elapsed());
    let labels =
        [("method", method.as_str().to_owned()), ("route", route.clone()), ("status", status.as_str().to_owned())];
    metrics::counter!("usher_http_requests_total", &labels).increment(1);
    metrics::histogram!("usher_http_request_duration_seconds", "route" => route).record(duration.as_secs_f64());
    let (code, duration_ms) = (status.as_u16(), u64::try_from(duration.as_millis()).unwrap_or(u64::MAX));
    macro_rules! line {
        ($level:ident) => {
            tracing::$level!(
                request.id = %id, client.address = %address, http.method = %method, http.status = code, duration_ms,
                "{method} {path} was answered with {code}."
            )
        };
    }
    if is_chatter(&path) && status.is_success() {
        line!(debug);
    } else {
        line!(info);
    }
    response
}

/// Whoever reads the log must not be able to use a one-time link.
fn without_token(path: &str) -> &str {
    const LINKS: [&str; 4] = ["/set-password", "/register/verify", "/sign-in/under-way", "/account/address"];
    let is_below = |link: &&str| path.strip_prefix(*link).is_some_and(|rest| rest.starts_with('/'));
    LINKS.into_iter().find(is_below).unwrap_or(path)
}

/// What asks again and again and tells nobody anything.
fn is_chatter(path: &str) -> bool {
    matches!(path, "/healthz" | "/readyz" | "/metrics" | "/favicon.ico") || path.starts_with("/assets/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_token_of_a_link_is_written_down() {
        for link in ["/set-password", "/register/verify", "/sign-in/under-way", "/account/address"] {
            assert_eq!(without_token(&format!("{link}/s3cret")), link);
        }
        for path in ["/account/addresses", "/sign-in", "/console/users"] {
            assert_eq!(without_token(path), path);
        }
    }
}
