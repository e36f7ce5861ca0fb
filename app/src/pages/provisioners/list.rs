//! The list of provisioners.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    api, in_seconds,
    view::{Behaviour, ProvisionerList, Row},
};
use crate::{
    layout::head::PageHead,
    pages::{connections::accounts, session::READ_ONLY},
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        empty::Empty,
        load::{Loaded, load},
        note::Tone,
        pill::Pill,
        table::Table,
    },
};

#[component]
pub fn Provisioners() -> impl IntoView {
    let list = load(|| Ok(api::List {}));
    view! {
        <Loaded data=list view=page/>
        <Outlet/>
    }
}

fn page(list: ProvisionerList) -> AnyView {
    let ProvisionerList { items, may_write } = list;
    let above = vec![("Login & Registration".to_owned(), Some(Page::LoginAndRegistration.path()))];
    let (to, read_only) = (Page::NewProvisioner.path(), (!may_write).then_some(READ_ONLY));
    let new = view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Provisioner"</LinkButton> };
    let subtitle = "Which systems get an account for everybody who comes in.";
    if items.is_empty() {
        return view! {
            <PageHead title="Outbound Provisioning Configuration" subtitle above/>
            <section class="card">
                <Empty
                    title="No outbound provisioners"
                    text="No outbound provisioners configured. Add a provisioner to view it here."
                >
                    {new}
                </Empty>
            </section>
        }
        .into_any();
    }
    let count = match items.len() {
        1 => "1 provisioner".to_owned(),
        count => format!("{count} provisioners"),
    };
    let rows = items.into_iter().map(row).collect_view();
    view! {
        <PageHead title="Outbound Provisioning Configuration" subtitle above/>
        <div class="section-head">
            <p class="hint">{count}</p>
            {new}
        </div>
        <section class="card">
            <Table
                caption="Provisioners"
                columns=vec!["Connection", "Connector", "Blocking", "JIT Outbound", "Accounts", ""]
            >
                {rows}
            </Table>
        </section>
    }
    .into_any()
}

fn row(row: Row) -> AnyView {
    let Row { id, connection, connector, enabled, removing, behaviour, accounts: linked } = row;
    let state = if removing {
        Some((Tone::Wait, "being removed"))
    } else if enabled {
        None
    } else {
        Some((Tone::Neutral, "switched off"))
    };
    let state = state.map(|(tone, text)| view! { " " <Pill tone text/> });
    let label = format!("Edit the provisioner of {connection}");
    view! {
        <tr>
            <th scope="row">{connection}</th>
            <td data-label="Connector">{connector}</td>
            <td data-label="Blocking">{blocking(&behaviour)}</td>
            <td data-label="JIT Outbound">{if behaviour.jit_outbound { "yes" } else { "no" }}</td>
            <td data-label="Accounts"><span>{accounts(linked)}{state}</span></td>
            <td>{(!removing).then(|| view! { <a href=Page::Provisioner(id).path() aria-label=label>"Edit"</a> })}</td>
        </tr>
    }
    .into_any()
}

fn blocking(behaviour: &Behaviour) -> String {
    if behaviour.blocking { format!("up to {} s", in_seconds(behaviour.time_limit_ms)) } else { "no".to_owned() }
}
