//! What surrounds every endpoint, from the outside in: request id, client address, log line, security headers,
//! panics, time limit, same-origin guard, caller.

pub mod caller;
pub mod client_address;
pub mod header_policy;
pub mod limits;
pub mod panics;
pub mod request_id;
pub mod request_log;
mod same_origin;

use axum::{
    Router,
    middleware::{from_fn, from_fn_with_state},
};

use crate::state::AppState;

pub fn surround(router: Router, state: &AppState) -> Router {
    router
        .layer(from_fn_with_state(state.clone(), caller::identify))
        .layer(from_fn_with_state(same_origin::guard_of(state), same_origin::check))
        .layer(from_fn(limits::within))
        .layer(from_fn(panics::catch))
        .layer(from_fn_with_state(state.clone(), header_policy::secure))
        .layer(from_fn(request_log::record))
        .layer(from_fn_with_state(state.clone(), client_address::find))
        .layer(from_fn_with_state(state.clone(), request_id::name))
}
