//! One import (its preview, its progress, its result), or the list of all.

use domain::ImportId;
use leptos::prelude::*;
use leptos_router::hooks::{use_params_map, use_query_map};

use super::{
    api, result_of,
    view::{Import, Sheet, Stage},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        cells::row,
        checkbox::Checkbox,
        dialog::Actions,
        empty::Empty,
        form::{Form, Post, post},
        live::Live,
        load::{Loaded, load},
        note::Note,
        pager::Pager,
        pill::Pill,
        table::Table,
        time::Time,
    },
};

/// Seconds between two looks while it runs.
const LOOK: u32 = 2;

#[component]
pub fn Imports() -> impl IntoView {
    let (params, query) = (use_params_map(), use_query_map());
    let asked = move || {
        let id = params.with(|params| params.get("id")).unwrap_or_default();
        query.with(|query| (id, query.get("part").unwrap_or_default(), query.get("after").unwrap_or_default()))
    };
    let shown = load(move || {
        let (id, part, after) = asked();
        Ok(api::Show { id, part, after })
    });
    let (start, cancel) = (post::<api::Start>(), post::<api::Cancel>());
    view! { <Loaded data=shown view=move |sheet| page(sheet, start, cancel)/> }
}

fn page(sheet: Sheet, start: Post, cancel: Post) -> AnyView {
    let Sheet { title, subtitle, import, rows, first, next } = sheet;
    let mut above = vec![("Users".to_owned(), Some(Page::Users.path()))];
    let (head, body, caption, columns) = if let Some(import) = import {
        above.push(("Imports".to_owned(), Some(Page::Imports.path())));
        let pill = view! { <Pill tone=import.tone text=import.state.clone()/> }.into_any();
        (pill, one(import, start, cancel), "Lines", vec!["Line", "User name", "Name", "Email", "Groups", "State"])
    } else {
        let add = view! { <LinkButton to=Page::NewImport.path() look=Look::Primary>"+ Import"</LinkButton> };
        (add.into_any(), ().into_any(), "Imports", vec!["List", "By", "When", "Created", "Not created", "State"])
    };
    let found = if rows.is_empty() {
        view! { <Empty title="Nothing here" text="A list of people that is imported is shown here, with what became of each of them."/> }
            .into_any()
    } else {
        let rows = rows.into_iter().map(|cells| row(cells, &columns)).collect_view();
        view! { <Table caption columns>{rows}</Table> }.into_any()
    };
    view! {
        <PageHead title subtitle above>{head}</PageHead>
        {body}
        <section class="card">{found}</section>
        <Pager first next/>
    }
    .into_any()
}

fn one(import: Import, start: Post, cancel: Post) -> AnyView {
    let Import { id, stage, facts, progress, groupless, parts, until, .. } = import;
    let facts = facts
        .into_iter()
        .map(|(what, count)| view! { <div class="summary-row"><dt>{what}</dt><dd>{count}</dd></div> })
        .collect_view();
    let parts = parts
        .into_iter()
        .map(|(word, path, here)| {
            view! { <li><a class="tab" href=path aria-current=here.then_some("true")>{word}</a></li> }
        })
        .collect_view();
    view! {
        <section class="card import">
            {progress.map(|(done, of)| {
                view! { <progress class="import-progress" max=of.to_string() value=done.to_string() aria-label="Lines that are done"></progress> }
            })}
            <dl class="summary">{facts}</dl>
            {act(id, stage, groupless, start, cancel)}
            {until.map(|at| view! { <p class="hint">"Kept until " <Time at/> ", then erased."</p> })}
        </section>
        <nav class="tabs" aria-label="Lines"><ul>{parts}</ul></nav>
    }
    .into_any()
}

/// What can be done about it now.
fn act(id: ImportId, stage: Stage, groupless: Option<String>, start: Post, cancel: Post) -> AnyView {
    let named = move || view! { <input type="hidden" name="id" value=id.to_string()/> };
    let asked = match stage {
        Stage::Preview | Stage::Hopeless => view! {
            <Note>
                "An import gives nobody a password. Whoever is to sign in here gets a one-time link: Reset password, on their page."
            </Note>
            <Form action=start id="start">
                {named()}
                {groupless.map(|hint| view! { <Checkbox name="create_groups" label="Create the groups that do not exist" hint/> })}
                <Actions>
                    <Submit look=Look::Quiet form="cancel">"Cancel"</Submit>
                    <Submit
                        look=Look::Primary
                        disabled_because=(stage == Stage::Hopeless)
                            .then_some("No line can come in. Mend the list and read it again.")
                    >
                        "Start import"
                    </Submit>
                </Actions>
            </Form>
        }
        .into_any(),
        Stage::Running => view! {
            <p class="hint">
                <span class="only-hydrated">"This page keeps looking."</span>
                <a class="only-plain" href=Page::Import(id).path()>"Refresh"</a>
            </p>
            <Actions><Submit form="cancel">"Stop import"</Submit></Actions>
            <Live seconds=LOOK/>
        }
        .into_any(),
        // Not the router's way: it is a file.
        Stage::Ended => {
            return view! {
                <Actions>
                    <a class=Look::Secondary.class() href=result_of(id) rel="external" download="">"Download the result"</a>
                </Actions>
            }
            .into_any();
        }
    };
    view! { {asked} <Form action=cancel id="cancel">{named()}</Form> }.into_any()
}
