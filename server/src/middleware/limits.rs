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
    bounded(REQUEST_TIMEOUT, request, next).await
}

async fn bounded(limit: Duration, request: Request<Body>, next: Next) -> Response {
    let refusal = Refusal::to(&request);
    let Ok(response) = tokio::time::timeout(limit, next.run(request)).await else {
        let detail = format!(
            "This took more than {} seconds and was broken off. Look whether it was done, then try again.",
            limit.as_secs()
        );
        return refusal.answer(StatusCode::SERVICE_UNAVAILABLE, &detail);
    };
    response
}

#[cfg(test)]
mod tests {
    use axum::{Router, middleware::from_fn, routing::get};
    use tower::ServiceExt as _;

    use super::*;

    #[tokio::test]
    async fn a_request_that_takes_too_long_is_broken_off() {
        let at_once = from_fn(|request, next| bounded(Duration::ZERO, request, next));
        let router = Router::new().route("/slow", get(std::future::pending::<()>)).layer(at_once);
        let response = router.oneshot(Request::get("/slow").body(Body::empty()).unwrap()).await.unwrap();
        assert_eq!(response.status(), StatusCode::SERVICE_UNAVAILABLE);
    }
}
