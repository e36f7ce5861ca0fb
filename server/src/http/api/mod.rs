//! The management API (JSON) at `/api/v1`: connections, connectors, provisioners, deliveries, schemas, and the audit
//! trail.
//!
//! Bearer tokens alone are accepted here; a browser's session is nobody. Users and groups are written over SCIM.
//!
//! To add an endpoint: a handler with its `#[utoipa::path]` in the file of its noun, a line in `routes`, a line in
//! `document`, a row in the sweep. Types of requests and answers are this room's own, with the words of the contract.

mod answer;
pub(crate) mod audit;
mod connections;
mod connector_kinds;
mod connectors;
mod deliveries;
mod document;
mod input;
mod merge_patch;
mod page;
mod policy;
pub mod problem;
mod provisioners;
mod schemas;
mod sign_in;

use axum::{
    Router,
    body::Body,
    http::{Method, Request, StatusCode},
    middleware::{Next, from_fn},
    response::{IntoResponse, Response},
};

use self::problem::Problem;
use super::table::{Endpoint, Table};
use crate::{middleware::request_id::RequestId, state::AppState};

pub use document::document;

pub const BASE: &str = "/api/v1";

/// The holder of a token with the permission `P`.
type Proof<P> = super::proof::Proof<P, Problem>;

/// The router below [`BASE`], and its endpoints.
pub(crate) fn routes() -> (Router<AppState>, Vec<Endpoint>) {
    let table = Table::new()
        .get("/audit", audit::list)
        .get("/audit/{id}", audit::show)
        .get("/connections", connections::list)
        .post("/connections", connections::create)
        .get("/connections/{id}", connections::show)
        .patch("/connections/{id}", connections::change)
        .delete("/connections/{id}", connections::delete)
        .get("/connections/{id}/connectors", connectors::list_of_connection)
        .post("/connections/{id}/connectors", connectors::create)
        .get("/connections/{id}/sign-in", sign_in::show)
        .patch("/connections/{id}/sign-in", sign_in::change)
        .post("/connections/{id}/sign-in/test", sign_in::test)
        .get("/connector-kinds", connector_kinds::list)
        .get("/connectors", connectors::list)
        .get("/connectors/{id}", connectors::show)
        .patch("/connectors/{id}", connectors::change)
        .delete("/connectors/{id}", connectors::delete)
        .post("/connectors/{id}/test", connectors::test)
        .get("/deliveries", deliveries::list)
        .get("/deliveries/{id}", deliveries::show)
        .get("/deliveries/{id}/attempts", deliveries::attempts)
        .post("/deliveries/{id}/retry", deliveries::retry)
        .get("/openapi.json", document::show)
        .get("/provisioners", provisioners::list)
        .post("/provisioners", provisioners::create)
        .get("/provisioners/{id}", provisioners::show)
        .patch("/provisioners/{id}", provisioners::change)
        .delete("/provisioners/{id}", provisioners::delete)
        .get("/schemas", schemas::list)
        .post("/schemas", schemas::create)
        .get("/schemas/{id}", schemas::show)
        .patch("/schemas/{id}", schemas::change)
        .delete("/schemas/{id}", schemas::delete)
        .get("/users/{id}/deliveries", deliveries::list_of_user);
    let (router, endpoints) = table.into_parts();
    let router = router.fallback(nothing_here).method_not_allowed_fallback(wrong_method).layer(from_fn(name_request));
    (router, endpoints)
}

async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such endpoint. /api/v1/openapi.json lists those that there are.")
}

async fn wrong_method(method: Method) -> Problem {
    let detail = format!("{method} is not possible here. The header Allow says what is.");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, &detail)
}

/// A problem carries the id of its request.
async fn name_request(request: Request<Body>, next: Next) -> Response {
    let id = request.extensions().get::<RequestId>().cloned();
    let mut response = next.run(request).await;
    match (response.extensions_mut().remove::<Problem>(), id) {
        (Some(problem), Some(RequestId(id))) => {
            // What the router has said about the refusal, such as Allow, stays.
            let (parts, _) = response.into_parts();
            let mut named = problem.with_request_id(&id).into_response();
            for (name, value) in &parts.headers {
                if !named.headers().contains_key(name) && name != axum::http::header::CONTENT_LENGTH {
                    named.headers_mut().append(name, value.clone());
                }
            }
            named
        }
        _ => response,
    }
}
