//! Somebody with a one-time link sets their password.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{api, new_password, view::PasswordLink};
use crate::{
    layout::bare::Bare,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        form::{Form, Post, post},
        load::{Loaded, load},
        note::{Note, Tone},
        time::Time,
    },
};

#[component]
pub fn SetPassword() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let link = load(move || Ok(api::OpenLink { token: token() }));
    let set = post::<api::SetPassword>();
    view! {
        <Title text="Set your password"/>
        <Bare>
            <Loaded data=link view=move |link| page(link, token(), set)/>
        </Bare>
    }
}

fn page(link: PasswordLink, token: String, set: Post) -> AnyView {
    match link {
        PasswordLink::Open { name, user_name, until } => view! {
            <h1>"Set your password"</h1>
            <p class="subtitle">"For " <strong>{name}</strong> ". This link works once, until " <Time at=until/> "."</p>
            <Form action=set id="set-password">
                <input type="hidden" name="_secret.token" value=""/>
                <input type="hidden" name="token" value=token/>
                <div class="field">
                    <label for="set-password-user">"User name"</label>
                    // Password managers keep both together.
                    <input
                        id="set-password-user"
                        class="input"
                        type="text"
                        autocomplete="username"
                        value=user_name
                        readonly=true
                    />
                </div>
                {new_password::fields()}
                <Submit look=Look::Primary>"Set password"</Submit>
            </Form>
        }
        .into_any(),
        PasswordLink::Used(text) => view! {
            <h1>"A password is set"</h1>
            <p class="subtitle">{text}</p>
            <p class="bare-next"><LinkButton to=Page::SignIn.path() look=Look::Primary>"Sign in"</LinkButton></p>
        }
        .into_any(),
        PasswordLink::Closed(text) => view! {
            <h1>"This link does not work"</h1>
            <Note tone=Tone::Wait>{text}</Note>
            <p class="bare-next"><LinkButton to=Page::SignIn.path()>"To the sign-in"</LinkButton></p>
        }
        .into_any(),
    }
}
