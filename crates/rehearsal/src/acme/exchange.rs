//! One request from its arrival to its answer, with everything that may go wrong on the way.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Body, to_bytes},
    extract::{ConnectInfo, Query, Request, State},
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use scim::ScimError;
use serde_json::Value;

use super::{Cloud, Faults, Logged, Shared, service::Asked};
use crate::line::Line;

/// Bytes of a request's body.
const MAX_BODY: usize = 1024 * 1024;
const SCIM_JSON: &str = "application/scim+json";

#[derive(Clone, Copy, PartialEq, Eq)]
enum Door {
    Scim,
    Token,
}

type SharedState = State<Arc<Shared>>;

pub(super) async fn scim(
    State(shared): SharedState,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    exchange(shared, Door::Scim, &line, request).await
}

pub(super) async fn token(
    State(shared): SharedState,
    ConnectInfo(line): ConnectInfo<Line>,
    request: Request,
) -> Response {
    exchange(shared, Door::Token, &line, request).await
}

/// In a task of its own: what a client began goes on when it hangs up, as in most real services.
async fn exchange(shared: Arc<Shared>, door: Door, line: &Line, request: Request) -> Response {
    if let Ok(Some(response)) = tokio::spawn(answer(shared, door, request)).await {
        return response;
    }
    line.cut();
    Response::new(Body::empty())
}

/// No answer means that the connection is cut.
async fn answer(shared: Arc<Shared>, door: Door, request: Request) -> Option<Response> {
    let (parts, body) = request.into_parts();
    let body = to_bytes(body, MAX_BODY).await;
    let Query(query) = Query::try_from_uri(&parts.uri).unwrap_or_default();
    let json = body.as_ref().ok().and_then(|bytes| read(door, bytes));
    let entry = Logged {
        number: 0,
        method: parts.method.clone(),
        path: parts.uri.path().to_owned(),
        query,
        headers: shared.access.without_proof(parts.headers.clone()),
        body: json,
        status: None,
        at: shared.clock.now(),
    };
    let arrival = shared.change(|cloud| {
        let number = cloud.log.add(entry.clone());
        (!cloud.stopped).then_some(Arrival { number, drops: cloud.drops, reads: entry.method.is_safe() })
    })?;
    arrival.hold(&shared, |faults| faults.hold_before).await?;
    let (reply, fate) = shared.change(|cloud| {
        let reply = match body {
            Ok(_) => reply(&shared, cloud, door, &entry, &parts.headers),
            Err(_) => ScimError::new(413, format!("A body has at most {MAX_BODY} bytes.")).into(),
        };
        cloud.log.answered(arrival.number, reply.status);
        let lost = !entry.method.is_safe() && door == Door::Scim && cloud.faults.loses_next_answer();
        (reply, (!lost).then_some(cloud.faults.slow.unwrap_or_default()))
    });
    let delay = fate?;
    arrival.hold(&shared, |faults| faults.hold_answers).await?;
    arrival.pass(&shared, delay).await?;
    Some(reply.into_response(door))
}

/// JSON for SCIM, a form for the token endpoint.
fn read(door: Door, bytes: &[u8]) -> Option<Value> {
    match door {
        Door::Scim => serde_json::from_slice(bytes).ok(),
        Door::Token => {
            let uri = format!("/?{}", std::str::from_utf8(bytes).ok()?).parse().ok()?;
            let Query(fields) = Query::<Vec<(String, String)>>::try_from_uri(&uri).ok()?;
            Some(fields.into_iter().map(|(name, value)| (name, Value::String(value))).collect())
        }
    }
}

fn reply(shared: &Shared, cloud: &mut Cloud, door: Door, entry: &Logged, headers: &HeaderMap) -> Reply {
    if door == Door::Token {
        if cloud.faults.switched_off {
            return Reply::new(StatusCode::SERVICE_UNAVAILABLE, None);
        }
        let form = entry.body.clone().unwrap_or_default();
        let (status, body) = shared.access.token(headers, &form, &mut cloud.service.tokens);
        return Reply::new(status, Some(body));
    }
    if let Some((status, retry_after)) = cloud.faults.next_failure() {
        let detail = format!("{} was told to fail.", shared.name);
        return Reply { retry_after, ..ScimError::new(status.as_u16(), detail).into() };
    }
    if !shared.access.admits(headers, &cloud.service.tokens) {
        let refusal = ScimError::new(401, format!("{} does not know these credentials.", shared.name));
        return Reply { challenge: Some(shared.access.challenge()), ..refusal.into() };
    }
    if cloud.faults.require_user_agent && !headers.contains_key(header::USER_AGENT) {
        return ScimError::new(403, "Requests need a User-Agent header.").into();
    }
    let asked = Asked {
        method: &entry.method,
        path: &entry.path,
        query: &entry.query,
        body: entry.body.as_ref(),
        scheme: shared.access.scheme(),
        now: entry.at,
    };
    cloud.service.answer(&cloud.faults, &asked).unwrap_or_else(Reply::from)
}

/// What goes back, before it becomes an HTTP response.
#[derive(Debug)]
pub(super) struct Reply {
    status: StatusCode,
    body: Option<Value>,
    location: Option<String>,
    retry_after: Option<Duration>,
    challenge: Option<&'static str>,
}

impl Reply {
    pub(super) fn new(status: StatusCode, body: Option<Value>) -> Self {
        Self { status, body, location: None, retry_after: None, challenge: None }
    }

    /// With a `Location`.
    pub(super) fn at(self, location: Option<String>) -> Self {
        Self { location, ..self }
    }

    fn into_response(self, door: Door) -> Response {
        let mut response = Response::builder().status(self.status);
        if let Some(location) = self.location {
            response = response.header(header::LOCATION, location);
        }
        if let Some(retry_after) = self.retry_after {
            response = response.header(header::RETRY_AFTER, retry_after.as_secs());
        }
        if let Some(challenge) = self.challenge {
            response = response.header(header::WWW_AUTHENTICATE, challenge);
        }
        let body = self.body.map_or_else(Body::empty, |body| Body::from(body.to_string()));
        let kind = if door == Door::Scim { SCIM_JSON } else { "application/json" };
        response.header(header::CONTENT_TYPE, kind).body(body).expect("all of these headers are well-formed")
    }
}

impl From<ScimError> for Reply {
    fn from(error: ScimError) -> Self {
        let status = StatusCode::from_u16(error.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        Self::new(status, Some(error.to_value()))
    }
}

/// A request that is under way.
struct Arrival {
    number: u64,
    /// As they were when it arrived: more of them since then cut it, if it is held.
    drops: u64,
    reads: bool,
}

impl Arrival {
    /// Waits while the gate is closed; none if it is to be cut instead of released.
    async fn hold(&self, shared: &Shared, closed: fn(&Faults) -> bool) -> Option<()> {
        let mut changes = shared.changes.subscribe();
        loop {
            changes.borrow_and_update();
            {
                let cloud = shared.cloud();
                if !closed(&cloud.faults) || (self.reads && cloud.faults.let_reads_pass) {
                    return Some(());
                }
                if cloud.drops != self.drops {
                    return None;
                }
            }
            changes.changed().await.ok()?;
        }
    }

    /// Waits for a time; none if it is cut before.
    async fn pass(&self, shared: &Shared, delay: Duration) -> Option<()> {
        if delay.is_zero() {
            return Some(());
        }
        let mut changes = shared.changes.subscribe();
        let cut = changes.wait_for(|_| shared.cloud().drops != self.drops);
        tokio::select! {
            () = tokio::time::sleep(delay) => Some(()),
            _ = cut => None,
        }
    }
}
