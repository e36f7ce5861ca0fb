//! The tab Outbound Provisioning: each connector with its switch, its form, its test and its end.

use domain::ConnectionId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    accounts, api, configuration, param,
    view::{Connector, OutboundProvisioning, Pause},
};
use crate::{
    pages::session::READ_ONLY,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::initial,
        dialog::Actions,
        empty::Empty,
        form::{Form, FormContext, post},
        load::{Loaded, load, named},
        note::{Note, Tone},
        pill::Pill,
        select::{Choice, Select},
        time::Time,
        toggle::Toggle,
    },
};

#[component]
pub fn Outbound() -> impl IntoView {
    let id = param::<ConnectionId>("id");
    let connectors = load(move || {
        let id = named(id(), "This connection")?;
        Ok(api::ListConnectors { id })
    });
    view! {
        <Loaded data=connectors part=true view=move |shown| id().map(|id| page(id, shown)).into_any()/>
        <Outlet/>
    }
}

fn page(id: ConnectionId, shown: OutboundProvisioning) -> AnyView {
    let OutboundProvisioning { connection_enabled, connectors, may_write, .. } = shown;
    let (to, read_only) = (Page::NewConnector(id).path(), (!may_write).then_some(READ_ONLY));
    if connectors.is_empty() {
        return view! {
            <section class="card">
                <Empty
                    title="No outbound provisioning connectors"
                    text="This connection has no outbound provisioning connectors configured. Add a connector to view it here."
                >
                    <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Connector"</LinkButton>
                </Empty>
            </section>
        }
        .into_any();
    }
    let paused = (!connection_enabled).then(|| {
        view! { <Note tone=Tone::Wait>"The connection is disabled: its connectors send nothing until it is enabled again."</Note> }
    });
    let rows = connectors
        .into_iter()
        .map(|connector| view! { <ConnectorCard connection=id connector read_only/> })
        .collect_view();
    view! {
        <div class="section-head">
            <h2>"Outbound Provisioning Connectors"</h2>
            <LinkButton to disabled_because=read_only>"+ New Connector"</LinkButton>
        </div>
        {paused}
        {rows}
    }
    .into_any()
}

#[component]
fn ConnectorCard(connection: ConnectionId, connector: Connector, read_only: Option<&'static str>) -> impl IntoView {
    let Connector { id, enabled, removing, pause, accounts: linked, open, version, configuration } = connector;
    let name = configuration.schema.name.clone();
    let test = post::<api::TestConnector>();
    let switch = post::<api::SwitchConnector>();
    let ids = move || {
        view! {
            <input type="hidden" name="connection" value=connection.to_string()/>
            <input type="hidden" name="connector" value=id.to_string()/>
        }
    };
    let (label, switched) = (name.clone(), name.clone());
    let switches = if removing {
        view! { <Pill tone=Tone::Wait text="Being removed"/> }.into_any()
    } else {
        view! {
            <Form action=test id=format!("test-{id}")>
                {ids()}
                <Submit disabled_because=read_only>"Test connection"</Submit>
            </Form>
            <Form action=switch id=format!("switch-{id}")>
                {ids()}
                <input type="hidden" name="enabled" value=(!enabled).to_string()/>
                <Toggle on=enabled label=switched disabled_because=read_only/>
            </Form>
        }
        .into_any()
    };
    let form = (!removing).then(|| {
        view! { <ConnectorForm connection id version enabled read_only configuration/> }
    });
    view! {
        <section class="card connector" aria-label=label>
            <header class="connector-head">
                <span class="avatar" aria-hidden="true">{initial(&name)}</span>
                <div class="connector-name">
                    <h3>{name}</h3>
                    <p class="hint">{figures(linked, open)}</p>
                </div>
                <div class="connector-switches">{switches}</div>
            </header>
            {pause.map(note)}
            {form}
        </section>
    }
}

fn figures(linked: i64, open: i64) -> String {
    match open {
        0 => format!("{} linked · everything delivered", accounts(linked)),
        1 => format!("{} linked · 1 delivery open", accounts(linked)),
        open => format!("{} linked · {open} deliveries open", accounts(linked)),
    }
}

fn note(pause: Pause) -> AnyView {
    let tone = if pause.passes { Tone::Wait } else { Tone::Held };
    view! {
        <div class="connector-note">
            <Note tone><strong>"Paused. "</strong>{pause.text}" Since "<Time at=pause.since/>"."</Note>
        </div>
    }
    .into_any()
}

#[component]
fn ConnectorForm(
    connection: ConnectionId,
    id: domain::ConnectorId,
    version: i64,
    enabled: bool,
    read_only: Option<&'static str>,
    configuration: super::view::Configuration,
) -> impl IntoView {
    let update = post::<api::UpdateConnector>();
    let because = read_only.or(enabled.then_some("Disable it to delete it."));
    let to = Page::DeleteConnector(connection, id).path();
    view! {
        <Form action=update id=format!("connector-{id}") class="connector-form">
            <input type="hidden" name="connection" value=connection.to_string()/>
            <input type="hidden" name="connector" value=id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            {configuration::fields(&configuration)}
            <Moved/>
            <Actions>
                <LinkButton to look=Look::Quiet disabled_because=because>"Delete…"</LinkButton>
                <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
            </Actions>
        </Form>
    }
}

/// Asked once an address has changed while accounts are linked; stays until the form is saved.
#[component]
fn Moved() -> impl IntoView {
    let form = FormContext::of_form();
    let asked = Memo::new(move |before: Option<&bool>| {
        let error = form.is_some_and(|form| form.error("moved").is_some() || form.typed("moved").is_some());
        before.copied().unwrap_or_default() || error
    });
    move || {
        asked.get().then(|| {
            let choices = vec![
                Choice::new("same", "The same system, moved: the links stay"),
                Choice::new("another", "Another system: the old accounts are let go as they are"),
            ];
            view! { <Select name="moved" label="The new address is" prompt="Choose…" required=true choices/> }
        })
    }
}
