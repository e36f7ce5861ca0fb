//! The tour of the demo: its steps, and which were seen.

use leptos::prelude::*;

#[component]
pub fn Tour() -> impl IntoView {}
