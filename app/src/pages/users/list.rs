//! Users: a table, searched, narrowed and sorted; its columns are chosen, and its rows can be acted on together.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_query_map};

use super::{
    READ_ONLY, api,
    columns::{COLUMNS, chooser},
    filter::{Filter, narrowed},
    selected::{SELECTED, bar},
    view::UserList,
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        cells::{Line, line},
        empty::Empty,
        load::{Loaded, load},
        pager::Pager,
        table::{SelectRow, Selection, Table},
    },
};

const SUBTITLE: &str = "Everybody in this directory. Who belongs gets an account in the connected systems.";

#[component]
pub fn Users() -> impl IntoView {
    let query = use_query_map();
    let asked = move || {
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        (Filter::read(value), value("after"))
    };
    let selection = Selection::new(SELECTED, "ids[]");
    provide_context(selection);
    let list = load(move || {
        let (filter, after) = asked();
        Ok(api::List { filter, after })
    });
    view! {
        <Loaded data=list view=move |list| {
            let (filter, after) = asked();
            page(list, &filter, &after, selection)
        }/>
        <Outlet/>
    }
}

fn page(list: UserList, filter: &Filter, after: &str, selection: Selection) -> AnyView {
    let UserList { items, columns, next, note, nothing, groups, may_write } = list;
    selection.show(items.iter().map(|user| user.id.clone()).collect());
    let (to, read_only) = (Page::NewUser.path(), (!may_write).then_some(READ_ONLY));
    let add = view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ Add User"</LinkButton> };
    let chooser = chooser(&columns, filter);
    let found = if items.is_empty() {
        nobody(nothing, next.is_some())
    } else {
        let table = table(items, &columns, may_write.then_some(selection));
        view! { {table} {bar(filter, after, selection, may_write)} }.into_any()
    };
    let note = (!note.is_empty()).then(|| view! { <p class="hint people-note">{note}</p> });
    let first = (!after.is_empty()).then(|| filter.path(""));
    let next = next.map(|after| filter.path(&after));
    view! {
        <PageHead title="Users" subtitle=SUBTITLE>{add}</PageHead>
        {narrowed(filter, groups)}
        <div class="people-head">{note} {chooser}</div>
        {found}
        <Pager first next/>
    }
    .into_any()
}

/// Why nobody is listed: a title and a sentence.
fn nobody((title, text): (String, String), more: bool) -> AnyView {
    let all = (!more).then(|| view! { <LinkButton to=Page::Users.path()>"Show everybody"</LinkButton> });
    view! { <section class="card"><Empty title text>{all}</Empty></section> }.into_any()
}

fn table(items: Vec<Line>, columns: &[usize], selection: Option<Selection>) -> AnyView {
    let alone = items.len() == 1;
    let heads: Vec<&'static str> =
        ["Name"].into_iter().chain(columns.iter().filter_map(|column| Some(COLUMNS.get(*column)?.1))).collect();
    let row = |user: Line| {
        let (value, label) = (user.id.clone(), user.title.clone());
        let select = selection.map(|selection| view! { <SelectRow selection value label/> }.into_any());
        line(user, &heads, select, None)
    };
    let rows = items.into_iter().map(row).collect_view();
    let hint = alone.then(|| {
        view! { <p class="hint people-hint">"People come in when they are added here, over SCIM, or by an import."</p> }
    });
    view! {
        <section class="card people">
            <Table caption="Users" columns=heads selection>{rows}</Table>
        </section>
        {hint}
    }
    .into_any()
}
