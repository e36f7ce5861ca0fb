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
