//! Asks before an attribute or a schema is deleted, and says what that does.

use domain::AttributeId;
use leptos::prelude::*;

use super::{
    READ_ONLY, api,
    attribute::{found, missing},
    show::Shown,
    view::Schema,
};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::Loaded,
    },
};

#[component]
pub fn DeleteAttribute() -> impl IntoView {
    let Shown(schema) = expect_context();
    let id = param::<AttributeId>("attribute");
    let remove = post::<api::Remove>();
    let view = move |mut schema: Schema| {
        let parent = Page::Schema(schema.id).path();
        let Some((id, attribute)) = found(&mut schema, id()) else { return missing(parent) };
        let title = format!("Delete {}", attribute.shown);
        let hidden = view! { <input type="hidden" name="attribute" value=id.to_string()/> }.into_any();
        dialog(schema, title, attribute.consequence, hidden, parent, remove)
    };
    view! { <Loaded data=schema part=true view/> }
}

#[component]
pub fn DeleteSchema() -> impl IntoView {
    let Shown(schema) = expect_context();
    let delete = post::<api::Delete>();
    let view = move |schema: Schema| {
        let parent = Page::Schema(schema.id).path();
        let title = format!("Delete {}", schema.name);
        let text = format!("All its attributes go, with everybody's values. {}", schema.consequence);
        dialog(schema, title, text, ().into_any(), parent, delete)
    };
    view! { <Loaded data=schema part=true view/> }
}

fn dialog(schema: Schema, title: String, text: String, hidden: AnyView, parent: String, action: Post) -> AnyView {
    let Schema { id, version, may_write, .. } = schema;
    let read_only = (!may_write).then_some(READ_ONLY);
    view! {
        <Dialog title subtitle="This cannot be undone." parent=parent.clone()>
            <Form action id="delete-attribute">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                {hidden}
                <p>{text}</p>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=read_only>"Delete"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
