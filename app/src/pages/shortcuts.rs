//! The keyboard shortcuts.

use leptos::prelude::*;

#[component]
pub fn Shortcuts() -> impl IntoView {}
