//! Connections: a grid of cards, with a search by name.

use leptos::prelude::*;
use leptos_router::{components::Form, hooks::use_query_map};

use super::{
    api, standing,
    view::{ConnectionCard, ConnectionList},
};
use crate::{
    layout::head::PageHead,
    outcome::address,
    pages::session::READ_ONLY,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        card::{CardGrid, CardLink},
        empty::Empty,
        load::{Loaded, load},
    },
};

const SUBTITLE: &str = "The systems that this directory is tied to.";

#[component]
pub fn Connections() -> impl IntoView {
    let query = use_query_map();
    let search = move || query.with(|query| query.get("search")).unwrap_or_default();
    let after = move || query.with(|query| query.get("after")).unwrap_or_default();
    let list = load(move || {
        let (search, after) = (search(), after());
        Ok(api::List { search, after })
    });
    view! { <Loaded data=list view=move |list| page(list, search(), after().is_empty())/> }
}

fn page(list: ConnectionList, search: String, first: bool) -> AnyView {
    if list.items.is_empty() && search.is_empty() && first {
        return view! {
            <PageHead title="Connections" subtitle=SUBTITLE/>
            <Empty title="Add a new Connection" text="There are no connections yet. Add one to say which system receives accounts.">
                {new_connection(list.may_write)}
            </Empty>
        }
        .into_any();
    }
    let cards = list.items.into_iter().map(card).collect_view();
    let next = list.next.map(|after| {
        let to = address(&Page::Connections.path(), &[("search", &search)], ("after", &after));
        view! { <p class="more"><LinkButton to>"Next page"</LinkButton></p> }
    });
    let found = if cards.is_empty() {
        view! {
            <Empty title="No results found" text="No connection has this in its name. Try another search term.">
                <LinkButton to=Page::Connections.path()>"Clear search"</LinkButton>
            </Empty>
        }
        .into_any()
    } else {
        view! { <CardGrid label="Connections">{cards}</CardGrid> {next} }.into_any()
    };
    view! {
        <PageHead title="Connections" subtitle=SUBTITLE>{new_connection(list.may_write)}</PageHead>
        <search class="search">
            <Form method="GET" action=Page::Connections.path()>
                <label class="visually-hidden" for="search">"Search by name"</label>
                <input id="search" class="input" type="search" name="search" placeholder="Search by name" value=search/>
                <button type="submit" class="button button-secondary">"Search"</button>
            </Form>
        </search>
        {found}
    }
    .into_any()
}

fn new_connection(may_write: bool) -> AnyView {
    let (to, read_only) = (Page::ConnectionTemplates.path(), (!may_write).then_some(READ_ONLY));
    view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Connection"</LinkButton> }.into_any()
}

fn card(connection: ConnectionCard) -> AnyView {
    let to = Page::Connection(connection.id).path();
    view! {
        <CardLink to title=connection.name text=connection.description>{standing(connection.state)}</CardLink>
    }
    .into_any()
}
