//! Light, dark, or as the system has it.

use leptos::prelude::*;

#[component]
pub fn Appearance() -> impl IntoView {}
