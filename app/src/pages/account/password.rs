//! Changes one's own password.

use leptos::prelude::*;

use super::api;
use crate::{
    pages::session::new_password,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Secret,
        form::{Form, post},
    },
};

#[component]
pub fn ChangePassword() -> impl IntoView {
    let change = post::<api::ChangePassword>();
    let parent = Page::Account.path();
    view! {
        <Dialog
            title="Change password"
            subtitle="Systems that take passwords from here get the new one."
            parent=parent.clone()
        >
            <Form action=change id="change-password">
                <Secret name="present" label="Present password" autocomplete="current-password" required=true/>
                {new_password::fields()}
                <Actions>
                    <LinkButton to=parent.clone() look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary>"Change password"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
}
