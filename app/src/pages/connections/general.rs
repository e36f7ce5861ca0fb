//! The tab General: name and description, and the danger zone.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{api, new_custom_connector::check_name, show::Shown, view::Connection};
use crate::{
    pages::session::READ_ONLY,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        dialog::Actions,
        field::Field,
        form::{Form, Post, post},
        load::Loaded,
        setting::setting,
        textarea::TextArea,
        toggle::Toggle,
    },
};

#[component]
pub fn General() -> impl IntoView {
    let Shown(connection) = expect_context();
    let update = post::<api::Update>();
    let switch = post::<api::Switch>();
    view! {
        <Loaded data=connection part=true view=move |connection| page(connection, update, switch)/>
        <Outlet/>
    }
}

fn page(connection: Connection, update: Post, switch: Post) -> AnyView {
    let Connection { id, name, description, enabled, version, has_enabled_connector, may_write, .. } = connection;
    let label = format!("Connection {name}");
    let read_only = (!may_write).then_some(READ_ONLY);
    let because = read_only.or(has_enabled_connector.then_some("Disable its connector first."));
    let to = Page::DeleteConnection(id).path();
    let delete = view! { <LinkButton to look=Look::Danger disabled_because=because>"Delete…"</LinkButton> };
    let switch = view! {
        <Form action=switch id="connection-switch">
            <input type="hidden" name="id" value=id.to_string()/>
            <input type="hidden" name="enabled" value=(!enabled).to_string()/>
            <Toggle on=enabled label disabled_because=read_only/>
        </Form>
    };
    view! {
        <Card>
            <Form action=update id="connection">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                <Field
                    name="name"
                    label="Name"
                    hint="A unique name of 3 to 120 characters."
                    value=name
                    required=true
                    check=check_name
                />
                <TextArea
                    name="description"
                    label="Description"
                    hint="What it is for; at most 300 characters."
                    value=description
                />
                <Actions>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
        <Card title="Danger Zone">
            {setting(
                "Enabled",
                "While it is disabled, nothing is sent there: deliveries wait, and nobody loses an account.",
                switch.into_any(),
            )}
            {setting(
                "Delete Connection",
                "Takes away the connection and its connectors. You are asked about the accounts there.",
                delete.into_any(),
            )}
        </Card>
    }
    .into_any()
}
