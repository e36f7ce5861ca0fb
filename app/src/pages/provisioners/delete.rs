//! Asks before a provisioner is deleted, and says what that does.

use leptos::prelude::*;

use super::{api, edit::shown, view::Provisioner};
use crate::{
    pages::connections::accounts_question,
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::Loaded,
    },
};

#[component]
pub fn DeleteProvisioner() -> impl IntoView {
    let provisioner = shown();
    let delete = post::<api::Delete>();
    view! { <Loaded data=provisioner view=move |provisioner| dialog(provisioner, delete)/> }
}

fn dialog(provisioner: Provisioner, delete: Post) -> AnyView {
    let Provisioner { id, connection, connector, accounts, .. } = provisioner;
    let parent = Page::Provisioners.path();
    view! {
        <Dialog title="Delete Provisioner" subtitle="This cannot be undone." parent=parent.clone()>
            <Form action=delete id="delete-provisioner">
                <input type="hidden" name="id" value=id.to_string()/>
                <p>
                    "Nobody gets an account at " <strong>{format!("{connection} · {connector}")}</strong>
                    " any more. The connection and its connector stay."
                </p>
                {accounts_question(accounts, &connection)}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(|because| {
                        view! { <Submit look=Look::Danger disabled_because=because>"Delete"</Submit> }.into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
