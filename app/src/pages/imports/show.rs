//! One import: its preview, its progress, its result.

use domain::ImportId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api, result_of,
    view::{Import, Line, Stage},
};
use crate::{
    error::ConsoleError,
    layout::head::PageHead,
    pages::{
        connections::param,
        users::{new::destinations, view::Destination},
    },
    routes::Page,
    ui::{
        button::{Look, Submit},
        checkbox::Checkbox,
        dialog::Actions,
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
pub fn ShowImport() -> impl IntoView {
    let (id, query) = (param::<ImportId>("id"), use_query_map());
    let asked = move || query.with(|query| (id(), query.get("part"), query.get("after")));
    let shown = load(asked, |(id, part, after)| async move {
        match id {
            Some(id) => api::show(id, part.unwrap_or_default(), after.unwrap_or_default()).await,
            None => Err(ConsoleError::NotFound { what: "This import".to_owned() }),
        }
    });
    let (start, cancel) = (post::<api::Start>(), post::<api::Cancel>());
    view! { <Loaded data=shown view=move |import| page(import, start, cancel)/> }
}

fn page(import: Import, start: Post, cancel: Post) -> AnyView {
    let Import { id, title, subtitle, stage, tone, state, facts, progress, good, groupless, destinations, .. } = import;
    let above = [("Users", Page::Users), ("Imports", Page::Imports)];
    let above = above.map(|(word, page)| (word.to_owned(), Some(page.path()))).to_vec();
    let facts = facts
        .into_iter()
        .map(|(what, count)| view! { <div class="summary-row"><dt>{what}</dt><dd>{count}</dd></div> })
        .collect_view();
    let next = match stage {
        Stage::Preview => preview(id, good, groupless, destinations, start, cancel),
        Stage::Running => running(id, cancel),
        Stage::Ended => ended(id),
    };
    view! {
        <PageHead title subtitle above><Pill tone text=state/></PageHead>
        <section class="card import">
            {progress.map(|(done, of)| {
                view! { <progress class="import-progress" max=of.to_string() value=done.to_string() aria-label="Lines that are done"></progress> }
            })}
            <dl class="summary">{facts}</dl>
            {next}
            {import.until.map(|at| view! { <p class="hint">"Kept until " <Time at/> ", then erased."</p> })}
        </section>
        {parts(import.parts)}
        {lines(import.lines)}
        <Pager first=import.first next=import.next/>
    }
    .into_any()
}

fn preview(
    id: ImportId,
    good: i64,
    groupless: Option<String>,
    list: Vec<Destination>,
    start: Post,
    cancel: Post,
) -> AnyView {
    let because = (good == 0 && groupless.is_none()).then_some("No line can come in. Mend the list and read it again.");
    view! {
        {destinations(list)}
        <Note>
            "An import gives nobody a password. Whoever is to sign in here gets a one-time link: Reset password, on their page."
        </Note>
        <Form action=start id="start">
            <input type="hidden" name="id" value=id.to_string()/>
            {groupless.map(|hint| view! { <Checkbox name="create_groups" label="Create the groups that do not exist" hint/> })}
            <Actions>
                <Submit look=Look::Quiet form="cancel">"Cancel"</Submit>
                <Submit look=Look::Primary disabled_because=because>"Start import"</Submit>
            </Actions>
        </Form>
        <Form action=cancel id="cancel">
            <input type="hidden" name="id" value=id.to_string()/>
        </Form>
    }
    .into_any()
}

fn running(id: ImportId, cancel: Post) -> AnyView {
    view! {
        <Form action=cancel id="cancel">
            <input type="hidden" name="id" value=id.to_string()/>
            <p class="hint section-hint">
                <span class="only-hydrated">"This page keeps looking."</span>
                <a class="only-plain" href=Page::Import(id).path()>"Refresh"</a>
            </p>
            <Actions><Submit>"Stop import"</Submit></Actions>
        </Form>
        <Live seconds=LOOK/>
    }
    .into_any()
}

fn ended(id: ImportId) -> AnyView {
    // Not the router's way: it is a file.
    view! {
        <Actions>
            <a class=Look::Secondary.class() href=result_of(id) rel="external" download="">"Download the result"</a>
        </Actions>
    }
    .into_any()
}

fn parts(parts: Vec<(String, String, bool)>) -> AnyView {
    let links = parts
        .into_iter()
        .map(|(word, path, here)| {
            view! { <li><a class="tab" href=path aria-current=here.then_some("true")>{word}</a></li> }
        })
        .collect_view();
    view! { <nav class="tabs" aria-label="Lines"><ul>{links}</ul></nav> }.into_any()
}

fn lines(lines: Vec<Line>) -> AnyView {
    if lines.is_empty() {
        return view! { <p class="hint">"No line of this kind."</p> }.into_any();
    }
    let rows = lines.into_iter().map(line).collect_view();
    view! {
        <section class="card stacked">
            <Table caption="Lines" columns=vec!["Line", "User name", "Name", "Email", "Groups", "State"]>{rows}</Table>
        </section>
    }
    .into_any()
}

fn line(line: Line) -> AnyView {
    let Line { line, user_name, user, name, email, groups, tone, state, reason } = line;
    let user_name = match user {
        Some(user) => view! { <a href=Page::User(user).path()>{user_name}</a> }.into_any(),
        None => user_name.into_any(),
    };
    view! {
        <tr>
            <th scope="row">{line}</th>
            <td>{user_name}</td>
            <td>{name}</td>
            <td>{email}</td>
            <td>{groups}</td>
            <td><Pill tone text=state/> {reason.map(|reason| view! { <p class="hint">{reason}</p> })}</td>
        </tr>
    }
    .into_any()
}
