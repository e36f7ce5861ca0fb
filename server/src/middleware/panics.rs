//! A panic in a handler is a fault of ours: it is logged, and the caller gets a reference instead of a dead line.

use std::{any::Any, panic::AssertUnwindSafe};

use axum::{
    body::Body,
    http::{Request, StatusCode},
    middleware::Next,
    response::Response,
};
use futures::FutureExt as _;

use crate::http::refusal::Refusal;

pub async fn catch(request: Request<Body>, next: Next) -> Response {
    let refusal = Refusal::to(&request);
    match AssertUnwindSafe(next.run(request)).catch_unwind().await {
        Ok(response) => response,
        Err(panic) => {
            tracing::error!(request.id = %refusal.reference(), "A request handler panicked: {}", message(&*panic));
            refusal.fault(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn message(panic: &(dyn Any + Send)) -> &str {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str)).unwrap_or("(no text)")
}

#[cfg(test)]
mod tests {
    use app::{error::ConsoleError, wire};
    use axum::{Router, body::to_bytes, middleware::from_fn, routing::get};
    use tower::ServiceExt as _;

    use super::*;
    use crate::middleware::request_id::RequestId;

    #[tokio::test]
    async fn a_panic_is_answered_in_the_words_of_the_room_and_tells_nothing_of_itself() {
        async fn falls_over() {
            panic!("the secret is 42");
        }
        let router = Router::new().route("/{*path}", get(falls_over)).layer(from_fn(catch));
        for (path, accept, kind) in [
            ("/scim2/Users", "*/*", "application/scim+json"),
            ("/api/v1/connections", "*/*", "application/problem+json"),
            ("/console", "text/html, */*", "text/html; charset=utf-8"),
            ("/console/-/users/list", "application/json", "application/json"),
            ("/console/-/users/list", wire::ACCEPT, wire::ACCEPT),
            ("/console", "*/*", "text/plain; charset=utf-8"),
        ] {
            let request = Request::get(path).header("accept", accept).extension(RequestId("r-1".to_owned()));
            let request = request.body(Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), StatusCode::INTERNAL_SERVER_ERROR, "{path}");
            assert_eq!(response.headers()["content-type"], kind, "{path}");
            let body = to_bytes(response.into_body(), 4096).await.unwrap();
            if kind == wire::ACCEPT {
                assert_eq!(body, wire::write(&ConsoleError::Internal { reference: "r-1".to_owned() }));
            }
            let body = String::from_utf8_lossy(&body);
            assert!(!body.contains("secret") && body.contains("r-1"), "{path}: {body}");
        }
    }
}
