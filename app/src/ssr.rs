//! The server's side of rendering: the only place that knows the web server and Leptos' tie to it.

use std::{fmt, sync::OnceLock};

use auth::{Authorised, Caller, Denied, grants::Grant};
use axum::{body::Body, response::Response};
use directory::Directory;
use http::{HeaderValue, Method, Request, StatusCode, header, request::Parts};
use leptos::{nonce::use_nonce, prelude::*};
use leptos_axum::ResponseOptions;
use leptos_meta::MetaTags;

use crate::{
    App,
    error::ConsoleError,
    layout::bare::Brand,
    outcome::{Outcome, is_local},
    pages::settings::theme::Theme,
};

/// Addresses of the built console's files. Without them pages still render, and work without JavaScript.
#[derive(Clone, Debug, Default)]
pub struct Files {
    pub style: Option<String>,
    /// The script and the WebAssembly that it starts.
    pub hydrate: Option<(String, String)>,
    pub icon: &'static str,
}

/// Starts what rendering needs, inside the runtime. Answers the patterns of all pages.
///
/// They are collected once: meanwhile Leptos loads nothing in the whole process, and a page that is rendered at that moment
/// would wait for its data for ever (`IS_SUPPRESSING_RESOURCE_LOAD` in `leptos_server`).
pub fn start() -> &'static [String] {
    static PATTERNS: OnceLock<Vec<String>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let routes = leptos_axum::generate_route_list(|| shell(Files::default()));
        routes.iter().map(|route| route.path().to_owned()).collect()
    })
}

/// Renders the page at the request's path, whole, with its policy. `provide` gives the context of server functions.
pub async fn render(
    request: Request<Body>,
    files: Files,
    provide: impl Fn() + Clone + Send + Sync + 'static,
) -> Response {
    let context = move || {
        provide();
        set_page_headers();
    };
    leptos_axum::render_app_async_with_context(context, move || shell(files.clone()))(request).await
}

/// Whether a server function answers here.
pub fn is_server_function(method: &Method, path: &str) -> bool {
    leptos::server_fn::axum::server_fn_paths().any(|(known, by)| known == path && by == *method)
}

/// Runs the server function at the request's path. Its error, if any, is JSON with a status to match.
pub async fn call(request: Request<Body>, provide: impl Fn() + Clone + Send + Sync + 'static) -> Response {
    use axum::response::IntoResponse;
    leptos_axum::handle_server_fns_with_context(provide, request).await.into_response()
}

/// The status of the page that is being rendered.
pub fn set_status(status: u16) {
    if let (Some(response), Ok(status)) = (use_context::<ResponseOptions>(), StatusCode::from_u16(status)) {
        response.set_status(status);
    }
}

/// Adds a header to the answer, such as a cookie.
pub fn append_header(name: http::HeaderName, value: HeaderValue) {
    if let Some(response) = use_context::<ResponseOptions>() {
        response.append_header(name, value);
    }
}

/// Sends the browser to another page of ours instead of the one that is being rendered.
pub fn redirect(path: &str) {
    if let (true, Ok(to)) = (is_local(path), HeaderValue::from_str(path)) {
        append_header(header::LOCATION, to);
        set_status(StatusCode::SEE_OTHER.as_u16());
    }
}

/// The request that is being answered.
pub fn parts() -> Option<Parts> {
    use_context()
}

/// The use cases; the server provides them for every request.
pub fn directory() -> Result<Directory, ConsoleError> {
    use_context().ok_or_else(|| internal(&"no Directory was provided"))
}

/// Who is calling; the server's session middleware puts it among the request's extensions.
pub fn caller() -> Caller {
    parts().and_then(|parts| parts.extensions.get().cloned()).unwrap_or_else(|| Caller::nobody(""))
}

/// The use cases, and the proof that the caller may use them so.
pub fn authorise<Permission: Grant>() -> Result<(Directory, Authorised<Permission>), ConsoleError> {
    Ok((directory()?, caller().authorise()?))
}

