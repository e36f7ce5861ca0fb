//! The tab Sessions.

use leptos::prelude::*;

#[component]
pub fn UserSessions() -> impl IntoView {}
