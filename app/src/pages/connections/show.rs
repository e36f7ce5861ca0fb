//! One connection: its head and its tabs.

use domain::ConnectionId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{api, param, standing, view::Connection};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        load::{Load, Loaded, load, named},
        tabs::Tabs,
    },
};

/// What the tabs share.
#[derive(Clone, Copy)]
pub(super) struct Shown(pub(super) Load<Connection>);

#[component]
pub fn ShowConnection() -> impl IntoView {
    let id = param::<ConnectionId>("id");
    let connection = load(move || {
        let id = named(id(), "This connection")?;
        Ok(api::Show { id })
    });
    provide_context(Shown(connection));
    view! {
        <Loaded data=connection view=head/>
        // Outside what is loaded: what is typed in a tab stays when the head is drawn again.
        <Outlet/>
    }
}

fn head(connection: Connection) -> AnyView {
    let id = connection.id;
    let mut tabs = vec![
        ("General", Page::Connection(id).path()),
        ("Outbound Provisioning", Page::OutboundProvisioning(id).path()),
    ];
    if connection.signs_in {
        tabs.reverse();
        tabs.splice(
            0..0,
            [
                ("Settings", Page::SignInSettings(id).path()),
                ("Attributes", Page::SignInAttributes(id).path()),
                ("Groups", Page::SignInGroups(id).path()),
                ("Just-in-Time Provisioning", Page::JustInTime(id).path()),
            ],
        );
    }
    let label = connection.name.clone();
    view! {
        <PageHead
            title=connection.name
            subtitle=connection.description
            above=vec![("Connections".to_owned(), Some(Page::Connections.path()))]
        >
            {standing(connection.state)}
        </PageHead>
        <Tabs label tabs/>
    }
    .into_any()
}
