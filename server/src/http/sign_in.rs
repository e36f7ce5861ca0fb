//! Where browsers go to a sign-in provider and come back, and where providers tell of sign-outs.
//!
//! What comes of it is decided in `directory::federation`; here are the addresses, and the cookie that ties a sign-in to
//! the browser that began it. Every answer leads to a page of ours: the page of a sign-in under way sends the browser on
//! to the provider, so that no policy of another page has to name the provider's addresses.

use app::{
    outcome::is_local,
    pages::session::{door::under_way_at, landing},
    routes,
    routes::Page,
    ssr::{DoorCookie, SessionCookie},
};
use auth::{
    Caller,
    grants::{ConnectionsWrite, OwnSessions},
};
use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, FromRequest, Path, Query, Request, State, rejection::QueryRejection},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Redirect, Response},
    routing::{get, post},
};
use directory::{
    Error,
    federation::{Arrived, Brought},
    registration::Visitor,
    sign_in::LONGEST,
};
use domain::{ConnectionId, DraftId};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;

use super::refusal::Refusal;
use crate::{middleware::client_address::ClientAddress, state::AppState};

const COOKIE: &str = DoorCookie::SIGN_IN;
/// What the address of a provider's sign-out tokens begins with: they come from no browser, and prove themselves.
pub const BACK_CHANNEL: &str = "/sign-in/back-channel/";
/// Bytes of a sign-out token with what is around it.
const TOKEN_LIMIT: usize = 32 * 1024;

#[derive(Debug, Deserialize)]
struct Wish {
    #[serde(default)]
    return_to: String,
}

#[derive(Debug, Deserialize)]
struct Answer {
    #[serde(default)]
    state: String,
    code: Option<String>,
    iss: Option<String>,
    error: Option<String>,
    error_description: Option<String>,
}

#[derive(Debug, Deserialize)]
struct SignOut {
    #[serde(default)]
    logout_token: String,
}

pub fn routes() -> Router<AppState> {
    Router::new()
        .route("/sign-in/with/{connection}", post(begin))
        .route("/sign-in/callback/{connection}", get(finish))
        .route("/sign-in/back-channel/{connection}", post(signed_out))
        .layer(DefaultBodyLimit::max(TOKEN_LIMIT))
}

async fn begin(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let refusal = Refusal::to(&request);
    let visitor = visitor(&request);
    let wish = Form::<Wish>::from_request(request, &state).await;
    let return_to = wish.map(|Form(Wish { return_to })| return_to).unwrap_or_default();
    let return_to = if is_local(&return_to) { return_to } else { String::new() };
    let Ok(id) = id.parse::<ConnectionId>() else { return gone(&refusal) };
    match state
        .directory()
        .begin_sign_in_at(id, &return_to, routes::takes_a_new_sign_in(&return_to), &visitor.address)
        .await
    {
        Ok(started) => {
            let cookie = door(&state).set(COOKIE, started.browser.expose_secret());
            to(&under_way_at(&started.page), cookie)
        }
        Err(error) => refused(&refusal, error),
    }
}

async fn finish(
    State(state): State<AppState>,
    Path(id): Path<String>,
    answer: Result<Query<Answer>, QueryRejection>,
    request: Request,
) -> Response {
    let refusal = Refusal::to(&request);
    let (Ok(id), Ok(Query(answer))) = (id.parse::<ConnectionId>(), answer) else { return gone(&refusal) };
    let browser = door(&state).read(COOKIE, request.headers());
    let before = request.extensions().get::<Caller>().cloned();
    let brought = Brought {
        state: answer.state,
        code: answer.code.map(SecretString::from),
        iss: answer.iss,
        error: answer.error,
        error_description: answer.error_description,
    };
    match tested(&state, id, &brought, browser.as_deref(), before.as_ref()).await {
        Ok(None) => {}
        Ok(Some(draft)) => return to(&Page::SignInTested(id, draft).path(), door(&state).clear(COOKIE)),
        Err(error) => return refused(&refusal, error),
    }
    match state.directory().finish_sign_in_at(id, brought, browser.as_deref(), visitor(&request)).await {
        Ok(Arrived::In { signed_in, return_to }) => {
            end_before(&state, before).await;
            let cookies = [session(&state).set(signed_in.token.expose_secret(), LONGEST), door(&state).clear(COOKIE)];
            to(&landing(&return_to, signed_in.role), cookies.into_iter().flatten())
        }
        Ok(Arrived::Page { token, session: begun }) => {
            if begun.is_some() {
                end_before(&state, before).await;
            }
            let begun = begun.and_then(|begun| session(&state).set(begun.expose_secret(), LONGEST));
            // The page may ask: then it has to be this browser that answers.
            to(&under_way_at(&token), begun)
        }
        Err(error) => refused(&refusal, error),
    }
}

