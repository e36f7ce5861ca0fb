//! Users: a table, searched, narrowed and sorted; its columns are chosen, and its rows can be acted on together.

use leptos::prelude::*;
use leptos_router::{components::Outlet, hooks::use_query_map};

use super::{
    READ_ONLY, api,
    columns::{COLUMNS, chooser},
    filter::{Filter, narrow},
    selected::{SELECTED, bar},
    standing,
    view::{Accounts, Cell, Standing, UserList, UserRow},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Unavailable},
        card::initial,
        empty::Empty,
        load::{Loaded, load},
        note::Tone,
        pager::Pager,
        pill::Pill,
        table::{SelectRow, Selection, Table},
        time::Time,
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
    selection.show(items.iter().map(|user| user.id.to_string()).collect());
    let add = if may_write {
        view! { <LinkButton to=Page::NewUser.path() look=Look::Primary>"+ Add User"</LinkButton> }.into_any()
    } else {
        view! { <Unavailable look=Look::Primary because=READ_ONLY>"+ Add User"</Unavailable> }.into_any()
    };
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
        {narrow(filter, groups)}
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

fn table(items: Vec<UserRow>, columns: &[usize], selection: Option<Selection>) -> AnyView {
    let alone = items.len() == 1;
    let heads: Vec<&'static str> =
        ["Name"].into_iter().chain(columns.iter().filter_map(|column| Some(COLUMNS.get(*column)?.1))).collect();
    let labels = heads.clone();
    let rows = items.into_iter().map(|user| row(user, &labels, selection)).collect_view();
    let hint = alone.then(|| {
        view! { <p class="hint people-hint">"People come in when they are added here, over SCIM, or by an import."</p> }
    });
    view! {
        <section class="card people stacked">
            <Table caption="Users" columns=heads selection>{rows}</Table>
        </section>
        {hint}
    }
    .into_any()
}

fn row(user: UserRow, labels: &[&'static str], selection: Option<Selection>) -> AnyView {
    let UserRow { id, label, mail, cells } = user;
    let select = selection.map(|selection| view! { <SelectRow selection value=id.to_string() label=label.clone()/> });
    let cells = cells
        .into_iter()
        .zip(&labels[1..])
        .map(|(cell, label)| view! { <td data-label=*label>{draw(cell)}</td> }.into_any())
        .collect_view();
    view! {
        <tr>
            {select}
            <th scope="row">
                <span class="person">
                    <span class="avatar" aria-hidden="true">{initial(&label)}</span>
                    <span>
                        <a href=Page::User(id).path()>{label}</a>
                        {mail.map(|mail| view! { <span class="hint person-mail">{mail}</span> })}
                    </span>
                </span>
            </th>
            {cells}
        </tr>
    }
    .into_any()
}

fn draw(cell: Cell) -> AnyView {
    match cell {
        Cell::Text(text) => text.into_any(),
        Cell::State { state, locked } => {
            let locked = (locked && state != Standing::Locked).then(|| standing(Standing::Locked));
            view! { <span>{standing(state)} " " {locked}</span> }.into_any()
        }
        Cell::Accounts(Accounts { all, in_step, held }) => {
            let held = (held > 0).then(|| view! { " " <Pill tone=Tone::Held text=format!("{held} held")/> });
            view! { <span>{format!("{in_step} of {all} in step")} {held}</span> }.into_any()
        }
        Cell::Time(at) => view! { <Time at/> }.into_any(),
    }
}
