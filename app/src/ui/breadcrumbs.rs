//! Where this page is.

use leptos::prelude::*;

/// One step: its word, and its path unless it is the page itself.
pub type Crumb = (String, Option<String>);

#[component]
pub fn Breadcrumbs(
    /// From the outermost to this page.
    trail: Vec<Crumb>,
) -> impl IntoView {
    let last = trail.len().saturating_sub(1);
    let items = trail
        .into_iter()
        .enumerate()
        .map(|(index, (word, path))| {
            let now = (index == last).then_some("page");
            match path {
                Some(path) => view! { <li><a href=path aria-current=now>{word}</a></li> }.into_any(),
                None => view! { <li><span aria-current=now>{word}</span></li> }.into_any(),
            }
        })
        .collect_view();
    view! { <nav class="breadcrumbs" aria-label="Breadcrumbs"><ol>{items}</ol></nav> }
}
