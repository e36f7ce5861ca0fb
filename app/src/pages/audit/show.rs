//! One event, with what changed.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    api,
    view::{Event, Line},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::LinkButton,
        load::{Loaded, load},
        table::Table,
        time::Time,
    },
};

#[component]
pub fn ShowEvent() -> impl IntoView {
    let params = use_params_map();
    let number = move || params.with(|params| params.get("number")).unwrap_or_default();
    let event = load(move || Ok(api::Show { number: number() }));
    view! { <Loaded data=event view=page/> }
}

fn page(event: Event) -> AnyView {
    let Event { what, at, facts, changes, alike } = event;
    let above = vec![("Audit Logs".to_owned(), Some(Page::Logs.path()))];
    let alike: Vec<AnyView> =
        alike.into_iter().map(|list| view! { <LinkButton to=list.more>{list.name}</LinkButton> }.into_any()).collect();
    let facts: Vec<AnyView> = facts.into_iter().map(|fact| self::fact(fact.name, text(fact.text, fact.more))).collect();
    let changes = (!changes.is_empty()).then(|| {
        let rows: Vec<AnyView> = changes.into_iter().map(change).collect();
        let columns = vec!["Attribute", "Before", "After"];
        view! { <section class="card"><Table caption="Changes" columns>{rows}</Table></section> }
    });
    let when = fact("When".to_owned(), view! { <Time at/> }.into_any());
    view! {
        <PageHead title=what above>{alike}</PageHead>
        <section class="card"><dl class="summary delivery-facts">{when} {facts}</dl></section>
        {changes}
    }
    .into_any()
}

fn fact(name: String, told: AnyView) -> AnyView {
    view! { <div class="summary-row"><dt>{name}</dt><dd>{told}</dd></div> }.into_any()
}

fn text(text: String, to: String) -> AnyView {
    if to.is_empty() { text.into_any() } else { view! { <a href=to>{text}</a> }.into_any() }
}

fn change(change: Line) -> AnyView {
    let Line { name, text: before, more: after } = change;
    view! {
        <tr>
            <th scope="row">{name}</th>
            <td data-label="Before">{before}</td>
            <td data-label="After">{after}</td>
        </tr>
    }
    .into_any()
}
