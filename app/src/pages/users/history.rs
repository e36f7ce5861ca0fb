//! The tab History: what happened to this user, and who did it.

use domain::UserId;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    error::ConsoleError,
    pages::{
        audit::{api, table, view::Events},
        connections::param,
    },
    routes::Page,
    ui::{
        empty::Empty,
        load::{Loaded, load},
        pager::Pager,
    },
};

#[component]
pub fn UserHistory() -> impl IntoView {
    let id = param::<UserId>("id");
    let query = use_query_map();
    let after = move || query.with(|query| query.get("after")).unwrap_or_default();
    let events = load(
        move || (id(), after()),
        |(id, after)| async move {
            match id {
                Some(id) => api::history(id, after).await,
                None => Err(ConsoleError::NotFound { what: "This user".to_owned() }),
            }
        },
    );
    view! {
        <Loaded data=events part=true view=move |events| {
            let path = id().map(|id| Page::UserHistory(id).path()).unwrap_or_default();
            page(events, path, after().is_empty())
        }/>
    }
}

fn page(events: Events, path: String, is_first: bool) -> AnyView {
    let next = events.next.map(|after| format!("{path}?after={after}"));
    let found = if events.items.is_empty() {
        view! {
            <section class="card">
                <Empty title="No events" text="Nothing about this user is in the audit trail any more."/>
            </section>
        }
        .into_any()
    } else {
        table(events.items, false)
    };
    view! {
        <p class="hint section-hint">"What was done to this user, and by whom. The newest first."</p>
        {found}
        <Pager first=(!is_first).then_some(path) next/>
    }
    .into_any()
}
