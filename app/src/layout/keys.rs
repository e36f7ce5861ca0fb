//! The keyboard shortcuts. None fires while somebody types, or while a dialog is open.

use leptos::{ev, prelude::*};

use super::finder::FINDER;
use crate::{
    browser,
    pages::shortcuts::shortcut_list,
    routes::Page,
    ui::{
        dialog::{Actions, Popup},
        unsaved::use_way,
    },
};

/// Where the letter after `g` leads.
pub(crate) const PLACES: &[(&str, &str, Page)] = &[
    ("h", "Home", Page::Home),
    ("c", "Connections", Page::Connections),
    ("u", "Users", Page::Users),
    ("g", "Groups", Page::Groups),
    ("a", "Activity", Page::Activity),
    ("s", "Settings", Page::Settings),
];

/// Milliseconds between `g` and its letter.
const TOGETHER: f64 = 1_500.0;

#[component]
pub fn Keys() -> impl IntoView {
    let listed = RwSignal::new(false);
    let go = use_way();
    Effect::new(move |_| {
        let go = go.clone();
        // When `g` was pressed last.
        let before = StoredValue::new(f64::MIN);
        let listening = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || event.alt_key() || browser::is_typing(&event) || browser::has_modal() {
                return;
            }
            let key = event.key();
            let is_second = event.time_stamp() - before.get_value() < TOGETHER;
            before.set_value(f64::MIN);
            if event.ctrl_key() || event.meta_key() {
                if key.eq_ignore_ascii_case("k") {
                    event.prevent_default();
                    browser::select(FINDER);
                }
                return;
            }
            match key.as_str() {
                "/" => {
                    event.prevent_default();
                    browser::select(FINDER);
                }
                "?" => {
                    event.prevent_default();
                    listed.set(true);
                }
                "g" if !is_second => before.set_value(event.time_stamp()),
                letter if is_second => {
                    if let Some((_, _, page)) = PLACES.iter().find(|(known, _, _)| *known == letter) {
                        event.prevent_default();
                        go(&page.path());
                    }
                }
                _ => {}
            }
        });
        on_cleanup(move || listening.remove());
    });
    view! {
        <Popup title="Keyboard shortcuts" open=listed close=move || listed.set(false)>
            {shortcut_list()}
            <Actions>
                <button type="button" class="button button-secondary" on:click=move |_| listed.set(false)>"Close"</button>
            </Actions>
        </Popup>
    }
}
