//! The door: for everybody.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api,
    view::{Door, Provider},
};
use crate::{
    layout::bare::{Bare, organization},
    outcome::address,
    routes::Page,
    ui::{
        button::{Look, Submit},
        field::{Field, Secret},
        form::{Form, post},
        load::{Loaded, load},
    },
};

#[component]
pub fn SignIn() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    let door = load(|| Ok(api::ReadDoor {}));
    view! {
        <Title text="Sign in"/>
        <Loaded data=door view=move |door| page(door, return_to.clone())/>
    }
}

fn page(door: Door, return_to: String) -> AnyView {
    let Door { registration, forgot, providers } = door;
    let register = registration.then(|| address(&Page::Register.path(), &[("return_to", &return_to)], ("", "")));
    let foot = move || {
        let register = register.clone();
        register.map(|to| view! { <p class="bare-foot">"No account yet? " <a href=to>"Register"</a></p> })
    };
    let others = other_ways(providers, &return_to);
    view! {
        <Bare foot=foot>
            <h1>"Sign in"</h1>
            <p class="subtitle">{format!("To {}.", organization())}</p>
            <Form action={post::<api::SignIn>()} id="sign-in">
                <input type="hidden" name="return_to" value=return_to/>
                <Field name="user_name" label="User name or mail address" autocomplete="username" required=true autofocus=true/>
                <Secret name="password" label="Password" autocomplete="current-password" required=true/>
                <Submit look=Look::Primary>"Sign in"</Submit>
            </Form>
            {forgot.then(|| view! { <p class="bare-aside"><a href=Page::ForgotPassword.path()>"Forgot password?"</a></p> })}
            {others}
        </Bare>
    }
    .into_any()
}

/// A button for each connection that signs people in.
pub(crate) fn other_ways(providers: Vec<Provider>, return_to: &str) -> Option<AnyView> {
    if providers.is_empty() {
        return None;
    }
    let buttons = providers
        .into_iter()
        .map(|Provider { id, name }| way(id, format!("Continue with {name}"), return_to))
        .collect_view();
    Some(view! { <p class="bare-or">"or"</p> <div class="bare-providers">{buttons}</div> }.into_any())
}

/// A button that leads to a provider.
pub(super) fn way(id: domain::ConnectionId, label: String, return_to: &str) -> AnyView {
    view! {
        <form method="post" action=format!("/sign-in/with/{id}") class="form">
            <input type="hidden" name="return_to" value=return_to.to_owned()/>
            <button type="submit" class="button button-secondary">{label}</button>
        </form>
    }
    .into_any()
}
