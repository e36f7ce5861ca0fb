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
    /// Why it cannot be switched; shown beside it.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
) -> impl IntoView {
    let form = FormContext::of_form();
    let busy = form.map(FormContext::busy);
    let reason = disabled_because.map(|because| {
        let id = form.map_or_else(|| "why-switch".to_owned(), |form| form.field_id("why"));
        (id, because)
    });
    let described_by = reason.as_ref().map(|(id, _)| id.clone());
    let reason = reason.map(|(id, because)| view! { <span class="button-reason" id=id>{because}</span> });
    view! {
        <button
            type=if disabled_because.is_some() { "button" } else { "submit" }
            class="toggle"
            role="switch"
            aria-disabled=disabled_because.map(|_| "true")
            aria-describedby=described_by
            aria-checked=if on { "true" } else { "false" }
            aria-label=label
            aria-busy=move || busy.is_some_and(|busy| busy.get()).then_some("true")
        >
            <span class="toggle-track" aria-hidden="true"><span class="toggle-knob"></span></span>
            <span class="toggle-word" aria-hidden="true">{if on { words.0 } else { words.1 }}</span>
        </button>
        {reason}
    }
}
