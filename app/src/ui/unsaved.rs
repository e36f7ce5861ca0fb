//! Keeps what was typed from being lost by leaving the page.

use leptos::{ev, prelude::*};
use leptos_router::{
    NavigateOptions,
    hooks::{use_location, use_navigate},
};

use super::{
    button::Look,
    dialog::{Actions, Popup},
};
use crate::browser;

/// Which forms hold something that was not saved, and where somebody wants to go all the same.
#[derive(Clone, Copy, Debug)]
pub struct Unsaved {
    forms: StoredValue<Vec<String>>,
    leaving: RwSignal<Option<String>>,
}

impl Unsaved {
    pub(crate) fn new() -> Self {
        Self { forms: StoredValue::new(Vec::new()), leaving: RwSignal::new(None) }
    }

    /// Somebody typed into this form.
    pub(crate) fn typed(self, form: &str) {
        self.forms.update_value(|forms| {
            if !forms.iter().any(|known| known == form) {
                forms.push(form.to_owned());
            }
        });
    }

    /// It was sent.
    pub(crate) fn sent(self, form: &str) {
        self.forms.try_update_value(|forms| forms.retain(|known| known != form));
    }

    /// Nothing of the page is to be kept.
    pub(crate) fn forget(self) {
        self.forms.try_update_value(Vec::clear);
    }

    /// Whether something would be lost. Forms that are gone have nothing to lose.
    pub(crate) fn any(self) -> bool {
        self.forms.try_update_value(|forms| {
            forms.retain(|form| browser::exists(form));
            !forms.is_empty()
        }) == Some(true)
    }

    /// Asks before going there, if something would be lost. Whether it asks.
    pub(crate) fn asks(self, to: &str) -> bool {
        let asks = self.any();
        if asks {
            self.leaving.set(Some(to.to_owned()));
        }
        asks
    }
}

/// Goes to a page of the console, unless something would be lost; then it asks first.
pub(crate) fn use_way() -> impl Fn(&str) + Clone + Send + Sync + 'static {
    let unsaved = use_context::<Unsaved>();
    let go = use_navigate();
    move |to| {
        if !unsaved.is_some_and(|unsaved| unsaved.asks(to)) {
            go(to, NavigateOptions { scroll: false, ..Default::default() });
        }
    }
}

/// Asks; and makes the browser ask, where the whole page would go.
#[component]
pub fn UnsavedGuard() -> impl IntoView {
    let unsaved = expect_context::<Unsaved>();
    let go = use_navigate();
    let location = use_location();
    Effect::new(move |_| {
        location.pathname.track();
        unsaved.forget();
    });
    Effect::new(move |_| {
        let asking = window_event_listener(ev::beforeunload, move |event| {
            if unsaved.any() {
                event.prevent_default();
            }
        });
        on_cleanup(move || asking.remove());
    });
    let leave = Callback::new(move |()| {
        let to = unsaved.leaving.get_untracked().unwrap_or_default();
        unsaved.forget();
        unsaved.leaving.set(None);
        go(&to, NavigateOptions::default());
    });
    let asked = Signal::derive(move || unsaved.leaving.with(Option::is_some));
    view! {
        <Popup title="Leave without saving?" open=asked close=move || unsaved.leaving.set(None)>
            <p>"What you changed on this page is not saved yet."</p>
            <Actions>
                <button type="button" class=Look::Danger.class() on:click=move |_| leave.run(())>"Leave without saving"</button>
                <button type="button" class=Look::Primary.class() on:click=move |_| unsaved.leaving.set(None) autofocus=true>
                    "Stay"
                </button>
            </Actions>
        </Popup>
    }
}
