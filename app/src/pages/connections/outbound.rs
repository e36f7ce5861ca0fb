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
        button::{LinkButton, Look, Submit, Unavailable},
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
    let to = Page::NewConnector(id).path();
    if connectors.is_empty() {
        return view! {
            <section class="card">
                <Empty
                    title="No outbound provisioning connectors"
                    text="This connection has no outbound provisioning connectors configured. Add a connector to view it here."
                >
                    {may_write.then(|| view! { <LinkButton to look=Look::Primary>"+ New Connector"</LinkButton> })}
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
        .map(|connector| view! { <ConnectorCard connection=id connector may_write/> })
        .collect_view();
    view! {
        <div class="section-head">
            <h2>"Outbound Provisioning Connectors"</h2>
            {may_write.then(|| view! { <LinkButton to>"+ New Connector"</LinkButton> })}
        </div>
        {paused}
        {rows}
    }
    .into_any()
}

#[component]
fn ConnectorCard(connection: ConnectionId, connector: Connector, may_write: bool) -> impl IntoView {
    let Connector { id, enabled, removing, pause, accounts: linked, open, version, configuration } = connector;
    let name = configuration.schema.name.clone();
    let read_only = (!may_write).then_some(READ_ONLY);
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
        view! { <ConnectorForm connection id version enabled may_write configuration/> }
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
    may_write: bool,
    configuration: super::view::Configuration,
) -> impl IntoView {
    let update = post::<api::UpdateConnector>();
    let delete = if enabled {
        view! { <Unavailable look=Look::Quiet because="Disable it to delete it.">"Delete…"</Unavailable> }.into_any()
    } else {
        let to = Page::DeleteConnector(connection, id).path();
        view! { <LinkButton to look=Look::Quiet>"Delete…"</LinkButton> }.into_any()
    };
    view! {
        <Form action=update id=format!("connector-{id}") class="connector-form">
            <input type="hidden" name="connection" value=connection.to_string()/>
            <input type="hidden" name="connector" value=id.to_string()/>
            <input type="hidden" name="version" value=version.to_string()/>
            {configuration::fields(&configuration)}
            <Moved/>
            <Actions>
                {delete}
                <Submit look=Look::Primary disabled_because=(!may_write).then_some(READ_ONLY)>
                    "Update"
                </Submit>
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
