//! Users: a table, with a search by name, user name and mail.

use leptos::prelude::*;

#[component]
pub fn Users() -> impl IntoView {}
