//! Somebody with a one-time link sets their password.

use leptos::prelude::*;

#[component]
pub fn SetPassword() -> impl IntoView {}
