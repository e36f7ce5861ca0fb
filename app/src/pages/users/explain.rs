//! Why a user has, or has not, an account in one system.

use leptos::prelude::*;

#[component]
pub fn ExplainDelivery() -> impl IntoView {}
