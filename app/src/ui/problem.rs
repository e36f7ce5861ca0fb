//! An error as somebody meets it: what happened, what it means, what to do, and a reference.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use crate::{browser, error::ConsoleError, routes::Page};

/// The sentences of an error.
pub fn problem(error: &ConsoleError) -> AnyView {
    let reference = error.reference().map(|reference| {
        view! { <p class="hint">"Reference " <code>{reference.to_owned()}</code></p> }
    });
    let sign_in = matches!(error, ConsoleError::SignedOut)
        .then(|| view! { <p><a href=Page::SignIn.path() rel="external">"Sign in"</a></p> });
    view! {
        <p><strong>{error.title()}"."</strong>" "{error.advice()}</p>
        {sign_in}
        {reference}
    }
    .into_any()
}

/// Stands in for a page, or a part of it, that cannot be shown.
#[component]
pub fn ProblemPage(error: ConsoleError) -> impl IntoView {
    #[cfg(feature = "ssr")]
    crate::ssr::set_status(error.status());
    if error == ConsoleError::SignedOut {
        let here = use_location();
        Effect::new(move |_| browser::load(&sign_in_and_return(&here.pathname.get_untracked())));
    }
    view! {
        <Title text=error.title()/>
        <section class="problem">
            <h1>{error.title()}</h1>
            <p>{error.advice()}</p>
            {error.reference().map(|reference| view! { <p class="hint">"Reference " <code>{reference.to_owned()}</code></p> })}
            <p><a class="button button-secondary" href=Page::Home.path()>"Go to Home"</a></p>
        </section>
    }
}

/// Where to sign in so that one comes back here.
pub fn sign_in_and_return(path: &str) -> String {
    format!("{}?return_to={path}", Page::SignIn.path())
}
