//! SCIM 2.0 (RFC 7643, RFC 7644) at `/scim2`: how other systems and identity providers bring people in.
//!
//! Bearer tokens alone are accepted here; a browser's session is nobody.

mod answer;
mod bulk;
mod discovery;
pub mod fault;
mod groups;
mod lists;
mod request;
mod users;

use auth::grants::UsersRead;
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{Method, Request},
    response::Response,
};
use scim::ScimError;

use self::{
    fault::{Fault, Result},
    lists::Kind,
};
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
        .get("/Groups", groups::list)
        .post("/Groups", groups::create)
        .post("/Groups/.search", groups::search)
        .get("/Groups/{id}", groups::show)
        .put("/Groups/{id}", groups::replace)
        .patch("/Groups/{id}", groups::patch)
        .delete("/Groups/{id}", groups::delete)
        .post("/.search", search)
        .post("/Bulk", bulk::run)
        .get("/ServiceProviderConfig", discovery::service_provider_config)
        .get("/ResourceTypes", discovery::resource_types)
        .get("/ResourceTypes/{id}", discovery::resource_type)
        .get("/Schemas", discovery::schemas)
        .get("/Schemas/{id}", discovery::schema);
    let (router, endpoints) = table.into_parts();
    let router = router
        .route("/Me", axum::routing::any(nobody))
        .fallback(nothing_here)
        .method_not_allowed_fallback(wrong_method);
    (router, endpoints)
}

/// Users and groups together.
async fn search(proof: Proof<UsersRead>, State(state): State<AppState>, request: Request<Body>) -> Result<Response> {
    lists::by_body(&state, &proof.who, &Kind::ALL, request).await
}

/// RFC 7644 section 3.11: a token stands for a program, so there is no resource that is its own; and a browser's session,
/// which stands for a person, is nobody here.
async fn nobody() -> Fault {
    Fault::new(ScimError::new(501, "An API token stands for a program, not for a user: there is no /Me for it."))
}

async fn nothing_here() -> Fault {
    Fault::new(ScimError::new(404, "There is no such endpoint. ResourceTypes lists those that there are."))
}

async fn wrong_method(method: Method) -> Fault {
    Fault::new(ScimError::new(405, format!("{method} is not possible here. The header Allow says what is.")))
}
