//! Tells that something changed since a page was drawn, without moving what is being read.

use std::time::Duration;

use leptos::{prelude::*, task::spawn_local};
use leptos_router::hooks::use_matched;

use super::{api, view::Filter};
use crate::{browser, ui::load::Refresh};

/// Between two looks.
const EVERY: Duration = Duration::from_secs(4);
/// The server counts no further.
const MOST: i64 = 50;

/// How many deliveries of a list changed since, with a button that shows them. Without JavaScript there is a link.
#[component]
pub fn News(
    filter: Filter,
    /// Where the first of the list stands.
    since: String,
) -> impl IntoView {
    let refresh = expect_context::<Refresh>();
    let own = use_matched().get_untracked();
    let changed = watch(filter, since);
    let show = move |_| refresh.below(&own);
    view! {
        <p class="news only-hydrated" role="status">
            {move || {
                let show = show.clone();
                match changed.get() {
                    0 => view! { <span class="hint">"Up to date"</span> }.into_any(),
                    count => view! {
                        <button type="button" class="news-show" on:click=show>{words(count)}</button>
                    }
                    .into_any(),
                }
            }}
        </p>
    }
}

/// Draws the page anew once its delivery changed; nothing to be seen.
#[component]
pub fn Follow(
    filter: Filter,
    /// Where the delivery stands.
    since: String,
) -> impl IntoView {
    let refresh = expect_context::<Refresh>();
    let own = use_matched().get_untracked();
    let changed = watch(filter, since);
    Effect::new(move |_| {
        if changed.get() > 0 {
            refresh.below(&own);
        }
    });
}

fn watch(filter: Filter, since: String) -> ReadSignal<i64> {
    let (changed, set_changed) = signal(0);
    Effect::new(move |_| {
        let (filter, since) = (filter.clone(), since.clone());
        let look = move || {
            if !browser::is_visible() {
                return;
            }
            let (filter, since) = (filter.clone(), since.clone());
            spawn_local(async move {
                // The next look tells, if this one could not.
                if let Ok(count) = api::news(filter, since).await {
                    set_changed.try_set(count);
                }
            });
        };
        if let Ok(looking) = set_interval_with_handle(look, EVERY) {
            on_cleanup(move || looking.clear());
        }
    });
    changed
}

fn words(count: i64) -> String {
    match count {
        1 => "1 changed: show it".to_owned(),
        count if count >= MOST => format!("More than {} changed: show them", MOST - 1),
        count => format!("{count} changed: show them"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn news_are_counted_up_to_a_bound() {
        assert_eq!(words(1), "1 changed: show it");
        assert_eq!(words(3), "3 changed: show them");
        assert_eq!(words(50), "More than 49 changed: show them");
    }
}
