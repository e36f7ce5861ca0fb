//! The page for people, on a port of its own: who has an account, what was asked last, and switches to misbehave with.
//!
//! It works without JavaScript; with it, `page.js` shows changes at once.

use std::{
    io,
    sync::{Arc, Weak},
    time::Duration,
};

use axum::{
    Form, Router,
    extract::{Query, Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tokio::{net::TcpListener, sync::oneshot};

use super::{Port, Running, Shared, switches::Switch, view::View};

/// How long the script's question stays open when nothing changes.
const PATIENCE: Duration = Duration::from_secs(25);

const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src data:; \
                      form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What the page shows, and the port that it closes and opens. The page alone keeps neither alive.
#[derive(Clone)]
struct Desk {
    shared: Arc<Shared>,
    port: Weak<Port>,
}

pub(super) fn serve(shared: Arc<Shared>, port: Weak<Port>, listener: TcpListener) -> Running {
    let router = routes(Desk { shared, port });
    let (stop, stopped) = oneshot::channel();
    let server = axum::serve(listener, router).with_graceful_shutdown(async {
        let _ = stopped.await;
    });
    Running { stop, task: tokio::spawn(server.into_future()) }
}

fn routes(desk: Desk) -> Router {
    let asset = |kind: &'static str, content: &'static str| {
        get(move || async move { ([(header::CONTENT_TYPE, kind)], content) })
    };
    Router::new()
        .route("/", get(page))
        .route("/changes", get(changes))
        .route("/switches", post(switch))
        .route("/acme.css", asset("text/css; charset=utf-8", include_str!("page.css")))
        .route("/acme.js", asset("text/javascript; charset=utf-8", include_str!("page.js")))
        .layer(middleware::from_fn_with_state(desk.clone(), guard))
        .with_state(desk)
}

/// Another site that a browser is on must neither read the page (by rebinding its name to 127.0.0.1) nor press its
/// buttons.
async fn guard(State(Desk { shared, .. }): State<Desk>, request: Request, next: Next) -> Response {
    let allowed =
        is_ours(&shared, request.headers()) && (request.method().is_safe() || is_from_here(request.headers()));
    let mut response = if allowed {
        next.run(request).await
    } else {
        (StatusCode::FORBIDDEN, "Open this page at its own address.").into_response()
    };
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    response
}

fn is_ours(shared: &Shared, headers: &HeaderMap) -> bool {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let port = shared.page_address.port();
    host.is_some_and(|host| {
        host == shared.page_address.to_string()
            || host == format!("localhost:{port}")
            || host == format!("127.0.0.1:{port}")
    })
}

/// A form of this very page: its `Origin` is the `Host` that was found to be ours.
fn is_from_here(headers: &HeaderMap) -> bool {
    let text = |name| headers.get(name).and_then(|value: &HeaderValue| value.to_str().ok());
    let same_site = text(header::HeaderName::from_static("sec-fetch-site")).is_none_or(|site| site == "same-origin");
    let origin = text(header::ORIGIN).and_then(|origin| origin.strip_prefix("http://"));
    same_site && origin.is_some() && origin == text(header::HOST)
}

#[derive(Deserialize)]
struct After {
    after: u64,
}

/// Answers once there is something newer than the number that the script knows, or nothing happened for a while.
async fn changes(State(Desk { shared, .. }): State<Desk>, Query(After { after }): Query<After>) -> StatusCode {
    let mut changes = shared.changes.subscribe();
    let newer = changes.wait_for(|number| *number != after);
    match tokio::time::timeout(PATIENCE, newer).await {
        Ok(Ok(_)) => StatusCode::OK,
        _ => StatusCode::NO_CONTENT,
    }
}

async fn page(State(Desk { shared, .. }): State<Desk>) -> Html<String> {
    // Before what is shown is read: what comes in between is then shown twice rather than never.
    let version = *shared.changes.borrow();
    shared.cloud().opened = true;
    Html(View::of(&shared, version).to_string())
}

#[derive(Deserialize)]
struct Switching {
    switch: Switch,
    on: bool,
}

async fn switch(State(desk): State<Desk>, Form(Switching { switch, on }): Form<Switching>) -> Response {
    let Desk { shared, port } = desk;
    if switch == Switch::SwitchedOff {
        if let Err(why) = power(&shared, &port, !on).await {
            let text = format!("{} cannot be switched on: its port is not free any more ({why}).", shared.name);
            return (StatusCode::SERVICE_UNAVAILABLE, text).into_response();
        }
    } else {
        shared.change(|cloud| switch.set(&mut cloud.faults, &shared.unlicensed, on));
    }
    Redirect::to("/").into_response()
}

async fn power(shared: &Arc<Shared>, port: &Weak<Port>, on: bool) -> io::Result<()> {
    let Some(port) = port.upgrade() else { return Ok(()) };
    if on {
        shared.open(&port).await
    } else {
        shared.close(&port).await;
        Ok(())
    }
}
