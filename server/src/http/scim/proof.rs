//! What a handler takes as proof of who asks.

use auth::{Authorised, Caller, Denied, Who, grants::Grant};
use axum::{extract::FromRequestParts, http::request::Parts};

use super::fault::Fault;

/// The holder of a token with the permission `P`.
pub(super) struct Proof<P>(pub Authorised<P>);

impl<P: Grant, S: Sync> FromRequestParts<S> for Proof<P> {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        Ok(Self(token_holder(parts)?.authorise()?))
    }
}

/// The holder of any valid token.
pub(super) struct Holder;

impl<S: Sync> FromRequestParts<S> for Holder {
    type Rejection = Fault;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Fault> {
        token_holder(parts).map(|_| Self)
    }
}

fn token_holder(parts: &Parts) -> Result<&Caller, Fault> {
    let caller = parts.extensions.get::<Caller>().filter(|caller| matches!(caller.who, Who::Token { .. }));
    caller.ok_or_else(|| Denied::SignedOut.into())
}
