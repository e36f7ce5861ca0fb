//! New Attribute, and one attribute to be edited.

use domain::AttributeId;
use leptos::prelude::*;

use super::{
    READ_ONLY, api, fields,
    show::Shown,
    view::{Attribute, Schema},
};
use crate::{
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Field,
        form::{Form, Post, post},
        load::Loaded,
        note::{Note, Tone},
    },
};

#[component]
pub fn NewAttribute() -> impl IntoView {
    let Shown(schema) = expect_context();
    let add = post::<api::Add>();
    view! { <Loaded data=schema part=true view=move |schema| adding(schema, add)/> }
}

fn adding(schema: Schema, add: Post) -> AnyView {
    let parent = Page::Schema(schema.id).path();
    let read_only = (!schema.may_write).then_some(READ_ONLY);
    let blank = Attribute { kind: "string".to_owned(), returned: "default".to_owned(), ..Attribute::default() };
    view! {
        <Dialog title="New Attribute" subtitle=format!("Of the schema {}.", schema.name) parent=parent.clone()>
            <Form action=add id="attribute">
                <input type="hidden" name="id" value=schema.id.to_string()/>
                <input type="hidden" name="version" value=schema.version.to_string()/>
                <Field
                    name="name"
                    label="Name"
                    hint="How SCIM clients know it, such as badgeNumber. It is for good."
                    required=true
                    autofocus=true
                />
                {fields(&blank)}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary disabled_because=read_only>"Add"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}

#[component]
pub fn EditAttribute() -> impl IntoView {
    let Shown(schema) = expect_context();
    let id = param::<AttributeId>("attribute");
    let alter = post::<api::Alter>();
    view! { <Loaded data=schema part=true view=move |schema| editing(schema, id(), alter)/> }
}

fn editing(mut schema: Schema, id: Option<AttributeId>, alter: Post) -> AnyView {
    let parent = Page::Schema(schema.id).path();
    let Some((id, attribute)) = found(&mut schema, id) else { return missing(parent) };
    let read_only = (!schema.may_write).then_some(READ_ONLY);
    let delete = Page::DeleteAttribute(schema.id, id).path();
    view! {
        <Dialog
            title="Edit Attribute"
            subtitle=format!("{} of the schema {}; used by {}.", attribute.name, schema.name, attribute.used)
            parent=parent.clone()
        >
            <Form action=alter id="attribute">
                <input type="hidden" name="id" value=schema.id.to_string()/>
                <input type="hidden" name="attribute" value=id.to_string()/>
                <input type="hidden" name="version" value=schema.version.to_string()/>
                {fields(&attribute)}
                <Actions>
                    <span class="actions-aside">
                        <LinkButton to=delete look=Look::Danger disabled_because=read_only>"Delete…"</LinkButton>
                    </span>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}

pub(super) fn found(schema: &mut Schema, id: Option<AttributeId>) -> Option<(AttributeId, Attribute)> {
    let place = schema.attributes.iter().position(|attribute| id.is_some() && attribute.id == id)?;
    Some((id?, schema.attributes.swap_remove(place)))
}

/// Somebody deleted it, or the address is none of ours.
pub(super) fn missing(parent: String) -> AnyView {
    view! {
        <Dialog title="Attribute" parent=parent.clone()>
            <Note tone=Tone::Held>"This attribute is not there. Somebody may have deleted it."</Note>
            <Actions>
                <LinkButton to=parent look=Look::Quiet>"Close"</LinkButton>
            </Actions>
        </Dialog>
    }
    .into_any()
}
