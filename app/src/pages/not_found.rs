//! An address that leads nowhere.

use leptos::prelude::*;

use crate::{error::ConsoleError, ui::problem::ProblemPage};

/// Within the frame of the console.
#[component]
pub fn NoSuchPage() -> impl IntoView {
    view! { <ProblemPage error=ConsoleError::NotFound { what: "This page".to_owned() }/> }
}

/// Anywhere else.
#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="bare" id="content">
            <NoSuchPage/>
        </main>
    }
}
