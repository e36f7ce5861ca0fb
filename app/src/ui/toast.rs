//! What was done, said once.

use std::time::Duration;

use leptos::prelude::*;

/// How long a message stays where the browser can take it away.
const STAYS: Duration = Duration::from_secs(8);

/// The message shown at the moment.
#[derive(Clone, Copy, Debug)]
pub struct Toasts(RwSignal<Option<String>>);

impl Toasts {
    pub(crate) fn new(message: Option<String>) -> Self {
        Self(RwSignal::new(message))
    }

    pub fn show(self, message: String) {
        self.0.set(Some(message));
    }
}

/// Where messages appear; always on the page, so that assistive technology hears them. One that is being read stays.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let Toasts(message) = expect_context();
    let held = RwSignal::new(false);
    Effect::new(move |_| {
        if message.with(Option::is_some)
            && !held.get()
            && let Ok(timer) = set_timeout_with_handle(move || message.set(None), STAYS)
        {
            on_cleanup(move || timer.clear());
        }
    });
    let dismiss = move |_| {
        held.set(false);
        message.set(None);
    };
    let toast = move |text| {
        view! {
            <div class="toast">
                <p>{text}</p>
                <button type="button" class="toast-close only-hydrated" on:click=dismiss>"Dismiss"</button>
            </div>
        }
    };
    view! {
        <div
            class="toasts"
            role="status"
            on:mouseenter=move |_| held.set(true)
            on:mouseleave=move |_| held.set(false)
            on:focusin=move |_| held.set(true)
            on:focusout=move |_| held.set(false)
        >
            {move || message.get().map(toast)}
        </div>
    }
}
