//! A field that offers matching choices while typing: the combobox of the ARIA Authoring Practices, with a list.
//!
//! Without JavaScript it is a plain search field; the form around it is submitted with Enter.

use std::{future::Future, pin::Pin, sync::Arc, time::Duration};

use leptos::{ev, prelude::*, task::spawn_local};
use serde::{Deserialize, Serialize};

/// How long somebody has to pause before suggestions are asked for.
const PAUSE: Duration = Duration::from_millis(150);

/// One choice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suggestion {
    pub title: String,
    /// What kind of thing it is, and what tells it from others of its name.
    pub text: String,
    /// Given to `choose`.
    pub value: String,
}

/// What is offered for a text.
pub type Suggest = Arc<dyn Fn(String) -> Pin<Box<dyn Future<Output = Vec<Suggestion>>>> + Send + Sync>;

#[derive(Clone, Copy)]
struct Offer {
    options: RwSignal<Vec<Suggestion>>,
    /// The option that Enter would choose.
    active: RwSignal<Option<usize>>,
    open: RwSignal<bool>,
    /// Answers to an older text are not shown.
    asked: StoredValue<u32>,
}

impl Offer {
    fn new() -> Self {
        Self {
            options: RwSignal::new(Vec::new()),
            active: RwSignal::new(None),
            open: RwSignal::new(false),
            asked: StoredValue::new(0),
        }
    }

    fn close(self) {
        self.asked.update_value(|asked| *asked = asked.wrapping_add(1));
        self.open.set(false);
        self.active.set(None);
    }

    fn ask(self, text: String, suggest: Suggest) {
        self.close();
        if text.trim().is_empty() {
            return;
        }
        let asked = self.asked.get_value();
        let is_latest = move || self.asked.try_get_value() == Some(asked);
        let ask = async move {
            let found = suggest(text).await;
            if is_latest() {
                self.open.set(!found.is_empty());
                self.options.set(found);
            }
        };
        set_timeout(
            move || {
                if is_latest() {
                    spawn_local(ask);
                }
            },
            PAUSE,
        );
    }

    /// Moves by one, around the ends, with "none" between last and first.
    fn step(self, forward: bool) {
        let count = self.options.with_untracked(Vec::len);
        self.active.update(|active| *active = stepped(*active, count, forward));
    }

    fn chosen(self) -> Option<String> {
        let active = self.active.get_untracked().filter(|_| self.open.get_untracked())?;
        self.options.with_untracked(|options| options.get(active).map(|option| option.value.clone()))
    }
}

fn stepped(active: Option<usize>, count: usize, forward: bool) -> Option<usize> {
    match (active, forward) {
        (None, true) => (count > 0).then_some(0),
        (None, false) => count.checked_sub(1),
        (Some(at), true) => Some(at + 1).filter(|next| *next < count),
        (Some(at), false) => at.checked_sub(1),
    }
}

#[component]
pub fn Combobox(
    /// Of the field, within the document.
    id: &'static str,
    /// Its name in the form around it.
    name: &'static str,
    /// Says what it is; not shown.
    label: &'static str,
    placeholder: &'static str,
    suggest: Suggest,
    /// Told the value of the option that was chosen.
    choose: Arc<dyn Fn(String) + Send + Sync>,
) -> impl IntoView {
    let offer = Offer::new();
    let alive = RwSignal::new(false);
    Effect::new(move |_| alive.set(true));
    let list = format!("{id}-options");
    let choose_by_key = Arc::clone(&choose);
    let on_key = move |event: ev::KeyboardEvent| match event.key().as_str() {
        "ArrowDown" | "ArrowUp" if offer.open.get_untracked() => {
            event.prevent_default();
            offer.step(event.key() == "ArrowDown");
        }
        "Enter" => {
            if let Some(value) = offer.chosen() {
                event.prevent_default();
                choose_by_key(value);
            }
            offer.close();
        }
        "Escape" if offer.open.get_untracked() => {
            event.prevent_default();
            offer.close();
        }
        _ => {}
    };
    let active_id = move || offer.active.get().map(|active| option_id(id, active));
    let says = move || match offer.options.with(Vec::len) {
        _ if !offer.open.get() => String::new(),
        1 => "1 suggestion".to_owned(),
        count => format!("{count} suggestions"),
    };
    view! {
        <div class="combobox">
            <input
                id=id
                class="input"
                // Not `search`: browsers give that a clearing button and an Escape of their own.
                type="text"
                inputmode="search"
                enterkeyhint="search"
                name=name
                autocomplete="off"
                spellcheck="false"
                aria-label=label
                placeholder=placeholder
                role=move || alive.get().then_some("combobox")
                aria-autocomplete=move || alive.get().then_some("list")
                aria-expanded=move || alive.get().then(|| if offer.open.get() { "true" } else { "false" })
                aria-controls=move || offer.open.get().then(|| list.clone())
                aria-activedescendant=active_id
                on:input=move |event| offer.ask(event_target_value(&event), Arc::clone(&suggest))
                on:keydown=on_key
                on:blur=move |_| offer.close()
            />
            <span class="visually-hidden" aria-live="polite">{says}</span>
            {move || offer.open.get().then(|| options(id, offer, &choose))}
        </div>
    }
}

fn options(id: &'static str, offer: Offer, choose: &Arc<dyn Fn(String) + Send + Sync>) -> AnyView {
    let items = offer
        .options
        .get()
        .into_iter()
        .enumerate()
        .map(|(index, option)| {
            let choose = Arc::clone(choose);
            let value = option.value;
            let selected = move || if offer.active.get() == Some(index) { "true" } else { "false" };
            let choose = move |_| {
                offer.close();
                choose(value.clone());
            };
            view! {
                <li id=option_id(id, index) class="option" role="option" aria-selected=selected on:click=choose>
                    <span class="option-title">{option.title}</span>
                    <span class="hint">{option.text}</span>
                </li>
            }
            .into_any()
        })
        .collect_view();
    // Pressing an option must not take the focus from the field, which would close the list under the pointer.
    view! {
        <ul
            id=format!("{id}-options")
            class="options"
            role="listbox"
            aria-label="Suggestions"
            on:mousedown=move |event| event.prevent_default()
        >
            {items}
        </ul>
    }
    .into_any()
}

fn option_id(id: &str, index: usize) -> String {
    format!("{id}-option-{index}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arrows_go_around_and_pass_the_field_itself() {
        assert_eq!(stepped(None, 2, true), Some(0));
        assert_eq!(stepped(Some(0), 2, true), Some(1));
        assert_eq!(stepped(Some(1), 2, true), None);
        assert_eq!(stepped(None, 2, false), Some(1));
        assert_eq!(stepped(Some(0), 2, false), None);
        assert_eq!(stepped(None, 0, true), None);
    }
}
