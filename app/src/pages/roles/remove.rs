//! Asks before somebody loses their role.

use domain::UserId;
use leptos::prelude::*;

use super::{api, fixed, label};
use crate::{
    pages::{
        connections::param,
        users::{self, view::User},
    },
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Loaded, load, named},
        note::{Note, Tone},
    },
};

#[component]
pub fn RemoveRole() -> impl IntoView {
    let id = param::<UserId>("id");
    let user = load(move || Ok(users::api::Show { id: named(id(), "This user")? }));
    let take = post::<api::Take>();
    view! { <Loaded data=user view=move |user| dialog(user, take)/> }
}

fn dialog(user: User, take: Post) -> AnyView {
    let User { id, label: name, role, last_administrator, is_me, may_give_roles, .. } = user;
    let parent = Page::Roles.path();
    let Some(role) = role else {
        return view! {
            <Dialog title="Remove from role" parent=parent.clone()>
                <p><strong>{name}</strong>" holds no console role."</p>
                <Actions>
                    <LinkButton to=parent look=Look::Primary>"Close"</LinkButton>
                </Actions>
            </Dialog>
        }
        .into_any();
    };
    let because = fixed(may_give_roles, last_administrator);
    let me = is_me.then(|| view! { <Note tone=Tone::Held>"This is you: you are signed out by it."</Note> });
    view! {
        <Dialog title="Remove from role" subtitle="The user stays, and can be given a role again." parent=parent.clone()>
            <p>
                <strong>{name}</strong> " no longer holds the role " {label(role)}
                ", is signed out, and then sees nothing here but their own sessions. Their accounts elsewhere stay as they are."
            </p>
            <Form action=take id="take-role">
                <input type="hidden" name="id" value=id.to_string()/>
                {me}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=because>"Remove"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
