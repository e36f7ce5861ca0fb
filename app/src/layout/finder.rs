//! The search box of the frame: a form that leads to the page of results, with suggestions once the page is alive.

use std::sync::Arc;

use leptos::{ev, prelude::*};

use crate::{
    browser,
    outcome::encoded,
    pages::search::{api, view::Found},
    routes::Page,
    ui::{
        combobox::{Combobox, Suggest, Suggestion},
        unsaved::use_way,
    },
};

/// The id of the field.
pub(crate) const FINDER: &str = "finder";

#[component]
pub fn Finder() -> impl IntoView {
    let go = use_way();
    let choose = {
        let go = go.clone();
        Arc::new(move |to: String| {
            browser::empty(FINDER);
            go(&to);
        })
    };
    let suggest: Suggest = Arc::new(|text| {
        Box::pin(async move {
            // What cannot be asked at the moment offers nothing; the frame says why.
            let found = api::find(text.clone(), true).await.unwrap_or_default();
            suggestions(found, &text)
        })
    });
    let submit = move |event: ev::SubmitEvent| {
        event.prevent_default();
        go(&results(&browser::value_of(FINDER)));
    };
    view! {
        <search class="finder">
            <form action=Page::Search.path() on:submit=submit>
                <Combobox
                    id=FINDER
                    name="q"
                    label="Search people, groups, connections and pages"
                    placeholder="Search people, groups…"
                    suggest
                    choose
                />
                <kbd class="finder-keys only-hydrated" aria-hidden="true">"Ctrl K"</kbd>
            </form>
        </search>
    }
}

fn suggestions(found: Found, text: &str) -> Vec<Suggestion> {
    let mut all: Vec<Suggestion> = found
        .by_kind()
        .into_iter()
        .flat_map(|(kind, _, hits)| {
            hits.into_iter().map(move |hit| Suggestion {
                text: if kind == "Person" { hit.text } else { kind.to_owned() },
                title: hit.title,
                value: hit.to,
            })
        })
        .collect();
    let title = format!("All results for “{}”", text.trim());
    all.push(Suggestion { title, text: String::new(), value: results(text) });
    all
}

fn results(text: &str) -> String {
    format!("{}?q={}", Page::Search.path(), encoded(text.trim()))
}
