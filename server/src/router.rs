//! The only table of endpoints.
//!
//! What is *absent*: files of a file system. An address that nothing below answers is a page that says so.

use app::pages::settings::installation::Installation;
use axum::Router;

use crate::{
    console::{self, Console, assets::Assets},
    http::{api, health, metrics, scim, sign_in, table::Endpoint},
    middleware,
    state::AppState,
};

/// Everything that is served, and what surrounds it.
pub fn router(state: &AppState, assets: Assets, installation: Installation) -> Router {
    let (scim, _) = scim::routes();
    let (api, _) = api::routes();
    let (health, _) = health::routes().into_parts();
    let (metrics, _) = metrics::routes().into_parts();
    let rooms = Router::new()
        .nest(scim::BASE, scim)
        .nest(api::BASE, api)
        .merge(health)
        .merge(metrics)
        .merge(sign_in::routes())
        .with_state(state.clone());
    let console = Console::new(state.directory().clone(), assets, installation).with_tour(state.tour().clone());
    middleware::surround(rooms.merge(console::router(console)), state)
}

/// Every endpoint for programs, with its whole path: what the sweep calls.
pub fn endpoints() -> Vec<Endpoint> {
    let below = |base: &'static str, endpoints: Vec<Endpoint>| {
        endpoints.into_iter().map(move |one| Endpoint { path: format!("{base}{}", one.path), ..one })
    };
    let mut all: Vec<Endpoint> = below(scim::BASE, scim::routes().1).collect();
    all.extend(below(api::BASE, api::routes().1));
    all.extend(below("", health::routes().into_parts().1));
    all.extend(below("", metrics::routes().into_parts().1));
    all
}
