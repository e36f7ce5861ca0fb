//! Where somebody is signed in, and the way to end that.

use leptos::prelude::*;

#[component]
pub fn MySessions() -> impl IntoView {}
