//! One of several.

use leptos::{context::Provider, prelude::*};

use super::{field::Marks, form::FormContext};

/// One choice of a [`Select`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
}

impl Choice {
    pub fn new(value: impl Into<String>, label: impl Into<String>) -> Self {
        Self { value: value.into(), label: label.into() }
    }
}

#[component]
pub fn Select(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(optional, into)] hint: String,
    choices: Vec<Choice>,
    /// The value chosen at first.
    #[prop(optional, into)]
    value: String,
    /// Shown while nothing is chosen.
    #[prop(optional, into)]
    prompt: Option<String>,
    #[prop(optional)] required: bool,
    #[prop(optional)] autofocus: bool,
    /// Told the new value at once, in the browser only.
    #[prop(optional, into)]
    on_choose: Option<Callback<String>>,
    /// Why it cannot be changed; shown in place of the hint.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
) -> impl IntoView {
    let marks = Marks::new(&name, disabled_because.map_or(hint, str::to_owned));
    let chosen = marks.value_or(value);
    let forget = marks.forget_error();
    let depended_on = use_context::<DependedOn>().and_then(|_| FormContext::of_form());
    let prompt = prompt.map(|prompt| view! { <option value="" selected=chosen.is_empty()>{prompt}</option> });
    let options = choices
        .into_iter()
        .map(|choice| {
            let selected = choice.value == chosen;
            view! { <option value=choice.value selected=selected>{choice.label}</option> }
        })
        .collect_view();
    view! {
        <div class="field">
            <label for=marks.id.clone()>{label}</label>
            <select
                id=marks.id.clone()
                class="input"
                name=name
                required=required
                disabled=disabled_because.is_some()
                autofocus=autofocus
                aria-invalid=marks.invalid()
                aria-describedby=marks.described_by()
                on:change=move |event| {
                    forget();
                    if let Some(form) = depended_on {
                        form.clear_errors();
                    }
                    if let Some(on_choose) = on_choose {
                        on_choose.run(event_target_value(&event));
                    }
                }
            >
                {prompt}
                {options}
            </select>
            {marks.below()}
        </div>
    }
}

/// Shows its children only while one of some choices is chosen in the [`Select`] that opens the `<Choices>` around it.
///
/// By style alone, so that it works before the page is alive; the server reads only what the choice uses.
#[component]
pub fn When(
    /// Positions, from 1, in the select's options; at most [`MOST_CHOICES`].
    options: Vec<usize>,
    children: Children,
) -> impl IntoView {
    debug_assert!(options.iter().all(|option| (1..=MOST_CHOICES).contains(option)), "style/ui/select.css ends there");
    let classes: Vec<String> = options.iter().map(|option| format!("when-{option}")).collect();
    view! { <div class=format!("when {}", classes.join(" "))>{children()}</div> }
}

/// How many options `style/ui/select.css` knows.
pub const MOST_CHOICES: usize = 8;

/// A [`Select`] first, then what depends on it.
#[component]
pub fn Choices(children: Children) -> impl IntoView {
    view! {
        <Provider value=DependedOn>
            <div class="choices">{children()}</div>
        </Provider>
    }
}

/// Choosing otherwise hides fields, and their errors with them.
#[derive(Clone, Copy, Debug)]
struct DependedOn;
