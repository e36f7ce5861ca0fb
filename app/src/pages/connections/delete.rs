//! Asks before a connection is deleted, and says what that does.

use leptos::prelude::*;

use super::{accounts_question, api, show::Shown, view::Connection};
use crate::{
    pages::session::READ_ONLY,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::Loaded,
    },
};

#[component]
pub fn DeleteConnection() -> impl IntoView {
    let Shown(connection) = expect_context();
    let delete = post::<api::Delete>();
    view! { <Loaded data=connection part=true view=move |connection| dialog(connection, delete)/> }
}

fn dialog(connection: Connection, delete: Post) -> AnyView {
    let Connection { id, name, accounts, may_write, .. } = connection;
    let parent = Page::Connection(id).path();
    view! {
        <Dialog title="Delete Connection" subtitle="This cannot be undone." parent=parent.clone()>
            <Form action=delete id="delete-connection">
                <input type="hidden" name="id" value=id.to_string()/>
                <p>
                    "Deletes " <strong>{name.clone()}</strong>
                    " with its connectors and provisioners. Nobody gets an account there any more."
                </p>
                {accounts_question(accounts, &name)}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=(!may_write).then_some(READ_ONLY)>"Delete"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
