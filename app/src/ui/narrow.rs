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
    /// The same; the names are offered, and any other can be typed.
    Name(&'static str, Vec<String>),
    Day,
    /// Value and label of each.
    Choice(Vec<(String, String)>),
    /// Kept as it is.
    Hidden,
}

impl By {
    /// Everything, or one of those.
    pub fn choice<'a>(choices: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let all = std::iter::once(("", "All"));
        Self::Choice(all.chain(choices).map(|(value, label)| (value.to_owned(), label.to_owned())).collect())
    }
}

/// `list` is the path of the list; `clear` whether there is anything to clear. What is seldom needed is `folded` away,
/// unless it narrows.
pub fn narrow(list: &str, button: &'static str, fields: Vec<Narrow>, folded: Vec<Narrow>, clear: bool) -> AnyView {
    let (fields, folded) = (drawn(fields), fold(folded));
    let clear = clear.then(|| view! { <LinkButton to=list look=Look::Quiet>"Clear"</LinkButton> });
    view! {
        <search class="narrow">
            <Form method="GET" action=list.to_owned()>
                {fields}
                <button type="submit" class="button button-secondary">{button}</button>
                {clear}
                {folded}
            </Form>
        </search>
    }
    .into_any()
}

/// A filter as hidden fields of a form, so that it leads back to the list narrowed alike. Those that are empty too: by
/// them the server knows that there is a list.
pub fn hidden(pairs: &[(&'static str, &str)]) -> AnyView {
    let field = |(name, value): &(&str, &str)| {
        view! { <input type="hidden" name=format!("filter[{name}]") value=(*value).to_owned()/> }.into_any()
    };
    pairs.iter().map(field).collect_view().into_any()
}

fn fold(fields: Vec<Narrow>) -> AnyView {
    if fields.is_empty() {
        return ().into_any();
    }
    let narrowing = fields.iter().filter(|field| !field.value.trim().is_empty()).count();
    let summary = if narrowing == 0 { "More filters".to_owned() } else { format!("More filters ({narrowing})") };
    view! {
        <details class="narrow-more" open=narrowing != 0>
            <summary>{summary}</summary>
            <div class="narrow-fold">{drawn(fields)}</div>
        </details>
    }
    .into_any()
}

fn drawn(fields: Vec<Narrow>) -> Vec<AnyView> {
    fields.into_iter().map(field).collect()
}

fn field(field: Narrow) -> AnyView {
    let Narrow { name, label, mut value, by } = field;
    if matches!(by, By::Day) && !is_day(&value) {
        // A browser takes nothing else there, and says so in its console.
        value.clear();
    }
    let mut offered = Vec::new();
    let (kind, hint, class) = match by {
        By::Text(hint) => ("search", hint, "narrow-search"),
        By::Name(hint, names) => {
            offered = names;
            ("text", hint, "")
        }
        By::Day => ("date", "", ""),
        By::Hidden => return view! { <input type="hidden" name=name value=value/> }.into_any(),
        By::Choice(choices) => return choice(name, label, &value, choices),
    };
    let list = format!("{name}-offered");
    let offered = (!offered.is_empty()).then(|| {
        let names = offered.into_iter().map(|name| view! { <option value=name></option> }).collect_view();
        view! { <datalist id=list.clone()>{names}</datalist> }
    });
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
                list=offered.is_some().then_some(list)
                autocomplete=offered.is_some().then_some("off")
                value=value.clone()
                prop:value=value
            />
            {offered}
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
