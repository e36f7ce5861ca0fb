//! Edit a provisioner. What it ties stays; how it behaves may change.

use domain::ProvisionerId;
use leptos::prelude::*;

use super::{api, behaviour, view::Provisioner};
use crate::{
    pages::{connections::param, session::READ_ONLY},
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Load, Loaded, load, named},
    },
};

#[component]
pub fn EditProvisioner() -> impl IntoView {
    let provisioner = shown();
    let update = post::<api::Update>();
    view! { <Loaded data=provisioner view=move |provisioner| dialog(provisioner, update)/> }
}

/// The provisioner that the address names.
pub(super) fn shown() -> Load<Provisioner> {
    let asked = param::<ProvisionerId>("id");
    load(move || {
        let id = named(asked(), "This provisioner")?;
        Ok(api::Show { id })
    })
}

fn dialog(provisioner: Provisioner, update: Post) -> AnyView {
    let Provisioner { id, connection, connector, behaviour: present, version, may_write, .. } = provisioner;
    let (delete, read_only) = (Page::DeleteProvisioner(id).path(), (!may_write).then_some(READ_ONLY));
    view! {
        <Dialog
            title="Edit Provisioner"
            subtitle=format!("{connection} · {connector}")
            parent=Page::Provisioners.path()
        >
            <Form action=update id="provisioner">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                {behaviour(&present)}
                <Actions>
                    <span class="actions-aside">
                        <LinkButton to=delete look=Look::Danger disabled_because=read_only>"Delete…"</LinkButton>
                    </span>
                    <LinkButton to=Page::Provisioners.path() look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
