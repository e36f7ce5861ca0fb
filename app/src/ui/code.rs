//! Words of machines: ids, addresses, requests.

use leptos::{prelude::*, task::spawn_local};

use crate::browser;

#[component]
pub fn Code(#[prop(into)] text: String) -> impl IntoView {
    view! { <code class="code">{text}</code> }
}

/// Several lines, kept as they are, with a button that copies them.
#[component]
pub fn CodeBlock(
    /// Says what it is.
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    view! {
        <div class="code-frame">
            <pre class="code-block" role="region" aria-label=label.clone() tabindex="0"><code>{text.clone()}</code></pre>
            <CopyButton label text/>
        </div>
    }
}

/// Copies a text; not shown where nothing can be copied.
#[component]
pub fn CopyButton(
    /// What is copied.
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    let (said, say) = signal("Copy");
    let copy = move |_| {
        let text = text.clone();
        spawn_local(async move {
            let copied = browser::copy(&text).await;
            say.try_set(if copied { "Copied" } else { "Select it and press Ctrl C" });
        });
    };
    view! {
        <button type="button" class="copy only-hydrated" on:click=copy>
            <span aria-live="polite">{said}</span>
            <span class="visually-hidden">{format!(": {label}")}</span>
        </button>
    }
}
