//! `/Bulk` (RFC 7644 section 3.7): each operation goes the way of a request of its own.
//!
//! Operations that do not need one another are done side by side, so that those who wait for a Blocking target or for
//! the disk wait together. Those on the same resource, and those that refer to another, keep their order.

use std::collections::{HashMap, HashSet};

use auth::{Caller, grants::UsersWrite};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::State,
    http::{HeaderMap, Request, StatusCode, header},
    response::Response,
};
use futures::future::join_all;
use scim::{
    ScimError,
    bulk::{self, Bulk, Done, Method, Operation},
};
use serde_json::Value;
use tower::ServiceExt as _;

use super::{
    Proof,
    answer::{base_url, document},
    fault::{MEDIA_TYPE, Result},
    lists::Kind,
    request::json,
};
use crate::state::AppState;

/// Operations that are under way together.
const AT_ONCE: usize = 16;
/// Bytes of an operation's answer that are read: errors are short, and the resource itself is not repeated.
const ANSWER_LIMIT: usize = 64 * 1024;

pub(super) async fn run(
    proof: Proof<UsersWrite>,
    State(state): State<AppState>,
    request: Request<Body>,
) -> Result<Response> {
    let bulk = Bulk::parse(&json(request).await?)?;
    let run = Run {
        caller: proof.who.caller().clone(),
        base: base_url(&state),
        router: super::routes().0.with_state(state),
        bulk: &bulk,
    };
    Ok(document(StatusCode::OK, &bulk::response(run.all().await)))
}

struct Run<'a> {
    caller: Caller,
    base: String,
    router: Router,
    bulk: &'a Bulk,
}

impl Run<'_> {
    /// The operations that were done, in the order in which they came.
    async fn all(&self) -> Vec<Done> {
        let mut waiting = self.bulk.order().into_iter().peekable();
        let mut done: Vec<(usize, Done)> = Vec::new();
        let mut made: HashMap<String, String> = HashMap::new();
        let mut errors = 0;
        let most_errors = self.bulk.fail_on_errors.and_then(|most| usize::try_from(most).ok()).unwrap_or(usize::MAX);
        while waiting.peek().is_some() && errors < most_errors {
            // No more than may fail before the rest is left undone.
            let most = AT_ONCE.min(most_errors - errors);
            let mut batch = Vec::new();
            let mut touched = Touched::default();
            while batch.len() < most
                && let Some((place, error)) = waiting.next_if(|(place, _)| touched.leaves_alone(self.operation(*place)))
            {
                touched.add(self.operation(place));
                batch.push(self.one(place, error, &made));
            }
            for (place, outcome) in join_all(batch).await {
                errors += usize::from(outcome.status >= 400);
                if let (Some(name), Some(id)) = (&outcome.bulk_id, made_id(&outcome)) {
                    made.insert(name.clone(), id.to_owned());
                }
                done.push((place, outcome));
            }
        }
        done.sort_by_key(|(place, _)| *place);
        done.into_iter().map(|(_, done)| done).collect()
    }

    fn operation(&self, place: usize) -> Option<&Operation> {
        self.bulk.items[place].operation.as_ref().ok()
    }

    async fn one(&self, place: usize, error: Option<ScimError>, made: &HashMap<String, String>) -> (usize, Done) {
        let item = &self.bulk.items[place];
        let operation = match (error, &item.operation) {
            (Some(error), _) => Err(error),
            (None, operation) => operation.clone().and_then(|operation| operation.resolved(made)),
        };
        let (method, bulk_id) = (item.method.to_ascii_uppercase(), item.bulk_id.clone());
        let outcome = match operation {
            Ok(operation) => self.send(operation).await,
            Err(error) => Err(error),
        };
        let done = outcome.unwrap_or_else(|error| Done {
            method: String::new(),
            bulk_id: None,
            location: None,
            version: None,
            status: error.status,
            response: Some(error.to_value()),
        });
        (place, Done { method, bulk_id, ..done })
    }

    async fn send(&self, operation: Operation) -> std::result::Result<Done, ScimError> {
        let known = Kind::ALL.iter().any(|kind| kind.endpoint() == operation.endpoint);
        if !known {
            let endpoint = &operation.endpoint;
            return Err(ScimError::not_found(&format!("The endpoint {endpoint}")));
        }
        let path = match &operation.id {
            Some(id) => format!("{}/{}", operation.endpoint, escaped(id)),
            None => operation.endpoint.clone(),
        };
        let location = operation.id.as_ref().map(|_| format!("{}{path}", self.base));
        let response = match self.router.clone().oneshot(self.request(&operation, &path)?).await {
            Ok(response) => response,
            Err(never) => match never {},
        };
        let status = response.status();
        let made = text(response.headers(), &header::LOCATION);
        let version = text(response.headers(), &header::ETAG);
        let body = if status.is_success() { Value::Null } else { read(response).await };
        Ok(Done {
            method: String::new(),
            bulk_id: None,
            location: made.or(location),
            version: version.filter(|_| status.is_success()),
            status: status.as_u16(),
            response: (!body.is_null()).then_some(body),
        })
    }

    fn request(&self, operation: &Operation, path: &str) -> std::result::Result<Request<Body>, ScimError> {
        let mut request = Request::builder().method(operation.method.as_str()).uri(path);
        if let Some(version) = &operation.version {
            request = request.header(header::IF_MATCH, version);
        }
        let body = if operation.method == Method::Delete {
            Body::empty()
        } else {
            request = request.header(header::CONTENT_TYPE, MEDIA_TYPE);
            Body::from(operation.data.to_string())
        };
        request
            .extension(self.caller.clone())
            .body(body)
            .map_err(|_| ScimError::invalid_syntax("The \"path\" or \"version\" has characters that it cannot have."))
    }
}

/// What the operations of one batch are about: another on the same waits for the next.
#[derive(Default)]
struct Touched {
    resources: HashSet<String>,
    made: HashSet<String>,
}

impl Touched {
    fn leaves_alone(&self, operation: Option<&Operation>) -> bool {
        operation.is_none_or(|operation| {
            !self.resources.contains(&resource(operation))
                && operation.references().iter().all(|name| !self.made.contains(name))
        })
    }

    fn add(&mut self, operation: Option<&Operation>) {
        let Some(operation) = operation else { return };
        self.made.extend(operation.bulk_id.clone());
        if operation.id.is_some() {
            self.resources.insert(resource(operation));
        }
    }
}

fn resource(operation: &Operation) -> String {
    format!("{}/{}", operation.endpoint, operation.id.as_deref().unwrap_or_default())
}

/// The id at the end of the address of what a POST made.
fn made_id(done: &Done) -> Option<&str> {
    let location = done.location.as_deref().filter(|_| done.status == StatusCode::CREATED.as_u16())?;
    location.rsplit('/').next()
}

fn escaped(id: &str) -> String {
    url::form_urlencoded::byte_serialize(id.as_bytes()).collect::<String>().replace('+', "%20")
}

fn text(headers: &HeaderMap, name: &header::HeaderName) -> Option<String> {
    headers.get(name).and_then(|value| value.to_str().ok()).map(str::to_owned)
}

async fn read(response: Response) -> Value {
    let bytes = to_bytes(response.into_body(), ANSWER_LIMIT).await.unwrap_or_default();
    serde_json::from_slice(&bytes).unwrap_or_default()
}
