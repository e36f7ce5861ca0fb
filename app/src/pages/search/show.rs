//! The page of results; the box in the frame shows the first of them while typing.

use leptos::prelude::*;

#[component]
pub fn Search() -> impl IntoView {}
