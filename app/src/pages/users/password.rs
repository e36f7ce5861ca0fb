//! Gives a user another password, now or by a one-time link.

use leptos::prelude::*;

#[component]
pub fn ResetPassword() -> impl IntoView {}
