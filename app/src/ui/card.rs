//! Surfaces: a card, and a grid of cards that each lead somewhere.

use leptos::prelude::*;

#[component]
pub fn Card(
    /// Its head; none for a plain surface.
    #[prop(optional, into)]
    title: Option<String>,
    #[prop(optional, into)] subtitle: Option<String>,
    children: Children,
) -> impl IntoView {
    let head = title.map(|title| {
        view! {
            <header class="card-head">
                <h2>{title}</h2>
                {subtitle.map(|subtitle| view! { <p class="hint">{subtitle}</p> })}
            </header>
        }
    });
    view! { <section class="card">{head}{children()}</section> }
}

#[component]
pub fn CardGrid(
    /// Says what the cards are.
    #[prop(into)]
    label: String,
    /// [`CardLink`]s.
    children: Children,
) -> impl IntoView {
    view! { <ul class="card-grid" aria-label=label>{children()}</ul> }
}

/// A card of a grid. The whole of it is the link.
#[component]
pub fn CardLink(
    #[prop(into)] to: String,
    #[prop(into)] title: String,
    /// One line below the title.
    #[prop(optional, into)]
    text: String,
    /// A pill or tags, below.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let letter = initial(&title);
    view! {
        <li class="card card-link">
            <span class="avatar" aria-hidden="true">{letter}</span>
            <div class="card-link-text">
                <h2><a href=to>{title}</a></h2>
                {(!text.is_empty()).then(|| view! { <p class="hint">{text}</p> })}
            </div>
            {children.map(|children| view! { <div class="card-link-foot">{children()}</div> })}
        </li>
    }
}

/// The letter that stands for a name.
pub fn initial(name: &str) -> String {
    name.trim().chars().next().map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
}
