//! API tokens: list, create, revoke.

use leptos::prelude::*;

#[component]
pub fn Tokens() -> impl IntoView {}

#[component]
pub fn NewToken() -> impl IntoView {}

#[component]
pub fn CreatedToken() -> impl IntoView {}

#[component]
pub fn RevokeToken() -> impl IntoView {}
