//! The form above a list that narrows it: what it asks for stands in the address.

use leptos::prelude::*;
use leptos_router::components::Form;

use super::button::{LinkButton, Look};

/// One of the things that a list is narrowed by.
#[derive(Debug)]
pub struct Narrow {
    /// Its name in the address.
    pub name: &'static str,
    pub label: &'static str,
    pub value: String,
    pub by: By,
}

#[derive(Debug)]
pub enum By {
    /// Told by the words in the empty field.
    Text(&'static str),
    Day,
    /// Value and label of each.
    Choice(Vec<(String, String)>),
    /// Kept as it is.
    Hidden,
}

/// `list` is the path of the list; `clear` whether there is anything to clear.
pub fn narrow(list: &str, fields: Vec<Narrow>, clear: bool) -> AnyView {
    let fields: Vec<AnyView> = fields.into_iter().map(field).collect();
    let clear = clear.then(|| view! { <LinkButton to=list look=Look::Quiet>"Clear"</LinkButton> });
    view! {
        <search class="narrow">
            <Form method="GET" action=list.to_owned()>
                {fields}
                <button type="submit" class="button button-secondary">"Filter"</button>
                {clear}
            </Form>
        </search>
    }
    .into_any()
}

fn field(field: Narrow) -> AnyView {
    let Narrow { name, label, mut value, by } = field;
    if matches!(by, By::Day) && !is_day(&value) {
        // A browser takes nothing else there, and says so in its console.
        value.clear();
    }
    let (kind, hint, class) = match by {
        By::Text(hint) => ("search", hint, "narrow-search"),
        By::Day => ("date", "", ""),
        By::Hidden => return view! { <input type="hidden" name=name value=value/> }.into_any(),
        By::Choice(choices) => return choice(name, label, &value, choices),
    };
    view! {
        <div class=class>
            <label for=name>{label}</label>
            <input
                id=name
                class="input"
                type=kind
                name=name
                maxlength="256"
                placeholder=hint
                value=value.clone()
                prop:value=value
            />
        </div>
    }
    .into_any()
}

/// `2026-03-12`
fn is_day(text: &str) -> bool {
    text.len() == 10 && text.bytes().all(|byte| byte == b'-' || byte.is_ascii_digit())
}

fn choice(name: &'static str, label: &'static str, chosen: &str, choices: Vec<(String, String)>) -> AnyView {
    let options: Vec<AnyView> = choices
        .into_iter()
        .map(|(value, label)| {
            let selected = value == chosen;
            // The property too: what somebody chose before holds in the browser, whatever the attribute says.
            view! { <option value=value selected=selected prop:selected=selected>{label}</option> }.into_any()
        })
        .collect();
    view! {
        <div>
            <label for=name>{label}</label>
            <select id=name class="input" name=name>{options}</select>
        </div>
    }
    .into_any()
}
