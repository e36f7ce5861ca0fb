//! New Schema.

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
pub fn NewSchema() -> impl IntoView {
    let create = post::<api::Create>();
    let parent = Page::Attributes.path();
    view! {
        <Dialog
            title="New Schema"
            subtitle="Its attributes are added next. The URN is for good: other systems know the values by it."
            parent=parent.clone()
        >
            <Form action=create id="new-schema">
                <Field
                    name="name"
                    label="Name"
                    hint="What the group of attributes is called, such as Staff."
                    required=true
                    autofocus=true
                />
                <Field
                    name="urn"
                    label="URN"
                    hint="Such as urn:example:scim:schemas:2.0:Staff. The last part is a plain name."
                    required=true
                />
                <TextArea name="description" label="Description" hint="What it is for; at most 300 characters." rows=2/>
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
