//! One event, with what changed.

use leptos::prelude::*;

use super::{api, view::Event};
use crate::{
    error::ConsoleError,
    layout::head::PageHead,
    pages::connections::param,
    routes::Page,
    ui::{
        code::Code,
        load::{Loaded, load},
        table::Table,
        time::Time,
    },
};

#[component]
pub fn ShowEvent() -> impl IntoView {
    let number = param::<i64>("number");
    let event = load(number, |number| async move {
        match number {
            Some(number) => api::show(number).await,
            None => Err(ConsoleError::NotFound { what: "This event".to_owned() }),
        }
    });
    view! { <Loaded data=event view=page/> }
}

fn page(event: Event) -> AnyView {
    let Event { number, what, action, at, who, who_note, by_them, about, about_note, page, about_it, changes, facts } =
        event;
    let above = vec![("Audit Logs".to_owned(), Some(Page::Logs.path()))];
    let narrowed = |to: Option<String>, word: &'static str| to.map(|to| view! { " " <a href=to>{word}</a> });
    let about = match page {
        Some(page) => view! { <a href=page>{about}</a> }.into_any(),
        None => about.into_any(),
    };
    let facts: Vec<AnyView> = facts
        .into_iter()
        .map(|fact| view! { <div class="summary-row"><dt>{fact.name}</dt><dd>{fact.text}</dd></div> }.into_any())
        .collect();
    let rows: Vec<AnyView> = changes
        .into_iter()
        .map(|change| {
            view! {
                <tr>
                    <th scope="row">{change.name}</th>
                    <td data-label="Before">{side(change.before)}</td>
                    <td data-label="After">{side(change.after)}</td>
                </tr>
            }
            .into_any()
        })
        .collect();
    let changes = (!rows.is_empty()).then(|| {
        view! {
            <section class="card stacked" aria-label="Changes">
                <header class="card-head"><h2>"Changes"</h2></header>
                <Table caption="Changes" columns=vec!["Attribute", "Before", "After"]>{rows}</Table>
            </section>
        }
    });
    view! {
        <PageHead title=what above/>
        <section class="card">
            <dl class="summary delivery-facts">
                <div class="summary-row"><dt>"When"</dt><dd><Time at/></dd></div>
                <div class="summary-row">
                    <dt>"Who"</dt>
                    <dd>{who} {who_note} {narrowed(by_them, "Everything they did")}</dd>
                </div>
                <div class="summary-row">
                    <dt>"About"</dt>
                    <dd>{about} {about_note} {narrowed(about_it, "Everything about it")}</dd>
                </div>
                {facts}
                <div class="summary-row">
                    <dt>"Event"</dt>
                    <dd>{number} " " <Code text=action/></dd>
                </div>
            </dl>
        </section>
        {changes}
    }
    .into_any()
}

fn side(text: String) -> AnyView {
    if text.is_empty() {
        return view! { <span class="hint">"nothing"</span> }.into_any();
    }
    text.into_any()
}
