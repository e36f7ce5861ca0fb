//! What is refused before any handler is reached, in the words of the room that it was meant for.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    api::{self, problem::Problem},
    scim::{self, fault::Fault},
};
use crate::middleware::request_id::RequestId;

/// Keeps of a request what its refusal needs.
#[derive(Clone, Debug)]
pub struct Refusal {
    room: Room,
    reference: String,
}

/// Who is spoken to under a path.
#[derive(Clone, Copy, Debug)]
pub enum Room {
    Scim,
    Api,
    Other,
}

impl Room {
    pub fn of(path: &str) -> Self {
        if is_below(path, scim::BASE) {
            Self::Scim
        } else if is_below(path, api::BASE) {
            Self::Api
        } else {
            Self::Other
        }
    }
}

impl Refusal {
    pub fn to(request: &Request<Body>) -> Self {
        let reference = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
        Self { room: Room::of(request.uri().path()), reference }
    }

    /// The request's id, which the log has too.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    pub fn answer(&self, status: StatusCode, detail: &str) -> Response {
        match self.room {
            Room::Scim => Fault::new(::scim::ScimError::new(status.as_u16(), detail)).into_response(),
            Room::Api => Problem::new(status, detail).with_request_id(&self.reference).into_response(),
            Room::Other => {
                (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{detail}\n")).into_response()
            }
        }
    }

    /// A fault of ours: nothing of it but a reference.
    pub fn fault(&self, status: StatusCode) -> Response {
        self.answer(
            status,
            &format!("Something went wrong here. The server's log has it under the reference {}.", self.reference),
        )
    }
}

fn is_below(path: &str, base: &str) -> bool {
    path.strip_prefix(base).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
