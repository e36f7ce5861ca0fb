//! Locking a user out, and letting them in again: a row of the danger zone.

use leptos::prelude::*;

use super::{
    api,
    disable::protected,
    view::{Standing, User},
};
use crate::ui::{
    button::{Look, Submit},
    form::{Form, post},
};

/// The heading, what it does, and its button.
pub(super) fn lock(user: &User) -> (&'static str, &'static str, AnyView) {
    let (id, because) = (user.id, protected(user));
    if user.locked {
        let action = post::<api::Unlock>();
        let unlock = view! {
            <Form action=action id="unlock-user">
                <input type="hidden" name="id" value=id.to_string()/>
                <Submit disabled_because=because>"Unlock"</Submit>
            </Form>
        };
        let text = if user.state == Standing::Disabled {
            "They can sign in again once they are enabled too."
        } else {
            "They can sign in again."
        };
        return ("Unlock user", text, unlock.into_any());
    }
    let text = if user.is_me {
        "This is you: you are signed out, and cannot sign in until another administrator unlocks you."
    } else {
        "They are signed out and cannot sign in here. Nothing is sent: their accounts elsewhere stay as they are."
    };
    let action = post::<api::Lock>();
    let lock = view! {
        <Form action=action id="lock-user">
            <input type="hidden" name="id" value=id.to_string()/>
            <Submit look=Look::Danger disabled_because=because>"Lock"</Submit>
        </Form>
    };
    ("Lock user", text, lock.into_any())
}
