//! What was sent to the systems, and what they said.

use leptos::prelude::*;

use crate::ui::{note::Tone, pill::Pill, time::Time};

pub mod api;
pub mod list;
pub mod news;
pub mod show;
#[cfg(feature = "ssr")]
pub(crate) mod shown;
pub mod view;
#[cfg(feature = "ssr")]
pub(crate) mod words;

use view::{Stand, Word};

pub(crate) const READ_ONLY: &str = "Your role reads only. Operators and administrators retry.";

/// A state as a pill, with its reason below.
fn stand(stand: Stand) -> AnyView {
    let (tone, word) = match stand.word {
        Word::Due => (Tone::Info, "Due"),
        Word::Running => (Tone::Info, "Running"),
        Word::Waiting => (Tone::Wait, "Waiting"),
        Word::Held => (Tone::Held, "Held"),
        Word::Done => (Tone::Ok, "Done"),
    };
    let until = stand.until.map(|until| view! { " Next try " <Time at=until/> "." });
    let reason = (!stand.reason.is_empty() || until.is_some())
        .then(|| view! { <p class="stand-reason">{stand.reason}{until}</p> });
    view! { <Pill tone text=word/> {reason} }.into_any()
}
