//! The time a request may take, reading its body included.

use std::time::Duration;

use axum::{
    body::Body,
    http::{Request, StatusCode},
    middleware::Next,
    response::Response,
};

use crate::http::refusal::Refusal;

/// Above the longest time that a Blocking provisioner may be waited for (60 s).
pub const REQUEST_TIMEOUT: Duration = Duration::from_secs(90);

pub async fn within(request: Request<Body>, next: Next) -> Response {
    let refusal = Refusal::to(&request);
    let Ok(response) = tokio::time::timeout(REQUEST_TIMEOUT, next.run(request)).await else {
        let detail = format!(
            "This took more than {} seconds and was broken off. Look whether it was done, then try again.",
            REQUEST_TIMEOUT.as_secs()
        );
        return refusal.answer(StatusCode::SERVICE_UNAVAILABLE, &detail);
    };
    response
}
