//! The web side of the console: its pages, its server functions, its files, and the forms of browsers without
//! JavaScript.
//!
//! What is *absent*: any decision. Pages and server functions live in `app`; a file system is never read.

use std::sync::Arc;

use app::{
    layout::bare::Brand,
    pages::{
        audit::EXPORT,
        imports::RESULT,
        registration::proof,
        session::landing,
        settings::{LICENCES, installation::Installation},
        tour::stage::Stage,
    },
    routes::{self, Page},
    ssr::{self, SessionCookie},
    ui::problem::{go_on_and_return, sign_in_and_return},
};
use auth::{Caller, Who};
use axum::{
    Router,
    body::Body,
    extract::State,
    http::{HeaderValue, Method, Request, StatusCode, Uri, header},
    middleware,
    response::{IntoResponse, Redirect, Response},
    routing::{MethodRouter, any, get},
};
use directory::{Directory, settings::Kept};
use domain::branding::Branding;
use leptos::prelude::provide_context;

pub mod assets;
mod branding;
mod download;
mod export;
pub mod flash;
pub mod forms;
pub mod origin;
pub mod plain;
mod results;
mod upload;

use assets::Assets;
use flash::Flashes;

/// What the console needs of the process around it.
#[derive(Clone)]
pub struct Console {
    assets: Assets,
    directory: Directory,
    flashes: Flashes,
    /// Gives server functions their context; runs once per request, inside Leptos' owner.
    provide: Arc<dyn Fn() + Send + Sync>,
}

impl std::fmt::Debug for Console {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Console").field("assets", &self.assets).finish_non_exhaustive()
    }
}

impl Console {
    pub fn new(directory: Directory, assets: Assets, installation: Installation) -> Self {
        // Cookies are then for https alone.
        let https = installation.is_https();
        let flashes = Flashes {
            seal: Arc::new(directory.db().vault().clone()),
            store: Arc::new(directory.clone()),
            secure: https,
        };
        let provided = directory.clone();
        let provide = move || {
            provide_context(provided.clone());
            provide_context(SessionCookie { secure: https });
            provide_context(installation.clone());
        };
        Self { assets, directory, flashes, provide: Arc::new(provide) }
    }

    /// With the tour that a demo offers, once it does.
    #[must_use]
    pub fn with_tour(self, tour: Stage) -> Self {
        let provide = Arc::clone(&self.provide);
        let provide = move || {
            provide();
            provide_context(tour.clone());
        };
        Self { provide: Arc::new(provide), ..self }
    }
}

/// Everything of the console. Requests have passed the origin guard, and carry their `auth::Caller` and, signed in,
/// their [`flash::SessionKey`] among the extensions.
pub fn router(console: Console) -> Router {
    let pages = ssr::start();
    tracing::debug!(pages = pages.len(), "The console is ready.");
    if console.assets.is_empty() {
        tracing::warn!("No console was built into this binary: its pages work, plainly and without JavaScript.");
    }
    let with_files = files().into_iter().fold(Router::new(), |router, (path, method)| router.route(&path, method));
    with_files
        .route("/", get(|| async { Redirect::to(&Page::Home.path()) }))
        .route("/assets/{name}", get(assets::serve))
        .route("/favicon.ico", get(assets::icon))
        .route(proof::SCRIPT_PATH, get(assets::proof_of_work))
        .route(Brand::STYLE, get(branding::style))
        .route(Brand::LOGO, get(branding::logo))
        .route("/console/-/{*function}", any(function))
        .fallback(page)
        .with_state(console)
        .layer(middleware::from_fn(drop_error_parameters))
        .layer(middleware::map_response(set_headers))
}

/// Files for whoever may have them; each has a row in the sweep.
fn files() -> [(String, MethodRouter<Console>); 3] {
    [
        (LICENCES.to_owned(), get(licences)),
        (EXPORT.to_owned(), get(export::download)),
        (format!("/console/users/imports/{{id}}{RESULT}"), get(results::download)),
    ]
}

/// The addresses of the files that are not part of the console itself.
pub fn file_paths() -> Vec<String> {
    files().map(|(path, _)| path).to_vec()
}

/// A page; every address that nothing else answers is one, and shows that it was not found.
async fn page(State(console): State<Console>, request: Request<Body>) -> Response {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "GET, HEAD")]).into_response();
    }
    if let Some(to) = sign_in_first(&request).or_else(|| no_second_step(&request)).or_else(|| own_account(&request)) {
        return Redirect::to(&to).into_response();
    }
    let (parts, body) = request.into_parts();
    let (flash, forget) = console.flashes.take(&parts).await;
    let brand = if routes::is_at_the_door(parts.uri.path()) { Some(brand(&console).await) } else { None };
    let provide = console.provide.clone();
    let context = move || {
        provide_context(flash.clone());
        if let Some(brand) = &brand {
            provide_context(brand.clone());
        }
        provide();
    };
    let mut response = ssr::render(Request::from_parts(parts, body), console.assets.files(), context).await;
    if let Some(cookie) = forget {
        response.headers_mut().append(header::SET_COOKIE, cookie);
    }
    response
}

