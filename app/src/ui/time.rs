//! A moment: absolute and in UTC from the server, in the reader's own words once the page is alive.

use domain::Timestamp;
use leptos::prelude::*;

use crate::browser;

#[component]
pub fn Time(at: Timestamp) -> impl IntoView {
    let machine = at.to_string();
    let (text, set_text) = signal(at.to_minute());
    let own = machine.clone();
    Effect::new(move |_| {
        if let Some(local) = browser::local_time(&own) {
            set_text.set(local);
        }
    });
    view! { <time datetime=machine>{text}</time> }
}
