//! The keyboard shortcuts, as a page; pressing `?` shows the same list over the page where one is.

use leptos::prelude::*;

use crate::{
    layout::{head::PageHead, keys::PLACES},
    routes::Page,
    ui::card::Card,
};

#[component]
pub fn Shortcuts() -> impl IntoView {
    let above = vec![("Home".to_owned(), Some(Page::Home.path()))];
    view! {
        <PageHead title="Keyboard shortcuts" subtitle="They work wherever nothing is being typed." above/>
        <Card>{shortcut_list()}</Card>
    }
}

pub(crate) fn shortcut_list() -> AnyView {
    let general = [
        ("Ctrl K", " or ", "/", "Search"),
        ("?", "", "", "This list"),
        ("Esc", "", "", "Close a dialog, a menu or the suggestions"),
    ];
    let places = PLACES.iter().map(|(letter, name, _)| ("g", " then ", *letter, *name));
    let rows = general
        .into_iter()
        .chain(places)
        .map(|(first, joint, second, what)| {
            let second = (!second.is_empty()).then(|| view! { {joint}<kbd>{second}</kbd> });
            view! { <div class="shortcut"><dt><kbd>{first}</kbd>{second}</dt><dd>{what}</dd></div> }.into_any()
        })
        .collect_view();
    view! { <dl class="shortcuts">{rows}</dl> }.into_any()
}
