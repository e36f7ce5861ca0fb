//! Asks before a user is disabled, and says what that does where.

use leptos::prelude::*;

#[component]
pub fn DisableUser() -> impl IntoView {}
