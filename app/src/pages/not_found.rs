//! An address that leads nowhere.

use leptos::prelude::*;

use crate::{error::ConsoleError, ui::problem::ProblemPage};

#[component]
pub fn NotFound() -> impl IntoView {
    view! {
        <main class="bare" id="content">
            <ProblemPage error=ConsoleError::NotFound { what: "This page".to_owned() }/>
        </main>
    }
}
