//! What is refused before any handler is reached, in the words of the room that it was meant for.

use app::{error::ConsoleError, wire};
use axum::{
    Json,
    body::Body,
    http::{Request, StatusCode, header},
    response::{IntoResponse, Response},
};

use super::{
    api::{self, problem::Problem},
    scim::{self, fault::Fault},
};
use crate::{console::plain, middleware::request_id::RequestId};

/// Where the console's server functions are.
const FUNCTIONS: &str = "/console/-/";

/// Keeps of a request what its refusal needs.
#[derive(Clone, Debug)]
pub struct Refusal {
    room: Room,
    reader: Reader,
    reference: String,
}

/// Who reads an answer outside the rooms for programs.
#[derive(Clone, Copy, Debug)]
enum Reader {
    /// Somebody in front of a browser.
    Person,
    /// A page that is alive.
    Page,
    /// Whoever else calls a server function.
    Caller,
    Anybody,
}

impl Reader {
    fn of(path: &str, accepts: &str) -> Self {
        if accepts.contains("text/html") {
            Self::Person
        } else if accepts == wire::ACCEPT {
            Self::Page
        } else if path.starts_with(FUNCTIONS) {
            Self::Caller
        } else {
            Self::Anybody
        }
    }
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
        let accepts = request.headers().get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let path = request.uri().path();
        Self { room: Room::of(path), reader: Reader::of(path, accepts), reference }
    }

    /// The request's id, which the log has too.
    pub fn reference(&self) -> &str {
        &self.reference
    }

    pub fn answer(&self, status: StatusCode, detail: &str) -> Response {
        match (self.room, self.reader) {
            (Room::Scim, _) => Fault::new(::scim::ScimError::new(status.as_u16(), detail)).into_response(),
            (Room::Api, _) => Problem::new(status, detail).with_request_id(&self.reference).into_response(),
            (Room::Other, Reader::Person) => plain::page(status, detail),
            (Room::Other, Reader::Page) => {
                let error = wire::write(&self.error(status, detail));
                (status, [(header::CONTENT_TYPE, wire::ACCEPT)], error).into_response()
            }
            (Room::Other, Reader::Caller) => (status, Json(self.error(status, detail))).into_response(),
            (Room::Other, Reader::Anybody) => {
                (status, [(header::CONTENT_TYPE, "text/plain; charset=utf-8")], format!("{detail}\n")).into_response()
            }
        }
    }

    fn error(&self, status: StatusCode, detail: &str) -> ConsoleError {
        match status {
            StatusCode::INTERNAL_SERVER_ERROR => ConsoleError::Internal { reference: self.reference.clone() },
            StatusCode::BAD_REQUEST => ConsoleError::Malformed,
            StatusCode::FORBIDDEN => ConsoleError::Forbidden { why: detail.to_owned() },
            _ => ConsoleError::Unavailable { why: detail.to_owned() },
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
