//! The page for people, on a port of its own: who has an account, what was asked last, and switches to misbehave with.
//!
//! It works without JavaScript; with it, `live.js` shows changes at once.

use std::{
    io,
    sync::{Arc, Weak},
};

use axum::{
    Form, Router,
    extract::{Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use tokio::net::TcpListener;

use super::{Port, Shared, switches::Switch, view::View};
use crate::{
    page::{self, After},
    running::Running,
};

/// What the page shows, and the port that it closes and opens. The page alone keeps neither alive.
#[derive(Clone)]
struct Desk {
    shared: Arc<Shared>,
    port: Weak<Port>,
}

pub(super) fn serve(shared: Arc<Shared>, port: Weak<Port>, listener: TcpListener) -> Running {
    let address = shared.page_address;
    let router = Router::new()
        .route("/", get(show))
        .route("/changes", get(changes))
        .route("/switches", post(switch))
        .with_state(Desk { shared, port });
    let router = router.merge(page::assets(concat!(include_str!("../page/page.css"), include_str!("page.css"))));
    Running::serve(listener, page::guarded(router, address))
}

async fn changes(State(Desk { shared, .. }): State<Desk>, Query(after): Query<After>) -> StatusCode {
    page::changes(&shared.changes, after).await
}

async fn show(State(Desk { shared, .. }): State<Desk>) -> Html<String> {
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
