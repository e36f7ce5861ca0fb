//! A moment: absolute and in UTC from the server, in the reader's own words once the page is alive.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::browser;

/// An instant in words; the browser computes with none, and so needs no calendar.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moment {
    /// For machines.
    pub rfc3339: String,
    /// For people: `2026-03-12 14:05 UTC`.
    pub minute: String,
}

#[cfg(feature = "ssr")]
impl From<domain::Timestamp> for Moment {
    fn from(at: domain::Timestamp) -> Self {
        Self { rfc3339: at.to_string(), minute: at.to_minute() }
    }
}

impl Moment {
    /// The day alone.
    pub fn day(&self) -> &str {
        self.minute.get(..10).unwrap_or(&self.minute)
    }
}

#[component]
pub fn Time(at: Moment) -> impl IntoView {
    let (text, set_text) = signal(at.minute);
    let machine = at.rfc3339.clone();
    Effect::new(move |_| {
        if let Some(local) = browser::local_time(&machine) {
            set_text.set(local);
        }
    });
    view! { <time datetime=at.rfc3339>{text}</time> }
}
