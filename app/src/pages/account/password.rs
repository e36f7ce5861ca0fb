//! `/account/password`: changes one's own password.

use leptos::prelude::*;
use leptos_meta::Title;

use super::api;
use crate::{
    layout::bare::Bare,
    pages::session::new_password,
    routes::Page,
    ui::{
        button::{Look, Submit},
        field::Secret,
        form::{Form, post},
    },
};

#[component]
pub fn ChangePassword() -> impl IntoView {
    view! {
        <Title text="Change password"/>
        <Bare>
            <h1>"Change password"</h1>
            <p class="subtitle">"Systems that take passwords from here get the new one."</p>
            <Form action={post::<api::ChangePassword>()} id="change-password">
                <Secret
                    name="present"
                    label="Present password"
                    autocomplete="current-password"
                    required=true
                />
                {new_password::fields()}
                <Submit look=Look::Primary>"Change password"</Submit>
            </Form>
            <p class="bare-aside"><a href=Page::Account.path()>"Cancel"</a></p>
        </Bare>
    }
}
