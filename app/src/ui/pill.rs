//! A state in a word, with a dot of its colour.

use leptos::prelude::*;

use super::note::Tone;

#[component]
pub fn Pill(
    /// Its colour.
    tone: Tone,
    /// The state, in words.
    #[prop(into)]
    text: String,
) -> impl IntoView {
    view! { <span class=format!("pill {}", tone.class())><span class="pill-dot" aria-hidden="true"></span>{text}</span> }
}
