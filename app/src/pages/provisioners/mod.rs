//! Outbound Provisioning Configuration: which systems everybody has an account in, and how.

use domain::provisioner::{OnFailure, Removal};
use leptos::prelude::*;

use crate::ui::{
    checkbox::Checkbox,
    field::Field,
    select::{Choice, Select},
};

pub mod api;
pub mod delete;
pub mod edit;
pub mod list;
pub mod new;
#[cfg(feature = "ssr")]
mod shown;
pub mod view;

use view::Behaviour;

/// The fields of New Provisioner and of editing one.
fn behaviour(behaviour: &Behaviour) -> AnyView {
    let Behaviour { blocking, time_limit_ms, on_blocking_failure, jit_outbound, on_delete, on_leave } = *behaviour;
    let rules = vec![
        Choice::new(OnFailure::Refuse.as_str(), "Do not create the user"),
        Choice::new(OnFailure::Keep.as_str(), "Create the user, deliver later"),
    ];
    view! {
        <Checkbox
            name="blocking"
            label="Blocking"
            hint="Wait for the system's answer before the user is created."
            ticked=blocking
        >
            <div class="pair">
                <Field name="time_limit" label="Wait at most" value=in_seconds(time_limit_ms) unit="seconds"/>
                <Select
                    name="on_blocking_failure"
                    label="If it refuses or does not answer"
                    value=on_blocking_failure.as_str()
                    choices=rules
                />
            </div>
        </Checkbox>
        <Checkbox
            name="jit_outbound"
            label="JIT Outbound"
            hint="Also users who arrive by signing in through another identity provider."
            ticked=jit_outbound
        />
        <div class="pair">
            <Select
                name="on_delete"
                label="When somebody is deleted here"
                value=on_delete.as_str()
                choices=removals()
            />
            <Select name="on_leave" label="When somebody leaves the scope" value=on_leave.as_str() choices=removals()/>
        </div>
    }
    .into_any()
}

fn removals() -> Vec<Choice> {
    vec![
        Choice::new(Removal::Delete.as_str(), "Delete the account"),
        Choice::new(Removal::Disable.as_str(), "Disable the account"),
        Choice::new(Removal::Leave.as_str(), "Leave the account as it is"),
    ]
}

/// `10000` as `10`, `1500` as `1.5`.
pub(crate) fn in_seconds(milliseconds: i64) -> String {
    let (seconds, rest) = (milliseconds / 1000, milliseconds % 1000);
    if rest == 0 {
        return seconds.to_string();
    }
    format!("{seconds}.{rest:03}").trim_end_matches('0').to_owned()
}

/// The reverse; a comma will do for the point. `None` for what is no such number.
#[cfg_attr(not(any(feature = "ssr", test)), expect(dead_code, reason = "only the server reads it"))]
fn from_seconds(text: &str) -> Option<i64> {
    let text = text.trim().replace(',', ".");
    let (seconds, rest) = text.split_once('.').unwrap_or((&text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(seconds) || !digits(rest) || rest.len() > 3 {
        return None;
    }
    let seconds: i64 = seconds.parse().ok()?;
    let rest: i64 = format!("{rest:0<3}").parse().ok()?;
    seconds.checked_mul(1000)?.checked_add(rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn seconds_are_read_as_they_are_written() {
        for milliseconds in [0, 100, 1_000, 1_500, 10_000, 59_999] {
            assert_eq!(from_seconds(&in_seconds(milliseconds)), Some(milliseconds));
        }
        assert_eq!(in_seconds(10_000), "10");
        assert_eq!(in_seconds(1_500), "1.5");
        assert_eq!(from_seconds(" 2,25 "), Some(2_250));
        for wrong in ["", "ten", "-1", "1.2345", "1.", ".5", "99999999999999999999"] {
            assert_eq!(from_seconds(wrong), None, "{wrong}");
        }
    }
}
