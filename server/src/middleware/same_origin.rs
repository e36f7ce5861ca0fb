//! Keeps other sites from making a browser change something here.

use axum::{body::Body, extract::State, http::Request, middleware::Next, response::Response};

use crate::{
    console::origin::{self, OriginGuard},
    http::{refusal::Room, sign_in},
    state::AppState,
};

/// Paths that change state without a cookie, a bearer token or an origin, since they prove themselves otherwise.
const EXEMPT: &[&str] = &[sign_in::BACK_CHANNEL];

pub(super) fn guard_of(state: &AppState) -> OriginGuard {
    OriginGuard::new(state.public_url(), EXEMPT)
}

/// Rooms that accept bearer tokens alone have nothing that a browser would send along by itself: without a token they
/// answer 401, which tells a program more than the guard's 403.
pub(super) async fn check(guard: State<OriginGuard>, request: Request<Body>, next: Next) -> Response {
    match Room::of(request.uri().path()) {
        Room::Scim | Room::Api => next.run(request).await,
        Room::Other => origin::guard(guard, request, next).await,
    }
}
