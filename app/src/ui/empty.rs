//! What stands where nothing is yet, and what to do about it.

use leptos::prelude::*;

#[component]
pub fn Empty(
    #[prop(into)] title: String,
    #[prop(into)] text: String,
    /// The button that changes it.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    view! {
        <section class="empty">
            <svg class="empty-mark" viewBox="0 0 48 48" width="48" height="48" aria-hidden="true">
                <rect x="7" y="7" width="34" height="34" rx="9"></rect>
                <path d="M29 17H20v14h9"></path>
            </svg>
            <h2>{title}</h2>
            <p>{text}</p>
            {children.map(|children| view! { <div class="empty-actions">{children()}</div> })}
        </section>
    }
}
