//! `/account/second-factors/codes/…`: recovery codes, shown once.

use domain::DraftId;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{api, view::Codes};
use crate::{
    layout::bare::{Bare, organization},
    outcome::encoded,
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        load::{Loaded, load, named},
        note::{Note, Tone},
    },
};

#[component]
pub fn RecoveryCodes() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    let draft = param::<DraftId>("draft");
    let codes = load(move || {
        let draft = named(draft(), "This page")?;
        Ok(api::ReadCodes { draft, return_to: return_to.clone() })
    });
    view! {
        <Title text="Recovery codes"/>
        <Bare>
            <Loaded data=codes view=page/>
        </Bare>
    }
}

fn page(codes: Option<Codes>) -> AnyView {
    let Some(Codes { codes, on }) = codes else {
        return view! {
            <h1>"Recovery codes"</h1>
            <Note tone=Tone::Wait>"They were shown once. If you did not keep them, make new ones."</Note>
            <p class="bare-next"><LinkButton to=Page::SecondFactors.path()>"To your second factors"</LinkButton></p>
        }
        .into_any();
    };
    let text = format!("Recovery codes for {}\n\n{}\n", organization(), codes.join("\n"));
    let file = format!("data:text/plain;charset=utf-8,{}", encoded(&text));
    view! {
        <h1>"Keep your recovery codes"</h1>
        <p class="subtitle">
            "Each of them signs you in once if you lose your second factor. They are shown this time alone: print them, or
            keep them where you keep passwords."
        </p>
        <pre class="code-block bare-codes" tabindex="0" role="region" aria-label="Recovery codes">{codes.join("\n")}</pre>
        <p class="hint"><a href=file download="recovery-codes.txt" rel="external">"Download them as a text file"</a></p>
        <p class="bare-next"><LinkButton to=on look=Look::Primary>"I have kept them"</LinkButton></p>
    }
    .into_any()
}
