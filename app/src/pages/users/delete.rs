//! Asks before a user is deleted, and says what that does where.

use leptos::prelude::*;

#[component]
pub fn DeleteUser() -> impl IntoView {}
