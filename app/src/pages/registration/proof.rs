//! The proof of work on the page that registers: a challenge, the script that solves it, and the field for its solution.
//!
//! The script is the only one of the pages before the console, and works beside the form. Without it the field stays
//! empty, and the form works within a stricter limit.

use leptos::prelude::*;

use crate::ui::form::SECRET;

pub const SCRIPT: &str = include_str!("proof.js");
/// Where the server has it.
pub const SCRIPT_PATH: &str = "/assets/proof-of-work.js";
const FIELD: &str = "proof";

/// Changes with the script, so that browsers keep it for as long as it is the same.
pub fn script_address() -> String {
    const VERSION: u64 = fingerprint(SCRIPT.as_bytes());
    format!("{SCRIPT_PATH}?v={VERSION:016x}")
}

/// FNV-1a: tells two scripts apart while this is compiled.
const fn fingerprint(bytes: &[u8]) -> u64 {
    let (mut hash, mut index) = (0xcbf2_9ce4_8422_2325_u64, 0);
    while index < bytes.len() {
        hash = (hash ^ bytes[index] as u64).wrapping_mul(0x0100_0000_01b3);
        index += 1;
    }
    hash
}

/// What of it stands in the form. The solution is good once, so a form that comes back has none.
pub(super) fn proof(challenge: String) -> AnyView {
    view! {
        <input type="hidden" name=format!("{SECRET}{FIELD}") value=""/>
        <input type="hidden" name=FIELD value="" autocomplete="off" data-challenge=challenge/>
        <p class="hint bare-status" role="status" aria-live="polite" data-waiting="Checking that you are no robot\u{2026}"></p>
        // The script takes it away.
        <p class="hint" data-without-script="">
            "Your browser runs no scripts, so it cannot show that you are no robot. You can register all the same, but only \
             a few people an hour can from one network."
        </p>
        <script type="module" src=script_address()></script>
    }
    .into_any()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_address_changes_with_the_script() {
        assert_eq!(fingerprint(b""), 0xcbf2_9ce4_8422_2325);
        assert_eq!(fingerprint(b"a"), 0xaf63_dc4c_8601_ec8c, "as published");
        assert!(script_address().starts_with(SCRIPT_PATH));
    }
}
