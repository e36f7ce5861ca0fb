//! The first page after sign-in.

use leptos::prelude::*;

use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::card::{CardGrid, CardLink},
};

#[component]
pub fn Home() -> impl IntoView {
    view! {
        <PageHead title="Home" subtitle="Keep the accounts of other systems in step with this directory."/>
        <CardGrid label="What to do here">
            <CardLink
                to=Page::Connections.path()
                title="Connections"
                text="Name the systems that receive accounts, and say how to reach them."
            />
            <CardLink
                to=Page::Provisioners.path()
                title="Outbound Provisioning Configuration"
                text="Choose which of them get an account for everybody who comes in."
            />
        </CardGrid>
    }
}
