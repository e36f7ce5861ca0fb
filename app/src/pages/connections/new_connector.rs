//! The New Connector wizard: choose the kind, configure, look it over.

use domain::{ConnectionId, DraftId};
use leptos::prelude::*;

use super::{
    api,
    configuration::{fields, summary},
    param,
    report::checks,
    view::{Draft, Kind},
};
use crate::{
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Loaded, load, named},
        radio::{Radio, Radios},
        wizard::Steps,
    },
};

const TITLE: &str = "Create outbound provisioning connector";
const SUBTITLE: &str = "Follow the steps to add a new outbound provisioning connector.";
const STEPS: &[&str] = &["Connector selection", "Configuration", "Summary"];

/// Step 1.
#[component]
pub fn ChooseKind() -> impl IntoView {
    let connection = param::<ConnectionId>("id");
    let kinds = load(move || {
        let connection = named(connection(), "This connection")?;
        Ok(api::Kinds { connection })
    });
    let choose = post::<api::Choose>();
    view! {
        <Wizard connection step=0>
            <Loaded data=kinds view=move |kinds| connection().map(|id| kind_form(id, kinds, choose)).into_any()/>
        </Wizard>
    }
}

fn kind_form(connection: ConnectionId, kinds: Vec<Kind>, choose: Post) -> AnyView {
    let first = kinds.iter().position(|kind| !kind.taken);
    let all_taken = first.is_none().then_some("Every type is in use here.");
    view! {
        <Form action=choose id="choose-kind">
            <input type="hidden" name="connection" value=connection.to_string()/>
            <Radios name="kind" legend="Select the type of the new connector">{radios(kinds, first)}</Radios>
            <Actions>
                <LinkButton to=Page::OutboundProvisioning(connection).path() look=Look::Quiet>"Cancel"</LinkButton>
                {writing(move |because| {
                    let because = because.or(all_taken);
                    view! { <Submit look=Look::Primary disabled_because=because>"Next"</Submit> }.into_any()
                })}
            </Actions>
        </Form>
    }
    .into_any()
}

/// Made within the form, which knows what was chosen before it came back.
fn radios(kinds: Vec<Kind>, first: Option<usize>) -> AnyView {
    kinds
        .into_iter()
        .enumerate()
        .map(|(index, kind)| {
            let because = kind.taken.then_some("This connection has one already.");
            view! {
                <Radio
                    name="kind"
                    value=kind.kind
                    label=kind.name
                    hint=kind.description
                    chosen=first == Some(index)
                    disabled_because=because
                />
            }
        })
        .collect_view()
        .into_any()
}

/// Step 2.
#[component]
pub fn Configure() -> impl IntoView {
    let configure = post::<api::Configure>();
    step(1, move |connection, id, draft| {
        view! {
            <Form action=configure id="configure">
                <Ids connection id/>
                {fields(&draft.configuration)}
                <Actions>
                    <Cancel/>
                    <LinkButton to=Page::NewConnector(connection).path() look=Look::Secondary>"Previous"</LinkButton>
                    <Submit look=Look::Primary>"Next"</Submit>
                </Actions>
            </Form>
        }
        .into_any()
    })
}

/// Step 3.
#[component]
pub fn Summarise() -> impl IntoView {
    let test = post::<api::TryDraft>();
    let finish = post::<api::Finish>();
    step(2, move |connection, id, draft| {
        view! {
            {summary(&draft.configuration)}
            <Form action=test id="try-draft" class="aside">
                <Ids connection id/>
                <Submit>"Test connection"</Submit>
            </Form>
            {draft.report.as_ref().map(checks)}
            <Form action=finish id="finish">
                <Ids connection id/>
                <Actions>
                    <Cancel/>
                    <LinkButton to=Page::ConfigureConnector(connection, id).path() look=Look::Secondary>
                        "Previous"
                    </LinkButton>
                    <Submit look=Look::Primary>"Finish"</Submit>
                </Actions>
            </Form>
        }
        .into_any()
    })
}

/// A later step: it shows the draft that the address names.
fn step(
    number: usize,
    view: impl Fn(ConnectionId, DraftId, Draft) -> AnyView + Clone + Send + Sync + 'static,
) -> impl IntoView {
    let (connection, id) = (param::<ConnectionId>("id"), param::<DraftId>("draft"));
    let ids = move || Some((connection()?, id()?));
    let draft = load(move || {
        let (connection, id) = named(ids(), "This draft")?;
        Ok(api::ReadDraft { connection, draft: id })
    });
    let cancel = post::<api::Cancel>();
    let shown = move |draft| {
        ids()
            .map(|(connection, id)| {
                view! {
                    {view(connection, id, draft)}
                    <Form action=cancel id=CANCEL><Ids connection id/></Form>
                }
            })
            .into_any()
    };
    view! { <Wizard connection step=number><Loaded data=draft view=shown.clone()/></Wizard> }
}

const CANCEL: &str = "cancel";

/// Discards the draft; a button of the form that stands behind the others, so that Enter never presses it.
#[component]
fn Cancel() -> impl IntoView {
    view! { <Submit look=Look::Quiet form=CANCEL>"Cancel"</Submit> }
}

#[component]
fn Ids(connection: ConnectionId, id: DraftId) -> impl IntoView {
    view! {
        <input type="hidden" name="connection" value=connection.to_string()/>
        <input type="hidden" name="draft" value=id.to_string()/>
    }
}

#[component]
fn Wizard(
    connection: impl Fn() -> Option<ConnectionId> + Copy + Send + Sync + 'static,
    step: usize,
    children: Children,
) -> impl IntoView {
    let parent = connection().map_or(Page::Connections, Page::OutboundProvisioning).path();
    view! {
        <Dialog title=TITLE subtitle=SUBTITLE parent>
            <Steps steps=STEPS current=step/>
            {children()}
        </Dialog>
    }
}
