//! The page of results; the box in the frame shows the first of them while typing.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    api,
    view::{Found, Hit},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        card::Card,
        empty::Empty,
        load::{Loaded, load},
    },
};

#[component]
pub fn Search() -> impl IntoView {
    let query = use_query_map();
    let wanted = move || query.with(|query| query.get("q")).unwrap_or_default().trim().to_owned();
    let found = load(move || {
        let wanted = wanted();
        Ok(api::Find { q: wanted, few: false })
    });
    view! {
        <PageHead
            title="Search"
            subtitle="People, groups, connections and pages of this console."
            above=vec![("Home".to_owned(), Some(Page::Home.path()))]
        />
        <search class="search">
            <form action=Page::Search.path()>
                <input class="input" type="search" name="q" aria-label="Search for" value=wanted autocomplete="off"/>
                <button type="submit" class="button button-secondary">"Search"</button>
            </form>
        </search>
        <Loaded data=found view=move |found| results(found, &wanted())/>
    }
}

fn results(found: Found, wanted: &str) -> AnyView {
    if wanted.is_empty() {
        let text = "A name, a user name, a group, a connection, or what you want to do, such as “blocking”.";
        return view! { <Empty title="What are you looking for?" text=text/> }.into_any();
    }
    let kinds = found.by_kind();
    if kinds.iter().all(|(_, _, hits)| hits.is_empty()) {
        let title = format!("Nothing found for “{wanted}”");
        return view! { <Empty title=title text="Try fewer letters: the beginning of a name is enough."/> }.into_any();
    }
    kinds
        .into_iter()
        .filter(|(_, _, hits)| !hits.is_empty())
        .map(|(_, kind, hits)| {
            let items = hits.into_iter().map(item).collect_view();
            view! { <Card title=kind><ul class="hits">{items}</ul></Card> }.into_any()
        })
        .collect_view()
        .into_any()
}

fn item(hit: Hit) -> AnyView {
    view! { <li><a class="hit" href=hit.to><strong>{hit.title}</strong><span class="hint">{hit.text}</span></a></li> }
        .into_any()
}
