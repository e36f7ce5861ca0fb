//! New Provisioner.

use domain::{ConnectionId, provisioner::Rules};
use leptos::prelude::*;
use leptos_router::{
    NavigateOptions,
    hooks::{use_navigate, use_query_map},
};

use super::{
    api, behaviour,
    view::{Candidate, CandidateConnector},
};
use crate::{
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Loaded, load},
        note::{Note, Tone},
        select::{Choice, Select},
    },
};

const CONNECTION: &str = "connection_id";

#[component]
pub fn NewProvisioner() -> impl IntoView {
    let candidates = load(|| Ok(api::Candidates {}));
    let create = post::<api::Create>();
    view! {
        <Dialog
            title="New Provisioner"
            subtitle="Give everybody who comes in an account in another system."
            parent=Page::Provisioners.path()
        >
            <Loaded data=candidates view=move |candidates| {
                if candidates.is_empty() {
                    nothing_to_choose()
                } else {
                    view! { <NewForm candidates create/> }.into_any()
                }
            }/>
        </Dialog>
    }
}

fn nothing_to_choose() -> AnyView {
    view! {
        <Note tone=Tone::Wait>
            "No connection has an enabled connector yet. Add one on the connection's Outbound Provisioning tab and "
            "switch it on; then it can be chosen here."
        </Note>
        <Actions>
            <LinkButton to=Page::Provisioners.path() look=Look::Quiet>"Cancel"</LinkButton>
            <LinkButton to=Page::Connections.path() look=Look::Primary>"Go to Connections"</LinkButton>
        </Actions>
    }
    .into_any()
}

#[component]
fn NewForm(candidates: Vec<Candidate>, create: Post) -> impl IntoView {
    let query = use_query_map();
    let chosen =
        Memo::new(move |_| query.with(|query| query.get(CONNECTION)).and_then(|id| id.parse::<ConnectionId>().ok()));
    let go = use_navigate();
    // The connection is part of the address, so that its connectors are listed without JavaScript too.
    let choose = Callback::new(move |id: String| {
        let path = format!("{}?{CONNECTION}={id}", Page::NewProvisioner.path());
        go(&path, NavigateOptions { replace: true, scroll: false, ..Default::default() });
    });
    let connections: Vec<Choice> =
        candidates.iter().map(|candidate| Choice::new(candidate.id.to_string(), candidate.name.as_str())).collect();
    let first = chosen.get_untracked().map(|id| id.to_string()).unwrap_or_default();
    view! {
        <Form action=create id="new-provisioner">
            // Enter presses this one, not the button that lists connectors.
            {writing(|because| because.is_none().then(first_pressed).into_any())}
            <Select
                name=CONNECTION
                label="Connection"
                prompt="Select connection"
                value=first
                required=true
                choices=connections
                on_choose=choose
            />
            <button
                type="submit"
                class="button button-secondary only-plain"
                formmethod="get"
                formaction=Page::NewProvisioner.path()
            >
                "Show its connectors"
            </button>
            {move || connectors(&candidates, chosen.get())}
            {behaviour(&Rules::default().into())}
            <Actions>
                <LinkButton to=Page::Provisioners.path() look=Look::Quiet>"Cancel"</LinkButton>
                {writing(|because| {
                    view! { <Submit look=Look::Primary disabled_because=because>"Finish"</Submit> }.into_any()
                })}
            </Actions>
        </Form>
    }
}

fn first_pressed() -> AnyView {
    view! { <button type="submit" class="visually-hidden" tabindex="-1" aria-hidden="true">"Finish"</button> }
        .into_any()
}

fn connectors(candidates: &[Candidate], chosen: Option<ConnectionId>) -> AnyView {
    let candidate = candidates.iter().find(|candidate| Some(candidate.id) == chosen);
    let offered: Vec<CandidateConnector> = candidate.map(|candidate| candidate.connectors.clone()).unwrap_or_default();
    let taken = !offered.is_empty() && offered.iter().all(|connector| connector.taken);
    let free: Vec<Choice> = offered
        .iter()
        .filter(|connector| !connector.taken)
        .map(|connector| Choice::new(connector.id.to_string(), connector.name.as_str()))
        .collect();
    // The only one there is needs no choosing.
    let value = if let [only] = free.as_slice() { only.value.clone() } else { String::new() };
    let hint = match (candidate.is_some(), taken) {
        (false, _) => "Choose the connection first.",
        (true, true) => "Each of its connectors has a provisioner already: edit that one.",
        (true, false) => "Enabled connectors of the chosen connection.",
    };
    view! {
        <Select
            name="connector_id"
            label="Provisioning Connector"
            prompt="Select provisioning connector"
            hint
            value
            required=true
            choices=free
        />
    }
    .into_any()
}
