//! A page that moves by itself: what it loaded is fetched again while somebody looks at it.

use std::time::Duration;

use leptos::prelude::*;
use leptos_router::hooks::use_matched;

use super::load::Refresh;
use crate::browser;

/// Put it beside the [`super::load::load`] that it keeps fresh; it renders nothing. Without JavaScript nothing moves.
#[component]
pub fn Live(
    /// Between two looks.
    #[prop(default = 5)]
    seconds: u32,
    /// Whether anything can change; a list that is settled is left alone.
    #[prop(optional, into)]
    when: Option<Signal<bool>>,
) -> impl IntoView {
    let refresh = expect_context::<Refresh>();
    let own = use_matched().get_untracked();
    Effect::new(move |_| {
        if when.is_some_and(|when| !when.get()) {
            return;
        }
        let own = own.clone();
        let look = move || {
            if browser::is_visible() {
                refresh.below(&own);
            }
        };
        if let Ok(looking) = set_interval_with_handle(look, Duration::from_secs(seconds.into())) {
            on_cleanup(move || looking.clear());
        }
    });
}
