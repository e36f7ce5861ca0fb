//! On or off, saved at once: the one button of a form of its own.

use leptos::prelude::*;

use super::form::FormContext;

/// A switch. Put it alone into a [`super::form::Form`], beside a hidden field with the state it switches *to*.
#[component]
pub fn Toggle(
    /// The present state.
    on: bool,
    /// What is switched.
    #[prop(into)]
    label: String,
    /// The state in words; `Enabled` and `Disabled` unless said.
    #[prop(default = ("Enabled", "Disabled"))]
    words: (&'static str, &'static str),
) -> impl IntoView {
    let busy = FormContext::of_form().map(FormContext::busy);
    view! {
        <button
            type="submit"
            class="toggle"
            role="switch"
            aria-checked=if on { "true" } else { "false" }
            aria-label=label
            aria-busy=move || busy.is_some_and(|busy| busy.get()).then_some("true")
        >
            <span class="toggle-track" aria-hidden="true"><span class="toggle-knob"></span></span>
            <span class="toggle-word" aria-hidden="true">{if on { words.0 } else { words.1 }}</span>
        </button>
    }
}
