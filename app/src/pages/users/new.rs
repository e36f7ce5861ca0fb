//! The wizard that adds a user: basic details, password, summary; then what to hand over.

use leptos::prelude::*;

#[component]
pub fn BasicDetails() -> impl IntoView {}

#[component]
pub fn ChoosePassword() -> impl IntoView {}

#[component]
pub fn SummariseUser() -> impl IntoView {}

#[component]
pub fn HandOver() -> impl IntoView {}
