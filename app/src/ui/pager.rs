//! The way through a list that pages by cursor.

use leptos::prelude::*;

use super::button::LinkButton;

/// Shows nothing where the list has one page.
#[component]
pub fn Pager(
    /// Where the first page is; `None` on the first page itself.
    first: Option<String>,
    /// Where the next page is; `None` on the last.
    next: Option<String>,
) -> impl IntoView {
    if first.is_none() && next.is_none() {
        return ().into_any();
    }
    view! {
        <nav class="pager" aria-label="Pages">
            {first.map(|to| view! { <LinkButton to>"First page"</LinkButton> })}
            {next.map(|to| view! { <LinkButton to>"Next page"</LinkButton> })}
        </nav>
    }
    .into_any()
}
