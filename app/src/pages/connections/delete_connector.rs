//! Asks before a connector is deleted, and says what that does.

use domain::{ConnectionId, ConnectorId};
use leptos::prelude::*;

use super::{accounts_question, api, param, view::Deletion};
use crate::{
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Loaded, load, named},
    },
};

#[component]
pub fn DeleteConnector() -> impl IntoView {
    let (connection, connector) = (param::<ConnectionId>("id"), param::<ConnectorId>("connector"));
    let ids = move || Some((connection()?, connector()?));
    let deletion = load(move || {
        let (_, connector) = named(ids(), "This connector")?;
        Ok(api::ReadDeletion { connector })
    });
    let delete = post::<api::DeleteConnector>();
    view! { <Loaded data=deletion view=move |deletion| ids().map(|ids| dialog(ids, deletion, delete)).into_any()/> }
}

fn dialog((connection, connector): (ConnectionId, ConnectorId), deletion: Deletion, delete: Post) -> AnyView {
    let Deletion { name, accounts, enabled } = deletion;
    let parent = Page::OutboundProvisioning(connection).path();
    let reason = enabled.then_some("It is enabled. Disable it first.");
    view! {
        <Dialog title="Delete connector" subtitle="This cannot be undone." parent=parent.clone()>
            <Form action=delete id="delete-connector">
                <input type="hidden" name="connection" value=connection.to_string()/>
                <input type="hidden" name="connector" value=connector.to_string()/>
                <p>"Deletes " <strong>{name.clone()}</strong> " with its secrets, and the provisioner that uses it."</p>
                {accounts_question(accounts, &name)}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(move |because| {
                        view! { <Submit look=Look::Danger disabled_because=because.or(reason)>"Delete"</Submit> }.into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
