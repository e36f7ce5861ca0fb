//! Which version runs, under which licences, and where the data is.

use leptos::prelude::*;

#[component]
pub fn About() -> impl IntoView {}
