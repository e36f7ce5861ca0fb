//! The list of events, narrowed by who, what, about whom or what, and when.

use leptos::prelude::*;
use leptos_router::{components::Form as SearchForm, hooks::use_query_map};

use super::{
    api, table,
    view::{Action, Events, Filter},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        empty::Empty,
        load::{Loaded, load},
        note::{Note, Tone},
        pager::Pager,
    },
};

const SUBTITLE: &str = "Who did what to whom or what, when and from where. The newest first.";

#[component]
pub fn Logs() -> impl IntoView {
    let query = use_query_map();
    let asked = move || {
        let value = |name| query.with(|query| query.get(name)).unwrap_or_default();
        let filter = Filter {
            who: value("who"),
            what: value("what"),
            about: value("about"),
            from: value("from"),
            to: value("to"),
        };
        (filter, value("after"))
    };
    let list = load(asked, |(filter, after)| api::list(filter, after));
    view! {
        <Loaded data=list view=move |list| {
            let (filter, after) = asked();
            page(list, &filter, &after)
        }/>
    }
}

fn page(list: Events, filter: &Filter, after: &str) -> AnyView {
    let Events { items, next, note, actions } = list;
    let found = if items.is_empty() { nothing(filter, next.is_some()) } else { table(items, true) };
    let first = (!after.is_empty()).then(|| filter.path(""));
    let next = next.map(|after| filter.path(&after));
    let exports = [download(filter, "csv", "Export CSV"), download(filter, "jsonl", "Export JSON lines")]
        .into_iter()
        .collect_view();
    let filter = narrow(filter, actions);
    let note = (!note.is_empty()).then(|| view! { <Note tone=Tone::Wait><p>{note}</p></Note> });
    view! {
        <PageHead title="Audit Logs" subtitle=SUBTITLE>{exports}</PageHead>
        {filter}
        {note}
        {found}
        <Pager first next/>
    }
    .into_any()
}

/// A link that the browser follows by itself: what is there is no page.
fn download(filter: &Filter, format: &str, word: &'static str) -> AnyView {
    view! { <a class="button button-secondary" href=filter.export(format) rel="external" download="">{word}</a> }
        .into_any()
}

fn narrow(filter: &Filter, actions: Vec<Action>) -> AnyView {
    let actions: Vec<AnyView> = actions
        .into_iter()
        .map(|action| {
            let selected = action.value == filter.what;
            view! { <option value=action.value selected=selected>{action.label}</option> }.into_any()
        })
        .collect();
    let text = |name: &'static str, label: &'static str, kind: &'static str, value: &str| {
        let hint = (kind == "search").then_some("What the name begins with");
        view! {
            <div class="narrow-search">
                <label for=name>{label}</label>
                <input
                    id=name
                    class="input"
                    type=kind
                    name=name
                    maxlength="256"
                    placeholder=hint
                    value=value.to_owned()
                />
            </div>
        }
        .into_any()
    };
    let names = [text("who", "Who", "search", &filter.who), text("about", "About", "search", &filter.about)];
    let days = [text("from", "From", "date", &filter.from), text("to", "To", "date", &filter.to)];
    let (names, days) = (names.into_iter().collect_view(), days.into_iter().collect_view());
    let clear =
        (!filter.is_empty()).then(|| view! { <LinkButton to=Page::Logs.path() look=Look::Quiet>"Clear"</LinkButton> });
    view! {
        <search class="narrow">
            <SearchForm method="GET" action=Page::Logs.path()>
                {names}
                <div>
                    <label for="what">"What"</label>
                    <select id="what" class="input" name="what">
                        <option value="">"All"</option>
                        {actions}
                    </select>
                </div>
                {days}
                <button type="submit" class="button button-secondary">"Filter"</button>
                {clear}
            </SearchForm>
        </search>
    }
    .into_any()
}

fn nothing(filter: &Filter, more: bool) -> AnyView {
    let (title, text) = if more {
        ("Nothing found so far", "None of the events that were looked at matches. The next page looks further back.")
    } else if filter.is_empty() {
        ("Nothing was recorded yet", "Every change is listed here, and every sign-in.")
    } else {
        ("No results found", "No event matches. Try another name or time: days are those of UTC.")
    };
    let all = (!filter.is_empty()).then(|| view! { <LinkButton to=Page::Logs.path()>"Show all"</LinkButton> });
    view! { <section class="card"><Empty title text>{all}</Empty></section> }.into_any()
}
