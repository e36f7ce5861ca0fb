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

/// Where messages appear; always on the page, so that assistive technology hears them.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let Toasts(message) = expect_context();
    Effect::new(move |before: Option<Option<TimeoutHandle>>| {
        if let Some(Some(timer)) = before {
            timer.clear();
        }
        message.with(Option::is_some).then(|| set_timeout_with_handle(move || message.set(None), STAYS).ok()).flatten()
    });
    view! {
        <div class="toasts" role="status">
            {move || {
                message.get().map(|text| {
                    view! {
                        <div class="toast">
                            <p>{text}</p>
                            <button type="button" class="toast-close only-hydrated" on:click=move |_| message.set(None)>
                                "Dismiss"
                            </button>
                        </div>
                    }
                })
            }}
        </div>
    }
}
