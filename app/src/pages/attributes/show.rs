//! One schema: its attributes, its name, and the danger zone.

use domain::SchemaId;
use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    READ_ONLY, api,
    view::{Attribute, Schema},
};
use crate::{
    layout::head::PageHead,
    pages::connections::param,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        code::Code,
        dialog::Actions,
        empty::Empty,
        field::Field,
        form::{Form, Post, post},
        load::{Load, Loaded, load, named},
        setting::setting,
        table::Table,
        textarea::TextArea,
    },
};

/// What the page and its dialogs share.
#[derive(Clone, Copy)]
pub(super) struct Shown(pub(super) Load<Schema>);

#[component]
pub fn ShowSchema() -> impl IntoView {
    let asked = param::<SchemaId>("id");
    let schema = load(move || {
        let id = named(asked(), "This schema")?;
        Ok(api::Show { id })
    });
    provide_context(Shown(schema));
    let describe = post::<api::Describe>();
    view! {
        <Loaded data=schema view=move |schema| page(schema, describe)/>
        <Outlet/>
    }
}

fn page(schema: Schema, describe: Post) -> AnyView {
    let Schema { id, urn, name, description, version, attributes, may_write, .. } = schema;
    let read_only = (!may_write).then_some(READ_ONLY);
    let to = Page::DeleteSchema(id).path();
    let delete = view! { <LinkButton to look=Look::Danger disabled_because=read_only>"Delete…"</LinkButton> };
    view! {
        <PageHead
            title=name.clone()
            subtitle=description.clone()
            above=vec![("Attributes".to_owned(), Some(Page::Attributes.path()))]
        />
        {table(id, attributes, read_only)}
        <Card title="General">
            <Form action=describe id="schema">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="version" value=version.to_string()/>
                <p class="hint">"URN: " <Code text=urn/></p>
                <Field name="name" label="Name" value=name required=true/>
                <TextArea
                    name="description"
                    label="Description"
                    hint="What it is for; at most 300 characters."
                    value=description
                    rows=2
                />
                <Actions>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
        <Card title="Danger Zone">
            {setting(
                "Delete Schema",
                "Takes away its attributes and everybody's values. You are told how many first.",
                delete.into_any(),
            )}
        </Card>
    }
    .into_any()
}

fn table(id: SchemaId, attributes: Vec<Attribute>, read_only: Option<&'static str>) -> AnyView {
    let to = Page::NewAttribute(id).path();
    let new = view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Attribute"</LinkButton> };
    if attributes.is_empty() {
        return view! {
            <section class="card">
                <Empty title="No attributes" text="Add one, and it appears in everybody's profile.">{new}</Empty>
            </section>
        }
        .into_any();
    }
    let rows = attributes
        .into_iter()
        .filter_map(|attribute| {
            let to = Page::Attribute(id, attribute.id?).path();
            Some(view! {
                <tr>
                    <th scope="row"><a href=to>{attribute.shown}</a></th>
                    <td data-label="Name"><Code text=attribute.name/></td>
                    <td data-label="Type">{attribute.what}</td>
                    <td data-label="Rules">{attribute.rules}</td>
                    <td data-label="Used by">{attribute.used}</td>
                </tr>
            })
        })
        .collect_view();
    view! {
        <div class="section-head">
            <p class="hint">"In everybody's profile, over SCIM, and in the systems that know the schema."</p>
            {new}
        </div>
        <section class="card">
            <Table caption="Attributes" columns=vec!["Attribute", "Name", "Type", "Rules", "Used by"]>{rows}</Table>
        </section>
    }
    .into_any()
}
