//! The tab Provisioning: where this user has an account, and why not.

use domain::UserId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    api,
    view::{Account, Provisioning, Stand},
};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        empty::Empty,
        form::{Form, Post, post},
        live::Live,
        load::{Loaded, load, named},
        note::{Note, Tone},
        pill::Pill,
        table::Table,
        time::Time,
    },
};

/// Seconds between two looks while something is on its way.
pub(super) const LOOK: u32 = 2;

#[component]
pub fn UserProvisioning() -> impl IntoView {
    let id = param::<UserId>("id");
    let shown = load(move || {
        let id = named(id(), "This user")?;
        Ok(api::ReadProvisioning { id })
    });
    let (retry, provision) = (post::<api::Retry>(), post::<api::Provision>());
    view! {
        <Loaded data=shown part=true view=move |shown| id().map(|id| page(id, shown, retry, provision)).into_any()/>
        <Outlet/>
    }
}

fn page(id: UserId, shown: Provisioning, retry: Post, provision: Post) -> AnyView {
    let Provisioning { accounts, excluded, moving, may_act } = shown;
    let note = excluded.then(|| {
        view! {
            <Note>"This user was made at set-up and is set apart from provisioning: no system gets an account for them."</Note>
        }
    });
    if accounts.is_empty() {
        return view! {
            <div class="person-notes">{note}</div>
            <section class="card">
                <Empty
                    title="No system is provisioned"
                    text="Add a provisioner to say which system everybody gets an account at."
                >
                    <LinkButton to=Page::Provisioners.path()>"To the provisioners"</LinkButton>
                </Empty>
            </section>
        }
        .into_any();
    }
    let because = if !may_act {
        Some(super::READ_ONLY)
    } else if excluded {
        Some("This user is set apart from provisioning.")
    } else {
        None
    };
    let rows = accounts.into_iter().map(|account| row(id, account, retry)).collect_view();
    view! {
        {note.map(|note| view! { <div class="person-notes">{note}</div> })}
        <div class="section-head">
            <p class="hint section-hint">
                {moving.then(|| view! { <span class="only-hydrated">"This page keeps looking while something is under way."</span> })}
                <a class="only-plain" href=Page::UserProvisioning(id).path()>"Refresh"</a>
            </p>
            <Form action=provision id="provision-now">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit disabled_because=because>"Provision now"</Submit>
            </Form>
        </div>
        <section class="card accounts">
            <Table caption="Accounts" columns=vec!["System", "State", "Account there", "Last attempt", ""]>{rows}</Table>
        </section>
        {moving.then(|| view! { <Live seconds=LOOK/> })}
    }
    .into_any()
}

fn row(user: UserId, account: Account, retry: Post) -> AnyView {
    let Account { delivery, connection, system, kind, stand, remote_id, adopted, last, at, next, may_retry } = account;
    let there = match remote_id {
        Some(id) => view! {
            <code class="remote-id">{id}</code>
            {adopted.then(|| view! { <p class="hint">"taken over"</p> })}
        }
        .into_any(),
        None => view! { <span class="hint">{if stand == Stand::Gone { "none" } else { "none yet" }}</span> }.into_any(),
    };
    let at = at.map(|at| view! { <p class="hint"><Time at/></p> });
    let next = next.map(|(what, when)| {
        view! { <p class="hint">{what} {when.map(|when| view! { ", " <Time at=when/> })}</p> }
    });
    let (label, explained) = (system.clone(), format!(" {system}"));
    let actions = delivery.map(|delivery| {
        let at_system = format!(" at {label}");
        let again = may_retry.then(|| {
            view! {
                <Form action=retry id=format!("retry-{delivery}")>
                    <input type="hidden" name="id" value=user.to_string()/>
                    <input type="hidden" name="delivery" value=delivery.to_string()/>
                    <Submit look=Look::Quiet>"Retry now" <span class="visually-hidden">{at_system}</span></Submit>
                </Form>
            }
        });
        view! {
            <div class="row-actions">
                {again}
                <a href=Page::ExplainDelivery(user, delivery).path()>
                    "Explain" <span class="visually-hidden">{explained}</span>
                </a>
            </div>
        }
    });
    view! {
        <tr>
            <th scope="row">
                <a href=Page::OutboundProvisioning(connection).path()>{system}</a>
                <p class="hint">{kind}</p>
            </th>
            <td data-label="State">{pill(stand)}</td>
            <td data-label="Account there">{there}</td>
            <td data-label="Last attempt">{last} {at} {next}</td>
            <td>{actions}</td>
        </tr>
    }
    .into_any()
}

fn pill(stand: Stand) -> AnyView {
    let (tone, text) = match stand {
        Stand::InStep => (Tone::Ok, "In step"),
        Stand::Due => (Tone::Info, "Due"),
        Stand::Running => (Tone::Info, "Running"),
        Stand::Waiting => (Tone::Wait, "Waiting"),
        Stand::Held => (Tone::Held, "Held"),
        Stand::Gone => (Tone::Neutral, "Gone"),
        Stand::NotBegun => (Tone::Neutral, "Not begun"),
    };
    view! { <Pill tone text/> }.into_any()
}