/// What a use case answered, as the outcome of a form: bad input comes back to its fields.
pub fn outcome<T>(
    answer: Result<T, directory::Error>,
    done: impl FnOnce(T) -> Outcome,
) -> Result<Outcome, ConsoleError> {
    outcome_within("", answer, done)
}

/// The same for a form whose fields are entries of the map `within`.
pub fn outcome_within<T>(
    within: &str,
    answer: Result<T, directory::Error>,
    done: impl FnOnce(T) -> Outcome,
) -> Result<Outcome, ConsoleError> {
    use directory::Error::{
        AccountsExist, Conflict, Immutable, Invalid, NotAccepted, Protected, SignInFailed, Stale, Taken,
    };
    match answer {
        Ok(answer) => Ok(done(answer)),
        Err(Invalid(errors) | Taken(errors) | Immutable(errors)) => Ok(Outcome::invalid_within(within, &errors)),
        Err(error @ AccountsExist { .. }) => Ok(Outcome::invalid("accounts", error.to_string())),
        Err(error @ (Conflict(_) | NotAccepted(_) | Protected(_) | SignInFailed | Stale)) => {
            Ok(Outcome::invalid("", error.to_string()))
        }
        Err(error) => Err(error.into()),
    }
}

impl From<Denied> for ConsoleError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::SignedOut => Self::SignedOut,
            Denied::Forbidden(_) => {
                Self::Forbidden { why: "Your role does not include this. Ask an administrator.".to_owned() }
            }
        }
    }
}

impl From<directory::Error> for ConsoleError {
    fn from(error: directory::Error) -> Self {
        use directory::Error;
        match error {
            Error::Denied(denied) => denied.into(),
            Error::NotFound(what) => Self::NotFound { what: format!("This {what}") },
            Error::TooMany(auth::TooMany(wait)) => {
                Self::TooMany { seconds: u32::try_from(wait.as_secs().max(1)).unwrap_or(u32::MAX) }
            }
            Error::Stale => Self::Changed { what: "This".to_owned() },
            Error::Protected(why) => Self::Forbidden { why },
            Error::NoEngine => Self::Unavailable { why: "The server is still starting. Try again.".to_owned() },
            error => internal(&error),
        }
    }
}

/// How the session's cookie is called and kept; the session middleware reads it, signing in sets it.
#[derive(Clone, Copy, Debug)]
pub struct SessionCookie {
    /// The public URL is https.
    pub secure: bool,
}

impl SessionCookie {
    /// `__Host-` binds it to this host; browsers accept that prefix over https alone.
    pub fn name(self) -> &'static str {
        if self.secure { "__Host-usher" } else { "usher" }
    }

    /// The header that hands the token to the browser.
    pub fn set(self, token: &str, max_age: std::time::Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, seconds) = (self.name(), max_age.as_secs());
        let cookie = format!("{name}={token}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        HeaderValue::from_str(&cookie).ok()
    }

    pub fn clear(self) -> Option<HeaderValue> {
        self.set("", std::time::Duration::ZERO)
    }
}

/// A short-lived cookie of the pages before the console: it ties what follows to the browser that began.
#[derive(Clone, Copy, Debug)]
pub struct DoorCookie {
    secure: bool,
}

impl DoorCookie {
    /// Registered, and waits for the link.
    pub const REGISTRATION: &'static str = "registration";
    /// Began to sign in by another system.
    pub const SIGN_IN: &'static str = "sign-in";
    const AGE: std::time::Duration = std::time::Duration::from_hours(24);

    pub fn of(session: SessionCookie) -> Self {
        Self { secure: session.secure }
    }

    fn name(self, what: &str) -> String {
        if self.secure { format!("__Host-usher-{what}") } else { format!("usher-{what}") }
    }

