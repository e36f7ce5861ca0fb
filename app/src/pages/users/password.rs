//! Gives a user another password, now or by a one-time link.

use leptos::prelude::*;

use super::{
    api,
    show::Shown,
    view::{By, User},
};
use crate::{
    pages::session::new_password,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        dialog::{Actions, Dialog},
        field::Secret,
        form::{Form, Post, post},
        load::Loaded,
        note::{Note, Tone},
        radio::{Radio, Radios},
    },
};

const LINK_HINT: &str = "You get a link to hand over. It works once, for 72 hours.";

/// How somebody comes to a password; the field shows, by style alone, while it is chosen.
pub(super) fn choice(by: Option<By>, stored: bool) -> AnyView {
    view! {
        <div class="password-choice">
            <Radios name="by" legend="How they come to a password">
                <Radio
                    name="by"
                    value="link"
                    label="Invite user to set their own password"
                    hint=LINK_HINT
                    chosen=by.is_none() || by == Some(By::Link)
                />
                <Radio
                    name="by"
                    value="mail"
                    label="Send the user a link by mail"
                    hint="It goes to their mail address, and works once, for 72 hours."
                    chosen=by == Some(By::Mail)
                />
                <Radio
                    name="by"
                    value="password"
                    label="Set a password for the user"
                    hint="You hand it over yourself."
                    chosen=by == Some(By::Password)
                />
            </Radios>
            <div class="password-set">
                <Secret name="password" label="Password" hint=new_password::HINT autocomplete="new-password" stored/>
            </div>
        </div>
    }
    .into_any()
}

#[component]
pub fn ResetPassword() -> impl IntoView {
    let Shown(user) = expect_context();
    let reset = post::<api::ResetPassword>();
    view! { <Loaded data=user part=true view=move |user| dialog(user, reset)/> }
}

fn dialog(user: User, reset: Post) -> AnyView {
    let User { id, label, is_me, may_write, .. } = user;
    let parent = Page::User(id).path();
    let note = is_me.then(|| {
        view! { <Note tone=Tone::Wait>"This is you: once the password is set, sign in with it again."</Note> }
    });
    view! {
        <Dialog title="Reset password" subtitle=format!("Of {label}.") parent=parent.clone()>
            <Form action=reset id="reset-password">
                <input type="hidden" name="id" value=id.to_string()/>
                {note}
                {choice(None, false)}
                <p class="hint">
                    "The present password works until another is set. Then every session ends, and systems that take \
                     passwords from here get the new one."
                </p>
                <Actions>
                    <LinkButton to=parent look=Look::Quiet>"Cancel"</LinkButton>
                    <Submit look=Look::Primary disabled_because=(!may_write).then_some(super::READ_ONLY)>
                        "Reset password"
                    </Submit>
                </Actions>
            </Form>
        </Dialog>
    }
    .into_any()
}
