//! A row of things to be done each by itself, as in a danger zone.

use leptos::prelude::*;

/// What it is called, what it does, and its button, toggle or form.
pub fn setting(title: &'static str, text: &'static str, control: AnyView) -> AnyView {
    view! {
        <div class="setting">
            <div>
                <h3>{title}</h3>
                <p class="hint">{text}</p>
            </div>
            {control}
        </div>
    }
    .into_any()
}
