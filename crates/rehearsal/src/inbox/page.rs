//! The page for people, on a port of its own. It works without JavaScript; with it, new mails appear at once.

use std::sync::Arc;

use axum::{
    Router,
    extract::{Path, Query, State},
    http::StatusCode,
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tokio::net::TcpListener;

use super::{
    Held, Shared,
    view::{List, One},
};
use crate::{
    page::{self, After},
    running::Running,
};

type SharedState = State<Arc<Shared>>;

pub(super) fn serve(shared: Arc<Shared>, listener: TcpListener) -> Running {
    let address = shared.page_address;
    let router = Router::new()
        .route("/", get(list))
        .route("/mails/{number}", get(one))
        .route("/changes", get(changes))
        .route("/empty", post(empty))
        .with_state(shared);
    let router = router.merge(page::assets(concat!(include_str!("../page/page.css"), include_str!("page.css"))));
    Running::serve(listener, page::guarded(router, address))
}

async fn changes(State(shared): SharedState, Query(after): Query<After>) -> StatusCode {
    page::changes(&shared.changes, after).await
}

async fn list(State(shared): SharedState) -> Html<String> {
    // Before what is shown is read: what comes in between is then shown twice rather than never.
    let version = *shared.changes.borrow();
    shared.held().opened = true;
    Html(List::of(&shared, version).to_string())
}

async fn one(State(shared): SharedState, Path(number): Path<u64>) -> Response {
    let mail = shared.held().mails.iter().find(|mail| mail.number == number).cloned();
    match mail {
        Some(mail) => Html(One { name: &shared.name, mail: &mail }.to_string()).into_response(),
        None => (StatusCode::NOT_FOUND, "There is no such mail, or not any more.").into_response(),
    }
}

async fn empty(State(shared): SharedState) -> Redirect {
    shared.change(Held::clear);
    Redirect::to("/")
}
