//! Rows of like things.

use leptos::prelude::*;

#[component]
pub fn Table(
    /// Says what the rows are; not shown.
    #[prop(into)]
    caption: String,
    /// The heads of the columns; an empty one is a column of actions.
    columns: Vec<&'static str>,
    /// `<tr>` elements.
    children: Children,
) -> impl IntoView {
    let heads = columns
        .into_iter()
        .map(|name| {
            if name.is_empty() {
                view! { <th scope="col"><span class="visually-hidden">"Actions"</span></th> }.into_any()
            } else {
                view! { <th scope="col">{name}</th> }.into_any()
            }
        })
        .collect_view();
    view! {
        <div class="table-wrap">
            <table class="table">
                <caption class="visually-hidden">{caption}</caption>
                <thead><tr>{heads}</tr></thead>
                <tbody>{children()}</tbody>
            </table>
        </div>
    }
}
