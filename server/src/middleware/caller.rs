//! Who stands behind a request: a bearer token's holder, a session's user, or nobody.

use app::ssr::SessionCookie;
use auth::Caller;
use axum::{
    body::Body,
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    middleware::Next,
    response::Response,
};

use super::client_address::ClientAddress;
use crate::{console::flash::SessionKey, http::refusal::Refusal, state::AppState};

/// Puts the [`Caller`], and for a session its [`SessionKey`], among the request's extensions.
pub async fn identify(State(state): State<AppState>, mut request: Request<Body>, next: Next) -> Response {
    let refusal = Refusal::to(&request);
    let address = request.extensions().get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default();
    let cookie = SessionCookie { secure: state.is_https() };
    let headers = request.headers();
    // A request with credentials in its header is never mistaken for the browser's session.
    let found = if headers.contains_key(header::AUTHORIZATION) {
        match bearer(headers) {
            Some(token) => state.directory().caller_of_token(token, &address).await,
            None => Ok(Caller::nobody(address)),
        }
    } else {
        match session(headers, cookie.name()) {
            Some(token) => state.directory().caller_of_session(token, &address).await,
            None => Ok(Caller::nobody(address)),
        }
    };
    let caller = match found {
        Ok(caller) => caller,
        Err(error) => {
            tracing::error!(request.id = %refusal.reference(), error = %error, "A caller could not be looked up.");
            return refusal.fault(StatusCode::INTERNAL_SERVER_ERROR);
        }
    };
    if let Some(session) = caller.session() {
        request.extensions_mut().insert(SessionKey(session.to_string()));
    }
    request.extensions_mut().insert(caller);
    next.run(request).await
}

/// RFC 6750 section 2.1; the scheme is not case-sensitive.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, token) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim()).filter(|token| !token.is_empty())
}

fn session<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(known, value)| *known == name && !value.is_empty()).map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn with(name: header::HeaderName, value: &'static str) -> HeaderMap {
        HeaderMap::from_iter([(name, HeaderValue::from_static(value))])
    }

    #[test]
    fn a_bearer_token_is_read_in_any_case_of_its_scheme() {
        assert_eq!(bearer(&with(header::AUTHORIZATION, "bearer abc")), Some("abc"));
        for other in ["Basic abc", "Bearer", "Bearer  ", "abc"] {
            assert_eq!(bearer(&with(header::AUTHORIZATION, other)), None, "{other}");
        }
    }

    #[test]
    fn the_session_is_found_among_other_cookies() {
        let headers = with(header::COOKIE, "a=b; usher=abc; xusher=d");
        assert_eq!(session(&headers, "usher"), Some("abc"));
        assert_eq!(session(&headers, "__Host-usher"), None);
        assert_eq!(session(&with(header::COOKIE, "usher="), "usher"), None);
    }
}
