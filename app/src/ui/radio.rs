//! One of a few, each with a sentence about it.

use leptos::prelude::*;

use super::field::Marks;

/// The group: says what is chosen, and shows what was wrong.
#[component]
pub fn Radios(
    /// The name that its [`Radio`]s share.
    name: &'static str,
    #[prop(into)] legend: String,
    children: Children,
) -> impl IntoView {
    let marks = Marks::new(name, String::new());
    view! {
        <fieldset class="radios" id=marks.id.clone() aria-describedby=marks.described_by()>
            <legend>{legend}</legend>
            {children()}
            {marks.below()}
        </fieldset>
    }
}

#[component]
pub fn Radio(
    name: &'static str,
    #[prop(into)] value: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    /// Chosen at first.
    #[prop(optional)]
    chosen: bool,
    /// Why it cannot be chosen; shown in place of the hint.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
) -> impl IntoView {
    let marks = Marks::new(name, String::new());
    let id = format!("{}-{value}", marks.id);
    let kept = marks.value_or(String::new());
    let checked = if kept.is_empty() { chosen } else { kept == value };
    let below = disabled_because.map_or(hint, str::to_owned);
    let below_id = format!("{id}-hint");
    view! {
        <div class="radio">
            <input
                id=id.clone()
                type="radio"
                name=name
                value=value
                checked=checked
                disabled=disabled_because.is_some()
                aria-describedby=below_id.clone()
            />
            <div>
                <label for=id>{label}</label>
                <p class="hint" id=below_id>{below}</p>
            </div>
        </div>
    }
}
