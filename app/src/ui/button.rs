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
    fn class(self) -> &'static str {
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
    let busy = FormContext::of_form().filter(|_| form.is_none()).map(FormContext::busy);
    let busy = move || busy.is_some_and(|busy| busy.get());
    let name = (!name.is_empty()).then_some(name);
    let value = name.map(|_| value);
    let disabled = disabled_because.is_some();
    let reason = disabled_because.map(|reason| view! { <span class="button-reason">{reason}</span> });
    view! {
        <span class="button-with-reason">
            <button
                type="submit"
                class=look.class()
                name=name
                value=value
                form=form
                disabled=disabled
                aria-busy=move || busy().then_some("true")
            >
                {children()}
            </button>
            {reason}
        </span>
    }
}

/// A link that leads to another page and looks like a button.
#[component]
pub fn LinkButton(
    /// The path of a page.
    #[prop(into)]
    to: String,
    #[prop(optional)] look: Look,
    children: Children,
) -> impl IntoView {
    view! { <a class=look.class() href=to>{children()}</a> }
}

/// A button that leads nowhere at present, and says why.
#[component]
pub fn Unavailable(#[prop(optional)] look: Look, because: &'static str, children: Children) -> impl IntoView {
    view! {
        <span class="button-with-reason">
            <button type="button" class=look.class() disabled=true>{children()}</button>
            <span class="button-reason">{because}</span>
        </span>
    }
}
