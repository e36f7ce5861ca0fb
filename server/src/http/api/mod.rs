//! The management API (JSON) at `/api/v1`: connections, connectors, provisioners, deliveries.
//!
//! Bearer tokens alone are accepted here; a browser's session is nobody. Users and groups are written over SCIM.

pub mod problem;

use axum::{
    Router,
    http::{Method, StatusCode},
};

use self::problem::Problem;
use super::table::{Endpoint, Table};
use crate::state::AppState;

pub const BASE: &str = "/api/v1";

/// The router below [`BASE`], and its endpoints.
pub(crate) fn routes() -> (Router<AppState>, Vec<Endpoint>) {
    let (router, endpoints) = Table::new().into_parts();
    (router.fallback(nothing_here).method_not_allowed_fallback(wrong_method), endpoints)
}

async fn nothing_here() -> Problem {
    Problem::new(StatusCode::NOT_FOUND, "There is no such endpoint. /api/v1/openapi.json lists those that there are.")
}

async fn wrong_method(method: Method) -> Problem {
    let detail = format!("{method} is not possible here. The header Allow says what is.");
    Problem::new(StatusCode::METHOD_NOT_ALLOWED, &detail)
}
