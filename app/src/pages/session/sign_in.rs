//! The door of the console.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::api;
use crate::{
    layout::bare::Bare,
    ui::{
        button::{Look, Submit},
        field::{Field, Secret},
        form::{Form, post},
    },
};

#[component]
pub fn SignIn() -> impl IntoView {
    let sign_in = post::<api::SignIn>();
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    view! {
        <Title text="Sign in"/>
        <Bare>
            <h1>"Sign in"</h1>
            <p class="subtitle">"To the console of this directory."</p>
            <Form action=sign_in id="sign-in">
                <input type="hidden" name="return_to" value=return_to/>
                <Field name="user_name" label="User name" autocomplete="username" required=true autofocus=true/>
                <Secret name="password" label="Password" autocomplete="current-password" required=true/>
                <Submit look=Look::Primary>"Sign in"</Submit>
            </Form>
        </Bare>
    }
}