/// The report, where it is an administrator's test that they come back from.
async fn tested(
    state: &AppState,
    id: ConnectionId,
    brought: &Brought,
    browser: Option<&str>,
    caller: Option<&Caller>,
) -> Result<Option<DraftId>, Error> {
    match caller.map(Caller::authorise::<ConnectionsWrite>) {
        Some(Ok(who)) => state.directory().finish_test_at(&who, id, brought, browser).await,
        _ => Ok(None),
    }
}

/// The session that this browser had, if any: another one takes its place.
async fn end_before(state: &AppState, caller: Option<Caller>) {
    let Some(Ok(before)) = caller.map(|caller| caller.authorise::<OwnSessions>()) else { return };
    if let Err(error) = state.directory().sign_out(&before).await {
        tracing::error!(error = %error, "The session before a sign-in could not be ended.");
    }
}

/// OpenID Connect Back-Channel Logout 1.0, section 2.8: 200, or 400 with a JSON error, neither to be kept.
async fn signed_out(State(state): State<AppState>, Path(id): Path<String>, request: Request) -> Response {
    let address = visitor(&request).address;
    let body = Form::<SignOut>::from_request(request, &state).await;
    let (Ok(id), Ok(Form(SignOut { logout_token }))) = (id.parse::<ConnectionId>(), body) else {
        return bad_request("There is no such address, or the body is no form with a logout_token.");
    };
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    match state.directory().back_channel_logout(id, &logout_token, &address).await {
        Ok(_) => (StatusCode::OK, no_store).into_response(),
        Err(Error::TooMany(_)) => (StatusCode::TOO_MANY_REQUESTS, no_store).into_response(),
        Err(error @ (Error::Invalid(_) | Error::NotFound(_))) => bad_request(&error.to_string()),
        Err(error) => {
            tracing::error!(error = %error, "A sign-out token could not be taken.");
            (StatusCode::INTERNAL_SERVER_ERROR, no_store).into_response()
        }
    }
}

fn bad_request(why: &str) -> Response {
    let body = serde_json::json!({ "error": "invalid_request", "error_description": why });
    let no_store = [(header::CACHE_CONTROL, HeaderValue::from_static("no-store"))];
    (StatusCode::BAD_REQUEST, no_store, axum::Json(body)).into_response()
}

fn visitor(request: &Request) -> Visitor {
    let address = request.extensions().get::<ClientAddress>().map(|client| client.0.to_string()).unwrap_or_default();
    let agent = request.headers().get(header::USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Visitor { address, agent: agent.to_owned() }
}

fn session(state: &AppState) -> SessionCookie {
    SessionCookie { secure: state.is_https() }
}

fn door(state: &AppState) -> DoorCookie {
    DoorCookie::of(session(state))
}

fn gone(refusal: &Refusal) -> Response {
    refusal.answer(StatusCode::NOT_FOUND, "There is no such way to sign in. Go back to the sign-in page.")
}

fn refused(refusal: &Refusal, error: Error) -> Response {
    match error {
        Error::Conflict(why) => refusal.answer(StatusCode::BAD_REQUEST, &why),
        Error::NotFound(_) => gone(refusal),
        Error::TooMany(_) => refusal.answer(StatusCode::TOO_MANY_REQUESTS, &error.to_string()),
        error => {
            tracing::error!(request.id = %refusal.reference(), error = %error, "A sign-in by another system failed.");
            refusal.fault(StatusCode::INTERNAL_SERVER_ERROR)
        }
    }
}

fn to(path: &str, cookies: impl IntoIterator<Item = HeaderValue>) -> Response {
    let mut response = Redirect::to(path).into_response();
    let headers: &mut HeaderMap = response.headers_mut();
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for cookie in cookies {
        headers.append(header::SET_COOKIE, cookie);
    }
    response
}
