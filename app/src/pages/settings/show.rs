//! The head and the tabs of Settings.

use leptos::prelude::*;

#[component]
pub fn Settings() -> impl IntoView {}
