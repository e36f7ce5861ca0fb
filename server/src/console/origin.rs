//! Who may change something with nothing but a cookie: pages of this very origin.
//!
//! A request that changes state and carries no bearer token needs `Sec-Fetch-Site: same-origin` if its browser sends
//! that header, else an `Origin` equal to the public URL's. With neither it is refused.

use std::sync::Arc;

use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Method, Request, StatusCode, header},
    middleware::Next,
    response::Response,
};

use crate::http::refusal::Refusal;

/// What the guard compares with; put on a router with `axum::middleware::from_fn_with_state(guard, origin::guard)`.
#[derive(Clone, Debug)]
pub struct OriginGuard {
    public_origin: Arc<str>,
    exempt: &'static [&'static str],
}

impl OriginGuard {
    /// `public_url` as configured; `exempt` are paths that prove themselves otherwise; one that ends in `/` stands
    /// for all below it.
    pub fn new(public_url: &url::Url, exempt: &'static [&'static str]) -> Self {
        Self { public_origin: public_url.origin().ascii_serialization().into(), exempt }
    }

    fn is_exempt(&self, path: &str) -> bool {
        self.exempt.iter().any(|exempt| if exempt.ends_with('/') { path.starts_with(exempt) } else { path == *exempt })
    }

    fn lets_pass(&self, method: &Method, path: &str, headers: &HeaderMap) -> bool {
        let reads = matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS);
        if reads || carries_bearer_token(headers) || self.is_exempt(path) {
            return true;
        }
        match headers.get("sec-fetch-site") {
            Some(site) => site == "same-origin",
            None => headers.get(header::ORIGIN).is_some_and(|origin| *origin == *self.public_origin),
        }
    }
}

fn carries_bearer_token(headers: &HeaderMap) -> bool {
    headers
        .get(header::AUTHORIZATION)
        .is_some_and(|value| value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer ")))
}

/// Refuses what another site made a browser send.
pub async fn guard(State(guard): State<OriginGuard>, request: Request<Body>, next: Next) -> Response {
    if guard.lets_pass(request.method(), request.uri().path(), request.headers()) {
        next.run(request).await
    } else {
        let why = "This request did not come from a page of this server. If it should have: the address in the \
                   browser must be the configured public URL.";
        Refusal::to(&request).answer(StatusCode::FORBIDDEN, why)
    }
}

#[cfg(test)]
mod tests {
    use axum::http::{HeaderName, HeaderValue};

    use super::*;

    fn passes(method: &Method, headers: &[(&'static str, &'static str)]) -> bool {
        let headers =
            headers.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        let guard = OriginGuard::new(&"https://id.example:8443/".parse().unwrap(), &["/back-channel"]);
        guard.lets_pass(method, "/console/-/x", &headers.collect())
    }

    #[test]
    fn a_browser_that_tells_the_site_is_believed() {
        assert!(passes(&Method::POST, &[("sec-fetch-site", "same-origin")]));
        for site in ["same-site", "cross-site", "none"] {
            let headers = [("sec-fetch-site", site), ("origin", "https://id.example:8443")];
            assert!(!passes(&Method::POST, &headers), "{site}");
        }
    }

    #[test]
    fn without_it_the_origin_must_be_ours() {
        assert!(passes(&Method::POST, &[("origin", "https://id.example:8443")]));
        assert!(!passes(&Method::POST, &[("origin", "https://id.example")]));
        assert!(!passes(&Method::DELETE, &[("origin", "null")]));
        assert!(!passes(&Method::POST, &[]));
    }

    #[test]
    fn reading_and_bearer_tokens_need_no_origin() {
        assert!(passes(&Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(passes(&Method::POST, &[("authorization", "Bearer abc")]));
        assert!(!passes(&Method::POST, &[("authorization", "Basic abc")]));
        let guard = OriginGuard::new(&"https://id.example".parse().unwrap(), &["/back-channel"]);
        assert!(guard.lets_pass(&Method::POST, "/back-channel", &HeaderMap::new()));
    }
}
