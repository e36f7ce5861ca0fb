//! Yes or no, sent with the form.

use leptos::prelude::*;

use super::field::Marks;

#[component]
pub fn Checkbox(
    /// Sent as `name=true` when ticked, and not at all otherwise.
    #[prop(into)]
    name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    /// Ticked at first.
    #[prop(optional)]
    ticked: bool,
    #[prop(optional)] required: bool,
    /// Why it cannot be changed; shown in place of the hint.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
    /// Shown while it is ticked.
    #[prop(optional)]
    children: Option<Children>,
) -> impl IntoView {
    let marks = Marks::new(&name, disabled_because.map_or(hint, str::to_owned));
    let ticked = if marks.came_back() { marks.was_sent() } else { ticked };
    let forget = marks.forget_error();
    view! {
        <div class="checkbox">
            <input
                id=marks.id.clone()
                type="checkbox"
                name=name
                value="true"
                checked=ticked
                required=required
                disabled=disabled_because.is_some()
                aria-invalid=marks.invalid()
                aria-describedby=marks.described_by()
                on:change=move |_| forget()
            />
            <div class="checkbox-text">
                <label for=marks.id.clone()>{label}</label>
                {marks.below()}
            </div>
            {children.map(|children| view! { <div class="checkbox-more">{children()}</div> })}
        </div>
    }
}
