//! Usher's sign: an open door.

use leptos::prelude::*;

#[component]
pub fn Mark(
    /// Beside it.
    #[prop(default = "Usher".to_owned())]
    name: String,
) -> impl IntoView {
    view! {
        <span class="mark">
            <svg viewBox="0 0 22 22" width="22" height="22" aria-hidden="true">
                <rect class="mark-ground" width="22" height="22" rx="6"></rect>
                <path class="mark-door" d="M14.5 7H8.5v8h6"></path>
            </svg>
            {name}
        </span>
    }
}
