//! The console: what server and browser render alike.
//!
//! - [`routes`] is the only list of pages, `ssr` the only place that knows the web server, `browser` the only one that
//!   touches the document.
//! - A page is a file in [`pages`]; its data comes from the server functions in its noun's `api.rs`, as the plain types
//!   of `view.rs`.
//! - Everything works without JavaScript: what changes something is a [`ui::form::Form`], what opens something a link.
//!
//! To add a page: 1. a view in `pages/<noun>/`; 2. its variant of [`routes::Page`] and its line in [`routes::Pages`];
//! 3. its server functions in `pages/<noun>/api.rs`, each with `prefix` and `endpoint`.

#![expect(clippy::needless_pass_by_value, reason = "components own their props")]
#![cfg_attr(feature = "ssr", expect(clippy::unused_async, reason = "a server function is async whatever it does"))]
// The types of nested views are deep.
#![recursion_limit = "256"]

use leptos::prelude::*;
use leptos_meta::{Title, provide_meta_context};
use leptos_router::components::Router;

mod browser;
pub mod error;
pub mod flash;
pub mod layout;
pub mod outcome;
pub mod pages;
pub mod read;
pub mod routes;
#[cfg(feature = "ssr")]
pub mod ssr;
pub mod ui;
pub mod wire;

use flash::KeptFlash;
use ui::{
    contact::{Contact, ContactNotice},
    load::Refresh,
    toast::{ToastRegion, Toasts},
};

/// The whole console, within `<body>`.
#[component]
pub fn App() -> impl IntoView {
    provide_meta_context();
    // Serialised into the page, so that the browser renders what the server did.
    let flash = flash::of_this_page();
    provide_context(KeptFlash::new(flash.form));
    provide_context(Toasts::new(flash.message));
    provide_context(Refresh::default());
    provide_context(Contact::new());
    pages::tour::provide_offer();
    Effect::new(|_| browser::mark_hydrated());

    view! {
        <Title formatter=|title: String| if title.is_empty() { "Usher".to_owned() } else { format!("{title} · Usher") }/>
        <Router>
            <routes::Pages/>
        </Router>
        <ContactNotice/>
        <ToastRegion/>
    }
}
