//! The result of "Test connection": each thing that was tried, by name.

use domain::{ConnectionId, DraftId, config::Report};
use leptos::prelude::*;

use super::{api, param};
use crate::{
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        dialog::{Actions, Dialog},
        load::{Loaded, load, named},
        note::Tone,
        pill::Pill,
    },
};

#[component]
pub fn ConnectorReport() -> impl IntoView {
    let (connection, draft) = (param::<ConnectionId>("id"), param::<DraftId>("report"));
    let report = load(move || {
        let draft = named(draft(), "This report")?;
        Ok(api::ReadReport { draft })
    });
    let parent = move || connection().map_or(Page::Connections, Page::OutboundProvisioning).path();
    view! {
        <Dialog title="Test connection" subtitle="Nothing was changed in the other system." parent=parent()>
            <Loaded data=report view=move |report| checks(&report)/>
            <Actions>
                <LinkButton to=parent() look=Look::Primary>"Close"</LinkButton>
            </Actions>
        </Dialog>
    }
}

pub(crate) fn checks(report: &Report) -> AnyView {
    let rows = report
        .checks
        .iter()
        .map(|check| {
            let (tone, word) = if check.ok { (Tone::Ok, "Passed") } else { (Tone::Held, "Failed") };
            view! {
                <li class="check">
                    <Pill tone text=word/>
                    <div>
                        <strong>{check.name.clone()}</strong>
                        <p class="hint">{check.text.clone()}</p>
                    </div>
                </li>
            }
        })
        .collect_view();
    view! { <ul class="checks" aria-label="Checks">{rows}</ul> }.into_any()
}
