//! The imports of the last days.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api,
    view::{ImportList, ImportRow},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        empty::Empty,
        load::{Loaded, load},
        pager::Pager,
        pill::Pill,
        table::Table,
        time::Time,
    },
};

#[component]
pub fn Imports() -> impl IntoView {
    let query = use_query_map();
    let asked = move || query.with(|query| query.get("after")).unwrap_or_default();
    let list = load(asked, api::list);
    view! { <Loaded data=list view=move |list| page(list, !asked().is_empty())/> }
}

fn page(list: ImportList, later: bool) -> AnyView {
    let add = || view! { <LinkButton to=Page::NewImport.path() look=Look::Primary>"+ Import"</LinkButton> };
    let found = if list.items.is_empty() {
        view! {
            <section class="card">
                <Empty title="No imports" text="A list of people that is imported is shown here, with what became of each, for 7 days."/>
            </section>
        }
        .into_any()
    } else {
        let rows = list.items.into_iter().map(row).collect_view();
        view! {
            <section class="card stacked">
                <Table caption="Imports" columns=vec!["List", "By", "When", "Created", "Not created", "State"]>{rows}</Table>
            </section>
        }
        .into_any()
    };
    view! {
        <PageHead
            title="Imports"
            subtitle="Lists of people, and what became of them. Kept for 7 days after they ended."
            above=vec![("Users".to_owned(), Some(Page::Users.path()))]
        >
            {add()}
        </PageHead>
        {found}
        <Pager first=later.then(|| Page::Imports.path()) next=list.next/>
    }
    .into_any()
}

fn row(import: ImportRow) -> AnyView {
    let ImportRow { id, title, by, at, tone, state, created, failed } = import;
    view! {
        <tr>
            <th scope="row"><a href=Page::Import(id).path()>{title}</a></th>
            <td>{by}</td>
            <td><Time at/></td>
            <td>{created}</td>
            <td>{failed}</td>
            <td><Pill tone text=state/></td>
        </tr>
    }
    .into_any()
}
