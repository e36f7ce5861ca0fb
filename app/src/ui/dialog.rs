//! A dialog is a page of its own address, shown over its parent; a [`Popup`] is a question that has none.

use std::sync::Arc;

use leptos::{ev, html, prelude::*};

use super::unsaved::use_way;
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
    modal("dialog", "dialog-title", title, subtitle, back_to(parent), children())
}

/// The buttons of a dialog or form, at its end.
#[component]
pub fn Actions(children: Children) -> impl IntoView {
    view! { <div class="actions">{children()}</div> }
}

/// A question over the present page, whose address stays. Only a page that is alive can ask it.
#[component]
pub fn Popup(
    #[prop(into)] title: String,
    /// Whether it is asked.
    #[prop(into)]
    open: Signal<bool>,
    /// Closes it: Escape.
    close: impl Fn() + Clone + Send + Sync + 'static,
    children: ChildrenFn,
) -> impl IntoView {
    move || {
        open.get()
            .then(|| modal("dialog popup", "popup-title", title.clone(), None, Arc::new(close.clone()), children()))
    }
}

pub(super) type Close = Arc<dyn Fn() + Send + Sync>;

pub(super) fn back_to(parent: String) -> Close {
    let go = use_way();
    Arc::new(move || go(&parent))
}

pub(super) fn modal(
    class: &'static str,
    title_id: &'static str,
    title: String,
    subtitle: Option<String>,
    close: Close,
    body: AnyView,
) -> AnyView {
    let node = NodeRef::<html::Dialog>::new();
    Effect::new(move |_| {
        if let Some(dialog) = node.get() {
            // What is loaded first is built before it is part of the document, and only there can it be modal.
            request_animation_frame(move || {
                browser::remember_opener();
                browser::make_modal(&dialog);
            });
        }
    });
    on_cleanup(browser::return_focus);
    let cancel = move |event: ev::Event| {
        event.prevent_default();
        close();
    };
    view! {
        <dialog node_ref=node class=class open=true aria-labelledby=title_id on:cancel=cancel>
            <header class="dialog-head">
                <h2 id=title_id>{title}</h2>
                {subtitle.map(|subtitle| view! { <p class="subtitle">{subtitle}</p> })}
            </header>
            {body}
        </dialog>
    }
    .into_any()
}
