//! All addresses of the provider, and its page for people. It works without JavaScript; with it, changes show at once.

use std::sync::Arc;

use axum::{
    Form, Router,
    extract::{DefaultBodyLimit, Path, Query, Request, State},
    http::StatusCode,
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use tokio::net::TcpListener;

use super::{
    Persona, Shared,
    applications::{Addresses, MAX_CLIENTS},
    authorize, endpoints,
    personas::Claims,
    sign_out, tokens,
    view::{Application, Front, Sheet},
};
use crate::{
    page::{self, After},
    running::Running,
};

/// Bytes of a form.
const MAX_BODY: usize = 64 * 1024;

type SharedState = State<Arc<Shared>>;

pub(super) fn serve(shared: &Arc<Shared>, listener: TcpListener) -> Running {
    let programs = Router::new()
        .route("/.well-known/openid-configuration", get(endpoints::metadata))
        .route("/jwks", get(endpoints::jwks))
        .route("/token", post(endpoints::token))
        .route("/userinfo", get(endpoints::user_info).post(endpoints::user_info))
        .layer(middleware::from_fn_with_state(Arc::clone(shared), slowly))
        .with_state(Arc::clone(shared));
    let people = Router::new()
        .route("/", get(front))
        .route("/changes", get(changes))
        .route("/authorize", get(authorize::authorize))
        .route("/sign-in", post(authorize::sign_in))
        .route("/sign-out", get(sign_out::ask).post(sign_out::leave))
        .route("/applications", get(application).post(make_known))
        .route("/personas", get(blank).post(add))
        .route("/personas/{sub}", get(sheet).post(change))
        .route("/personas/{sub}/sign-out", post(everywhere))
        .with_state(Arc::clone(shared))
        .merge(page::assets(concat!(include_str!("../page/page.css"), include_str!("page.css"))));
    let (people, programs) = (page::guarded(people, shared.address), page::addressed(programs, shared.address));
    Running::serve(listener, people.merge(programs).layer(DefaultBodyLimit::max(MAX_BODY)))
}

async fn slowly(State(shared): SharedState, request: Request, next: Next) -> Response {
    let delay = shared.world().delay;
    tokio::time::sleep(delay).await;
    next.run(request).await
}

async fn changes(State(shared): SharedState, Query(after): Query<After>) -> StatusCode {
    page::changes(&shared.changes, after).await
}

async fn front(State(shared): SharedState) -> Html<String> {
    // Before what is shown is read: what comes in between is then shown twice rather than never.
    let version = *shared.changes.borrow();
    shared.world().opened = true;
    Html(Front::of(&shared, version).to_string())
}

/// The form for somebody new.
async fn blank(State(shared): SharedState) -> Html<String> {
    Html(Sheet { name: &shared.name, persona: &Persona::default(), problem: None }.to_string())
}

async fn sheet(State(shared): SharedState, Path(sub): Path<String>) -> Response {
    let persona = shared.world().personas.iter().find(|persona| persona.sub == sub).cloned();
    match persona {
        Some(persona) => {
            Html(Sheet { name: &shared.name, persona: &persona, problem: None }.to_string()).into_response()
        }
        None => nobody(),
    }
}

async fn add(State(shared): SharedState, Form(claims): Form<Claims>) -> Response {
    let sub = tokens::random(&*shared.dice);
    put(&shared, &claims.of(&sub), &Persona { sub: String::new(), ..Persona::default() })
}

async fn change(State(shared): SharedState, Path(sub): Path<String>, Form(claims): Form<Claims>) -> Response {
    let known = shared.world().personas.iter().find(|persona| persona.sub == sub).cloned();
    match known {
        Some(known) => put(&shared, &claims.of(&sub), &known),
        None => nobody(),
    }
}

fn put(shared: &Shared, persona: &Persona, former: &Persona) -> Response {
    let done = shared.change(|world| {
        world.put(persona.clone())?;
        let what = if former.sub.is_empty() { "was added" } else { "was changed" };
        world.happened(shared.clock.now(), format!("{} {what}", persona.user_name));
        Ok(())
    });
    match done {
        Ok(()) => Redirect::to("/").into_response(),
        Err(problem) => {
            let again = Persona { sub: former.sub.clone(), ..persona.clone() };
            let sheet = Sheet { name: &shared.name, persona: &again, problem: Some(problem) };
            (StatusCode::UNPROCESSABLE_ENTITY, Html(sheet.to_string())).into_response()
        }
    }
}

/// The form for another application.
async fn application(State(shared): SharedState) -> Html<String> {
    Html(Application { name: &shared.name, addresses: &Addresses::default(), problem: None }.to_string())
}

async fn make_known(State(shared): SharedState, Form(addresses): Form<Addresses>) -> Response {
    let random = || tokens::random(&*shared.dice);
    let done = addresses.client(random()).and_then(|client| {
        shared.change(|world| {
            if world.clients.len() >= MAX_CLIENTS {
                return Err("There are as many applications as there can be.");
            }
            world.clients.insert(random(), client);
            Ok(())
        })
    });
    match done {
        Ok(()) => Redirect::to("/").into_response(),
        Err(problem) => {
            let page = Application { name: &shared.name, addresses: &addresses, problem: Some(problem) };
            (StatusCode::UNPROCESSABLE_ENTITY, Html(page.to_string())).into_response()
        }
    }
}

async fn everywhere(State(shared): SharedState, Path(sub): Path<String>) -> Response {
    let known = shared.world().personas.iter().any(|persona| persona.sub == sub);
    if !known {
        return nobody();
    }
    sign_out::everywhere(&shared, &sub).await;
    Redirect::to("/").into_response()
}

fn nobody() -> Response {
    (StatusCode::NOT_FOUND, "There is nobody of this id.").into_response()
}