/// The organization's looks; where they cannot be read, the page still comes.
async fn brand(console: &Console) -> Brand {
    let kept = console.directory.branding().await.unwrap_or_else(|error| {
        tracing::error!(error = %error, "The branding could not be read.");
        Kept { value: Branding::default(), version: 0 }
    });
    let Branding { organization, logo, .. } = kept.value;
    Brand { organization, has_logo: !logo.is_empty(), version: kept.version }
}

/// Which packages this is made of; their versions are nothing for strangers.
async fn licences(request: Request<Body>) -> Result<Response, download::Refused> {
    const LIST: &str = include_str!("licences.txt");
    download::caller(&request)?;
    Ok(([(header::CONTENT_TYPE, "text/plain; charset=utf-8")], LIST).into_response())
}

/// Where somebody has to sign in who is not, for a page of the console or their own account; or to go on with a sign-in
/// that is half way.
fn sign_in_first(request: &Request<Body>) -> Option<String> {
    let caller = request.extensions().get::<Caller>();
    let path = request.uri().path();
    let inside = [Page::Home, Page::Account].iter().any(|page| routes::is_within(path, page));
    if !inside || caller.is_some_and(Caller::is_somebody) {
        return None;
    }
    let page = request.uri().path_and_query().map_or(path, |page| page.as_str());
    if !caller.is_some_and(Caller::is_half_way) {
        return Some(sign_in_and_return(page));
    }
    // They may have to set up their first.
    let sets_up = [Page::AddApp, Page::AddPasskey].iter().any(|page| path == page.path());
    (!sets_up).then(|| go_on_and_return(page))
}

/// The second step of a sign-in is for whoever has taken the first; everybody else goes where they belong.
fn no_second_step(request: &Request<Body>) -> Option<String> {
    let step = Page::SecondStep.path();
    let who = &request.extensions().get::<Caller>()?.who;
    match who {
        _ if request.uri().path() != step => None,
        Who::Half { .. } => None,
        Who::User { role, .. } => Some(landing("", *role)),
        _ => Some(sign_in_and_return(&Page::Home.path())),
    }
}

/// Home is for whoever has a role in the console; everybody else's is their own account.
fn own_account(request: &Request<Body>) -> Option<String> {
    let caller = request.extensions().get::<Caller>()?;
    let elsewhere = matches!(caller.who, Who::User { role: None, .. }) && request.uri().path() == Page::Home.path();
    elsewhere.then(|| Page::Account.path())
}

/// A server function, called by a hydrated page or posted by a browser's own form.
async fn function(State(console): State<Console>, request: Request<Body>) -> Response {
    if ssr::is_server_function(request.method(), request.uri().path()) {
        forms::answer(&console, request).await
    } else if request.method() == Method::POST {
        StatusCode::NOT_FOUND.into_response()
    } else {
        page(State(console), request).await
    }
}

/// Leptos would read errors of a form from `__err` and `__path`: anybody could make a page show their text.
async fn drop_error_parameters(request: Request<Body>, next: middleware::Next) -> Response {
    match without_error_parameters(request.uri()) {
        Some(clean) => Redirect::to(&clean).into_response(),
        None => next.run(request).await,
    }
}

fn without_error_parameters(uri: &Uri) -> Option<String> {
    let query = uri.query()?;
    let foreign = |pair: &&str| {
        let name = pair.split('=').next().unwrap_or_default().replace("%5F", "_").replace("%5f", "_");
        matches!(name.as_str(), "__err" | "__path")
    };
    if !query.split('&').any(|pair| foreign(&pair)) {
        return None;
    }
    let kept: Vec<&str> = query.split('&').filter(|pair| !foreign(pair)).collect();
    let path = format!("/{}", uri.path().trim_start_matches('/'));
    Some(if kept.is_empty() { path } else { format!("{path}?{}", kept.join("&")) })
}

async fn set_headers(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert("cross-origin-opener-policy", HeaderValue::from_static("same-origin"));
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_that_would_show_strangers_text_are_dropped() {
        let clean = |uri: &'static str| without_error_parameters(&Uri::from_static(uri));
        assert_eq!(clean("/console?__err=x&a=1&__path=%2Fa").as_deref(), Some("/console?a=1"));
        assert_eq!(clean("/console?%5F_err=x").as_deref(), Some("/console"));
        assert_eq!(clean("//evil.example/?__err=x").as_deref(), Some("/evil.example/"));
        assert_eq!(clean("/console?a=1&err=2"), None);
    }
}
