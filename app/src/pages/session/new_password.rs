//! A new password, typed twice: its fields, and what is asked of them before anything else.

#[cfg(feature = "ssr")]
use leptos::prelude::*;

#[cfg(feature = "ssr")]
use crate::ui::field::Secret;

pub(crate) const HINT: &str = "At least 12 characters. A few words in a row are good.";

#[cfg(feature = "ssr")]
pub(crate) fn fields() -> AnyView {
    view! {
        <Secret name="password" label="New password" hint=HINT autocomplete="new-password" required=true/>
        <Secret name="again" label="The same once more" autocomplete="new-password" required=true/>
    }
    .into_any()
}

#[cfg(feature = "ssr")]
pub(crate) fn check(password: &str, again: &str) -> domain::validation::FieldErrors {
    let mut wrong = domain::validation::FieldErrors::default();
    if password.is_empty() {
        wrong.add("password", "Enter a password.");
    } else if password != again {
        wrong.add("again", "The two are not the same. Type the password once more.");
    }
    wrong
}
