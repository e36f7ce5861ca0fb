//! What a handler takes as proof of who asks: the holder of a bearer token. A browser's session is nobody here.

use std::marker::PhantomData;

use auth::{Authorised, Caller, Denied, Who, grants::Grant};
use axum::{extract::FromRequestParts, http::request::Parts, response::IntoResponse};

/// The holder of a token with the permission `P`; others are answered with `E`.
pub(super) struct Proof<P, E> {
    pub who: Authorised<P>,
    error: PhantomData<E>,
}

impl<P, E, S> FromRequestParts<S> for Proof<P, E>
where
    P: Grant,
    E: From<Denied> + IntoResponse,
    S: Sync,
{
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, E> {
        let who = token_holder(parts)?.authorise()?;
        Ok(Self { who, error: PhantomData })
    }
}

/// The holder of any valid token.
pub(super) struct Holder<E>(PhantomData<E>);

impl<E, S> FromRequestParts<S> for Holder<E>
where
    E: From<Denied> + IntoResponse,
    S: Sync,
{
    type Rejection = E;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, E> {
        token_holder(parts)?;
        Ok(Self(PhantomData))
    }
}

fn token_holder(parts: &Parts) -> Result<&Caller, Denied> {
    let caller = parts.extensions.get::<Caller>().filter(|caller| matches!(caller.who, Who::Token { .. }));
    caller.ok_or(Denied::SignedOut)
}
