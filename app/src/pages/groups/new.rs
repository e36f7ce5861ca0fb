//! New Group: its name; then, over its own page, who is in it.

use leptos::prelude::*;

use super::{api, check_name};
use crate::{
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Field,
        form::{Form, post},
    },
};

#[component]
pub fn NewGroup() -> impl IntoView {
    let create = post::<api::Create>();
    let parent = Page::Groups.path();
    view! {
        <Dialog title="New Group" subtitle="First its name, then who is in it." parent=parent.clone()>
            <Form action=create id="new-group">
                <Field
                    name="name"
                    label="Group Name"
                    hint="Unique, whatever its case. At most 256 characters."
                    required=true
                    autofocus=true
                    check=check_name
                />
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(|because| {
                        view! { <Submit look=Look::Primary disabled_because=because>"Create"</Submit> }.into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
}
