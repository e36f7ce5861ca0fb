//! A note within a page: calm, with its tone in colour and its meaning in words.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

/// How a thing stands; notes and pills share the colours.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tone {
    /// Worth knowing.
    #[default]
    Info,
    /// As it should be.
    Ok,
    /// Will settle by itself, or asks for care.
    Wait,
    /// Needs somebody.
    Held,
    /// Neither good nor bad.
    Neutral,
}

impl Tone {
    pub fn class(self) -> &'static str {
        match self {
            Self::Info => "tone-info",
            Self::Ok => "tone-ok",
            Self::Wait => "tone-wait",
            Self::Held => "tone-held",
            Self::Neutral => "tone-neutral",
        }
    }
}

#[component]
pub fn Note(
    /// Its colour.
    #[prop(optional)]
    tone: Tone,
    children: Children,
) -> impl IntoView {
    view! { <div class=format!("note {}", tone.class())>{children()}</div> }
}
