//! `/forgot-password`: a link by mail, for whoever it concerns.

use leptos::prelude::*;
use leptos_meta::Title;

use super::api;
use crate::{
    layout::bare::Bare,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::Field,
        form::{Form, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn ForgotPassword() -> impl IntoView {
    let door = load(|| Ok(api::ReadDoor {}));
    view! {
        <Title text="Forgot password"/>
        <Bare>
            <Loaded data=door view=move |door| if door.forgot { page() } else { closed() }/>
        </Bare>
    }
}

fn page() -> AnyView {
    view! {
        <h1>"Forgot your password?"</h1>
        <p class="subtitle">"You get a mail with a link by which you set another one."</p>
        <Form action={post::<api::ForgotPassword>()} id="forgot-password">
            <Field name="user_name" label="User name or mail address" autocomplete="username" required=true autofocus=true/>
            <Submit look=Look::Primary>"Send the link"</Submit>
        </Form>
        <p class="bare-aside"><a href=Page::SignIn.path()>"To the sign-in"</a></p>
    }
    .into_any()
}

fn closed() -> AnyView {
    view! {
        <h1>"Forgot your password?"</h1>
        <p class="subtitle">"No mail is sent from here. Ask an administrator: they can give you a link to set another one."</p>
        <p class="bare-next"><LinkButton to=Page::SignIn.path()>"To the sign-in"</LinkButton></p>
    }
    .into_any()
}
