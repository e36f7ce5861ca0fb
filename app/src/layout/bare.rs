//! The frame of pages before sign-in: one card in the middle.

use leptos::prelude::*;

use super::mark::Mark;

#[component]
pub fn Bare(children: Children) -> impl IntoView {
    view! {
        <main class="bare" id="content">
            <Mark/>
            <div class="card bare-card">{children()}</div>
        </main>
    }
}
