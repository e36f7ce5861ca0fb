//! Whether the server can be reached, said on every page; what waits for it goes on by itself when it is back.

use std::{
    task::{Poll, Waker},
    time::Duration,
};

use leptos::{prelude::*, task::spawn_local};

use super::toast::Toasts;
use crate::{browser, routes::Page};

/// Between two looks whether it is back.
const AGAIN: Duration = Duration::from_secs(2);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum State {
    #[default]
    Fine,
    /// The browser itself says that it has no network.
    Offline,
    /// A call was not answered.
    Lost,
    /// The session ended while somebody was typing.
    SignedOut,
}

/// The state of the line, and who waits for it.
#[derive(Clone, Copy, Debug)]
pub struct Contact {
    state: RwSignal<State>,
    waiting: StoredValue<Vec<Waker>>,
}

impl Contact {
    pub(crate) fn new() -> Self {
        Self { state: RwSignal::new(State::Fine), waiting: StoredValue::new(Vec::new()) }
    }

    pub(crate) fn is_fine(self) -> bool {
        self.state.get_untracked() == State::Fine
    }

    /// A call was not answered.
    pub(crate) fn lost(self) {
        self.broken(if browser::is_online() { State::Lost } else { State::Offline });
    }

    /// Somebody has to sign in, in another tab: what is typed in this one must not be lost.
    pub(crate) fn signed_out(self) {
        self.broken(State::SignedOut);
    }

    /// Until it is back.
    pub(crate) async fn back(self) {
        std::future::poll_fn(|context| {
            if self.is_fine() {
                return Poll::Ready(());
            }
            self.waiting.update_value(|waiting| waiting.push(context.waker().clone()));
            Poll::Pending
        })
        .await;
    }

    fn broken(self, state: State) {
        let was_fine = self.is_fine();
        self.state.set(state);
        if was_fine {
            self.look_later();
        }
    }

    fn look_later(self) {
        set_timeout(move || spawn_local(self.look()), AGAIN);
    }

    async fn look(self) {
        let state = self.state.get_untracked();
        // Somebody who signs in does so in another tab; there is no hurry to find out while this one is hidden.
        let looks = state != State::SignedOut || browser::is_visible();
        let to = if state == State::SignedOut { "/console/-/session/who-am-i" } else { "/healthz" };
        if looks && browser::answers(to).await {
            self.state.set(State::Fine);
            self.waiting.try_update_value(|waiting| waiting.drain(..).for_each(Waker::wake));
        } else {
            self.look_later();
        }
    }
}

/// Where it is said; always on the page, so that assistive technology hears it.
#[component]
pub fn ContactNotice() -> impl IntoView {
    let contact = expect_context::<Contact>();
    let toasts = expect_context::<Toasts>();
    Effect::new(move |_| {
        for handle in [
            window_event_listener_untyped("offline", move |_| contact.lost()),
            window_event_listener_untyped("online", move |_| contact.lost()),
        ] {
            on_cleanup(move || handle.remove());
        }
    });
    Effect::new(move |before: Option<State>| {
        let now = contact.state.get();
        if now == State::Fine && before.is_some_and(|before| before != State::Fine) {
            toasts.show("Connected again.".to_owned());
        }
        now
    });
    view! { <div class="contact" aria-live="polite">{move || notice(contact.state.get())}</div> }
}

fn notice(state: State) -> AnyView {
    match state {
        State::Fine => ().into_any(),
        State::Offline => {
            let text = "What you type stays here. The page goes on by itself when the network is back.";
            view! { <p><strong>"You are offline. "</strong>{text}</p> }.into_any()
        }
        State::Lost => {
            let text = "It may be starting again. Usher keeps trying, and the page goes on by itself.";
            view! { <p><strong>"The server does not answer. "</strong>{text}</p> }.into_any()
        }
        State::SignedOut => view! {
            <p>
                <strong>"You are signed out. "</strong>
                "What you typed is still here: "
                <a href=Page::SignIn.path() target="_blank">"sign in in a new tab"</a>", then come back."
            </p>
        }
        .into_any(),
    }
}