    pub fn set(self, what: &str, value: &str) -> Option<HeaderValue> {
        self.header(what, value, Self::AGE)
    }

    pub fn clear(self, what: &str) -> Option<HeaderValue> {
        self.header(what, "", std::time::Duration::ZERO)
    }

    fn header(self, what: &str, value: &str, age: std::time::Duration) -> Option<HeaderValue> {
        let secure = if self.secure { "; Secure" } else { "" };
        let (name, seconds) = (self.name(what), age.as_secs());
        HeaderValue::from_str(&format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}"))
            .ok()
    }

    pub fn read(self, what: &str, headers: &http::HeaderMap) -> Option<String> {
        let name = self.name(what);
        let cookies = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
        let mut pairs = cookies.flat_map(|cookies| cookies.split(';')).filter_map(|pair| pair.trim().split_once('='));
        pairs.find(|(known, _)| *known == name).map(|(_, value)| value.to_owned())
    }
}

/// What this browser holds of the pages before the console.
pub fn door_cookie(what: &str) -> Option<String> {
    DoorCookie::of(use_context::<SessionCookie>()?).read(what, &parts()?.headers)
}

pub fn set_door_cookie(cookie: impl FnOnce(DoorCookie) -> Option<HeaderValue>) {
    let session = use_context::<SessionCookie>();
    if let Some(value) = session.and_then(|session| cookie(DoorCookie::of(session))) {
        append_header(header::SET_COOKIE, value);
    }
}

/// Logs a fault of ours and answers what the person is told: a reference, and nothing of the fault itself.
pub fn internal(fault: &dyn fmt::Display) -> ConsoleError {
    let reference = reference();
    tracing::error!(reference, "A console request failed: {fault}");
    ConsoleError::Internal { reference }
}

/// Names this request in the log.
fn reference() -> String {
    parts()
        .and_then(|parts| parts.headers.get("x-request-id")?.to_str().ok().map(str::to_owned))
        .unwrap_or_else(|| "none".to_owned())
}

fn set_page_headers() {
    let Some(response) = use_context::<ResponseOptions>() else { return };
    response.insert_header(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    let nonce = use_nonce().map(|nonce| nonce.to_string()).unwrap_or_default();
    if let Ok(policy) = HeaderValue::from_str(&policy(&nonce)) {
        response.insert_header(header::CONTENT_SECURITY_POLICY, policy);
    }
}

/// No inline style, no foreign origin, and no script but ours and the nonce's.
fn policy(nonce: &str) -> String {
    format!(
        "default-src 'none'; script-src 'self' 'nonce-{nonce}' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; \
         frame-ancestors 'none'"
    )
}

fn shell(files: Files) -> impl IntoView {
    let theme = parts().map(|parts| Theme::of_cookies(&parts.headers)).unwrap_or_default();
    let brand = use_context::<Brand>();
    // The pages before the console are HTML alone.
    let hydrate = files.hydrate.filter(|_| brand.is_none()).map(|(script, wasm)| {
        // Fetched once the page was painted, so that on a slow line they do not hold up what there is to see.
        let start = format!(
            "requestAnimationFrame(() => setTimeout(() => {{ const wasm = fetch({wasm:?}); import({script:?})\
             .then(m => m.default({{ module_or_path: wasm }}).then(() => m.hydrate())) }}))"
        );
        view! { <script type="module" nonce=use_nonce() inner_html=start></script> }
    });
    view! {
        <!DOCTYPE html>
        <html lang="en" data-theme=theme.attribute()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content=theme.color_scheme()/>
                {files.style.map(|style| view! { <link rel="stylesheet" href=style/> })}
                {brand.map(|brand| view! { <link rel="stylesheet" href=brand.style()/> })}
                <link rel="icon" type="image/svg+xml" href=files.icon/>
                {hydrate}
                <MetaTags/>
            </head>
            <body>
                <App/>
            </body>
        </html>
    }
}
