//! The wizard of the Custom Connector: a name and a description.

use leptos::prelude::*;

use super::api;
use crate::{
    pages::session::writing,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Field,
        form::{Form, post},
        textarea::TextArea,
    },
};

#[component]
pub fn NewCustomConnector() -> impl IntoView {
    let create = post::<api::Create>();
    let parent = Page::ConnectionTemplates.path();
    view! {
        <Dialog title="Custom Connector" subtitle="Name the system that the connection leads to." parent=parent.clone()>
            <Form action=create id="new-connection">
                <Field
                    name="name"
                    label="Name"
                    hint="A unique name of 3 to 120 characters."
                    required=true
                    autofocus=true
                    check=check_name
                />
                <TextArea name="description" label="Description" hint="What it is for; at most 300 characters."/>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    {writing(|because| {
                        view! { <Submit look=Look::Primary disabled_because=because>"Finish"</Submit> }.into_any()
                    })}
                </Actions>
            </Form>
        </Dialog>
    }
}

/// The same rule as the server's, before anything is sent.
pub(super) fn check_name(name: &str) -> Option<String> {
    let input = domain::connection::ConnectionInput { name: name.to_owned(), description: String::new() };
    input.check().err().and_then(|errors| errors.get("name").map(str::to_owned))
}
