//! The tab Provisioning: where this user has an account, and why not.

use leptos::prelude::*;

#[component]
pub fn UserProvisioning() -> impl IntoView {}
