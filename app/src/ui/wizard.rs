//! The head of a wizard: which step of how many.

use leptos::prelude::*;

#[component]
pub fn Steps(
    /// The names of all steps, in order.
    steps: &'static [&'static str],
    /// The present one, from 0.
    current: usize,
) -> impl IntoView {
    let items = steps
        .iter()
        .enumerate()
        .map(|(index, name)| {
            let class = if index < current { "step step-done" } else { "step" };
            let now = (index == current).then_some("step");
            view! {
                <li class=class aria-current=now>
                    <span class="step-number" aria-hidden="true">{index + 1}</span>
                    {*name}
                </li>
            }
        })
        .collect_view();
    view! { <ol class="steps" aria-label="Steps">{items}</ol> }
}
