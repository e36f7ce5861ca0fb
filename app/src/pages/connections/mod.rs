//! Connections and their outbound connectors.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::ui::{
    note::Tone,
    pill::Pill,
    select::{Choice, Select},
};

pub mod api;
pub(crate) mod configuration;
pub mod delete;
pub mod delete_connector;
#[cfg(feature = "ssr")]
mod draft;
pub mod general;
pub mod list;
pub mod new_connector;
pub mod new_custom_connector;
pub mod outbound;
pub mod report;
pub mod show;
#[cfg(feature = "ssr")]
mod shown;
pub mod templates;
pub mod view;

use view::Standing;

/// The id in the address; whatever is none finds nothing.
pub(crate) fn param<Id: std::str::FromStr>(name: &'static str) -> impl Fn() -> Option<Id> + Copy + Send + Sync {
    let params = use_params_map();
    move || params.with(|params| params.get(name)).and_then(|id| id.parse().ok())
}

fn standing(state: Standing) -> AnyView {
    let (tone, text) = match state {
        Standing::Unused => (Tone::Neutral, "No connector yet"),
        Standing::Disabled => (Tone::Neutral, "Disabled"),
        Standing::Enabled => (Tone::Ok, "Enabled"),
        Standing::Waiting => (Tone::Wait, "Waiting for the system"),
        Standing::Held => (Tone::Held, "Needs you"),
        Standing::Removing => (Tone::Wait, "Being removed"),
    };
    view! { <Pill tone text/> }.into_any()
}

/// Asks what becomes of accounts, where there are any. `name` is what the accounts are at.
pub(crate) fn accounts_question(count: i64, name: &str) -> AnyView {
    if count == 0 {
        return view! { <p>"It has no accounts in the other system: nothing changes there."</p> }.into_any();
    }
    let choices = vec![
        Choice::new("delete", "Delete them there"),
        Choice::new("disable", "Disable them there"),
        Choice::new("leave", "Leave them as they are"),
    ];
    view! {
        <p>{format!("Usher keeps {} at {name}.", accounts(count))}</p>
        <Select
            name="accounts"
            label=format!("What becomes of {}", accounts(count))
            hint="They are let go one by one; until the last is, this stays listed as being removed."
            prompt="Choose…"
            required=true
            choices
        />
    }
    .into_any()
}

/// Accounts, counted in words.
pub(crate) fn accounts(count: i64) -> String {
    if count == 1 { "1 account".to_owned() } else { format!("{} accounts", thousands(count)) }
}

/// `1284` as `1,284`.
pub(crate) fn thousands(count: i64) -> String {
    let digits = count.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if count < 0 { format!("-{grouped}") } else { grouped }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_grouped_by_thousands() {
        assert_eq!(accounts(1), "1 account");
        assert_eq!(accounts(0), "0 accounts");
        assert_eq!(accounts(1_284), "1,284 accounts");
        assert_eq!(thousands(1_000_000), "1,000,000");
        assert_eq!(thousands(-12), "-12");
    }
}
