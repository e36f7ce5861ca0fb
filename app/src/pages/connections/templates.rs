//! Create New Connection: what kind of connection it shall be.

use domain::identity::TILES;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::card::{CardGrid, CardLink},
};

#[component]
pub fn Templates() -> impl IntoView {
    view! {
        <PageHead
            title="Create New Connection"
            subtitle="Choose what the connection is made from."
            above=vec![("Connections".to_owned(), Some(Page::Connections.path()))]
        />
        <CardGrid label="Templates">
            {TILES
                .map(|tile| {
                    let to = Page::NewIdentityProvider(tile.template).path();
                    view! { <CardLink to title=tile.name text=tile.description/> }
                })
                .collect_view()}
            <CardLink
                to=Page::NewCustomConnector.path()
                title="Custom Connector"
                text="A connection that starts empty. Add the connectors through which a system receives accounts."
            />
        </CardGrid>
        <Outlet/>
    }
}
