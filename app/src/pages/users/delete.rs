//! Asks before a user is deleted, and says what that does where.

use leptos::prelude::*;

use super::{
    api, consequences,
    disable::{protected, warnings, what_follows},
    show::Shown,
    view::{Consequences, User},
};
use crate::{
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Load, Loaded},
    },
};

#[component]
pub fn DeleteUser() -> impl IntoView {
    let Shown(user) = expect_context();
    let (delete, what) = (post::<api::Delete>(), what_follows());
    view! { <Loaded data=user part=true view=move |user| dialog(user, what, delete)/> }
}

fn dialog(user: User, what: Load<Consequences>, delete: Post) -> AnyView {
    let (because, warnings) = (protected(&user), warnings(&user));
    let User { id, label, .. } = user;
    let parent = Page::User(id).path();
    view! {
        <Dialog title="Delete user" subtitle="This cannot be undone." parent=parent.clone()>
            <p><strong>{label}</strong> " is gone here at once, with their sessions and password."</p>
            <Loaded data=what part=true view=|what: Consequences| consequences(what.deleting)/>
            <Form action=delete id="delete-user">
                <input type="hidden" name="id" value=id.to_string()/>
                {warnings}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=because>"Delete"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
