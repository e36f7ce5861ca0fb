//! Asks before a group is deleted, and says whom that concerns.

use leptos::prelude::*;

use super::{READ_ONLY, api, show::Shown, view::Group};
use crate::{
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::Loaded,
    },
};

#[component]
pub fn DeleteGroup() -> impl IntoView {
    let Shown(group) = expect_context();
    let delete = post::<api::Delete>();
    view! { <Loaded data=group part=true view=move |group| dialog(group, delete)/> }
}

fn dialog(group: Group, delete: Post) -> AnyView {
    let Group { id, name, members, is_empty, may_write, .. } = group;
    let parent = Page::Group(id).path();
    let concerns = if is_empty {
        "Nobody is in it.".to_owned()
    } else {
        format!("It has {members}. They stay users, and their accounts in other systems stay as they are.")
    };
    view! {
        <Dialog title="Delete group" subtitle="This cannot be undone." parent=parent.clone()>
            <Form action=delete id="delete-group">
                <input type="hidden" name="id" value=id.to_string()/>
                <p><strong>{name}</strong> " is gone at once. " {concerns}</p>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=(!may_write).then_some(READ_ONLY)>"Delete"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
