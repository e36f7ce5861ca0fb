//! A panel at the side, for details that leave the page beside them in sight. Like a dialog it has an address.

use leptos::prelude::*;

use super::dialog::{back_to, modal};

/// Escape leads back to the parent.
#[component]
pub fn Drawer(
    #[prop(into)] title: String,
    #[prop(optional, into)] subtitle: Option<String>,
    /// The path of the page beside it.
    #[prop(into)]
    parent: String,
    children: Children,
) -> impl IntoView {
    modal("dialog drawer", "dialog-title", title, subtitle, back_to(parent), children())
}
