//! Words of machines: ids, addresses, requests.

use leptos::prelude::*;

#[component]
pub fn Code(#[prop(into)] text: String) -> impl IntoView {
    view! { <code class="code">{text}</code> }
}

/// Several lines, kept as they are.
#[component]
pub fn CodeBlock(
    /// Says what it is.
    #[prop(into)]
    label: String,
    #[prop(into)] text: String,
) -> impl IntoView {
    view! { <pre class="code-block" role="region" aria-label=label tabindex="0"><code>{text}</code></pre> }
}
