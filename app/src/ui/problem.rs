//! An error as somebody meets it: what happened, what it means, what to do, and a reference.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_location;

use super::{button::LinkButton, form::query};
use crate::{browser, error::ConsoleError, outcome::encoded, routes::Page};

/// The sentences of an error.
pub fn problem(error: &ConsoleError) -> AnyView {
    let reference = error.reference().map(|reference| {
        view! { <p class="hint">"Reference " <code>{reference.to_owned()}</code></p> }
    });
    let sign_in = matches!(error, ConsoleError::SignedOut).then(
        || view! { <p><a href=Page::SignIn.path() target="_blank">"Sign in in a new tab"</a>", then come back."</p> },
    );
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
        let back = move || format!("{}{}", here.pathname.get_untracked(), query(&here.search.get_untracked()));
        Effect::new(move |_| browser::load(&sign_in_and_return(&back())));
    }
    // The way on: to look for what is not here, or to try once more what went wrong.
    let again = match &error {
        ConsoleError::NotFound { .. } => Some((Page::Search.path(), "Search")),
        ConsoleError::Internal { .. } | ConsoleError::Unexpected | ConsoleError::Unavailable { .. } => {
            Some((String::new(), "Reload this page"))
        }
        _ => None,
    };
    let again = again.map(|(to, word)| view! { <a class="button button-quiet" href=to rel="external">{word}</a> });
    view! {
        <Title text=error.title()/>
        <section class="problem">
            <h1>{error.title()}</h1>
            <p>{error.advice()}</p>
            {error.reference().map(|reference| view! { <p class="hint">"Reference " <code>{reference.to_owned()}</code></p> })}
            <p class="problem-ways">
                <LinkButton to=Page::Home.path()>"Go to Home"</LinkButton>
                {again}
            </p>
        </section>
    }
}

/// Where to sign in so that one comes back here.
pub fn sign_in_and_return(path: &str) -> String {
    and_return(&Page::SignIn, path)
}

/// Where to take the second step of a sign-in so that one comes here then.
#[cfg(feature = "ssr")]
pub fn go_on_and_return(path: &str) -> String {
    and_return(&Page::SecondStep, path)
}

fn and_return(way: &Page, path: &str) -> String {
    let (page, query) = path.find('?').map_or((path, ""), |at| path.split_at(at));
    // Leptos decodes a value of a query twice.
    format!("{}?return_to={page}{}", way.path(), encoded(&encoded(query)))
}
