//! One delivery with its attempts.

use leptos::prelude::*;

#[component]
pub fn ShowDelivery() -> impl IntoView {}
