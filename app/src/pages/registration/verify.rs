//! `/register/verify/…`: the page at the link of a mail. Its button posts; to open it changes nothing.

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{api, view::Verification};
use crate::{
    layout::bare::Bare,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::Secret,
        form::{Form, post},
        load::{Loaded, load},
        note::{Note, Tone},
        time::Time,
    },
};

#[component]
pub fn Verify() -> impl IntoView {
    let params = use_params_map();
    let token = move || params.with(|params| params.get("token")).unwrap_or_default();
    let verification = load(move || Ok(api::ReadVerification { token: token() }));
    view! {
        <Title text="Confirm your address"/>
        <Bare>
            <Loaded data=verification view=move |verification| page(verification, token())/>
        </Bare>
    }
}

fn page(verification: Verification, token: String) -> AnyView {
    match verification {
        Verification::Open { mail, until, needs_password } => {
            let password = move || {
                view! {
                    <Secret
                        name="password"
                        label="Password"
                        hint="You registered in another browser: the password that you chose there shows that it was you."
                        autocomplete="current-password"
                        required=true
                    />
                }
            };
            view! {
                <h1>"Confirm your address"</h1>
                <p class="subtitle">
                    <strong>{mail}</strong> " is yours? Then your account is made now. This link works until "
                    <Time at=until/> "."
                </p>
                <Form action={post::<api::Verify>()} id="verify">
                    <input type="hidden" name="_secret.token" value=""/>
                    <input type="hidden" name="token" value=token/>
                    {needs_password.then(password)}
                    <Submit look=Look::Primary>"Confirm and go on"</Submit>
                </Form>
            }
            .into_any()
        }
        Verification::Used => view! {
            <h1>"Your address is confirmed"</h1>
            <p class="subtitle">"This link was used already, and your account is there. Sign in with your password."</p>
            <p class="bare-next"><LinkButton to=Page::SignIn.path() look=Look::Primary>"Sign in"</LinkButton></p>
        }
        .into_any(),
        Verification::Late => again("This link has expired, and what you typed is erased. Register again."),
        Verification::Unknown => again(
            "This link does not work: it may be incomplete, or a newer one has replaced it. Use the newest mail, or \
             register again.",
        ),
    }
}

fn again(text: &'static str) -> AnyView {
    view! {
        <h1>"This link does not work"</h1>
        <Note tone=Tone::Wait>{text}</Note>
        <p class="bare-next"><LinkButton to=Page::Register.path()>"Register"</LinkButton></p>
    }
    .into_any()
}
