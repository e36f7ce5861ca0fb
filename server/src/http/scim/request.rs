//! What requests of every resource say beside their paths.

use auth::{
    Authorised,
    grants::{UsersRead, UsersWrite},
};
use axum::{
    body::Body,
    http::{HeaderMap, Request, Uri},
};
use directory::Error;
use scim::{ScimError, list::Query, projection::Projection};
use serde_json::Value;

use super::fault::{MEDIA_TYPE, Result};
use crate::http::{body, conditional::Tags};

/// What the request of a change says beside its body.
pub(super) struct Asked {
    pub projection: Projection,
    pub if_match: Tags,
}

impl Asked {
    pub(super) fn of(request: &Request<Body>) -> Result<Self> {
        Ok(Self { projection: projection(request.uri())?, if_match: Tags::if_match(request.headers()) })
    }

    pub(super) fn bare(headers: &HeaderMap) -> Self {
        Self { projection: Projection::Default, if_match: Tags::if_match(headers) }
    }

    /// The version that the client insists on; with several in `If-Match`, the one that is current.
    pub(super) async fn expected(
        &self,
        who: &Authorised<UsersWrite>,
        current: impl AsyncFnOnce(&Authorised<UsersRead>) -> std::result::Result<i64, Error>,
    ) -> Result<Option<i64>> {
        match &self.if_match {
            Tags::None | Tags::Any => Ok(None),
            Tags::Versions(versions) => {
                if let [version] = versions[..] {
                    return Ok(Some(version));
                }
                let version = current(&who.caller().authorise::<UsersRead>()?).await?;
                if self.if_match.name(version) { Ok(Some(version)) } else { Err(Error::Stale.into()) }
            }
        }
    }
}

pub(super) fn query(uri: &Uri) -> Result<Query> {
    let pairs: Vec<_> = url::form_urlencoded::parse(uri.query().unwrap_or_default().as_bytes()).collect();
    Ok(Query::from_parameters(pairs.iter().map(|(name, value)| (&**name, &**value)))?)
}

pub(super) fn projection(uri: &Uri) -> Result<Projection> {
    Ok(query(uri)?.projection)
}

pub(super) async fn json(request: Request<Body>) -> Result<Value> {
    let accepted = [MEDIA_TYPE, "application/json"];
    let body = body::read(request, &accepted, MEDIA_TYPE).await?;
    Ok(body.ok_or_else(|| ScimError::invalid_syntax("The body is empty."))?)
}
