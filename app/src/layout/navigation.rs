//! The side panel: the reference's words in the reference's order, those whose pages exist.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::{
    browser,
    pages::{activity::api, tour},
    routes::Page,
    ui::{
        load::{Loaded, load_whenever},
        tabs::longest_prefix,
    },
};

/// Between two looks at what is held.
const HELD_EVERY: Duration = Duration::from_secs(30);
/// The badge counts no further.
const HELD_MOST: i64 = 99;

struct Section {
    title: Option<&'static str>,
    entries: &'static [(&'static str, &'static [Page])],
}

/// A word, the page it leads to, and further pages that belong to it.
const SECTIONS: &[Section] = &[
    Section { title: None, entries: &[("Home", &[Page::Home]), ("Connections", &[Page::Connections])] },
    Section {
        title: Some("User Management"),
        entries: &[("Users", &[Page::Users]), ("Groups", &[Page::Groups]), ("Roles", &[Page::Roles])],
    },
    Section { title: Some("User Attributes & Stores"), entries: &[("Attributes", &[Page::Attributes])] },
    Section {
        title: Some("Organization"),
        entries: &[
            (
                "Login & Registration",
                &[
                    Page::LoginAndRegistration,
                    Page::SelfRegistration,
                    Page::MultiFactor,
                    Page::OwnProfile,
                    Page::Provisioners,
                ],
            ),
            ("Activity", &[Page::Activity]),
            ("Logs", &[Page::Logs]),
            ("Settings", &[Page::Settings]),
        ],
    },
];

/// In a demo alone.
const TOUR: &[Section] = &[Section { title: Some("Demo"), entries: &[("Tour", &[Page::Tour])] }];

#[component]
pub fn Navigation() -> impl IntoView {
    let location = use_location();
    let all: Vec<&Section> = SECTIONS.iter().chain(if tour::is_offered() { TOUR } else { &[] }).collect();
    let paths: Vec<String> =
        all.iter().flat_map(|section| section.entries).flat_map(|(_, pages)| *pages).map(Page::path).collect();
    let current = Memo::new(move |_| longest_prefix(&paths, &location.pathname.get()));
    let sections = all
        .into_iter()
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
                                {(pages[0] == Page::Activity).then(|| view! { <Held/> }.into_any())}
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

/// How many deliveries are held.
#[component]
fn Held() -> impl IntoView {
    let (looks, set_looks) = signal(0_u32);
    Effect::new(move |_| {
        let look = move || {
            if browser::is_visible() {
                set_looks.update(|looks| *looks = looks.wrapping_add(1));
            }
        };
        if let Ok(looking) = set_interval_with_handle(look, HELD_EVERY) {
            on_cleanup(move || looking.clear());
        }
    });
    let held = load_whenever(move || looks.track(), || Ok(api::Held {}));
    view! { <Loaded data=held part=true view=badge/> }
}

fn badge(held: i64) -> AnyView {
    if held == 0 {
        return ().into_any();
    }
    let count = if held > HELD_MOST { format!("{HELD_MOST}+") } else { held.to_string() };
    view! { <span class="nav-badge">{count}<span class="visually-hidden">" held"</span></span> }.into_any()
}
