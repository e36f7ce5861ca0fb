//! Deliveries: filtered by system, user and state, live.

use leptos::prelude::*;

#[component]
pub fn Activity() -> impl IntoView {}
