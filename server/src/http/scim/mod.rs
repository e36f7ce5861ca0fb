//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim2`: how other systems and identity providers bring people in.
//!
//! Bearer tokens alone are accepted here; a browser's session is nobody.

mod answer;
mod discovery;
pub mod fault;
mod narrow;
mod users;

use axum::{Router, http::Method};
use scim::ScimError;

use self::fault::Fault;
use super::table::{Endpoint, Table};
use crate::state::AppState;

/// The holder of a token with the permission `P`.
type Proof<P> = super::proof::Proof<P, Fault>;

pub const BASE: &str = "/scim2";

/// The router below [`BASE`], and its endpoints.
pub(crate) fn routes() -> (Router<AppState>, Vec<Endpoint>) {
    let table = Table::new()
        .get("/Users", users::list)
        .post("/Users", users::create)
        .post("/Users/.search", users::search)
        .get("/Users/{id}", users::show)
        .put("/Users/{id}", users::replace)
        .patch("/Users/{id}", users::patch)
        .delete("/Users/{id}", users::delete)
        .post("/.search", users::search)
        .get("/ServiceProviderConfig", discovery::service_provider_config)
        .get("/ResourceTypes", discovery::resource_types)
        .get("/ResourceTypes/{id}", discovery::resource_type)
        .get("/Schemas", discovery::schemas)
        .get("/Schemas/{id}", discovery::schema);
    let (router, endpoints) = table.into_parts();
    let unsupported = axum::routing::any(unsupported);
    let router = router
        .route("/Me", unsupported.clone())
        .route("/Bulk", unsupported)
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method);
    (router, endpoints)
}

/// RFC 7644 sections 3.7 and 3.11: what a service does not support is 501.
async fn unsupported() -> Fault {
    Fault::new(ScimError::new(501, "This is not supported. ServiceProviderConfig says what is."))
}

async fn nothing_here() -> Fault {
    Fault::new(ScimError::new(404, "There is no such endpoint. ResourceTypes lists those that there are."))
}

async fn wrong_method(method: Method) -> Fault {
    Fault::new(ScimError::new(405, format!("{method} is not possible here. The header Allow says what is.")))
}
