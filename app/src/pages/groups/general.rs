//! The tab General: the name, what is known of the group, and the danger zone.

use leptos::prelude::*;
use leptos_router::components::Outlet;

use super::{READ_ONLY, api, check_name, show::Shown, view::Group};
use crate::{
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        card::Card,
        code::Code,
        dialog::Actions,
        field::Field,
        form::{Form, Post, post},
        load::Loaded,
        setting::setting,
        time::Time,
    },
};

#[component]
pub fn GroupGeneral() -> impl IntoView {
    let Shown(group) = expect_context();
    let rename = post::<api::Rename>();
    view! {
        <Loaded data=group part=true view=move |group| page(group, rename)/>
        <Outlet/>
    }
}

fn page(group: Group, rename: Post) -> AnyView {
    let Group { id, name, external_id, created, changed, may_write, .. } = group;
    let external_id = external_id.map(|text| {
        view! { <div class="summary-row"><dt>"External id"</dt><dd><Code text/></dd></div> }
    });
    let read_only = (!may_write).then_some(READ_ONLY);
    let to = Page::DeleteGroup(id).path();
    let delete = view! { <LinkButton to look=Look::Danger disabled_because=read_only>"Delete…"</LinkButton> };
    view! {
        <Card>
            <Form action=rename id="group">
                <input type="hidden" name="id" value=id.to_string()/>
                <input type="hidden" name="seen" value=name.clone()/>
                <Field
                    name="name"
                    label="Group Name"
                    hint="Unique, whatever its case. Whatever reads groups over SCIM sees the new name."
                    value=name
                    required=true
                    check=check_name
                />
                <dl class="summary group-facts">
                    {external_id}
                    <div class="summary-row"><dt>"Created"</dt><dd><Time at=created/></dd></div>
                    <div class="summary-row"><dt>"Last change"</dt><dd><Time at=changed/></dd></div>
                </dl>
                <Actions>
                    <Submit look=Look::Primary disabled_because=read_only>"Update"</Submit>
                </Actions>
            </Form>
        </Card>
        <Card title="Danger Zone">
            {setting("Delete group", "The group is gone at once. Whoever is in it stays a user.", delete.into_any())}
        </Card>
    }
    .into_any()
}
