//! `/account/second-factors/passkey`: makes a passkey in the browser or on a device beside it.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{api, ask_passkey};
use crate::{layout::bare::Bare, routes::Page, ui::form::post};

#[component]
pub fn AddPasskey() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    view! {
        <Title text="Passkey"/>
        <Bare>
            <h1>"Add a passkey"</h1>
            <p class="subtitle">
                "A fingerprint, a face, the PIN of this device, or a security key. It works for this site alone, so that no
                other can ask for it."
            </p>
            {ask_passkey(
                post::<api::AddPasskey>(),
                <api::AskForNewPasskey as server_fn::ServerFn>::PATH,
                true,
                "Make a passkey",
                return_to,
            )}
            <p class="bare-aside"><a href=Page::SecondFactors.path()>"Cancel"</a></p>
        </Bare>
    }
}
