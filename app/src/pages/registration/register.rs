//! `/register`

use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;

use super::{
    api,
    proof::proof,
    view::{Form as Asked, Question},
};
use crate::{
    layout::bare::{Bare, organization},
    outcome::address,
    pages::session::sign_in::other_ways,
    routes::Page,
    ui::{
        button::{LinkButton, Look, Submit},
        field::{Field, Secret},
        form::{Form, post},
        load::{Loaded, load},
        select::{Choice, Select},
    },
};

#[component]
pub fn Register() -> impl IntoView {
    let query = use_query_map();
    let return_to = query.with_untracked(|query| query.get("return_to")).unwrap_or_default();
    let form = load(|| Ok(api::ReadForm {}));
    let sign_in = address(&Page::SignIn.path(), &[("return_to", &return_to)], ("", ""));
    view! {
        <Title text="Create your account"/>
        <Bare foot=move || {
            view! { <p class="bare-foot">"Already have an account? " <a href=sign_in.clone()>"Sign in"</a></p> }
        }>
            <Loaded data=form view=move |form| match form {
                Some(form) => page(form, return_to.clone()),
                None => closed(),
            }/>
        </Bare>
    }
}

fn page(asked: Asked, return_to: String) -> AnyView {
    let Asked { own_user_name, fields, questions, least_password, domains, challenge, providers } = asked;
    let (names, further): (Vec<_>, Vec<_>) = fields.into_iter().partition(|(name, ..)| name.ends_with("_name"));
    let draw = |(name, label, required): (String, String, bool)| {
        let autocomplete = match name.as_str() {
            "given_name" => "given-name",
            "family_name" => "family-name",
            _ => "tel",
        };
        view! { <Field name label required autocomplete/> }.into_any()
    };
    let of = match domains.as_slice() {
        [] => String::new(),
        domains => format!("At {}.", domains.join(" or ")),
    };
    let others = other_ways(providers, &return_to);
    view! {
        <h1>"Create your account"</h1>
        <p class="subtitle">
            {format!("You will be able to sign in to all of {}\u{2019}s systems.", organization())}
        </p>
        <Form action={post::<api::Register>()} id="register">
            <input type="hidden" name="return_to" value=return_to/>
            <div class="bare-names">{names.into_iter().map(draw).collect_view()}</div>
            <Field name="mail" label="Mail address" hint=of autocomplete="email" required=true/>
            {own_user_name.then(|| view! { <Field name="user_name" label="User name" autocomplete="username" required=true/> })}
            {further.into_iter().map(draw).collect_view()}
            {questions.into_iter().map(ask).collect_view()}
            <Secret
                name="password"
                label="Password"
                hint=format!("At least {least_password} characters. A few words in a row are good.")
                autocomplete="new-password"
                required=true
            />
            {challenge.map(proof)}
            <Submit look=Look::Primary>"Register"</Submit>
        </Form>
        {others}
    }
    .into_any()
}

/// An attribute that an administrator defined.
fn ask(question: Question) -> AnyView {
    let Question { name, label, hint, choices, required } = question;
    if choices.is_empty() {
        return view! { <Field name label hint required/> }.into_any();
    }
    let choices = choices.into_iter().map(|(value, label)| Choice { value, label }).collect();
    view! { <Select name label hint choices required prompt="–"/> }.into_any()
}

fn closed() -> AnyView {
    view! {
        <h1>"Nobody can register here"</h1>
        <p class="subtitle">"An administrator gives you an account. Ask them for one."</p>
        <p class="bare-next"><LinkButton to=Page::SignIn.path()>"To the sign-in"</LinkButton></p>
    }
    .into_any()
}
