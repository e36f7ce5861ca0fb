//! The list of schemas.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{
    READ_ONLY, api,
    view::{Row, SchemaList, Standard},
};
use crate::{
    layout::head::PageHead,
    routes::Page,
    ui::{
        button::{LinkButton, Look},
        card::Card,
        code::Code,
        empty::Empty,
        load::{Loaded, load},
        table::Table,
    },
};

#[component]
pub fn Attributes() -> impl IntoView {
    let list = load(|| Ok(api::List {}));
    view! {
        <Loaded data=list view=page/>
        <Outlet/>
    }
}

fn page(list: SchemaList) -> AnyView {
    let SchemaList { items, standard, may_write } = list;
    let (to, read_only) = (Page::NewSchema.path(), (!may_write).then_some(READ_ONLY));
    let new = view! { <LinkButton to look=Look::Primary disabled_because=read_only>"+ New Schema"</LinkButton> };
    let own = if items.is_empty() {
        view! {
            <section class="card">
                <Empty
                    title="No schemas of your own"
                    text="Users have the attributes below. A schema adds more: in the console, over SCIM, and in the systems that know it."
                >
                    {new}
                </Empty>
            </section>
        }
        .into_any()
    } else {
        let rows = items.into_iter().map(row).collect_view();
        view! {
            <div class="section-head">
                <p class="hint">"What users have beyond the standard attributes."</p>
                {new}
            </div>
            <section class="card">
                <Table caption="Schemas" columns=vec!["Name", "URN", "Attributes"]>{rows}</Table>
            </section>
        }
        .into_any()
    };
    let standard = standard.into_iter().map(of_the_standard).collect_view();
    view! {
        <PageHead title="Attributes" subtitle="What is known of each user."/>
        {own}
        <Card title="Standard schemas" subtitle="As RFC 7643 defines them. They cannot be changed.">{standard}</Card>
    }
    .into_any()
}

fn row(row: Row) -> AnyView {
    view! {
        <tr>
            <th scope="row"><a href=Page::Schema(row.id).path()>{row.name}</a></th>
            <td data-label="URN"><Code text=row.urn/></td>
            <td data-label="Attributes">{row.attributes}</td>
        </tr>
    }
    .into_any()
}

fn of_the_standard(schema: Standard) -> AnyView {
    let rows = schema
        .attributes
        .into_iter()
        .map(|[name, kind, rules]| {
            view! {
                <tr>
                    <th scope="row"><Code text=name/></th>
                    <td data-label="Type">{kind}</td>
                    <td data-label="Rules">{rules}</td>
                </tr>
            }
        })
        .collect_view();
    let caption = format!("Attributes of {}", schema.name);
    view! {
        <details class="fold">
            <summary>{schema.name}</summary>
            <div class="fold-body">
                <p class="hint"><Code text=schema.urn/></p>
                <Table caption columns=vec!["Name", "Type", "Rules"]>{rows}</Table>
            </div>
        </details>
    }
    .into_any()
}
