//! The tab Profile.

use leptos::prelude::*;

#[component]
pub fn UserProfile() -> impl IntoView {}
