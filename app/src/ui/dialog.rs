//! A dialog is a page of its own address, shown over its parent.

use leptos::{ev, html, prelude::*};
use leptos_router::{NavigateOptions, hooks::use_navigate};

use crate::browser;

/// Rendered open on the server; modal once the page is alive. Escape leads back to the parent.
#[component]
pub fn Dialog(
    #[prop(into)] title: String,
    /// What it is for, in a sentence.
    #[prop(optional, into)]
    subtitle: Option<String>,
    /// The path of the page behind it.
    #[prop(into)]
    parent: String,
    children: Children,
) -> impl IntoView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // What is loaded first is built before it is part of the document, and only there can it be modal.
            request_animation_frame(move || browser::make_modal(&dialog));
        }
    });
    let go = use_navigate();
    let close = move |event: ev::Event| {
        event.prevent_default();
        // Closing gives the focus back to what opened it.
        browser::close_modal();
        go(&parent, NavigateOptions { scroll: false, ..Default::default() });
    };
    view! {
        <dialog node_ref=node class="dialog" open=true aria-labelledby="dialog-title" on:cancel=close>
            <header class="dialog-head">
                <h2 id="dialog-title">{title}</h2>
                {subtitle.map(|subtitle| view! { <p class="subtitle">{subtitle}</p> })}
            </header>
            {children()}
        </dialog>
    }
}

/// The buttons of a dialog or form, at its end.
#[component]
pub fn Actions(children: Children) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}
