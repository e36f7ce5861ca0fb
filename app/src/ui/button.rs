//! Buttons, and links that look like them.

use leptos::prelude::*;

use super::form::FormContext;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Look {
    /// The one thing to do here.
    Primary,
    #[default]
    Secondary,
    /// Beside another: Cancel, Previous.
    Quiet,
    /// Removes something.
    Danger,
}

impl Look {
    pub(crate) fn class(self) -> &'static str {
        match self {
            Self::Primary => "button button-primary",
            Self::Secondary => "button button-secondary",
            Self::Quiet => "button button-quiet",
            Self::Danger => "button button-danger",
        }
    }
}

/// Submits the form around it. While an answer is awaited it is busy and submits nothing.
#[component]
pub fn Submit(
    #[prop(optional)] look: Look,
    /// Why it cannot be used; it then stays visible and says so.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
    /// Told to the server as `name=value`, where a form has several buttons.
    #[prop(optional)]
    name: &'static str,
    #[prop(optional, into)] value: String,
    /// The id of the form, where the button stands outside it.
    #[prop(optional, into)]
    form: Option<String>,
    children: Children,
) -> impl IntoView {
    let around = FormContext::of_form().filter(|_| form.is_none());
    if let Some(because) = disabled_because {
        let scope = form.or_else(|| around.map(|form| form.field_id(name))).unwrap_or_default();
        return unavailable(look, &scope, because, children());
    }
    let busy = move || around.is_some_and(|form| form.busy().get());
    let name = (!name.is_empty()).then_some(name);
    let value = name.map(|_| value);
    view! {
        <button
            type="submit"
            class=look.class()
            name=name
            value=value
            form=form
            aria-busy=move || busy().then_some("true")
        >
            {children()}
        </button>
    }
    .into_any()
}

/// A link that leads to another page and looks like a button.
#[component]
pub fn LinkButton(
    /// The path of a page.
    #[prop(into)]
    to: String,
    #[prop(optional)] look: Look,
    /// Why it cannot be used; it then stays visible and says so.
    #[prop(optional_no_strip)]
    disabled_because: Option<&'static str>,
    children: Children,
) -> impl IntoView {
    match disabled_because {
        // No two on a page lead to the same.
        Some(because) => unavailable(look, &to, because, children()),
        None => view! { <a class=look.class() href=to>{children()}</a> }.into_any(),
    }
}

/// It can be reached by keyboard, so that its reason is heard too. `scope` tells it from others that say the same.
fn unavailable(look: Look, scope: &str, because: &'static str, label: AnyView) -> AnyView {
    let reason = reason_id(scope, because);
    view! {
        <span class="button-with-reason">
            <button type="button" class=look.class() aria-disabled="true" aria-describedby=reason.clone()>{label}</button>
            <span class="button-reason" id=reason>{because}</span>
        </span>
    }
    .into_any()
}

fn reason_id(scope: &str, because: &str) -> String {
    let words = format!("why {scope} {because}");
    words.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_of_reasons_hold_nothing_that_selectors_stumble_over() {
        assert_eq!(reason_id("new", "It's off."), "why-new-it-s-off-");
    }
}
