//! One user: the head and the tabs.

use leptos::prelude::*;

#[component]
pub fn ShowUser() -> impl IntoView {}
