//! The side panel: the reference's words in the reference's order, those whose pages exist.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{routes::Page, ui::tabs::longest_prefix};

struct Section {
    title: Option<&'static str>,
    entries: &'static [(&'static str, &'static [Page])],
}

/// A word, the page it leads to, and further pages that belong to it.
const SECTIONS: &[Section] = &[
    Section { title: None, entries: &[("Home", &[Page::Home]), ("Connections", &[Page::Connections])] },
    Section { title: Some("User Management"), entries: &[("Users", &[Page::Users])] },
    Section {
        title: Some("Organization"),
        entries: &[
            ("Login & Registration", &[Page::LoginAndRegistration, Page::Provisioners]),
            ("Activity", &[Page::Activity]),
            ("Settings", &[Page::Settings]),
        ],
    },
];

#[component]
pub fn Navigation() -> impl IntoView {
    let location = use_location();
    let paths: Vec<String> =
        SECTIONS.iter().flat_map(|section| section.entries).flat_map(|(_, pages)| *pages).map(Page::path).collect();
    let current = Memo::new(move |_| longest_prefix(&paths, &location.pathname.get()));
    let sections = SECTIONS
        .iter()
        .map(|section| {
            let entries = section
                .entries
                .iter()
                .map(|(word, pages)| {
                    let is_here =
                        move || current.with(|current| pages.iter().any(|page| current.as_ref() == Some(&page.path())));
                    view! {
                        <li>
                            <a class="nav-link" href=pages[0].path() aria-current=move || is_here().then_some("page")>
                                {*word}
                            </a>
                        </li>
                    }
                })
                .collect_view();
            let title = section.title.map(|title| view! { <h2 class="nav-title">{title}</h2> });
            view! { {title} <ul>{entries}</ul> }
        })
        .collect_view();
    view! { <nav class="nav" aria-label="Console">{sections}</nav> }
}
