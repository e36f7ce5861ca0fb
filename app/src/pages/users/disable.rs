//! Asks before a user is disabled, and says what that does where.

use leptos::prelude::*;

use super::{
    LAST_ADMINISTRATOR, READ_ONLY, api, consequences,
    show::Shown,
    view::{Consequences, User},
};
use crate::{
    pages::roles::label as role_label,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        form::{Form, Post, post},
        load::{Load, Loaded, load, named},
        note::{Note, Tone},
    },
};

#[component]
pub fn DisableUser() -> impl IntoView {
    let Shown(user) = expect_context();
    let (disable, what) = (post::<api::Disable>(), what_follows());
    view! { <Loaded data=user part=true view=move |user| dialog(user, what, disable)/> }
}

/// What disabling or deleting the user of this page would do elsewhere.
pub(super) fn what_follows() -> Load<Consequences> {
    let id = crate::pages::connections::param::<domain::UserId>("id");
    load(move || Ok(api::ReadConsequences { id: named(id(), "This user")? }))
}

/// Why this user can neither be disabled nor deleted.
pub(super) fn protected(user: &User) -> Option<&'static str> {
    if !user.may_write {
        Some(READ_ONLY)
    } else if user.last_administrator {
        Some(LAST_ADMINISTRATOR)
    } else {
        None
    }
}

/// What to know of whoever is about to be disabled or deleted.
pub(super) fn warnings(user: &User) -> AnyView {
    let role = user.role.filter(|_| !user.is_me).map(|role| {
        view! { <Note tone=Tone::Wait>"They hold the console role "{role_label(role)}"."</Note> }
    });
    let me = user.is_me.then(|| view! { <Note tone=Tone::Held>"This is you: you are signed out by it."</Note> });
    view! { {me} {role} }.into_any()
}

fn dialog(user: User, what: Load<Consequences>, disable: Post) -> AnyView {
    let (because, warnings) = (protected(&user), warnings(&user));
    let User { id, label, .. } = user;
    let parent = Page::User(id).path();
    view! {
        <Dialog title="Disable user" subtitle="They can be enabled again at any time." parent=parent.clone()>
            <p><strong>{label}</strong> " is signed out everywhere and cannot sign in."</p>
            <Loaded data=what part=true view=|what: Consequences| consequences(what.disabling)/>
            <Form action=disable id="disable-user">
                <input type="hidden" name="id" value=id.to_string()/>
                {warnings}
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Danger disabled_because=because>"Disable"</Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
