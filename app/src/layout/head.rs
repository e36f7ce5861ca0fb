//! The head of a page: where it is, its name, and the one thing to do first.

use leptos::prelude::*;
use leptos_meta::Title;

use crate::ui::breadcrumbs::{Breadcrumbs, Crumb};

#[component]
pub fn PageHead(
    /// Its name: the heading, and the title of the window.
    #[prop(into)]
    title: String,
    /// One sentence below the name.
    #[prop(optional, into)]
    subtitle: Option<String>,
    /// The pages above it; the page itself is added.
    #[prop(optional)]
    above: Vec<Crumb>,
    /// Buttons and pills at the right.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let mut trail = above;
    trail.push((title.clone(), None));
    view! {
        <Title text=title.clone()/>
        <Breadcrumbs trail/>
        <header class="page-head">
            <div class="page-head-text">
                <h1>{title}</h1>
                {subtitle.map(|subtitle| view! { <p class="subtitle">{subtitle}</p> })}
            </div>
            {children.map(|children| view! { <div class="page-head-actions">{children()}</div> })}
        </header>
    }
}
